// Deep pages over live rows: whatever the order, the offset and the sources, a merge that begins where the page does gives the
// rows that the oracle gives.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/live_answer.h"
#include "engine/merged_rows.h"
#include "engine/query_parser.h"
#include "engine/source_selection.h"
#include "loader/generator.h"
#include "tests/engine/live_world.h"
#include "tests/engine/random_queries.h"

namespace clientele {
namespace {

struct Coverage {
  int sorted = 0, unsorted = 0, by_share = 0, by_window = 0;
};

// Sources of the answers, whose rows are numbered one after the other.
std::vector<std::unique_ptr<MergeSource>> SourcesOf(const std::vector<LiveAnswer>& answers) {
  std::vector<std::unique_ptr<MergeSource>> sources;
  std::uint32_t first_row = 0;
  for (const LiveAnswer& answer : answers) {
    sources.push_back(answer.sorted != nullptr ? SortedLiveSource(answer, first_row) : LiveSource(answer, first_row));
    first_row += static_cast<std::uint32_t>(answer.count);
  }
  return sources;
}

std::int64_t IdOf(const std::vector<LiveAnswer>& answers, std::uint64_t row) {
  for (const LiveAnswer& answer : answers) {
    if (row < answer.count) return answer.Row(static_cast<std::uint32_t>(row)).id;
    row -= answer.count;
  }
  return 0;
}

// Asks for a page of the tables together, and compares it with the oracle's.
void CheckPage(const std::vector<const LiveTable*>& tables, const Oracle& oracle, Query query, std::uint64_t offset,
               std::uint64_t limit, Coverage& coverage) {
  query.offset = offset;
  query.limit = limit;
  std::vector<OrderKey> keys = query.order_by;
  if (keys.empty()) keys.push_back({Field::kId, false});
  std::vector<LiveAnswer> answers;
  std::uint64_t count = 0;
  for (const LiveTable* table : tables) {
    answers.push_back(AnswerLive(*table, query, kAllUnordered));
    count += answers.back().count;
    ++(answers.back().sorted != nullptr ? coverage.sorted : coverage.unsorted);
  }
  const OracleAnswer right = oracle.Ask(query);
  INFO(DebugString(query));
  REQUIRE(count == right.count);
  if (right.ids.empty()) return;
  for (const MergePlan plan : {MergePlan::kSelected, MergePlan::kFromStart}) {
    INFO(MergePlanName(plan));
    const auto rows = MergeRows({SourcesOf(answers), keys, offset, right.ids.size()}, plan).rows;
    std::vector<std::int64_t> ids;
    std::array<std::uint32_t, 7> some;
    while (const std::size_t taken = rows->Next(some)) {
      for (std::size_t i = 0; i < taken; ++i) ids.push_back(IdOf(answers, some[i]));
    }
    REQUIRE(ids == right.ids);
  }
  if (Def(keys[0].field).kind == FieldKind::kWord) return;
  ++(SelectStart(SourcesOf(answers), keys, offset).by_share ? coverage.by_share : coverage.by_window);
}

TEST_CASE("deep pages of a live table are the oracle's, after random writes", "[engine][live][property]") {
  Coverage coverage;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    LiveWorld world(seed, 3'000);
    world.WriteAll();
    for (int version = 0; version < 4; ++version) {
      const Oracle oracle = world.MakeOracle();
      for (int i = 0; i < 40; ++i) {
        const auto parsed = ParseQuery(RandomRequest(oracle, world.random()));
        REQUIRE(std::holds_alternative<Query>(parsed));
        Query query = std::get<Query>(parsed);
        if (i % 2 == 0) query.all_of.clear();
        CheckPage({&world.table()}, oracle, query, world.random().Below(world.table().size() + 1), 1 + world.random().Below(40),
                  coverage);
      }
      for (int i = 0; i < 50; ++i) world.Write();
    }
  }
  CHECK(coverage.sorted > 500);
  CHECK(coverage.unsorted > 500);
}

// Generated clients in two tables.
struct TwoTables {
  template <class InFirst>
  explicit TwoTables(std::uint32_t clients, InFirst in_first) {
    const Generator generator(7, clients);
    LiveRowMaker maker(dictionaries);
    RecordParser parser;
    ClientRecord record;
    RecordError error;
    std::string line;
    for (std::uint32_t i = 0; i < clients; ++i) {
      line.clear();
      generator.AppendClient(i, line);
      const std::size_t size = line.size();
      line.append(RecordParser::kPadding, '\0');
      REQUIRE(parser.Parse(std::string_view(line).substr(0, size), record, error));
      oracle_clients.push_back(ToOracleClient(record));
      (in_first(oracle_clients.back(), i) ? first : second).Insert(maker.Make(record));
    }
  }

  void CheckPages(const char* query_string, Coverage& coverage) const {
    const Oracle oracle(oracle_clients);
    const auto parsed = ParseQueryString(query_string);
    REQUIRE(std::holds_alternative<Query>(parsed));
    const std::uint64_t count = oracle_clients.size();
    for (std::uint64_t offset = 0; offset < count; offset += 371) {
      CheckPage({&first, &second}, oracle, std::get<Query>(parsed), offset, 20, coverage);
    }
  }

  std::shared_ptr<RecordDictionaries> dictionaries = NewRecordDictionaries();
  LiveTable first, second;
  std::vector<OracleClient> oracle_clients;
};

constexpr std::array kOrderings{"ordering=-created_at", "ordering=companyName,-id",    "ordering=name,-email", "ordering=-name",
                                "ordering=-id",         "deleted=false&ordering=email"};

TEST_CASE("where a page begins in sources that are alike is found by share", "[engine][live]") {
  Coverage coverage;
  const TwoTables tables(4'000, [](const OracleClient&, std::uint32_t i) { return i % 5 != 0; });
  for (const char* const ordering : kOrderings) tables.CheckPages(ordering, coverage);
  CHECK(coverage.by_share > 5 * coverage.by_window);
}

TEST_CASE("where a page begins in sources that differ is found by narrowing", "[engine][live]") {
  Coverage coverage;
  std::vector<std::int64_t> times;
  const TwoTables all(4'000, [&](const OracleClient& client, std::uint32_t) {
    times.push_back(client.created_at_us);
    return true;
  });
  std::ranges::nth_element(times, times.begin() + 2'500);
  const TwoTables tables(4'000, [&](const OracleClient& client, std::uint32_t) { return client.created_at_us < times[2'500]; });
  for (const char* const ordering : kOrderings) tables.CheckPages(ordering, coverage);
  CHECK(coverage.by_window > 0);
}

}  // namespace
}  // namespace clientele
