#include "index/live_table.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/live_order.h"
#include "index/case_folding.h"
#include "index/packed_record.h"
#include "tests/engine/live_world.h"
#include "tests/index/sample_record.h"
#include "tests/loader/parsed_record.h"

namespace clientele {
namespace {

constexpr std::uint64_t kEveryField = ~std::uint64_t{0};

std::string Rendered(const LiveRow& row, std::uint64_t fields) {
  std::string json;
  RenderLiveRow(row, fields, json);
  return json;
}

TEST_CASE("a packed record comes back whole, also into a record that was used before", "[index][live]") {
  std::mt19937_64 random(11);
  ClientRecord again;
  for (int i = 0; i < 500; ++i) {
    SampleRecord sample(i + 1);
    FillAtRandom(sample, random);
    std::string packed, packed_again;
    PackRecord(sample.record, packed);
    UnpackRecord(packed, again);
    CHECK(PlainJson(again, kEveryField) == PlainJson(sample.record, kEveryField));
    PackRecord(again, packed_again);
    REQUIRE(packed_again == packed);
  }
}

TEST_CASE("what is unpacked of a live row is sealed like the record that it was made of", "[index][live]") {
  const auto dictionaries = NewRecordDictionaries();
  LiveRowMaker maker(dictionaries);
  RecordEncoder encoder(dictionaries);
  std::mt19937_64 random(12);
  ClientRecord unpacked;
  for (int i = 0; i < 300; ++i) {
    SampleRecord sample(i + 1);
    FillAtRandom(sample, random);
    const LiveRowPtr row = maker.Make(sample.record);
    const std::uint64_t some = random();
    CHECK(Rendered(*row, kEveryField) == PlainJson(sample.record, kEveryField));
    CHECK(Rendered(*row, some) == PlainJson(sample.record, some));
    row->Unpack(unpacked);
    std::string encoded, json;
    encoder.Append(unpacked, encoded);
    RenderRecord(*dictionaries, reinterpret_cast<const std::uint8_t*>(encoded.data()), kEveryField, json);
    REQUIRE(json == PlainJson(sample.record, kEveryField));
    CHECK(row->packed.data() + row->packed.size() == reinterpret_cast<const char*>(row.get()) + row->bytes);
  }
}

TEST_CASE("a live row holds what filters and orders look at", "[index][live]") {
  const ParsedRecord parsed(kFullRecord);
  REQUIRE(parsed.Outcome() == "ok");
  LiveRowMaker maker(NewRecordDictionaries());
  const LiveRowPtr row = maker.Make(parsed.record);
  CHECK(row->id == 1366957);
  CHECK(row->Text(LiveText::kEmail) == "user@example.com");
  CHECK(row->Text(LiveText::kName) == "s\u00F8ren");
  CHECK(row->Text(LiveText::kCustomId) == "C-1688");
  CHECK(row->Text(LiveText::kPromocode) == "winter24");
  CHECK(row->Text(LiveText::kHostnames) == "h1.example\xFEh2.example");
  CHECK(row->Text(LiveText::kUserNames) == "o'neil");
  CHECK(row->State(0) == 3);
  CHECK(row->State(1) == kServiceAbsent);
  CHECK(row->State(4) == 4);
  CHECK(row->available_services == 0b10);
  CHECK(std::vector<std::int64_t>(row->feature_ids.begin(), row->feature_ids.end()) == std::vector<std::int64_t>{40, 44});
  CHECK(row->seller == 5);
  CHECK(row->resellers == 3);
  CHECK(row->allowed_traffic_gb == 1.5);
  CHECK(row->country == *CountryCode("PL"));
  CHECK(row->deleted);
  CHECK(row->is_test);
  CHECK_FALSE(row->activated);
  CHECK(row->present == 0b111111111);

  const ParsedRecord small(SmallRecord());
  const LiveRowPtr least = maker.Make(small.record);
  CHECK(least->Has(LiveText::kEmail));
  CHECK(least->Has(LiveText::kCompanyName));
  CHECK(least->present == 0b101);
  CHECK(least->country == LiveRow::kNoCountry);
  CHECK_FALSE(least->seller.has_value());
}

TEST_CASE("a replaced row leaves the table but stays in memory", "[index][live]") {
  LiveRowMaker maker(NewRecordDictionaries());
  LiveTable table(2);
  const ParsedRecord first(SmallRecord()), second(SmallRecord(R"("name":"Bo")"));
  CHECK(table.Insert(maker.Make(first.record)) == nullptr);
  const LiveRow* const before = table.Find(7);
  CHECK_FALSE(table.full());
  CHECK(table.Insert(maker.Make(second.record)) == before);
  CHECK(table.size() == 1);
  CHECK(table.appended() == 2);
  CHECK(table.full());
  CHECK(before->present == 0b101);
  CHECK(table.Find(7)->Text(LiveText::kName) == "bo");
  CHECK(table.FindSlot(7) == 1u);
  CHECK(table.CurrentRows() == std::vector<const LiveRow*>{table.Find(7)});
  CHECK(table.Count({LiveIndex::kId, 7, 7}) == 1);
  CHECK(table.Erase(7)->Text(LiveText::kName) == "bo");
  CHECK(table.Erase(7) == nullptr);
  CHECK(table.size() == 0);
  CHECK(table.Count({LiveIndex::kId, 0, 100}) == 0);
  CHECK(table.Insert(maker.Make(first.record)) == nullptr);  // Beyond the capacity.
  CHECK(table.size() == 1);
}

// The key of a row in one of the table's integer indices.
std::int64_t KeyIn(LiveIndex index, const LiveRow& row) {
  switch (index) {
    case LiveIndex::kId: return row.id;
    case LiveIndex::kCreatedAt: return row.created_at_us;
    case LiveIndex::kStatus: return row.status;
    case LiveIndex::kCountry: return row.country;
    default: return row.State(static_cast<std::size_t>(index) - static_cast<std::size_t>(LiveIndex::kService));
  }
}

void CheckIndex(const LiveTable& table, LiveIndex index, Random& random) {
  const std::vector<const LiveRow*> rows = table.CurrentRows();
  if (rows.empty()) return;
  LiveRange range{index, KeyIn(index, *random.Pick(rows)), 0};
  range.last = index == LiveIndex::kStatus || random.Chance(500) ? range.first : KeyIn(index, *random.Pick(rows));
  std::vector<const LiveRow*> expected, visited;
  for (const LiveRow* row : rows) {
    if (const std::int64_t key = KeyIn(index, *row); range.first <= key && key <= range.last) expected.push_back(row);
  }
  std::ranges::sort(expected, {}, [&](const LiveRow* row) { return std::pair(KeyIn(index, *row), row->id); });
  table.Visit(range, [&](std::uint32_t slot) {
    visited.push_back(&table.Row(slot));
    return true;
  });
  if (index >= LiveIndex::kCountry) {  // Ordered by key alone.
    CHECK(std::ranges::is_sorted(visited, {}, [&](const LiveRow* row) { return KeyIn(index, *row); }));
    std::ranges::sort(visited, {}, [&](const LiveRow* row) { return std::pair(KeyIn(index, *row), row->id); });
  }
  CHECK(visited == expected);
  CHECK(table.Count(range) == expected.size());
}

void CheckOrder(const LiveTable& table, Field key, bool descending) {
  std::vector<const LiveRow*> expected = table.CurrentRows(), visited;
  const OrderKey order[] = {{key, descending}};
  std::ranges::sort(expected, [&](const LiveRow* a, const LiveRow* b) { return LiveRowLess(*a, *b, order); });
  table.VisitInOrder(key, descending, [&](std::uint32_t slot) {
    visited.push_back(&table.Row(slot));
    return true;
  });
  CHECK(visited == expected);
  if (descending || key == Field::kStatus) return;
  visited.clear();
  for (const LiveSortedRow& one : *table.SortedBy(key)) visited.push_back(one.row);
  CHECK(visited == expected);
}

void CheckTexts(const LiveTable& table, Random& random) {
  if (table.appended() == 0) return;
  for (std::size_t number = 0; number < kSearchedTextCount; ++number) {
    const auto text_of = [&](std::uint32_t slot) { return table.Row(slot).texts[number]; };
    const std::string_view some = text_of(static_cast<std::uint32_t>(random.Below(table.appended())));
    const std::size_t begin = random.Below(some.size());
    const std::string_view needle = some.substr(begin, random.Between(1, 12));
    if (needle.empty() || needle.find(kValueSeparator) != needle.npos) continue;
    const LiveTexts& texts = table.texts(static_cast<LiveText>(number));
    std::vector<std::uint64_t> blocks(texts.block_count() / 64 + 1, ~std::uint64_t{0});
    texts.NarrowBlocks(needle, blocks);
    std::set<std::uint32_t> found, expected;
    texts.Search(needle, blocks, [&](std::uint32_t block, std::uint64_t mask) {
      for (std::uint32_t i = 0; i < 64; ++i) {
        if ((mask >> i) & 1) found.insert(block * 64 + i);
      }
    });
    for (std::uint32_t slot = 0; slot < table.appended(); ++slot) {
      if (text_of(slot).find(needle) != std::string_view::npos) expected.insert(slot);
    }
    CHECK(found == expected);
  }
}

TEST_CASE("LiveTable: indices, orders and texts agree with a scan of the rows after random writes", "[index][live]") {
  const auto seed = GENERATE(range(1u, 31u));
  CAPTURE(seed);
  LiveWorld world(seed, 500);
  world.WriteAll();
  const LiveTable& table = world.table();
  REQUIRE(table.size() == world.json().size());
  for (const auto& [id, json] : world.json()) {
    REQUIRE(table.Find(id) != nullptr);
    CHECK(Rendered(*table.Find(id), kEveryField) == json);
  }
  // What is sealed is what was written.
  RecordEncoder encoder(world.dictionaries());
  ClientRecord unpacked;
  for (const LiveRow* row : table.CurrentRows()) {
    row->Unpack(unpacked);
    CHECK(ToOracleClient(unpacked) == world.clients().at(row->id));
    std::string encoded, json;
    encoder.Append(unpacked, encoded);
    RenderRecord(*world.dictionaries(), reinterpret_cast<const std::uint8_t*>(encoded.data()), kEveryField, json);
    CHECK(json == world.json().at(row->id));
  }
  CHECK(table.CurrentRows().size() == table.size());
  for (std::size_t index = 0; index < static_cast<std::size_t>(LiveIndex::kService) + kServiceCount; ++index) {
    for (int i = 0; i < 5; ++i) CheckIndex(table, static_cast<LiveIndex>(index), world.random());
  }
  for (const Field key : {Field::kId, Field::kEmail, Field::kName, Field::kCompanyName, Field::kStatus, Field::kCreatedAt}) {
    CheckOrder(table, key, false);
    CheckOrder(table, key, true);
  }
  for (int i = 0; i < 20; ++i) CheckTexts(table, world.random());
}

TEST_CASE("LiveTable: rows sorted by a key are brought up to date after any writes", "[index][live]") {
  const auto seed = GENERATE(range(1u, 11u));
  CAPTURE(seed);
  LiveWorld world(seed, 500);
  world.WriteAll();
  for (int burst = 0; burst < 30; ++burst) {
    // From 64 writes on, the writer does it.
    for (std::uint64_t writes = world.random().Below(burst % 3 == 0 ? 200 : 20); writes > 0; --writes) world.Write();
    if (burst % 2 == 0) world.CatchUpSorted();
    for (const Field key : {Field::kId, Field::kEmail, Field::kName, Field::kCompanyName, Field::kCreatedAt}) {
      if (world.random().Below(3) > 0) CheckOrder(world.table(), key, false);  // Sometimes after several bursts at once.
    }
  }
}

TEST_CASE("LiveTexts: the signature leaves few blocks to a rare text of many", "[index][live]") {
  LiveTexts texts;
  std::mt19937 random(3);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    std::string text;
    for (int letter = 0; letter < 12; ++letter) text.push_back(static_cast<char>('a' + random() % 26));
    texts.Append(i == 7'000 ? "quick.brown@fox.example" : text + "@mail.example");
  }
  std::vector<std::uint64_t> blocks(3, ~std::uint64_t{0});
  texts.NarrowBlocks("brown", blocks);
  int left = 0;
  for (const std::uint64_t word : blocks) left += std::popcount(word);
  CHECK(left <= 8);
  int found = 0;
  texts.Search("brown", blocks, [&](std::uint32_t block, std::uint64_t mask) {
    if (block == 7'000 / 64) found += (mask >> (7'000 % 64)) & 1;
  });
  CHECK(found == 1);
}

}  // namespace
}  // namespace clientele
