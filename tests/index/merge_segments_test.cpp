// A merged segment is what sealing the living records afresh would give: part by part, and for queries.
#include "index/merge_segments.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/oracle.h"
#include "engine/query_parser.h"
#include "index/segment_builder.h"
#include "index/shared_dictionaries.h"
#include "index/snapshot_check.h"
#include "index/snapshot_reader.h"
#include "loader/record_parser.h"
#include "tests/engine/answer_check.h"
#include "tests/engine/random_clients.h"
#include "tests/engine/random_queries.h"
#include "tests/index/snapshot_bytes.h"

namespace clientele {
namespace {

using Records = std::map<std::int64_t, std::string>;  // JSON by id.

// Parses records one by one, for a segment or for the oracle.
template <class Use>
void ParseAll(const Records& records, const Use& use) {
  RecordParser parser;
  ClientRecord record;
  RecordError error;
  for (const auto& [id, json] : records) {
    std::string padded = json;
    padded.append(RecordParser::kPadding, '\0');
    REQUIRE(parser.Parse(std::string_view(padded).substr(0, json.size()), record, error));
    REQUIRE(record.id() == id);
    use(record);
  }
}

std::shared_ptr<const Segment> Sealed(const Records& records, std::shared_ptr<RecordDictionaries> dictionaries) {
  SegmentBuilder builder(std::move(dictionaries));
  SegmentBatch batch(builder.shared());
  ParseAll(records, [&](const ClientRecord& record) { batch.Append(record); });
  builder.Add(0, std::move(batch));
  return std::move(builder).Seal({}, 1).segment;
}

std::shared_ptr<const Segment> Sealed(const Records& records) {
  return Sealed(records, NewRecordDictionaries());
}

Oracle OracleOf(const Records& records) {
  std::vector<OracleClient> clients;
  ParseAll(records, [&](const ClientRecord& record) { clients.push_back(ToOracleClient(record)); });
  return Oracle(std::move(clients));
}

std::shared_ptr<const Tombstones> Dead(const Segment& segment, const std::vector<std::int64_t>& ids) {
  std::vector<std::uint32_t> rows;
  for (const std::int64_t id : ids) rows.push_back(segment.RowOf(id).value());
  return Tombstones::None(segment)->With(segment, rows);
}

std::shared_ptr<const Segment> Merged(const std::vector<MergeInput>& inputs, const MergeOptions& options = {.threads = 2}) {
  auto merged = MergeSegments(inputs, options);
  REQUIRE(merged.status().message() == "");
  return *std::move(merged);
}

// What is wrong with the arrays by themselves; "" when nothing is.
std::string Problem(const Segment& segment) {
  for (const FieldDef& def : Fields()) {
    for (const IndexPart part : {IndexPart::kValues, IndexPart::kOrder, IndexPart::kTexts}) {
      if (std::string problem = PartProblem(segment.parts(), def.field, part); !problem.empty())
        return std::string(def.name) + ": " + problem;
    }
    const SortOrder& order = segment.field(def.field).order;
    for (std::uint32_t position = 0; position < order.row_count(); ++position) {
      if (order.position_of()[order.row_at()[position]] != position) return std::string(def.name) + ": directions that disagree";
    }
  }
  return segment.records().Problem(segment.row_count());
}

std::string Json(const Segment& segment, std::uint32_t row) {
  std::string json;
  RenderRecord(segment.dictionaries(), segment.records().Record(row), ~std::uint64_t{0}, json);
  return json;
}

// The ids of the rows that hold each value.
using IdsByValue = std::map<std::string, std::set<std::int64_t>>;
IdsByValue ByValue(const Segment& segment, const ValueIndex& values, const Interner* dictionary) {
  IdsByValue ids;
  for (std::uint32_t code = 0; code < values.value_count(); ++code) {
    std::set<std::int64_t> holders;
    for (std::uint32_t row = 0; values.Cardinality(code) > 0 && row < segment.row_count(); ++row) {
      if (values.Holds(row, code)) holders.insert(segment.ClientId(row));
    }
    CHECK(holders.size() == values.Cardinality(code));
    ids[dictionary != nullptr ? std::string(dictionary->Text(code)) : std::to_string(code)] = std::move(holders);
  }
  return ids;
}

std::vector<std::int64_t> IdsInOrder(const Segment& segment, const SortOrder& order) {
  std::vector<std::int64_t> ids;
  for (std::uint32_t position = 0; position < order.row_count(); ++position)
    ids.push_back(segment.ClientId(order.row_at()[position]));
  return ids;
}

// What rows are ordered by before countries.
auto ClusterOf(const Segment& segment, std::uint32_t row) {
  const auto state = [&](std::size_t service) {
    const ValueIndex& states = segment.field(Field::kServiceStatuses).states[service];
    std::uint32_t code = 0;
    while (code < states.value_count() && !states.Holds(row, code)) ++code;
    return code;
  };
  return std::tuple(segment.field(Field::kStatus).word_codes[row], state(5), state(0), state(1),
                    segment.field(Field::kDeleted).values.Holds(row, 1));
}

// Compares every part with that of a segment that was sealed afresh; rows and codes may be numbered otherwise.
void CheckSame(const Segment& merged, const Segment& fresh) {
  REQUIRE(Problem(merged) == "");
  REQUIRE(merged.row_count() == fresh.row_count());
  for (const FieldDef& def : Fields()) {
    INFO(def.name);
    const FieldIndex &a = merged.field(def.field), &b = fresh.field(def.field);
    CHECK(IdsInOrder(merged, a.order) == IdsInOrder(fresh, b.order));
    CHECK(a.order.keyed_count() == b.order.keyed_count());
    REQUIRE(a.order.group_count() == b.order.group_count());
    for (std::uint32_t group = 0; group < a.order.group_count(); ++group)
      REQUIRE(a.order.GroupBegin(group) == b.order.GroupBegin(group));
    REQUIRE(a.keys.size() == b.keys.size());
    for (std::uint32_t i = 0; i < a.keys.size(); ++i) REQUIRE(a.keys[i] == b.keys[i]);
    const bool by_group = def.kind == FieldKind::kText;
    for (const auto texts : {&FieldIndex::texts, &FieldIndex::user_names, &FieldIndex::user_emails}) {
      REQUIRE((a.*texts).size() == (b.*texts).size());
      for (std::uint32_t item = 0; item < (a.*texts).size(); ++item) {
        const std::uint32_t other = by_group ? item : fresh.RowOf(merged.ClientId(item)).value();
        REQUIRE((a.*texts).Item(item) == (b.*texts).Item(other));
      }
    }
    CHECK(ByValue(merged, a.values, a.dictionary.get()) == ByValue(fresh, b.values, b.dictionary.get()));
    for (std::size_t service = 0; service < kServiceCount; ++service)
      CHECK(ByValue(merged, a.states[service], nullptr) == ByValue(fresh, b.states[service], nullptr));
    REQUIRE(a.hashes.size() == b.hashes.size());
    for (const HashPostings::Entry& entry : a.hashes.entries()) {
      const std::uint32_t other = fresh.RowOf(merged.ClientId(entry.row)).value();
      CHECK(std::ranges::any_of(b.hashes.Find(entry.hash), [&](const auto& found) { return found.row == other; }));
    }
    REQUIRE(a.word_codes.size() == b.word_codes.size());
  }
  for (std::uint32_t row = 0; row < merged.row_count(); ++row) {
    const std::uint32_t other = fresh.RowOf(merged.ClientId(row)).value();
    REQUIRE(Json(merged, row) == Json(fresh, other));
    if (row > 0) REQUIRE(ClusterOf(merged, row - 1) <= ClusterOf(merged, row));
  }
}

void CheckAnswers(const Segment& merged, const Oracle& oracle, std::uint64_t seed, int queries) {
  const Snapshot snapshot = SnapshotOf({std::shared_ptr<const void>(), &merged});
  Random random(seed);
  for (int i = 0; i < queries; ++i) {
    const Query query = std::get<Query>(ParseQuery(RandomRequest(oracle, random)));
    Explain explain;
    REQUIRE(Difference(oracle, snapshot, query, {.stream = i % 4 == 0, .render = i % 8 == 0}, explain) == "");
  }
}

// Records that were written to segments one after the other: some rows were deleted since, some written anew in a later segment.
struct SplitWorld {
  std::vector<MergeInput> inputs;
  Records living;
};

// `dictionaries_of(i)` for the i-th segment.
template <class DictionariesOf>
SplitWorld Split(const WorldShape& shape, Random& random, std::size_t segments, const DictionariesOf& dictionaries_of) {
  const std::uint64_t dead_per_mille = random.Below(3) * 300;
  std::vector<Records> written(segments);
  std::vector<std::vector<std::int64_t>> dead(segments);
  SplitWorld world;
  const bool uneven = random.Chance(500);
  for (const std::int64_t id : RandomIds(shape.client_count, random)) {
    std::size_t segment = uneven && random.Chance(800) ? 0 : random.Below(segments);
    written[segment][id] = RandomClientJson(shape, id, random);
    bool is_living = true;
    while (is_living && random.Chance(dead_per_mille)) {
      dead[segment].push_back(id);
      is_living = random.Chance(500) && segment + 1 < segments;
      if (is_living) written[++segment][id] = RandomClientJson(shape, id, random);
    }
    if (is_living) world.living[id] = written[segment][id];
  }
  for (std::size_t i = 0; i < segments; ++i) {
    const auto segment = Sealed(written[i], dictionaries_of(i));
    world.inputs.push_back({segment, dead[i].empty() ? nullptr : Dead(*segment, dead[i])});
  }
  return world;
}

SplitWorld SplitSmall(std::uint64_t seed, std::uint32_t clients_max = 1'500) {
  Random random(seed);
  const WorldShape shape = RandomShape(random, clients_max);
  const auto shared = NewRecordDictionaries();
  return Split(shape, random, random.Between(2, 6), [&](std::size_t) { return shared; });
}

}  // namespace

TEST_CASE("a merged segment is what sealing the living records afresh gives", "[merge]") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    const SplitWorld world = SplitSmall(seed, 600);
    const auto merged = Merged(world.inputs, {.threads = static_cast<std::uint32_t>(seed % 3)});
    CHECK(&merged->dictionaries() == &world.inputs[0].segment->dictionaries());
    CheckSame(*merged, *Sealed(world.living));
  }
}

