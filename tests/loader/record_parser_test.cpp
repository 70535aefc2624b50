#include "loader/record_parser.h"

#include <random>
#include <string>

#include <catch2/catch.hpp>
#include <simdjson.h>

#include "index/date_time.h"
#include "tests/loader/mutations.h"
#include "tests/loader/parsed_record.h"

namespace clientele {
namespace {

const ScalarValue& At(const ParsedRecord& parsed, Field field) {
  return parsed.record[field];
}

std::string_view Verbatim(const ParsedRecord& parsed, Field field) {
  return parsed.record.verbatim[static_cast<std::size_t>(field)];
}

TEST_CASE("every scalar of a full record is parsed", "[loader][record_parser]") {
  const ParsedRecord parsed(kFullRecord);
  REQUIRE(parsed.Outcome() == "ok");
  CHECK(parsed.record.id() == 1366957);
  CHECK(At(parsed, Field::kEmail).text == "user@Example.com");
  CHECK(At(parsed, Field::kPhone).text == "+1 5");
  CHECK(At(parsed, Field::kName).text == "Søren");
  CHECK(At(parsed, Field::kStatus).integer == 2);
  CHECK(At(parsed, Field::kCompanyName).text == "Norwegian");
  CHECK(At(parsed, Field::kWebsite).text == "https://x.example");
  CHECK(At(parsed, Field::kCurrentUser).integer == 13669570);
  CHECK(At(parsed, Field::kEntryBaseDomain).text == "d.example");
  CHECK(At(parsed, Field::kSignupProcess).integer == 1);
  CHECK(At(parsed, Field::kDeleted).integer == 1);
  CHECK(At(parsed, Field::kBillType).text == "PrePaid");
  CHECK(At(parsed, Field::kCustomId).text == "C-1688");
  CHECK(At(parsed, Field::kCountryCode).integer == CountryCode("PL"));
  CHECK(At(parsed, Field::kIsTest).integer == 1);
  CHECK(At(parsed, Field::kHasActiveAdmin).integer == 1);
  CHECK(At(parsed, Field::kSeller).integer == 5);
  CHECK(At(parsed, Field::kResellers).integer == 3);
  CHECK(At(parsed, Field::kClientType).integer == 2);
  CHECK(At(parsed, Field::kOwner).integer == 9);
  CHECK(At(parsed, Field::kCreatedAt).integer == ParseDateTime("2023-09-01T06:23:36.999999Z"));
  CHECK(At(parsed, Field::kActivated).integer == 0);
  CHECK(At(parsed, Field::kPromocode).text == "Winter24");
  CHECK(At(parsed, Field::kAllowedTrafficGb).number == 1.5);
  CHECK(At(parsed, Field::kAllowedTrafficGb).text == "1.50");
  CHECK(parsed.record.unknown_members.empty());
}

TEST_CASE("every composite of a full record is parsed", "[loader][record_parser]") {
  const ParsedRecord parsed(kFullRecord);
  REQUIRE(parsed.Outcome() == "ok");
  const ClientRecord& record = parsed.record;
  CHECK(record.capabilities == std::vector<std::uint8_t>{0, 7});
  REQUIRE(record.service_states.size() == 2);
  CHECK((record.service_states[0].service == 4 && record.service_states[0].state == 4 && record.service_states[0].enabled));
  CHECK((record.service_states[1].service == 0 && record.service_states[1].state == 3 && !record.service_states[1].enabled));
  REQUIRE(record.paid_features.size() == 1);
  CHECK((record.paid_features[0].feature_id == 40 && record.paid_features[0].name == "f40" &&
         record.paid_features[0].link_id == 393710));
  REQUIRE(record.free_features.size() == 1);
  CHECK((record.free_features[0].group == 4 && record.free_features[0].service == 5));
  CHECK(record.hostnames == std::vector<std::string_view>{"h1.example", "h2.example"});
  REQUIRE(record.service_flags.size() == 2);
  CHECK((record.service_flags[0].service == 1 && record.service_flags[0].available));
  REQUIRE(record.user_count == 1);
  const UserValue& user = record.users[0];
  CHECK((user.id == 13669570 && user.email == "u0@Example.com" && user.has_name && user.name == "O'Neil" && user.lang == "en"));
  CHECK((user.has_phone && user.phone_is_null && user.company == "C" && user.reseller == 7 && user.client == 1366957));
  CHECK((!user.deleted && user.activated && !user.sso_auth && user.two_fa));
  REQUIRE(user.groups.size() == 1);
  CHECK((user.groups[0].id == 1 && user.groups[0].name == "Administrators"));
  CHECK(user.auth_types == std::vector<std::string_view>{"password"});
  CHECK(Verbatim(parsed, Field::kUsers).empty());
  CHECK(Verbatim(parsed, Field::kServiceStatuses).empty());
  CHECK(Verbatim(parsed, Field::kPaidFeatures).empty());
}

TEST_CASE("absent members become null, empty or their default", "[loader][record_parser]") {
  const ParsedRecord parsed(SmallRecord());
  REQUIRE(parsed.Outcome() == "ok");
  for (const FieldDef& def : Fields()) {
    if (def.nullable) CHECK(At(parsed, def.field).is_null);
    if (def.kind == FieldKind::kBoolean) {
      CHECK_FALSE(At(parsed, def.field).is_null);
      CHECK(At(parsed, def.field).integer == 0);
    }
    CHECK(Verbatim(parsed, def.field).empty());
  }
  CHECK_FALSE(At(parsed, Field::kClientType).is_null);
  CHECK(At(parsed, Field::kClientType).integer == 0);
  CHECK(parsed.record.user_count == 0);
  CHECK(parsed.record.capabilities.empty());
  CHECK(parsed.record.hostnames.empty());
}

TEST_CASE("a record leaves nothing behind for the next one", "[loader][record_parser]") {
  ParsedRecord parsed{kFullRecord};
  REQUIRE(parsed.ok);
  const std::string small = SmallRecord() + std::string(RecordParser::kPadding, ' ');
  REQUIRE(parsed.parser.Parse(small, parsed.record, parsed.error));
  CHECK(At(parsed, Field::kName).is_null);
  CHECK(At(parsed, Field::kDeleted).integer == 0);
  CHECK(parsed.record.user_count == 0);
  CHECK(parsed.record.capabilities.empty());
  CHECK(parsed.record.service_states.empty());
  CHECK(parsed.record.service_flags.empty());
  CHECK(parsed.record.paid_features.empty());
  CHECK(parsed.record.free_features.empty());
  CHECK(parsed.record.hostnames.empty());
}

TEST_CASE("created and reseller are accepted for created_at and resellers", "[loader][record_parser]") {
  const ParsedRecord parsed(R"({"id":1,"email":"","status":"new","companyName":"","created":"2020-01-02","reseller":44})");
  REQUIRE(parsed.Outcome() == "ok");
  CHECK(At(parsed, Field::kCreatedAt).integer == ParseDateTime("2020-01-02"));
  CHECK(At(parsed, Field::kResellers).integer == 44);
  CHECK(parsed.record.unknown_members.empty());
}

TEST_CASE("activated is derived from the users when absent, and only then", "[loader][record_parser]") {
  CHECK(At(ParsedRecord(SmallRecord(R"("users":[{"activated":false},{"activated":true}])")), Field::kActivated).integer == 1);
  CHECK(At(ParsedRecord(SmallRecord(R"("users":[{"activated":false},{}])")), Field::kActivated).integer == 0);
  CHECK(At(ParsedRecord(SmallRecord(R"("activated":false,"users":[{"activated":true}])")), Field::kActivated).integer == 0);
  CHECK(At(ParsedRecord(SmallRecord(R"("activated":true,"users":[])")), Field::kActivated).integer == 1);
}

TEST_CASE("members may stand in any order and between any white space", "[loader][record_parser]") {
  const ParsedRecord parsed(
      " \r\n{ \"created_at\" :\t\"2024-05-06 07:08\" , \"companyName\":\"x\" ,\n\"status\":\"new\"\n, \"email\" : \"e\" , \"id\" "
      ": 12 } \t\r\n");
  REQUIRE(parsed.Outcome() == "ok");
  CHECK(parsed.record.id() == 12);
  CHECK(At(parsed, Field::kEmail).text == "e");
}

TEST_CASE("escapes in texts and names are undone", "[loader][record_parser]") {
  const ParsedRecord parsed(SmallRecord(R"("na\u006de":"\"\\\/\b\f\n\r\t\u0000\u00e9\u20ac\ud83d\ude00","website":"a\u0000b")"));
  REQUIRE(parsed.Outcome() == "ok");
  CHECK(At(parsed, Field::kName).text == std::string_view("\"\\/\b\f\n\r\t\0é€😀", 18));
  CHECK(At(parsed, Field::kWebsite).text == std::string_view("a\0b", 3));
}

TEST_CASE("unknown members are kept as they stand, in their order", "[loader][record_parser]") {
  const ParsedRecord together(SmallRecord(R"("x_a":{"deep":[1,2.50,"\u00fc",null]}, "x_b" : 9007199254740993)"));
  REQUIRE(together.Outcome() == "ok");
  CHECK(together.record.unknown_members == R"("x_a":{"deep":[1,2.50,"\u00fc",null]}, "x_b" : 9007199254740993)");

  const ParsedRecord apart(SmallRecord(R"("x_a":1,"seller":2,"x_\u0062":[true] ,"owner":3,"x_c":"d")"));
  REQUIRE(apart.Outcome() == "ok");
  CHECK(apart.record.unknown_members == R"("x_a":1,"x_\u0062":[true],"x_c":"d")");
}

TEST_CASE("a missing required member is named", "[loader][record_parser]") {
  const auto member = GENERATE(as<std::string>(), "id", "email", "status", "companyName", "created_at");
  const std::string json = Replaced(SmallRecord(), "\"" + member + "\"", "\"x\"");
  const ParsedRecord parsed(json);
  REQUIRE_FALSE(parsed.ok);
  CHECK(parsed.error.pointer == "/" + member);
  CHECK(parsed.error.value.empty());
  CHECK_FALSE(parsed.error.expected.empty());
}

TEST_CASE("a known member given twice is refused, also under its alias", "[loader][record_parser]") {
  CHECK(ParsedRecord(SmallRecord(R"("seller":1,"seller":2)")).Outcome() == "/seller|2|this member only once");
  CHECK(ParsedRecord(SmallRecord(R"("resellers":1,"reseller":2)")).Outcome() == "/reseller|2|this member only once");
  CHECK(ParsedRecord(SmallRecord(R"("created":"2024-01-01")")).Outcome() == "/created|\"2024-01-01\"|this member only once");
  CHECK(ParsedRecord(SmallRecord(R"("s\u0065ller":1,"seller":2)")).Outcome() == "/seller|2|this member only once");
  CHECK(ParsedRecord(SmallRecord(R"("users":[{"email":"a","email":"b"}])")).Outcome() ==
        "/users/0/email|\"b\"|this member only once");
  CHECK(ParsedRecord(SmallRecord(R"("personal_product_availability":{"CDN":true,"CDN":false})")).Outcome() ==
        "/personal_product_availability/CDN|false|this member only once");
  CHECK(ParsedRecord(SmallRecord(R"("x":1,"x":2)")).record.unknown_members == R"("x":1,"x":2)");
}

TEST_CASE("an id is a positive 64-bit integer", "[loader][record_parser]") {
  const auto with_id = [](std::string_view id) { return Replaced(SmallRecord(), "\"id\":7", "\"id\":" + std::string(id)); };
  const std::string expected = "an integer from 1 to 9223372036854775807";
  CHECK(ParsedRecord(with_id("9223372036854775807")).record.id() == 9223372036854775807);
  for (const char* id :
       {"0", "-1", "-0", "9223372036854775808", "1.0", "1e3", "01", "0x1", "\"7\"", "null", "true", "[7]", "+7", "-"}) {
    CAPTURE(id);
    const ParsedRecord parsed(with_id(id));
    REQUIRE_FALSE(parsed.ok);
    CHECK(parsed.error.pointer == "/id");
    CHECK(parsed.error.value.substr(0, std::string_view(id).size()) == id);
    CHECK(parsed.error.expected == expected);
  }
}

TEST_CASE("integers keep all of their 64 bits", "[loader][record_parser]") {
  const ParsedRecord parsed(SmallRecord(R"("seller":-9223372036854775808,"owner":999999999999999999,"currentUser":0)"));
  REQUIRE(parsed.Outcome() == "ok");
  CHECK(At(parsed, Field::kSeller).integer == INT64_MIN);
  CHECK(At(parsed, Field::kOwner).integer == 999999999999999999);
  CHECK(At(parsed, Field::kCurrentUser).integer == 0);
  CHECK_FALSE(ParsedRecord(SmallRecord(R"("seller":-9223372036854775809)")).ok);
}

TEST_CASE("null is refused where a field is not nullable", "[loader][record_parser]") {
  for (const FieldDef& def : Fields()) {
    CAPTURE(def.name);
    std::string json = SmallRecord("\"" + std::string(def.name) + "\":null");
    if (def.required) {
      json = R"({"id":7,"email":"a","status":"new","companyName":"","created_at":"2024-05-06"})";
      const std::size_t value = json.find("\"" + std::string(def.name) + "\":") + def.name.size() + 3;
      json.replace(value, json.find_first_of(",}", value) - value, "null");
    }
    const ParsedRecord parsed(json);
    CHECK(parsed.ok == def.nullable);
    if (!parsed.ok) {
      CHECK(parsed.error.pointer == "/" + std::string(def.name));
      CHECK(parsed.error.value == "null");
    }
  }
}

TEST_CASE("a value of the wrong JSON type is refused in every field", "[loader][record_parser]") {
  for (const FieldDef& def : Fields()) {
    for (const std::string value : {"5", "\"five\"", "true", "[[]]", "{\"a\":1}"}) {
      const bool is_right_kind = ((def.kind == FieldKind::kInteger || def.kind == FieldKind::kNumber) && value == "5") ||
                                 (def.kind == FieldKind::kText && value[0] == '"') ||
                                 (def.kind == FieldKind::kBoolean && value == "true");
      if (is_right_kind) continue;
      CAPTURE(def.name, value);
      const ParsedRecord parsed("{\"" + std::string(def.name) + "\":" + value + "}");
      REQUIRE_FALSE(parsed.ok);
      CHECK(parsed.error.pointer.substr(0, def.name.size() + 1) == "/" + std::string(def.name));
      CHECK_FALSE(parsed.error.value.empty());
      CHECK_FALSE(parsed.error.expected.empty());
    }
  }
}

TEST_CASE("unknown words, countries and dates are refused with what is allowed", "[loader][record_parser]") {
  CHECK(ParsedRecord(Replaced(SmallRecord(), "\"active\"", "\"actve\"")).Outcome() ==
        "/status|\"actve\"|one of new, trial, trialend, active, integration, paused, preparation, ready");
  CHECK(ParsedRecord(Replaced(SmallRecord(), "\"active\"", "\"Active\"")).error.pointer == "/status");
  CHECK(ParsedRecord(SmallRecord(R"("client_type":"")")).Outcome() == "/client_type|\"\"|one of common, reseller, sales");
  CHECK(ParsedRecord(SmallRecord(R"("signup_process":"x")")).Outcome() ==
        "/signup_process|\"x\"|one of sign_up_full, sign_up_simple, or null");
  for (const char* country : {"\"pl\"", "\"P\"", "\"POL\"", "\"P1\"", "\"\"", "\"Ä\""}) {
    const ParsedRecord parsed(SmallRecord(std::string("\"country_code\":") + country));
    CHECK(parsed.Outcome() == std::string("/country_code|") + country + "|two upper-case letters (ISO 3166-1 alpha-2), or null");
  }
  for (const char* date : {"\"2023-02-29\"", "\"\"", "\"2024-01-01T25:00:00Z\"", "\"yesterday\"", "17"}) {
    const ParsedRecord parsed(Replaced(SmallRecord(), "\"2024-05-06T07:08:09Z\"", date));
    CHECK(parsed.Outcome() == std::string("/created_at|") + date + "|" + std::string(kDateTimeSyntax));
  }
}

TEST_CASE("services outside of the contract are refused wherever they stand", "[loader][record_parser]") {
  const std::string expected = "|one of CDN, STORAGE, STREAMING, DDOS, DNS, CLOUD, INFRASTRUCTURE_PROTECTION, CONNECT";
  CHECK(ParsedRecord(SmallRecord(R"("capabilities":["CDN","cdn"])")).Outcome() == "/capabilities/1|\"cdn\"" + expected);
  CHECK(ParsedRecord(SmallRecord(R"("serviceStatuses":{"WAF":{"status":"new","enabled":true}})")).Outcome() ==
        "/serviceStatuses/WAF|\"WAF\"" + expected);
  CHECK(ParsedRecord(SmallRecord(R"("personal_product_availability":{"A~/B":true})")).Outcome() ==
        "/personal_product_availability/A~0~1B|\"A~/B\"" + expected);
  CHECK(ParsedRecord(SmallRecord(R"("paidFeatures":{"":[]})")).Outcome() == "/paidFeatures/|\"\"" + expected);
  CHECK(ParsedRecord(SmallRecord(R"("freeFeatures":{"CDN":[{"feature_id":1,"service":"X"}]})")).Outcome() ==
        "/freeFeatures/CDN/0/service|\"X\"" + expected);
}

TEST_CASE("service states need a known status", "[loader][record_parser]") {
  const std::string expected = "|one of new, trial, trialend, active, paused, activating, deleted";
  CHECK(ParsedRecord(SmallRecord(R"("serviceStatuses":{"CDN":{"status":"integration","enabled":true}})")).Outcome() ==
        "/serviceStatuses/CDN/status|\"integration\"" + expected);
  CHECK(ParsedRecord(SmallRecord(R"("serviceStatuses":{"CDN":{"enabled":true}})")).Outcome() ==
        "/serviceStatuses/CDN/status|" + expected);
  CHECK(ParsedRecord(SmallRecord(R"("serviceStatuses":{"CDN":{"status":"new","enabled":1}})")).Outcome() ==
        "/serviceStatuses/CDN/enabled|1|true or false");
  CHECK(ParsedRecord(SmallRecord(R"("serviceStatuses":{"CDN":null})")).Outcome() == "/serviceStatuses/CDN|null|an object");
}

TEST_CASE("what filters look at inside users and features is checked strictly", "[loader][record_parser]") {
  CHECK(ParsedRecord(SmallRecord(R"("users":[{},{"email":5}])")).Outcome() == "/users/1/email|5|a string or null");
  CHECK(ParsedRecord(SmallRecord(R"("users":[{"name":[]}])")).error.pointer == "/users/0/name");
  CHECK(ParsedRecord(SmallRecord(R"("users":[{"activated":null}])")).Outcome() == "/users/0/activated|null|true or false");
  CHECK(ParsedRecord(SmallRecord(R"("users":[null])")).Outcome() == "/users/0|null|an object");
  CHECK(ParsedRecord(SmallRecord(R"("users":[{"groups":[{"id":"1"}]}])")).Outcome() ==
        "/users/0/groups/0/id|\"1\"|a 64-bit integer");
  CHECK(ParsedRecord(SmallRecord(R"("paidFeatures":{"CDN":[{"name":"x"}]})")).Outcome() ==
        "/paidFeatures/CDN/0/feature_id||a 64-bit integer");
  CHECK(ParsedRecord(SmallRecord(R"("paidFeatures":{"CDN":[{"feature_id":null}]})")).error.pointer ==
        "/paidFeatures/CDN/0/feature_id");
  CHECK(ParsedRecord(SmallRecord(R"("paidFeatures":{"CDN":[{"feature_id":1,"create_date":"2024-02-30"}]})")).Outcome() ==
        "/paidFeatures/CDN/0/create_date|\"2024-02-30\"|" + std::string(kDateTimeSyntax));
  CHECK(ParsedRecord(SmallRecord(R"("secondary_hostnames":["a",null])")).Outcome() == "/secondary_hostnames/1|null|a string");
}

TEST_CASE("users that are not of the usual shape are kept verbatim and still indexed", "[loader][record_parser]") {
  const std::string full =
      R"({"id":1,"email":"e","name":"n","lang":"en","phone":"p","company":"c","reseller":null,"client":null,)"
      R"("deleted":false,"groups":[],"activated":true,"sso_auth":false,"two_fa":false,"auth_types":[]})";
  CHECK(Verbatim(ParsedRecord(SmallRecord("\"users\":[" + full + "]")), Field::kUsers).empty());
  CHECK(Verbatim(ParsedRecord(SmallRecord("\"users\":[" + Replaced(full, "\"name\":\"n\",", "") + "]")), Field::kUsers).empty());
  CHECK(Verbatim(ParsedRecord(SmallRecord("\"users\":[" + Replaced(full, "\"phone\":\"p\",", "") + "]")), Field::kUsers).empty());
  for (const auto& [from, to] :
       std::initializer_list<std::pair<const char*, const char*>>{{"\"lang\":\"en\",", ""},
                                                                  {"\"en\"", "null"},
                                                                  {"\"deleted\":false,", ""},
                                                                  {"\"e\"", "null"},
                                                                  {"[]", "null"},
                                                                  {"[]", "[{\"id\":1}]"},
                                                                  {"\"client\":null,", ""},
                                                                  {"\"client\"", "\"x\":1,\"client\""},
                                                                  {"[]", "[{\"id\":1,\"name\":\"g\",\"y\":2}]"}}) {
    const std::string users = "[" + Replaced(full, from, to) + "]";
    const ParsedRecord parsed(SmallRecord("\"users\": " + users + " "));
    CAPTURE(users);
    REQUIRE(parsed.Outcome() == "ok");
    CHECK(Verbatim(parsed, Field::kUsers) == users);
    REQUIRE(parsed.record.user_count == 1);
    CHECK(parsed.record.users[0].name == "n");
    CHECK(parsed.record.users[0].activated);
  }
}

TEST_CASE("features and service states that are not of the usual shape are kept verbatim", "[loader][record_parser]") {
  const std::string full =
      R"({"CDN":[{"feature_id":4,"name":"f","service":"CDN","create_date":"2024-02-11T08:30:00Z","paid_feature_id":3}]})";
  CHECK(Verbatim(ParsedRecord(SmallRecord("\"paidFeatures\":" + full)), Field::kPaidFeatures).empty());
  for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{{"{\"CDN\"", "{\"DNS\":[],\"CDN\""},
                                                                                           {"00Z", "00+00:00"},
                                                                                           {"\"name\":\"f\",", ""},
                                                                                           {"\"f\"", "null"},
                                                                                           {"\"service\":\"CDN\",", ""},
                                                                                           {"paid_feature_id", "free_feature_id"},
                                                                                           {"\"2024-02-11T08:30:00Z\"", "null"},
                                                                                           {"\"name\"", "\"z\":{},\"name\""}}) {
    const std::string features = Replaced(full, from, to);
    CAPTURE(features);
    const ParsedRecord parsed(SmallRecord("\"paidFeatures\":" + features));
    REQUIRE(parsed.Outcome() == "ok");
    CHECK(Verbatim(parsed, Field::kPaidFeatures) == features);
    REQUIRE(parsed.record.paid_features.size() == 1);
    CHECK(parsed.record.paid_features[0].feature_id == 4);
  }
  const ParsedRecord states(
      SmallRecord(R"("serviceStatuses":{"CDN":{"status":"new"},"DNS":{"status":"paused","enabled":true,"since":1}})"));
  REQUIRE(states.Outcome() == "ok");
  CHECK(Verbatim(states, Field::kServiceStatuses) ==
        R"({"CDN":{"status":"new"},"DNS":{"status":"paused","enabled":true,"since":1}})");
  CHECK(states.record.service_states.size() == 2);
}

TEST_CASE("the order of nested members carries no meaning", "[loader][record_parser]") {
  const ParsedRecord parsed(SmallRecord(R"("serviceStatuses":{"CDN":{"enabled":true,"status":"new"}})"));
  CHECK(Verbatim(parsed, Field::kServiceStatuses).empty());
}

TEST_CASE("numbers keep their spelling", "[loader][record_parser]") {
  for (const char* number :
       {"0", "-0", "1e3", "1.500", "12345678901234567890.123456789", "1E-2", "1e-999", "5e-324", "-1e+308"}) {
    const ParsedRecord parsed(SmallRecord(std::string("\"allowed_traffic_gb\":") + number));
    CAPTURE(number);
    REQUIRE(parsed.Outcome() == "ok");
    CHECK(At(parsed, Field::kAllowedTrafficGb).text == number);
    CHECK(At(parsed, Field::kAllowedTrafficGb).number == std::strtod(number, nullptr));
  }
  for (const char* number : {"1e999", "-1e999", "01", "1.", ".5", "1e", "+1", "NaN", "Infinity", "0x10", "1_0", "--1", "1.5.2"}) {
    CAPTURE(number);
    CHECK_FALSE(ParsedRecord(SmallRecord(std::string("\"allowed_traffic_gb\":") + number)).ok);
  }
}

TEST_CASE("anything but one JSON object is refused", "[loader][record_parser]") {
  CHECK(ParsedRecord("").Outcome() == "||a JSON object");
  CHECK(ParsedRecord("  \t ").Outcome().find("a JSON object") != std::string::npos);
  CHECK(ParsedRecord("[1]").Outcome() == "|[1]|a JSON object");
  CHECK(ParsedRecord("null").Outcome() == "|null|a JSON object");
  CHECK(ParsedRecord(SmallRecord() + "x").Outcome() == "|x|nothing behind the record");
  CHECK(ParsedRecord(SmallRecord() + SmallRecord()).error.expected == "nothing behind the record");
  CHECK(ParsedRecord(SmallRecord() + ",").Outcome() == "|,|nothing behind the record");
  CHECK(ParsedRecord(SmallRecord() + std::string(1, '\0')).error.expected == "nothing behind the record");
}

TEST_CASE("malformed JSON is refused, also inside unknown members", "[loader][record_parser]") {
  const auto* members =
      GENERATE(R"("x":)", R"("x")", R"("x" 1)", R"("x":1,)", R"("x":1 "y":2)", R"(x:1)", R"("x":tru)", R"("x":nulll)",
               R"("x":{"a"})", R"("x":{"a":1,})", R"("x":[1,])", R"("x":[1 2])", R"("x":[,1])", R"("x":{,})", R"("x":[1})",
               R"("x":{"a":1])", R"("x":"a"b)", R"("x":1"a")", R"("x":01)", R"("x":-)", R"("x":"\x")", R"("x":"\u12")",
               R"("x":"\ud800")", R"("x":"\udc00\ud800")", R"("x\q":1)", R"("x":{"k\q":1})", "\"x\":\"a\nb\"", "\"x\":\"a\x01\"",
               "\"x\":\x0c", "\"x\":1\x1a", R"("name":"\ud83d")", R"("name":"\u00g0")", R"("name":"a\)", R"("na\zme":"a")",
               R"(:1)", R"(,)", R"("x":[[[)", R"("x":"abc)", R"(5:1)", R"("x"::1)");
  CAPTURE(members);
  const ParsedRecord parsed(SmallRecord(members));
  REQUIRE_FALSE(parsed.ok);
  CHECK_FALSE(parsed.error.expected.empty());
}

TEST_CASE("bytes that are not UTF-8 are refused with their place", "[loader][record_parser]") {
  for (const char* bytes : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "\xF8\x88\x80\x80\x80"}) {
    const ParsedRecord known(SmallRecord("\"users\":[{\"name\":\"a" + std::string(bytes) + "\"}]"));
    REQUIRE_FALSE(known.ok);
    CHECK(known.error.pointer == "/users/0/name");
    CHECK(known.error.expected == "valid UTF-8");
    CHECK(known.error.value.substr(0, 5) == "\"a\xEF\xBF\xBD");
    CHECK_FALSE(ParsedRecord(SmallRecord("\"x\":{\"" + std::string(bytes) + "\":1}")).ok);
    CHECK_FALSE(ParsedRecord(SmallRecord() + bytes).ok);
  }
}

