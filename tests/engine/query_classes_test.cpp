// The sixteen query classes that the product is measured by, on ten thousand clients with real company names and hostile texts:
// loaded without a reject, and each class answered like the oracle. The data lies beside the project in development; where it is
// not there, these tests say so and pass.
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <zlib.h>

#include "engine/query_parser.h"
#include "loader/load.h"
#include "loader/record_parser.h"
#include "tests/engine/answer_check.h"
#include "tests/engine/random_queries.h"
#include "tests/engine/random_text.h"

namespace clientele {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> DataPath() {
  for (const char* const beside : {"..", "../.."}) {
    const fs::path path = fs::path(CLIENTELE_SOURCE_DIR) / beside / "shared/data/clients-10k.ndjson.gz";
    if (fs::exists(path)) return path.string();
  }
  return std::nullopt;
}

std::vector<std::string> GzipLines(const std::string& path) {
  std::string text(1 << 20, '\0');
  std::size_t size = 0;
  const gzFile file = gzopen(path.c_str(), "rb");
  REQUIRE(file != nullptr);
  for (int got; (got = gzread(file, text.data() + size, static_cast<unsigned>(text.size() - size))) > 0;) {
    size += static_cast<std::size_t>(got);
    if (size == text.size()) text.resize(2 * size);
  }
  gzclose(file);
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < size;) {
    const std::size_t end = std::min(text.find('\n', start), size);
    if (end > start) lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

// Not by the loader under test: one line after the other.
std::vector<OracleClient> OracleClients(const std::string& path) {
  RecordParser parser;
  ClientRecord record;
  RecordError error;
  std::vector<OracleClient> clients;
  for (std::string line : GzipLines(path)) {
    const std::size_t size = line.size();
    line.append(RecordParser::kPadding, '\0');
    const bool parsed = parser.Parse(std::string_view(line).substr(0, size), record, error);
    INFO(error.pointer << " expected " << error.expected << ", got " << error.value);
    REQUIRE(parsed);
    clients.push_back(ToOracleClient(record));
  }
  return clients;
}

// The data in both forms, loaded once for all tests of this file.
struct Data {
  Oracle oracle;
  Snapshot snapshot;
};

const Data* LoadedData() {
  static const std::unique_ptr<const Data> data = []() -> std::unique_ptr<const Data> {
    const auto path = DataPath();
    if (!path) {
      std::cout << "shared/data/clients-10k.ndjson.gz is not beside the project: its tests are skipped" << std::endl;
      return nullptr;
    }
    const absl::StatusOr<LoadReport> report = LoadFiles({*path}, LoadOptions{});
    INFO(report.status().ToString());
    REQUIRE(report.ok());
    for (const Reject& reject : report->first_rejects) UNSCOPED_INFO(reject.ToString());
    REQUIRE(report->rejected == 0);
    REQUIRE(report->records == 10'000);
    return std::make_unique<const Data>(Data{Oracle(OracleClients(*path)), SnapshotOf(report->segment)});
  }();
  return data.get();
}

Query Parsed(const std::vector<Parameter>& parameters) {
  const auto query = ParseQuery(parameters);
  if (const auto* errors = std::get_if<ParameterErrors>(&query))
    FAIL(errors->begin()->first << ": " << errors->begin()->second.front());
  return std::get<Query>(query);
}

// Makes the parameters of one query class; a limit of 50 is added unless they have one.
using Request = std::vector<Parameter>;
using RequestMaker = Request (*)(const Oracle&, Random&);

const OracleClient& Some(const Oracle& oracle, Random& random) {
  return random.Pick(oracle.clients());
}

// Some client that has what `has` asks for; there must be one.
template <typename Has>
const OracleClient& SomeWith(const Oracle& oracle, Random& random, const Has& has) {
  for (int tries = 0; tries < 100'000; ++tries) {
    if (const OracleClient& client = Some(oracle, random); has(client)) return client;
  }
  throw std::runtime_error("no client has what the query class needs");
}

std::string Country(const Oracle& oracle, Random& random) {
  return *SomeWith(oracle, random, [](const OracleClient& c) { return c.country_code.has_value(); }).country_code;
}

Request ActiveInCountry(const Oracle& oracle, Random& random) {
  return {{"status", "active"}, {"country_code", Country(oracle, random)}, {"ordering", "-created_at"}};
}

const std::vector<std::pair<std::string, RequestMaker>> kClasses{
    {"L1 first page by id", [](const Oracle&, Random&) -> Request { return {}; }},
    {"L2 active in a country, newest first", ActiveInCountry},
    {"L3 the same, deep",
     [](const Oracle& oracle, Random& random) {
       Request request = ActiveInCountry(oracle, random);
       request.emplace_back("offset", std::to_string(oracle.Ask(Parsed(request)).count * 2 / 5));
       return request;
     }},
    {"L4 services, by company",
     [](const Oracle&, Random&) -> Request {
       return {{"cdn", "active"}, {"storage", "paused"}, {"deleted", "false"}, {"ordering", "companyName"}};
     }},
    {"L5 whole email",
     [](const Oracle& oracle, Random& random) -> Request {
       return {{"email", Some(oracle, random).email}};
     }},
    {"L6 rare text in the email, by id",
     [](const Oracle& oracle, Random& random) -> Request {
       return {{"email", RandomPart(Some(oracle, random).email, 5, random)}, {"ordering", "id"}};
     }},
    {"L7 common text in the company, by email",
     [](const Oracle& oracle, Random& random) -> Request {
       static constexpr std::string_view kCommon[] = {"univ", "CORP", "inc.", "tech", " of ", "Hold"};
       const std::string part =
           random.Chance(500) ? std::string(random.Pick(kCommon)) : RandomPart(Some(oracle, random).company_name, 4, random);
       return {{"companyName", part}, {"ordering", "email"}};
     }},
    {"L8 created in a month, by name",
     [](const Oracle&, Random& random) -> Request {
       char first[16], last[16];
       const auto year = static_cast<unsigned>(random.Between(2015, 2025));
       const auto month = static_cast<unsigned>(random.Between(1, 11));
       std::snprintf(first, sizeof first, "%04u-%02u-01", year, month);
       std::snprintf(last, sizeof last, "%04u-%02u-01", year, month + 1);
       return {{"created_at_gte", first}, {"created_at_lte", last}, {"ordering", "name"}};
     }},
    {"L9 cloud trial, by status and newest",
     [](const Oracle&, Random&) -> Request {
       return {{"cloud", "trial"}, {"ordering", "status,-created_at"}};
     }},
    {"L10 a reseller's clients but twenty, by email backwards",
     [](const Oracle& oracle, Random& random) -> Request {
       const auto reseller = *SomeWith(oracle, random, [](const OracleClient& c) { return c.resellers.has_value(); }).resellers;
       std::string excluded;
       for (int i = 0; i < 20; ++i) excluded += std::to_string(Some(oracle, random).id) + ",";
       return {{"reseller_id", std::to_string(reseller)},
               {"is_test", "false"},
               {"id__in__exclude", excluded},
               {"ordering", "-email"}};
     }},
    {"L11 everything by company, deep",
     [](const Oracle& oracle, Random& random) -> Request {
       return {{"ordering", "companyName,-id"}, {"offset", std::to_string(random.Below(oracle.clients().size() + 10))}};
     }},
    {"L12 no country, three statuses, newest first",
     [](const Oracle&, Random& random) -> Request {
       std::string statuses;
       for (int i = 0; i < 3; ++i) statuses.append(i > 0 ? "," : "").append(random.Pick(Def(Field::kStatus).words));
       return {{"country_code", "null"}, {"status", statuses}, {"ordering", "-created_at"}, {"limit", "100"}};
     }},
    {"L13 count of four filters",
     [](const Oracle& oracle, Random& random) -> Request {
       return {{"status", "active"},
               {"is_test", "false"},
               {"deleted", "false"},
               {"country_code", Country(oracle, random)},
               {"limit", "0"}};
     }},
    {"L14 users' email",
     [](const Oracle& oracle, Random& random) -> Request {
       const auto& client = SomeWith(oracle, random, [](const OracleClient& c) { return !c.user_emails.empty(); });
       return {{"users_email", RandomPart(random.Pick(client.user_emails), 12, random)}};
     }},
    {"L15 a feature, not activated, by name",
     [](const Oracle& oracle, Random& random) -> Request {
       const auto& client = SomeWith(oracle, random, [](const OracleClient& c) { return !c.feature_ids.empty(); });
       return {{"feature_id_in", std::to_string(random.Pick(client.feature_ids))}, {"activated", "false"}, {"ordering", "name"}};
     }},
    {"L16 a country streamed by email",
     [](const Oracle& oracle, Random& random) -> Request {
       return {{"country_code", Country(oracle, random)}, {"deleted", "false"}, {"ordering", "email"}};
     }},
};

}  // namespace

TEST_CASE("the ten thousand real names load without a reject, and every query class on them equals the oracle",
          "[engine][classes]") {
  const Data* const data = LoadedData();
  if (data == nullptr) return;
  Random random(7);
  for (const auto& [name, make] : kClasses) {
    std::uint64_t matched = 0;
    for (int i = 0; i < 12; ++i) {
      Request request = make(data->oracle, random);
      const bool streamed = name.starts_with("L16");
      if (!streamed && Parsed(request).limit == std::nullopt) request.emplace_back("limit", "50");
      const Query query = Parsed(request);
      Explain explain;
      AskOptions ask;
      ask.threads = i % 2;
      ask.render = true;
      INFO(name);
      CHECK(Difference(data->oracle, data->snapshot, query, ask, explain) == "");
      matched += explain.rows_matched > 0;
    }
    INFO(name << " found something in too few of its requests: " << matched);
    CHECK(matched >= 6);
  }
}

TEST_CASE("random requests on the ten thousand real names equal the oracle", "[engine][classes]") {
  const Data* const data = LoadedData();
  if (data == nullptr) return;
  Random random(8);
  for (int i = 0; i < 500; ++i) {
    const Query query = Parsed(RandomRequest(data->oracle, random));
    Explain explain;
    AskOptions ask;
    ask.stream = i % 5 == 0;
    const std::string difference = Difference(data->oracle, data->snapshot, query, ask, explain);
    INFO("request " << i);
    REQUIRE(difference == "");
  }
}

}  // namespace clientele
