// Where a merge of several segments begins: the largest may begin shortly before the page, if the others have as many rows before
// it as their share of the clients lets expect. Whether they have or not, the rows are those of a merge from the start.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/execute.h"
#include "engine/query_parser.h"
#include "engine/snapshot.h"
#include "index/segment_builder.h"
#include "loader/generator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

constexpr std::uint64_t kClients = 20'000;

template <class Chosen>
std::shared_ptr<const Segment> SegmentOf(const std::shared_ptr<RecordDictionaries>& dictionaries, Chosen is_chosen) {
  const Generator generator(11, kClients);
  SegmentBuilder builder(dictionaries);
  SegmentBatch batch(builder.shared());
  RecordParser parser;
  ClientRecord record;
  RecordError error;
  std::string line;
  for (std::uint64_t i = 0; i < kClients; ++i) {
    if (!is_chosen(i)) continue;
    line.clear();
    generator.AppendClient(i, line);
    const std::size_t length = line.size();
    line.append(RecordParser::kPadding, '\0');
    REQUIRE(parser.Parse(std::string_view(line).substr(0, length), record, error));
    batch.Append(record);
  }
  builder.Add(0, std::move(batch));
  return std::move(builder).Seal().segment;
}

// One set in two segments: the clients whose numbers are chosen are in the smaller one.
template <class Chosen>
Snapshot SplitBy(Chosen is_chosen) {
  const std::shared_ptr<RecordDictionaries> dictionaries = NewRecordDictionaries();
  std::vector<SegmentView> views(2);
  views[0].segment = SegmentOf(dictionaries, [&](std::uint64_t i) { return !is_chosen(i); });
  views[1].segment = SegmentOf(dictionaries, is_chosen);
  return {.epoch = 1, .sealed = std::make_shared<const SealedVersion>(std::move(views)), .live = nullptr};
}

struct Answer {
  std::vector<std::int64_t> ids;
  MergePlan plan;
  std::uint64_t rows_touched;
};

Answer Ask(const Snapshot& snapshot, const std::string& ordering, std::uint64_t offset, MergePlan force) {
  std::vector<Parameter> parameters{{"ordering", ordering}, {"offset", std::to_string(offset)}, {"limit", "50"}};
  const Query query = std::get<Query>(ParseQuery(parameters));
  Explain explain;
  const auto page = ExecutePage(snapshot, query, {.explain = &explain, .threads = 1, .force_merge = force});
  REQUIRE(page.ok());
  Answer answer{{}, explain.merge_plan, explain.rows_touched};
  for (const std::uint32_t row : page->rows) answer.ids.push_back(ClientId(snapshot, row));
  return answer;
}

}  // namespace

TEST_CASE("a merge begins shortly before the page when the other segments' rows are spread evenly", "[engine]") {
  const Snapshot snapshot = SplitBy([](std::uint64_t i) { return i % 40 == 7; });
  for (const char* const ordering : {"id", "-id", "-created_at", "email", "status,-created_at", "companyName,-id"}) {
    for (std::uint64_t offset = 30; offset < 300; ++offset) {
      INFO(ordering << ", offset " << offset);
      const Answer guessed = Ask(snapshot, ordering, offset, MergePlan::kFromGuess);
      const Answer plain = Ask(snapshot, ordering, offset, MergePlan::kFromStart);
      REQUIRE(guessed.ids == plain.ids);
      REQUIRE(plain.plan == MergePlan::kFromStart);
      CHECK(guessed.plan == MergePlan::kFromGuess);
    }
  }
  CHECK(Ask(snapshot, "id", 20, MergePlan::kFromGuess).plan == MergePlan::kFromStart);  // Nothing to gain.
}

TEST_CASE("a merge begins anew when more rows than guessed stand before the page in other segments", "[engine]") {
  // The first ids but one are in the smaller segment, which makes a thirtieth of all.
  const Snapshot snapshot = SplitBy([](std::uint64_t i) { return i > 0 && i < 700; });
  for (std::uint64_t offset = 0; offset < 900; offset += 7) {
    INFO("offset " << offset);
    const Answer guessed = Ask(snapshot, "id", offset, MergePlan::kFromGuess);
    const Answer plain = Ask(snapshot, "id", offset, MergePlan::kFromStart);
    REQUIRE(guessed.ids == plain.ids);
    CHECK(guessed.plan == MergePlan::kFromStart);
    if (offset > 40) CHECK(guessed.rows_touched > plain.rows_touched);  // It did guess.
  }
}

TEST_CASE("a merge does not guess when another segment has the first rows of all", "[engine]") {
  const Snapshot snapshot = SplitBy([](std::uint64_t i) { return i % 40 == 0; });
  CHECK(Ask(snapshot, "id", 100, MergePlan::kFromGuess).plan == MergePlan::kFromStart);
  CHECK(Ask(snapshot, "-id", 100, MergePlan::kFromGuess).plan == MergePlan::kFromGuess);
}

}  // namespace clientele