TEST_CASE("long values are cut in errors, at a character", "[loader][record_parser]") {
  std::string name = "[\"";
  for (int i = 0; i < 100; ++i) name += "é";
  const ParsedRecord parsed(SmallRecord("\"name\":" + name + "\"]"));
  REQUIRE_FALSE(parsed.ok);
  CHECK(parsed.error.value.size() <= 83);
  CHECK(parsed.error.value.substr(parsed.error.value.size() - 5) == "é...");
}

TEST_CASE("nesting bombs and huge records are survived", "[loader][record_parser]") {
  const auto nested = [](std::size_t depth, char open, char close) {
    return std::string(depth, open) + std::string(depth, close);
  };
  CHECK(ParsedRecord(SmallRecord("\"x\":" + nested(512, '[', ']'))).Outcome() == "ok");
  CHECK(ParsedRecord(SmallRecord("\"x\":" + nested(513, '[', ']'))).error.expected == "at most 512 levels of nesting");
  CHECK_FALSE(ParsedRecord(SmallRecord("\"x\":" + std::string(3'000'000, '['))).ok);
  std::string objects;
  for (int i = 0; i < 300'000; ++i) objects += "{\"a\":";
  CHECK_FALSE(ParsedRecord(SmallRecord("\"x\":" + objects)).ok);
  CHECK_FALSE(ParsedRecord(std::string(1'000'000, '{')).ok);

  const std::string text(40'000'000, 'y');
  const ParsedRecord large(SmallRecord("\"name\":\"\\u0000" + text + "\",\"x\":\"" + text + "\""));
  REQUIRE(large.Outcome() == "ok");
  CHECK(At(large, Field::kName).text.size() == text.size() + 1);
}

TEST_CASE("every prefix of a record is refused and none is read past its end", "[loader][record_parser]") {
  // Exactly kPadding bytes behind the text, so that a sanitizer sees any byte read beyond.
  for (std::size_t size = 0; size < kFullRecord.size(); ++size) {
    const ParsedRecord parsed(kFullRecord.substr(0, size));
    CAPTURE(size);
    REQUIRE_FALSE(parsed.ok);
  }
}

TEST_CASE("mutated records are accepted or refused, never more", "[loader][record_parser][fuzz]") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U);
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::size_t accepted = 0, refused = 0;
  for (int i = 0; i < 2'000; ++i) {
    const std::string json = Mutated(
        i % 2 == 0 ? std::string(kFullRecord) : SmallRecord(R"("x":{"y":[1,"\u00e9",null]},"users":[{"name":"\t"}])"), random);
    const ParsedRecord parsed(json);
    ++(parsed.ok ? accepted : refused);
    if (!parsed.ok) REQUIRE_FALSE(parsed.error.expected.empty());
    if (parsed.ok) REQUIRE(parsed.record.id() > 0);
  }
  CHECK(accepted > 0);
  CHECK(refused > 1'000);
}

// Restores simdjson's choice of vector level at its end.
class SimdLevel {
 public:
  explicit SimdLevel(const simdjson::implementation* level) { simdjson::get_active_implementation() = level; }
  ~SimdLevel() { simdjson::get_active_implementation() = usual_; }
  SimdLevel(const SimdLevel&) = delete;

 private:
  const simdjson::implementation* usual_ = simdjson::get_active_implementation();
};

TEST_CASE("every vector level accepts and refuses the same records", "[loader][record_parser][fuzz]") {
  for (const simdjson::implementation* level : simdjson::get_available_implementations()) {
    if (!level->supported_by_runtime_system()) continue;
    CAPTURE(level->name());
    std::mt19937_64 random(9);
    for (int i = 0; i < 1'000; ++i) {
      const std::string json = i == 0 ? std::string(kFullRecord) : Mutated(std::string(kFullRecord), random);
      const bool usual = ParsedRecord(json).ok;
      const SimdLevel at_level(level);
      const ParsedRecord parsed(json);
      CAPTURE(json, parsed.Outcome());
      REQUIRE(parsed.ok == usual);
    }
  }
}

}  // namespace
}  // namespace clientele
