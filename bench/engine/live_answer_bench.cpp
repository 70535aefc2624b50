// What does a query's part over a full live table cost, by kind of query? 8,192 generated clients, seed 7, from all over a set of
// a million. Each kind takes turns through 64 queries drawn from clients of the table, so that no branch is learnt by heart. The
// constants in engine/live_answer.cpp are fitted to these.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/live_answer.h"
#include "engine/oracle.h"
#include "engine/query_parser.h"
#include "loader/generator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

struct World {
  World() {
    constexpr std::uint64_t kSet = 1'000'000;
    const Generator generator(7, kSet);
    LiveRowMaker maker(dictionaries);
    RecordParser parser;
    ClientRecord record;
    RecordError error;
    std::string line;
    for (std::uint64_t i = 0; i < LiveTable::kDefaultCapacity; ++i) {
      line.clear();
      generator.AppendClient(i * 7'919'777 % kSet, line);
      const std::size_t size = line.size();
      line.append(RecordParser::kPadding, '\0');
      if (!parser.Parse(std::string_view(line).substr(0, size), record, error)) std::abort();
      clients.push_back(ToOracleClient(record));
      table.Insert(maker.Make(record));
    }
  }

  std::shared_ptr<RecordDictionaries> dictionaries = NewRecordDictionaries();
  LiveTable table;
  std::vector<OracleClient> clients;

  static const World& Get() {
    static const World world;
    return world;
  }
};

using Draw = std::function<std::vector<Parameter>(const OracleClient&)>;

std::vector<Query> DrawQueries(const Draw& draw, std::uint64_t wanted) {
  const World& world = World::Get();
  const Oracle oracle(world.clients);
  std::mt19937 random(5);
  std::vector<Query> queries;
  while (queries.size() < 64) {
    const auto parsed = ParseQuery(draw(world.clients[random() % world.clients.size()]));
    if (!std::holds_alternative<Query>(parsed)) std::abort();
    Query query = std::get<Query>(parsed);
    query.limit = wanted;
    if (queries.size() < 8) {  // The figures are of right answers.
      const OracleAnswer right = oracle.Ask(query);
      const LiveAnswer answer = AnswerLive(world.table, query, wanted);
      bool same = answer.count == right.count && answer.rows.size() == right.ids.size();
      for (std::size_t i = 0; same && i < right.ids.size(); ++i) same = answer.rows[i]->id == right.ids[i];
      if (!same) std::abort();
    }
    queries.push_back(std::move(query));
  }
  return queries;
}

void BM_Answer(benchmark::State& state, std::uint64_t wanted, const Draw& draw) {
  const World& world = World::Get();
  const std::vector<Query> queries = DrawQueries(draw, wanted);
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(AnswerLive(world.table, queries[next++ % queries.size()], wanted));
  double matches = 0, touched = 0, scanned = 0;
  std::string label;
  for (const Query& query : queries) {
    const LiveAnswer answer = AnswerLive(world.table, query, wanted);
    matches += static_cast<double>(answer.count) / static_cast<double>(queries.size());
    touched += static_cast<double>(answer.rows_touched) / static_cast<double>(queries.size());
    scanned += static_cast<double>(answer.text_blocks_scanned) / static_cast<double>(queries.size());
    const std::string plan = std::string(answer.plan) + "/" + std::string(answer.order);
    if (label.find(plan) == label.npos) label += (label.empty() ? "" : " ") + plan;
  }
  state.SetLabel(label);
  state.counters["matches"] = matches;
  state.counters["touched"] = touched;
  state.counters["blocks"] = scanned;
}

std::string StateOf(const OracleClient& client, std::string_view service) {
  for (const auto& [name, state] : client.service_states) {
    if (name == service) return state;
  }
  return "active";
}
std::string Part(const std::string& text, std::size_t from, std::size_t size) {
  return text.size() <= from ? text : text.substr(from, size);
}

