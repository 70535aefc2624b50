#include "engine/live_answer.h"

#include <map>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/live_order.h"
#include "engine/query_parser.h"
#include "loader/generator.h"
#include "tests/engine/live_world.h"
#include "tests/engine/random_queries.h"

namespace clientele {
namespace {

std::vector<std::int64_t> Ids(const LiveAnswer& answer) {
  std::vector<std::int64_t> ids;
  for (const LiveRow* row : answer.rows) ids.push_back(row->id);
  return ids;
}

// Asks both, for the first rows and for all of them.
void CheckAnswer(const LiveTable& table, const Oracle& oracle, Query query, std::uint64_t wanted,
                 std::map<std::string, int>& plans) {
  query.offset = 0;
  query.limit = wanted == kAllRows ? std::nullopt : std::optional(wanted);
  const OracleAnswer right = oracle.Ask(query);
  const LiveAnswer answer = AnswerLive(table, query, wanted);
  INFO(DebugString(query) << "; wanted " << wanted << "; plan " << answer.plan << " " << answer.filter << ", order "
                          << answer.order);
  REQUIRE(answer.count == right.count);
  REQUIRE(Ids(answer) == right.ids);
  ++plans[std::string(answer.plan)];
  ++plans["order " + std::string(answer.order)];
}

TEST_CASE("a live table answers like the oracle, after random writes", "[engine][live]") {
  std::map<std::string, int> plans;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    LiveWorld world(seed, 3000);
    world.WriteAll();
    for (int version = 0; version < 3; ++version) {
      const Oracle oracle = world.MakeOracle();
      for (int i = 0; i < 60; ++i) {
        const std::vector<Parameter> request = RandomRequest(oracle, world.random());
        const auto parsed = ParseQuery(request);
        REQUIRE(std::holds_alternative<Query>(parsed));
        const std::uint64_t some = world.random().Below(60);
        for (const std::uint64_t wanted : {std::uint64_t{0}, some, kAllRows}) {
          CheckAnswer(world.table(), oracle, std::get<Query>(parsed), wanted, plans);
        }
      }
      for (int i = 0; i < 50; ++i) world.Write();
    }
  }
  for (const char* plan :
       {"all", "count", "index", "search", "columns", "bits", "order none", "order index", "order walk", "order select"}) {
    CAPTURE(plan);
    CHECK(plans[plan] > 20);
  }
}

TEST_CASE("few matches may come in no order, and then all of them with their first keys", "[engine][live]") {
  int unordered = 0;
  for (std::uint64_t seed = 200; seed < 220; ++seed) {
    CAPTURE(seed);
    LiveWorld world(seed, 3000);
    world.WriteAll();
    const Oracle oracle = world.MakeOracle();
    for (int i = 0; i < 60; ++i) {
      Query query = std::get<Query>(ParseQuery(RandomRequest(oracle, world.random())));
      query.offset = 0;
      query.limit = 50;
      INFO(DebugString(query));
      const LiveAnswer answer = AnswerLive(world.table(), query, 50, FewMatches::kAsTheyCome);
      std::vector<std::int64_t> ids = Ids(answer);
      if (answer.first_keys.empty()) {
        REQUIRE(ids == oracle.Ask(query).ids);
        continue;
      }
      ++unordered;
      query.limit = std::nullopt;
      const OracleAnswer right = oracle.Ask(query);
      REQUIRE(answer.count == right.count);
      REQUIRE(answer.first_keys.size() == ids.size());
      std::map<std::int64_t, std::uint64_t> number_of;
      for (std::size_t at = 0; at < ids.size(); ++at) number_of[ids[at]] = answer.first_keys[at];
      REQUIRE(number_of.size() == right.ids.size());
      for (std::size_t at = 1; at < right.ids.size(); ++at)
        REQUIRE(number_of.at(right.ids[at - 1]) <= number_of.at(right.ids[at]));
    }
  }
  CHECK(unordered > 200);
}

TEST_CASE("the rows of an answer render as sealed records do", "[engine][live]") {
  for (std::uint64_t seed = 100; seed < 110; ++seed) {
    LiveWorld world(seed, 300);
    world.WriteAll();
    std::string json;
    for (const LiveRow* row : AnswerLive(world.table(), Query{}, kAllRows).rows) {
      json.clear();
      RenderLiveRow(*row, kAllFields, json);
      REQUIRE(json == world.json().at(row->id));
    }
  }
}

// Generated clients, as many as a table usually has.
struct GeneratedTable {
  explicit GeneratedTable(std::uint32_t clients) {
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
      table.Insert(maker.Make(record));
    }
  }

  LiveAnswer Ask(std::string_view query_string, std::uint64_t wanted) const {
    const auto parsed = ParseQueryString(query_string);
    REQUIRE(std::holds_alternative<Query>(parsed));
    return AnswerLive(table, std::get<Query>(parsed), wanted);
  }

  std::shared_ptr<RecordDictionaries> dictionaries = NewRecordDictionaries();
  LiveTable table;
  std::vector<OracleClient> oracle_clients;
};