TEST_CASE("a merged segment answers like the oracle over the living records", "[merge][property]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const SplitWorld world = SplitSmall(seed + 1000);
    CheckAnswers(*Merged(world.inputs), OracleOf(world.living), seed, 100);
  }
}

TEST_CASE("merging merged segments again loses nothing", "[merge]") {
  Random random(5);
  const WorldShape shape = RandomShape(random, 400);
  const auto shared = NewRecordDictionaries();
  std::vector<Records> parts(8);
  Records living;
  for (const std::int64_t id : RandomIds(400, random)) {
    const std::string json = RandomClientJson(shape, id, random);
    parts[random.Below(8)][id] = living[id] = json;
  }
  std::vector<std::shared_ptr<const Segment>> tier;
  for (const Records& part : parts) tier.push_back(Sealed(part, shared));
  while (tier.size() > 1) {
    std::vector<std::shared_ptr<const Segment>> next;
    for (std::size_t i = 0; i + 1 < tier.size(); i += 2) {
      // Some clients are deleted between merges.
      std::vector<std::int64_t> dead;
      for (std::uint32_t row = 0; row < tier[i]->row_count(); ++row) {
        if (random.Chance(50)) dead.push_back(tier[i]->ClientId(row));
      }
      for (const std::int64_t id : dead) living.erase(id);
      next.push_back(Merged({{tier[i], Dead(*tier[i], dead)}, {tier[i + 1], nullptr}}));
    }
    tier = std::move(next);
  }
  CheckSame(*tier[0], *Sealed(living));
}