BENCHMARK_CAPTURE(BM_Answer, count_all, 0, [](const OracleClient&) -> std::vector<Parameter> { return {}; });
BENCHMARK_CAPTURE(BM_Answer, count_status, 0, [](const OracleClient& c) -> std::vector<Parameter> {
  return {{"status", c.status}};
});
BENCHMARK_CAPTURE(BM_Answer, all_by_id, 50, [](const OracleClient&) -> std::vector<Parameter> { return {}; });
BENCHMARK_CAPTURE(BM_Answer, all_newest, 50, [](const OracleClient&) -> std::vector<Parameter> {
  return {{"ordering", "-created_at"}};
});
BENCHMARK_CAPTURE(BM_Answer, all_by_company, 50, [](const OracleClient&) -> std::vector<Parameter> {
  return {{"ordering", "companyName"}};
});
BENCHMARK_CAPTURE(BM_Answer, all_by_status_newest, 50, [](const OracleClient&) -> std::vector<Parameter> {
  return {{"ordering", "status,-created_at"}};
});
BENCHMARK_CAPTURE(BM_Answer, all_1000_by_id, 1000, [](const OracleClient&) -> std::vector<Parameter> { return {}; });
BENCHMARK_CAPTURE(BM_Answer, id, 50, [](const OracleClient& c) -> std::vector<Parameter> {
  return {{"id", std::to_string(c.id)}};
});
BENCHMARK_CAPTURE(BM_Answer, country_newest, 50, [](const OracleClient& c) -> std::vector<Parameter> {
  return {{"country_code", c.country_code.value_or("null")}, {"ordering", "-created_at"}};
});
BENCHMARK_CAPTURE(BM_Answer, one_flag_newest, 50, [](const OracleClient&) -> std::vector<Parameter> {
  return {{"deleted", "false"}, {"ordering", "-created_at"}};
});
BENCHMARK_CAPTURE(BM_Answer, three_filters_newest, 50, [](const OracleClient& c) -> std::vector<Parameter> {
  return {{"status", c.status},
          {"cdn", StateOf(c, "CDN")},
          {"country_code", c.country_code.value_or("null")},
          {"ordering", "-created_at"}};
});
BENCHMARK_CAPTURE(BM_Answer, three_wide_filters_company, 50, [](const OracleClient& c) -> std::vector<Parameter> {
  return {{"status", "active,new,trial"}, {"cdn", StateOf(c, "CDN")}, {"deleted", "false"}, {"ordering", "companyName"}};
});
BENCHMARK_CAPTURE(BM_Answer, three_filters_count, 0, [](const OracleClient& c) -> std::vector<Parameter> {
  return {{"status", c.status}, {"cloud", StateOf(c, "CLOUD")}, {"created_at_gte", "2021-01-01"}};
});
BENCHMARK_CAPTURE(BM_Answer, reseller_feature, 50, [](const OracleClient& c) -> std::vector<Parameter> {
  return {{"reseller_id", std::to_string(c.resellers.value_or(1))},
          {"feature_id_in", std::to_string(c.feature_ids.empty() ? 1 : c.feature_ids[0])}};
});
BENCHMARK_CAPTURE(BM_Answer, email_rare, 50, [](const OracleClient& c) -> std::vector<Parameter> {
  return {{"email", Part(c.email, 0, 7)}};
});
BENCHMARK_CAPTURE(BM_Answer, email_absent, 50, [](const OracleClient&) -> std::vector<Parameter> {
  return {{"email", "qqxzzy"}};
});
BENCHMARK_CAPTURE(BM_Answer, email_common, 50, [](const OracleClient&) -> std::vector<Parameter> {
  return {{"email", "@live"}};
});
BENCHMARK_CAPTURE(BM_Answer, user_email_part_and_status, 50, [](const OracleClient& c) -> std::vector<Parameter> {
  return {{"users_email", c.user_emails.empty() ? "smith" : Part(c.user_emails[0], 0, 5)}, {"status", c.status}};
});
BENCHMARK_CAPTURE(BM_Answer, company_part_two_letters, 50, [](const OracleClient& c) -> std::vector<Parameter> {
  return {{"companyName", Part(c.company_name, 1, 2)}};
});
BENCHMARK_CAPTURE(BM_Answer, all_rows_by_email, kAllRows, [](const OracleClient&) -> std::vector<Parameter> {
  return {{"ordering", "email"}};
});

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