std::string Plan(const LiveAnswer& answer) {
  return std::string(answer.plan) + (answer.filter.empty() ? "" : " " + std::string(answer.filter)) + ", " +
         std::string(answer.order);
}

TEST_CASE("AnswerLive picks the plan that touches little", "[engine][live]") {
  const GeneratedTable generated(8'192);
  const OracleClient& client = generated.oracle_clients[4'000];
  const std::string id = std::to_string(client.id);

  CHECK(Plan(generated.Ask("", 0)) == "all, none");
  CHECK(Plan(generated.Ask("", 50)) == "all, walk");
  CHECK(generated.Ask("ordering=-created_at", 50).rows_touched == 50);
  CHECK(Plan(generated.Ask("status=active", 0)) == "count status, none");
  CHECK(generated.Ask("status=active", 0).rows_touched == 0);
  CHECK(Plan(generated.Ask("status=active", 50)) == "count status, index");
  CHECK(generated.Ask("status=active", 50).rows_touched == 50);
  CHECK(Plan(generated.Ask("cdn=active&ordering=-created_at", 50)) == "count cdn, walk");
  CHECK(Plan(generated.Ask("created_at_gte=2000-01-01&created_at_lte=1999-01-01", 50)) == "count created_at_gte, none");
  CHECK(Plan(generated.Ask("id=" + id + "&status=" + client.status, 50)) == "index id, select");
  CHECK(generated.Ask("id=" + id, 50).rows.size() == 1);
  CHECK(Plan(generated.Ask("deleted=false&is_test=false", 50)) == "bits, walk");
  CHECK(Plan(generated.Ask("status=active&cdn=active&activated=true", 0)) == "bits, none");
  CHECK(generated.Ask("status=active&country_code=" + client.country_code.value_or("null") + "&activated=true", 0).rows_touched ==
        0);
  CHECK(Plan(generated.Ask("status=active&min_traffic=100", 0)) == "columns, none");
  CHECK(Plan(generated.Ask("ordering=companyName", kAllUnordered)) == "all, sorted");
  CHECK(Plan(generated.Ask("deleted=false&ordering=-id", kAllUnordered)) == "bits, sorted");
  CHECK(Plan(generated.Ask("ordering=status", kAllUnordered)) == "all, none");
  CAPTURE(client.email);
  CHECK(generated.Ask("email=" + client.email, 50).count == 1);
  CHECK(Plan(generated.Ask("email=" + client.email, 50)) == "search email, select");
  CHECK(generated.Ask("email=" + client.email, 50).text_blocks_scanned <= 4);
  CHECK(Plan(generated.Ask("email=%40&deleted=false", 50)) == "columns, walk");
  CHECK(Plan(generated.Ask("email=%40&id=" + id, 50)) == "index id, select");
}

TEST_CASE("a full live table answers wide queries like the oracle", "[engine][live]") {
  const GeneratedTable generated(8'192);
  const Oracle oracle(generated.oracle_clients);
  std::map<std::string, int> plans;
  for (const char* query_string :
       {"ordering=status,-created_at", "ordering=-status,companyName", "deleted=false&ordering=status,name,-id",
        "status=active,new&ordering=-status", "ordering=-companyName,created_at", "ordering=-name", "ordering=-name,-id",
        "feature_id_in=1,2,3,40&is_test=false", "email=a&ordering=companyName,-email",
        "users_email=an&companyName=e&ordering=email", "min_traffic=100&max_traffic=5000&ordering=-email",
        "created_at_gte=2020-01-01&created_at_lte=2023-01-01&ordering=-id",
        "cdn=active,trial&cloud=active&country_code=US,DE,null&ordering=status,email",
        "status=active&country_code=US&activated=true", "country_code=null&cdn=active", "deleted=true&is_test=true",
        "status=active&deleted=false", "personal_product_availability=CDN&storage=trial&country_code=DE"}) {
    const auto parsed = ParseQueryString(query_string);
    REQUIRE(std::holds_alternative<Query>(parsed));
    for (const std::uint64_t wanted : {std::uint64_t{0}, std::uint64_t{50}, std::uint64_t{3'000}, kAllRows}) {
      CheckAnswer(generated.table, oracle, std::get<Query>(parsed), wanted, plans);
    }
  }
}

TEST_CASE("values of sort keys compare in the key's ascending order, null last", "[engine][live]") {
  CHECK(SortKeyValue{.number = -1} < SortKeyValue{.number = 1});
  CHECK(SortKeyValue{.text = "a"} < SortKeyValue{.text = "b"});
  CHECK(SortKeyValue{.text = "\x7F"} < SortKeyValue{.text = "\xC3\xA9"});
  CHECK(SortKeyValue{.text = "\xF0\x90\x80\x80"} < SortKeyValue{.is_null = true});
  LiveRow row;
  row.status = *FindWord(Def(Field::kStatus).words, "active");
  CHECK(LiveKey(row, Field::kStatus).number == 0);
  row.status = *FindWord(Def(Field::kStatus).words, "trialend");
  CHECK(LiveKey(row, Field::kStatus).number == 7);
  CHECK(LiveKey(row, Field::kName).is_null);
}

}  // namespace
}  // namespace clientele