TEST_CASE("segments of other dictionaries keep their JSON byte for byte when they are merged", "[merge]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const WorldShape shape = RandomShape(random, 500);
    const auto shared = NewRecordDictionaries();
    const SplitWorld world = Split(shape, random, 3, [&](std::size_t i) { return i == 1 ? shared : NewRecordDictionaries(); });
    const auto fresh = Sealed(world.living);
    CheckSame(*Merged(world.inputs), *fresh);
    const auto merged = Merged(world.inputs, {.dictionaries = shared});
    CHECK(&merged->dictionaries() == shared.get());
    CheckSame(*merged, *fresh);
    CheckSame(*Merged({{merged, nullptr}}), *fresh);  // Records that were written anew are records like others.
  }
}

TEST_CASE("one input is rid of its dead rows", "[merge]") {
  Random random(3);
  const WorldShape shape = RandomShape(random, 300);
  const SplitWorld world = Split(shape, random, 1, [](std::size_t) { return NewRecordDictionaries(); });
  const auto& [segment, tombstones] = world.inputs[0];
  std::vector<std::int64_t> dead;
  Records living = world.living;
  for (std::uint32_t row = 0; row < segment->row_count(); row += 3) dead.push_back(segment->ClientId(row));
  for (const std::int64_t id : dead) living.erase(id);
  const auto merged = Merged({{segment, (tombstones ? tombstones : Tombstones::None(*segment))->With(*segment, [&] {
                                 std::vector<std::uint32_t> rows;
                                 for (const std::int64_t id : dead) rows.push_back(segment->RowOf(id).value());
                                 return rows;
                               }())}});
  CheckSame(*merged, *Sealed(living));
  CHECK(merged->records().RecordBytes() < segment->records().RecordBytes());
}

