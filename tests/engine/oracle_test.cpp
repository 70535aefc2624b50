// The oracle is what every plan is compared with, so it is itself tested against the contract's sentences, by hand.
#include "engine/oracle.h"

#include <limits>

#include <catch2/catch.hpp>

#include "engine/query_parser.h"

namespace clientele {
namespace {

OracleClient Client(std::int64_t id) {
  OracleClient client;
  client.id = id;
  client.status = "active";
  client.client_type = "common";
  return client;
}

// Ids of the answer to these parameters, in order.
std::vector<std::int64_t> Ids(const std::vector<OracleClient>& clients, const std::vector<Parameter>& parameters) {
  const auto query = ParseQuery(parameters);
  REQUIRE(std::holds_alternative<Query>(query));
  return AskOracle(clients, std::get<Query>(query)).ids;
}

using List = std::vector<std::int64_t>;

// One client per value of a member, ids 1, 2, ...
template <typename Member, typename Value>
std::vector<OracleClient> With(Member OracleClient::*member, std::vector<Value> values) {
  std::vector<OracleClient> clients;
  for (const Value& value : values) {
    clients.push_back(Client(static_cast<std::int64_t>(clients.size()) + 1));
    clients.back().*member = value;
  }
  return clients;
}

const std::string kSharpS = "\xC3\x9F", kCapitalSharpS = "\xE1\xBA\x9E", kKelvin = "\xE2\x84\xAA";
const std::string kDottedCapitalI = "\xC4\xB0", kDotlessI = "\xC4\xB1";
const std::string kSigma = "\xCF\x83", kFinalSigma = "\xCF\x82", kCapitalSigma = "\xCE\xA3";

}  // namespace

TEST_CASE("the oracle folds code point by code point, without expansions or Turkish rules", "[engine][oracle]") {
  CHECK(OracleFolded("ABC xyz 123") == "abc xyz 123");
  CHECK(OracleFolded(kCapitalSharpS) == kSharpS);
  CHECK(OracleFolded(kSharpS) == kSharpS);  // Not "ss": that would be full folding.
  CHECK(OracleFolded(kKelvin) == "k");
  CHECK(OracleFolded(kFinalSigma) == kSigma);
  CHECK(OracleFolded(kCapitalSigma) == kSigma);
  CHECK(OracleFolded(kDottedCapitalI) == kDottedCapitalI);
  CHECK(OracleFolded(kDotlessI) == kDotlessI);
  CHECK(OracleFolded("e\xCC\x81") == "e\xCC\x81");
  CHECK(OracleFolded(std::string("A\0B", 3)) == std::string("a\0b", 3));
}

TEST_CASE("the oracle knows every filter of the schema", "[engine][oracle]") {
  for (std::size_t id = 0; id < Filters().size(); ++id) {
    INFO(Filters()[id].def->parameter);
    Operand operand = ValueSetOperand{.values = {1}};
    switch (Filters()[id].def->op) {
      case FilterOp::kContains:
      case FilterOp::kEqualsExact:
      case FilterOp::kEqualsFolded: operand = TextOperand{"a"}; break;
      case FilterOp::kAtLeast:
      case FilterOp::kAtMost:
        if (Def(Filters()[id].field).kind == FieldKind::kTime)
          operand = TimeOperand{1};
        else
          operand = NumberOperand{1};
        break;
      default: break;
    }
    Query query;
    query.all_of.push_back({static_cast<FilterId>(id), operand});
    CHECK(AskOracle({Client(1)}, query).count <= 1);  // It aborts on a filter that it does not know.
  }
}

TEST_CASE("the oracle's contains looks for the folded text anywhere", "[engine][oracle]") {
  const auto clients = With(&OracleClient::company_name, std::vector<std::string>{"Stra" + kCapitalSharpS + "e AG", "strasse ag",
                                                                                  "", "100% a_b*", "\xC3\xA9t\xC3\xA9"});
  CHECK(Ids(clients, {{"companyName", "STRA" + kSharpS}}) == List{1});
  CHECK(Ids(clients, {{"companyName", "ss"}}) == List{2});
  CHECK(Ids(clients, {{"companyName", "AG"}}) == List{1, 2});
  CHECK(Ids(clients, {{"companyName", "%"}}) == List{4});
  CHECK(Ids(clients, {{"companyName", "_"}}) == List{4});
  CHECK(Ids(clients, {{"companyName", "b*"}}) == List{4});
  CHECK(Ids(clients, {{"companyName", "ete"}}).empty());  // Accents are not stripped.
  CHECK(Ids(clients, {{"companyName", " "}}) == List{1, 2, 4});
}

TEST_CASE("the oracle's null name contains nothing", "[engine][oracle]") {
  const auto clients = With(&OracleClient::name, std::vector<std::optional<std::string>>{std::nullopt, "", "null", "Anna"});
  CHECK(Ids(clients, {{"name", "N"}}) == List{3, 4});
  CHECK(Ids(clients, {{"name", "null"}}) == List{3});
}

TEST_CASE("the oracle's user filters may be met by different users, deleted ones too", "[engine][oracle]") {
  std::vector<OracleClient> clients{Client(1), Client(2)};
  clients[0].user_names = {"Anna", "Bert"};
  clients[0].user_emails = {"a@x.example", "b@y.example"};
  CHECK(Ids(clients, {{"users_name", "ANNA"}, {"users_email", "b@y"}}) == List{1});
  CHECK(Ids(clients, {{"users_name", "annab"}}).empty());  // No match across users.
}

TEST_CASE("the oracle's hostnames match one at a time", "[engine][oracle]") {
  auto clients = With(&OracleClient::hostnames, std::vector<std::vector<std::string>>{{"a.example", "b.example"}, {}});
  CHECK(Ids(clients, {{"secondaryhostnames", "B.EX"}}) == List{1});
  CHECK(Ids(clients, {{"secondaryhostnames", "exampleb"}}).empty());
}

TEST_CASE("the oracle's custom id is exact, bill type and promo code take any case, all of them whole", "[engine][oracle]") {
  const std::vector<std::optional<std::string>> values{std::nullopt, "abc", "ABC", "abcd", "stra" + kCapitalSharpS + "e"};
  CHECK(Ids(With(&OracleClient::custom_id, values), {{"custom_id", "ABC"}}) == List{3});
  CHECK(Ids(With(&OracleClient::bill_type, values), {{"bill_type", "Abc"}}) == List{2, 3});
  CHECK(Ids(With(&OracleClient::promocode, values), {{"promocode", "STRA" + kSharpS + "E"}}) == List{5});
}

TEST_CASE("the oracle keeps deleted clients unless asked", "[engine][oracle]") {
  const auto clients = With(&OracleClient::deleted, std::vector<bool>{true, false});
  CHECK(Ids(clients, {}) == List{1, 2});
  CHECK(Ids(clients, {{"deleted", "true"}}) == List{1});
  CHECK(Ids(clients, {{"deleted", "false"}}) == List{2});
  CHECK(Ids(clients, {{"deleted", "all"}}) == List{1, 2});
}

TEST_CASE("the oracle's ids are any of, none of, and equal", "[engine][oracle]") {
  const std::vector<OracleClient> clients{Client(5), Client(2), Client(9)};
  CHECK(Ids(clients, {{"id", "2"}}) == List{2});
  CHECK(Ids(clients, {{"id__in", "9,5,77"}}) == List{5, 9});
  CHECK(Ids(clients, {{"id__in__exclude", "9,77"}}) == List{2, 5});
  CHECK(Ids(clients, {{"id__in", "5"}, {"id__in__exclude", "5"}}).empty());
  CHECK(Ids(clients, {{"id__in", "2,5"}, {"id", "5"}}) == List{5});
}

TEST_CASE("the oracle's null seller and reseller equal nothing", "[engine][oracle]") {
  const std::vector<std::optional<std::int64_t>> values{std::nullopt, 0, 7};
  CHECK(Ids(With(&OracleClient::seller, values), {{"seller_id", "0"}}) == List{2});
  CHECK(Ids(With(&OracleClient::resellers, values), {{"reseller_id", "7"}}) == List{3});
  CHECK(Ids(With(&OracleClient::seller, values), {{"reseller_id", "7"}}).empty());
}

TEST_CASE("the oracle's service must be there in that state", "[engine][oracle]") {
  std::vector<OracleClient> clients{Client(1), Client(2), Client(3)};
  clients[0].service_states = {{"CDN", "active"}, {"STORAGE", "paused"}};
  clients[1].service_states = {{"CDN", "paused"}, {"STORAGE", "active"}};
  CHECK(Ids(clients, {{"cdn", "active"}}) == List{1});
  CHECK(Ids(clients, {{"cdn", "active,paused"}}) == List{1, 2});
  CHECK(Ids(clients, {{"cdn", "active,paused"}, {"storage", "active"}}) == List{2});
  CHECK(Ids(clients, {{"infrastructure_protection", "active"}}).empty());
}

TEST_CASE("the oracle's traffic bounds include their ends, and no volume fails both", "[engine][oracle]") {
  const auto clients = With(&OracleClient::allowed_traffic_gb, std::vector<std::optional<double>>{std::nullopt, 0.0, 2.5, 100.0});
  CHECK(Ids(clients, {{"min_traffic", "2.5"}}) == List{3, 4});
  CHECK(Ids(clients, {{"max_traffic", "2.5"}}) == List{2, 3});
  CHECK(Ids(clients, {{"min_traffic", "-1"}, {"max_traffic", "1e9"}}) == List{2, 3, 4});
  CHECK(Ids(clients, {{"min_traffic", "3"}, {"max_traffic", "2"}}).empty());
}

TEST_CASE("the oracle's creation bounds include their ends to the microsecond", "[engine][oracle]") {
  constexpr std::int64_t kDay = 1'704'067'200'000'000;  // 2024-01-01.
  const auto clients = With(&OracleClient::created_at_us, std::vector<std::int64_t>{kDay - 1, kDay, kDay + 1});
  CHECK(Ids(clients, {{"created_at_gte", "2024-01-01"}}) == List{2, 3});
  CHECK(Ids(clients, {{"created_at_lte", "2024-01-01"}}) == List{1, 2});
  CHECK(Ids(clients, {{"created_at_gte", "2024-01-01T00:00:00.000001Z"}}) == List{3});
}

TEST_CASE("the oracle's country equals, and null asks for none", "[engine][oracle]") {
  const auto clients = With(&OracleClient::country_code, std::vector<std::optional<std::string>>{std::nullopt, "DE", "FR"});
  CHECK(Ids(clients, {{"country_code", "de"}}) == List{2});
  CHECK(Ids(clients, {{"country_code", "null"}}) == List{1});
  CHECK(Ids(clients, {{"country_code", "null,FR"}}) == List{1, 3});
  CHECK(Ids(clients, {{"country_code", "AT"}}).empty());
}

TEST_CASE("the oracle's features are any of, availability any service", "[engine][oracle]") {
  std::vector<OracleClient> clients{Client(1), Client(2)};
  clients[0].feature_ids = {3, 4};
  clients[1].available_services = {"CDN", "DNS"};
  CHECK(Ids(clients, {{"feature_id_in", "4,9"}}) == List{1});
  CHECK(Ids(clients, {{"feature_id_in", "9"}}).empty());
  CHECK(Ids(clients, {{"personal_product_availability", "connect,dns"}}) == List{2});
  CHECK(Ids(clients, {{"personal_product_availability", "connect"}}).empty());
}

TEST_CASE("the oracle takes availability and names from a record as they are", "[engine][oracle]") {
  ClientRecord record;
  for (const Field field : {Field::kId, Field::kStatus, Field::kClientType, Field::kCreatedAt}) record[field].is_null = false;
  record[Field::kId].integer = 12;
  record[Field::kStatus].integer = 3;
  record[Field::kName].text = "stale";  // Null: what a text view holds does not count.
  record[Field::kCountryCode] = {.is_null = false, .integer = *CountryCode("DE"), .number = 0, .text = {}};
  record[Field::kAllowedTrafficGb] = {.is_null = false, .integer = 0, .number = 0.1, .text = "0.10"};
  record.service_flags = {{.service = 0, .available = false}, {.service = 4, .available = true}};
  record.service_states = {{.service = 5, .state = 1, .enabled = false}};
  record.users.resize(3);
  record.user_count = 2;  // The third is left over from an earlier record.
  for (std::size_t i = 0; i < record.users.size(); ++i) {
    UserValue& user = record.users[i];
    user.email = std::vector<std::string_view>{"a@x", "b@x", "c@x"}[i];
    user.has_name = true;
    user.name_is_null = i != 0;
    user.name = i == 0 ? "Anna" : "stale";
    user.deleted = i == 1;
  }
  record.paid_features = {{.group = 0, .feature_id = 5, .name = {}, .service = 0, .create_date = 0, .link_id = 0}};
  record.free_features = {{.group = 0, .feature_id = 6, .name = {}, .service = 0, .create_date = 0, .link_id = 0}};
  const OracleClient client = ToOracleClient(record);
  CHECK(client.id == 12);
  CHECK(client.status == "active");
  CHECK(client.client_type == "common");
  CHECK_FALSE(client.name.has_value());
  CHECK(client.country_code == "DE");
  CHECK(client.allowed_traffic_gb == 0.1);
  CHECK(client.available_services == std::vector<std::string>{"DNS"});
  CHECK(client.service_states == std::vector<std::pair<std::string, std::string>>{{"CLOUD", "trial"}});
  CHECK(client.user_emails == std::vector<std::string>{"a@x", "b@x"});
  CHECK(client.user_names == std::vector<std::string>{"Anna"});
  CHECK(client.feature_ids == List{5, 6});
}

TEST_CASE("the oracle orders texts by folded bytes, equal ones by id", "[engine][oracle]") {
  auto clients = With(&OracleClient::email, std::vector<std::string>{"B", "a", "b", "A", "", "\xC3\xA4", "aa"});
  CHECK(Ids(clients, {{"ordering", "email"}}) == List{5, 2, 4, 7, 1, 3, 6});
  CHECK(Ids(clients, {{"ordering", "-email"}}) == List{6, 1, 3, 7, 2, 4, 5});
}

TEST_CASE("the oracle puts null names last ascending and first descending", "[engine][oracle]") {
  auto clients = With(&OracleClient::name, std::vector<std::optional<std::string>>{std::nullopt, "b", std::nullopt, "A", ""});
  CHECK(Ids(clients, {{"ordering", "name"}}) == List{5, 4, 2, 1, 3});
  CHECK(Ids(clients, {{"ordering", "-name"}}) == List{1, 3, 2, 4, 5});
}

TEST_CASE("the oracle orders statuses by the word", "[engine][oracle]") {
  auto clients = With(&OracleClient::status, std::vector<std::string>{"new", "trial", "trialend", "active", "integration",
                                                                      "paused", "preparation", "ready"});
  CHECK(Ids(clients, {{"ordering", "status"}}) == List{4, 5, 1, 6, 7, 8, 2, 3});
}

TEST_CASE("the oracle decides ties by the next key, then by id ascending in every direction", "[engine][oracle]") {
  std::vector<OracleClient> clients{Client(4), Client(1), Client(3), Client(2)};
  clients[0].created_at_us = 10;
  clients[2].created_at_us = 10;
  CHECK(Ids(clients, {{"ordering", "-status"}}) == List{1, 2, 3, 4});
  CHECK(Ids(clients, {{"ordering", "status,-created_at"}}) == List{3, 4, 1, 2});
  CHECK(Ids(clients, {{"ordering", "-id"}}) == List{4, 3, 2, 1});
  CHECK(Ids(clients, {}) == List{1, 2, 3, 4});
}

TEST_CASE("the oracle pages: the count stays, rows are cut", "[engine][oracle]") {
  const std::vector<OracleClient> clients{Client(1), Client(2), Client(3)};
  Query query;
  query.offset = 1;
  query.limit = 1;
  CHECK(AskOracle(clients, query).ids == List{2});
  CHECK(AskOracle(clients, query).count == 3);
  query.limit.reset();
  CHECK(AskOracle(clients, query).ids == List{2, 3});
  query.limit = std::numeric_limits<std::uint64_t>::max();
  CHECK(AskOracle(clients, query).ids == List{2, 3});
  query.offset = std::numeric_limits<std::uint64_t>::max();
  CHECK(AskOracle(clients, query).ids.empty());
  CHECK(AskOracle(clients, query).count == 3);
  query.offset = 0;
  query.limit = 0;
  CHECK(AskOracle(clients, query).ids.empty());
  CHECK(AskOracle(clients, query).count == 3);
}

}  // namespace clientele