TEST_CASE("merging nothing, or only dead rows, gives an empty segment", "[merge]") {
  const Records records{{1, R"({"id":1,"email":"a@b.cc","status":"new","companyName":"A","created_at":"2020-01-01T00:00:00Z"})"}};
  const auto segment = Sealed(records);
  CheckSame(*Merged({}), *Sealed({}));
  CheckSame(*Merged({{segment, Dead(*segment, {1})}}), *Sealed({}));
  CheckSame(*Merged({{Sealed({}), nullptr}, {segment, Dead(*segment, {1})}, {segment, nullptr}}), *segment);
}

TEST_CASE("texts and values of which all rows are dead are gone", "[merge]") {
  const auto json = [](int id, std::string_view company, int seller, std::string_view promocode) {
    return "{\"id\":" + std::to_string(id) + ",\"email\":\"a@b.cc\",\"status\":\"new\",\"companyName\":\"" +
           std::string(company) + "\",\"created_at\":\"2020-01-01T00:00:00Z\",\"seller\":" + std::to_string(seller) +
           ",\"promocode\":\"" + std::string(promocode) + "\"}";
  };
  const auto shared = NewRecordDictionaries();
  const auto first = Sealed({{1, json(1, "Gone", 7, "once")}, {2, json(2, "Stays", 8, "kept")}}, shared);
  const auto second = Sealed({{3, json(3, "gone", 7, "once")}, {4, json(4, "stays", 8, "Kept")}}, shared);
  const auto merged = Merged({{first, Dead(*first, {1})}, {second, Dead(*second, {3})}});
  CHECK(merged->CodeOf(Field::kSeller, std::int64_t{7}) == std::nullopt);
  CHECK(merged->CodeOf(Field::kPromocode, "once") == std::nullopt);
  REQUIRE(merged->CodeOf(Field::kPromocode, "kept").has_value());
  CHECK(merged->field(Field::kPromocode).values.Cardinality(*merged->CodeOf(Field::kPromocode, "kept")) == 2);
  REQUIRE(merged->field(Field::kCompanyName).texts.size() == 1);
  CHECK(merged->field(Field::kCompanyName).texts.Item(0) == "stays");
}

TEST_CASE("an id in two living rows is refused", "[merge]") {
  const Records records{{1, R"({"id":1,"email":"a@b.cc","status":"new","companyName":"A","created_at":"2020-01-01T00:00:00Z"})"}};
  const std::vector<MergeInput> inputs{{Sealed(records), nullptr}, {Sealed(records), nullptr}};
  const auto merged = MergeSegments(inputs);
  CHECK(merged.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(merged.status().message() == "merge: the id 1 is that of two living rows");
}

TEST_CASE("a merge that is cancelled ends so, wherever it is", "[merge]") {
  const SplitWorld world = SplitSmall(9);
  std::atomic<int> calls = 0;
  Merged(world.inputs, {.threads = 1, .cancelled = [&] { return ++calls, false; }});
  const int all = calls;
  REQUIRE(all > 20);
  for (const std::uint32_t threads : {1u, 2u}) {
    for (int last = 0; last < all; last += 7) {
      calls = 0;
      const auto merged = MergeSegments(world.inputs, {.threads = threads, .cancelled = [&] { return calls++ >= last; }});
      CHECK(merged.status().code() == absl::StatusCode::kCancelled);
    }
  }
}

TEST_CASE("the progress of a merge rises to one", "[merge]") {
  std::vector<double> told;
  Merged(SplitSmall(2).inputs, {.threads = 2, .progress = [&](double fraction) { told.push_back(fraction); }});
  REQUIRE(told.size() > 10);
  CHECK(std::ranges::is_sorted(told));
  CHECK(told.back() == 1.0);
}

TEST_CASE("a merged segment is saved, opened and merged again", "[merge][snapshot]") {
  const auto verify = GENERATE(Verify::kFull, Verify::kLazy);
  const SplitWorld world = SplitSmall(4, 500);
  const auto merged = Merged(world.inputs);
  const auto fresh = Sealed(world.living);
  const auto opened = OpenSegment(MappedBytes(SnapshotBytes(*merged)), {.verify = verify, .huge_from_bytes = 1});
  REQUIRE(opened.status().message() == "");
  CheckSame(*Merged({{opened->segment, nullptr}}), *fresh);
}

TEST_CASE("segments of one set share dictionaries again when they are opened", "[merge][snapshot]") {
  Random random(8);
  const WorldShape shape = RandomShape(random, 300);
  const auto writing = NewRecordDictionaries();
  std::vector<std::string> files;
  SplitWorld world = Split(shape, random, 3, [&](std::size_t) { return writing; });
  for (const MergeInput& input : world.inputs) files.push_back(SnapshotBytes(*input.segment));
  // The first was written before texts of the others came: here the same is had by opening in any order.
  const Records more{{kCountryCount + 1'000'000'007, RandomClientJson(shape, kCountryCount + 1'000'000'007, random)}};
  const auto later = Sealed(more, writing);
  const auto shared = NewRecordDictionaries();
  std::vector<MergeInput> inputs;
  files.push_back(SnapshotBytes(*later));
  for (const std::size_t i : {std::size_t{1}, std::size_t{3}, std::size_t{0}, std::size_t{2}}) {
    const auto opened = OpenSegment(MappedBytes(files[i]), {.dictionaries = shared});
    REQUIRE(opened.status().message() == "");
    CHECK(&opened->segment->dictionaries() == shared.get());
    inputs.push_back({opened->segment, i < 3 ? world.inputs[i].tombstones : nullptr});
  }
  CHECK(IsPrefix(*writing, *shared));
  world.living.insert(more.begin(), more.end());
  const auto merged = Merged(inputs);
  CHECK(&merged->dictionaries() == shared.get());
  CheckSame(*merged, *Sealed(world.living));
}

TEST_CASE("dictionaries agree when one begins with the other", "[merge]") {
  RecordDictionaries a(8), b(8);
  a.domains.Intern("@one.example");
  CHECK(IsPrefix(b, a));
  CHECK(!IsPrefix(a, b));
  const auto thawed = Thaw(a);
  CHECK((IsPrefix(a, *thawed) && IsPrefix(*thawed, a)));
  CHECK(thawed->domains.Intern("@two.example") == 1);
  CHECK(thawed->domains.capacity() == 8);
  CHECK(TakeUp(*thawed, a));
  CHECK(a.domains.Find("@two.example") == 1);
  b.domains.Intern("@other.example");
  b.languages.Intern("en");
  CHECK(!TakeUp(b, a));
  CHECK(a.languages.size() == 0);  // Nothing was added.
  RecordDictionaries full(1);
  full.domains.Intern("@one.example");
  CHECK(!TakeUp(a, full));
}

TEST_CASE("merged segments of several chunks answer like the oracle", "[merge][property][large]") {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const WorldShape shape = LargeShape(random, 150'000 + static_cast<std::uint32_t>(seed) * 20'000);
    const auto shared = NewRecordDictionaries();
    const SplitWorld world = Split(shape, random, 2 + seed, [&](std::size_t) { return shared; });
    const auto merged = Merged(world.inputs);
    CHECK(Problem(*merged) == "");
    CheckAnswers(*merged, OracleOf(world.living), seed, 100);
  }
}

}  // namespace clientele
