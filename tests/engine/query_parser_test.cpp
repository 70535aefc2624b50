#include "engine/query_parser.h"

#include <limits>

#include <catch2/catch.hpp>

#include "engine/parameter_values.h"
#include "engine/quoted.h"
#include "index/case_folding.h"
#include "index/nearest_name.h"

namespace clientele {
namespace {

Query Parsed(const std::vector<Parameter>& parameters) {
  const auto result = ParseQuery(parameters);
  if (const auto* errors = std::get_if<ParameterErrors>(&result)) {
    for (const auto& [name, problems] : *errors) UNSCOPED_INFO(name << ": " << problems.front());
  }
  REQUIRE(std::holds_alternative<Query>(result));
  return std::get<Query>(result);
}

ParameterErrors Refused(const std::vector<Parameter>& parameters) {
  const auto result = ParseQuery(parameters);
  REQUIRE(std::holds_alternative<ParameterErrors>(result));
  return std::get<ParameterErrors>(result);
}

// The one problem of the one bad parameter.
std::string Problem(const std::vector<Parameter>& parameters) {
  const ParameterErrors errors = Refused(parameters);
  REQUIRE(errors.size() == 1);
  REQUIRE(errors.begin()->second.size() == 1);
  return errors.begin()->second.front();
}

// The operand of the only predicate.
Operand OperandOf(const std::vector<Parameter>& parameters) {
  const Query query = Parsed(parameters);
  REQUIRE(query.all_of.size() == 1);
  return query.all_of.front().operand;
}

Operand Values(std::vector<std::int64_t> values, bool or_null = false) {
  return ValueSetOperand{std::move(values), or_null};
}

std::int64_t Word(Field field, std::string_view word) {
  return *FindWord(Def(field).words, word);
}

using Catch::Contains;
using Catch::StartsWith;

}  // namespace

TEST_CASE("no parameters ask for every client", "[engine][query_parser]") {
  CHECK(Parsed({}) == Query{});
}

TEST_CASE("every filter of the schema is a parameter", "[engine][query_parser]") {
  for (std::size_t id = 0; id < Filters().size(); ++id) {
    const FilterDef& filter = *Filters()[id].def;
    INFO(filter.parameter);
    std::string value = "1";
    if (filter.syntax == ParameterSyntax::kWordList) value = "new";
    if (filter.parameter == "client_type") value = "common";
    if (filter.syntax == ParameterSyntax::kCountryList) value = "DE";
    if (filter.syntax == ParameterSyntax::kDeletedText) value = "true";
    if (filter.syntax == ParameterSyntax::kDateTime) value = "2024-01-31";
    if (filter.syntax == ParameterSyntax::kServiceNameList) value = "CDN";
    const Query query = Parsed({{std::string(filter.parameter), value}});
    REQUIRE(query.all_of.size() == 1);
    CHECK(query.all_of.front().filter == id);
  }
}

TEST_CASE("predicates come in the schema's order whatever the order of the parameters", "[engine][query_parser]") {
  const Query query = Parsed({{"promocode", "x"}, {"email", "y"}, {"status", "new"}});
  CHECK(query == Parsed({{"status", "new"}, {"promocode", "x"}, {"email", "y"}}));
  REQUIRE(query.all_of.size() == 3);
  CHECK(query.all_of[0].filter < query.all_of[1].filter);
  CHECK(query.all_of[1].filter < query.all_of[2].filter);
}

TEST_CASE("an unknown parameter is refused with the nearest known name", "[engine][query_parser]") {
  const auto [given, meant] = GENERATE(table<std::string, std::string>({{"stauts", "status"},
                                                                        {"companyname", "companyName"},
                                                                        {"company_name", "companyName"},
                                                                        {"COUNTRY_CODE", "country_code"},
                                                                        {"country", "country_code"},
                                                                        {"user_email", "users_email"},
                                                                        {"created_gte", "created_at_gte"},
                                                                        {"reseller", "reseller_id"},
                                                                        {"id_in", "id__in"},
                                                                        {"order", "ordering"},
                                                                        {"ofset", "offset"},
                                                                        {"field", "fields"},
                                                                        {"cdm", "cdn"}}));
  const ParameterErrors errors = Refused({{given, "x"}});
  REQUIRE(errors.size() == 1);
  REQUIRE(errors.contains(given));
  CHECK(errors.at(given) == std::vector<std::string>{"unknown parameter; did you mean '" + meant + "'?"});
}

TEST_CASE("an unknown parameter is refused even when it is empty or repeated", "[engine][query_parser]") {
  CHECK_THAT(Problem({{"stauts", ""}}), StartsWith("unknown parameter"));
  CHECK_THAT(Problem({{"stauts", "a"}, {"stauts", "b"}}), StartsWith("unknown parameter"));
  CHECK_THAT(Problem({{"", "a"}}), StartsWith("unknown parameter"));
  CHECK_THAT(Problem({{"Email", "a"}}), Contains("'email'"));
}

TEST_CASE("a flood of unknown parameters gives a bounded report", "[engine][query_parser]") {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 5'000; ++i) parameters.emplace_back("x" + std::to_string(i) + std::string(500, 'y'), "1");
  const ParameterErrors errors = Refused(parameters);
  CHECK(errors.size() == 100);
  CHECK(errors.begin()->first.size() < 120);
}

TEST_CASE("all bad parameters are reported at once", "[engine][query_parser]") {
  const ParameterErrors errors = Refused({{"stauts", "active"},
                                          {"cdn", "actve"},
                                          {"limit", "-1"},
                                          {"offset", "x"},
                                          {"ordering", "age"},
                                          {"fields", "age"},
                                          {"cursor", ""},
                                          {"email", "fine"},
                                          {"is_test", "maybe"}});
  std::vector<std::string> names;
  for (const auto& [name, problems] : errors) {
    names.push_back(name);
    CHECK(problems.size() == 1);
  }
  CHECK(names == std::vector<std::string>{"cdn", "cursor", "fields", "is_test", "limit", "offset", "ordering", "stauts"});
}

TEST_CASE("an empty value counts as absent", "[engine][query_parser]") {
  for (const FilterEntry& filter : Filters()) CHECK(Parsed({{std::string(filter.def->parameter), ""}}) == Query{});
  CHECK(Parsed({{"limit", ""}, {"offset", ""}, {"ordering", ""}, {"fields", ""}}) == Query{});
  CHECK(OperandOf({{"email", ""}, {"email", "a"}, {"email", ""}}) == Operand(TextOperand{"a"}));
  CHECK(OperandOf({{"cdn", ""}, {"cdn", "active"}}) == Values({3}));
}

TEST_CASE("a repeated parameter is refused unless it is a list", "[engine][query_parser]") {
  CHECK_THAT(Problem({{"email", "a"}, {"email", "b"}}), StartsWith("given 2 times ('a', 'b'); it takes one value"));
  CHECK_THAT(Problem({{"email", "a"}, {"email", "a"}}), StartsWith("given 2 times"));
  for (const std::string name : {"id", "reseller_id", "seller_id", "is_test", "activated", "limit", "offset"}) {
    CHECK_THAT(Problem({{name, "1"}, {name, "1"}, {name, "0"}}), StartsWith("given 3 times"));
  }
  CHECK_THAT(Problem({{"deleted", "all"}, {"deleted", "true"}}), StartsWith("given 2 times"));
  CHECK_THAT(Problem({{"created_at_gte", "2024-01-01"}, {"created_at_gte", "2024-01-02"}}), StartsWith("given 2 times"));
}

TEST_CASE("a repeated list is the union of its values", "[engine][query_parser]") {
  CHECK(OperandOf({{"id__in", "3,1"}, {"id__in", "2"}, {"id__in", "1"}}) == Values({1, 2, 3}));
  CHECK(OperandOf({{"status", "new"}, {"status", "active,paused"}}) ==
        Values({Word(Field::kStatus, "new"), Word(Field::kStatus, "active"), Word(Field::kStatus, "paused")}));
  CHECK(OperandOf({{"country_code", "null"}, {"country_code", "AB"}}) == Values({1}, true));
  CHECK(Parsed({{"ordering", "email"}, {"ordering", "-id"}}) == Parsed({{"ordering", "email,-id"}}));
  CHECK(Parsed({{"fields", "email"}, {"fields", "id"}}) == Parsed({{"fields", "id,email"}}));
}

TEST_CASE("id and id__in are two conditions", "[engine][query_parser]") {
  CHECK(Parsed({{"id", "1"}, {"id__in", "1,2"}, {"id__in__exclude", "3"}}).all_of.size() == 3);
}

TEST_CASE("booleans are true, false, 1 and 0 in any case", "[engine][query_parser]") {
  for (const std::string yes : {"true", "TRUE", "True", "1"}) CHECK(OperandOf({{"is_test", yes}}) == Values({1}));
  for (const std::string no : {"false", "FALSE", "False", "0"}) CHECK(OperandOf({{"activated", no}}) == Values({0}));
  for (const std::string bad : {"yes", "t", "2", "01", " true", "true,false"}) {
    CHECK_THAT(Problem({{"is_test", bad}}), StartsWith("expected true, false, 1 or 0, got '" + bad));
  }
}

TEST_CASE("deleted is a text: true, false, and anything else means all", "[engine][query_parser]") {
  CHECK(OperandOf({{"deleted", "true"}}) == Values({1}));
  CHECK(OperandOf({{"deleted", "false"}}) == Values({0}));
  for (const std::string all : {"all", "1", "0", "True", "FALSE", "true ", "null"}) CHECK(Parsed({{"deleted", all}}) == Query{});
}

TEST_CASE("enum lists take exact lower-case words", "[engine][query_parser]") {
  CHECK(OperandOf({{"cdn", "paused,active,active"}}) == Values({3, 4}));
  CHECK(OperandOf({{"client_type", "sales"}}) == Values({2}));
  CHECK(Problem({{"client_type", "Sales"}}) ==
        "expected one of common, reseller, sales (several separated by commas), got 'Sales'");
  CHECK_THAT(Problem({{"cdn", "ready"}}),
             Contains("new, trial, trialend, active, paused, activating, deleted") && Contains("'ready'"));
  CHECK_THAT(Problem({{"status", "deleted"}}), Contains("integration, paused, preparation, ready") && Contains("'deleted'"));
  CHECK_THAT(Problem({{"status", "new,"}}), Contains("got ''"));
  CHECK_THAT(Problem({{"status", "new, active"}}), Contains("got ' active'"));
}

TEST_CASE("each service parameter asks for its own service", "[engine][query_parser]") {
  for (std::size_t service = 0; service < kServiceCount; ++service) {
    std::string parameter(kServiceNames[service]);
    for (char& c : parameter) c = static_cast<char>(std::tolower(c));
    const Query query = Parsed({{parameter, "trialend"}});
    CHECK(Filters()[query.all_of.front().filter].def->service == service);
    CHECK(query.all_of.front().operand == Values({2}));
  }
}

TEST_CASE("id lists ignore blanks and empty items and drop repeats", "[engine][query_parser]") {
  CHECK(OperandOf({{"id__in", " 7, 5,,7 , 6,"}}) == Values({5, 6, 7}));
  CHECK(OperandOf({{"feature_id_in", ",12"}}) == Values({12}));
  CHECK(OperandOf({{"id__in__exclude", "007"}}) == Values({7}));
  CHECK(OperandOf({{"id__in", "9223372036854775807,-1"}}) == Values({-1, std::numeric_limits<std::int64_t>::max()}));
}

TEST_CASE("an id list of only empty items is refused, as it could be meant as anything", "[engine][query_parser]") {
  for (const std::string name : {"id__in", "id__in__exclude", "feature_id_in"}) {
    for (const std::string value : {",", " ", " , ,"})
      CHECK_THAT(Problem({{name, value}}), Contains("at least one decimal integer"));
  }
}

TEST_CASE("id lists refuse what is no 64-bit decimal integer", "[engine][query_parser]") {
  for (const std::string bad : {"a", "1.0", "1e3", "0x10", "+1", "1 2", "1;2", "--1", "\t1"}) {
    CHECK_THAT(Problem({{"id__in", "5," + bad}}), StartsWith("expected a comma separated list of decimal integers, got '"));
  }
  CHECK(Problem({{"id__in", "9223372036854775808"}}) ==
        "expected a comma separated list of decimal integers of 64 bits, got '9223372036854775808'");
}

TEST_CASE("lists have at most ten thousand items", "[engine][query_parser]") {
  std::string list;
  for (int i = 0; i < 10'000; ++i) list += std::to_string(i) + ",";
  CHECK(std::get<ValueSetOperand>(OperandOf({{"id__in", list}})).values.size() == 10'000);
  CHECK_THAT(Problem({{"id__in", list + "1"}}), Contains("at most 10000 items"));
  CHECK_THAT(Problem({{"id__in", list}, {"id__in", "1"}}), Contains("at most 10000 items"));
}

TEST_CASE("integers are decimal, signed and of 64 bits", "[engine][query_parser]") {
  CHECK(OperandOf({{"reseller_id", "42"}}) == Values({42}));
  CHECK(OperandOf({{"seller_id", "-9223372036854775808"}}) == Values({std::numeric_limits<std::int64_t>::min()}));
  for (const std::string bad : {" 1", "1 ", "1,2", "1.5", "one", "-", "0x1"}) {
    CHECK_THAT(Problem({{"id", bad}}), StartsWith("expected a decimal integer, got '"));
  }
  CHECK_THAT(Problem({{"id", "99999999999999999999"}}), Contains("of 64 bits"));
}

TEST_CASE("numbers are finite decimals", "[engine][query_parser]") {
  const std::vector<std::pair<std::string, double>> good{{"100", 100},  {"2.5", 2.5}, {"-1", -1},
                                                         {"1e3", 1000}, {".5", 0.5},  {"0", 0}};
  for (const auto& [text, value] : good) CHECK(OperandOf({{"min_traffic", text}}) == Operand(NumberOperand{value}));
  for (const std::string bad : {"inf", "-inf", "INFINITY", "nan", "NaN", "nan(1)", "0x10", "0x1p3", "1e999", "-1e999", "1,5",
                                "",    "1e",   "e5",       "1 ",  " 1",  "+1",     "--1",  "1_000", "1.2.3", "."}) {
    if (bad.empty()) continue;
    CHECK_THAT(Problem({{"max_traffic", bad}}), StartsWith("expected a finite decimal number"));
  }
}

TEST_CASE("countries are two letters in any case, null, or a list", "[engine][query_parser]") {
  CHECK(OperandOf({{"country_code", "AA"}}) == Values({0}));
  CHECK(OperandOf({{"country_code", "zz"}}) == Values({675}));
  CHECK(OperandOf({{"country_code", "null"}}) == Values({}, true));
  CHECK(OperandOf({{"country_code", "aB,null,Aa,AB"}}) == Values({0, 1}, true));
  for (const std::string bad : {"D", "DEU", "D1", "D,E", "DE,", "Ä", "\xC3\x84\xC3\x84", "none"}) {
    CHECK_THAT(Problem({{"country_code", bad}}), StartsWith("expected a country code of two letters, 'null' for none"));
  }
}

TEST_CASE("service names are taken in any case", "[engine][query_parser]") {
  CHECK(OperandOf({{"personal_product_availability", "dns,Cdn,CONNECT"}}) == Values({0, 4, 7}));
  CHECK_THAT(Problem({{"personal_product_availability", "cdn,mail"}}),
             Contains("INFRASTRUCTURE_PROTECTION") && Contains("got 'mail'"));
}

TEST_CASE("date-times are microseconds, a bare date its midnight in both bounds", "[engine][query_parser]") {
  constexpr std::int64_t kDay = 1'704'067'200'000'000;  // 2024-01-01.
  for (const std::string name : {"created_at_gte", "created_at_lte"}) {
    CHECK(OperandOf({{name, "2024-01-01"}}) == Operand(TimeOperand{kDay}));
    CHECK(OperandOf({{name, "2024-01-01 00:00:01.5"}}) == Operand(TimeOperand{kDay + 1'500'000}));
    CHECK(OperandOf({{name, "2024-01-01T02:00+02:00"}}) == Operand(TimeOperand{kDay}));
    for (const std::string bad : {"2024-02-30", "yesterday", "1704067200", "2024-1-1", "2024-01-01T25:00"}) {
      CHECK_THAT(Problem({{name, bad}}), StartsWith("expected a date YYYY-MM-DD") && Contains("'" + bad + "'"));
    }
  }
}

TEST_CASE("a zone whose plus was decoded to a blank is explained", "[engine][query_parser]") {
  CHECK_THAT(Problem({{"created_at_gte", "2024-01-01T00:00:00 02:00"}}), Contains("%2B"));
  CHECK_THAT(Problem({{"created_at_gte", "2024-01-32 02:00"}}), !Contains("%2B"));
}

TEST_CASE("texts are folded for filters of any case and kept for exact ones", "[engine][query_parser]") {
  CHECK(OperandOf({{"email", " A%_*\xE1\xBA\x9E "}}) == Operand(TextOperand{Folded(" A%_*\xE1\xBA\x9E ")}));
  CHECK(OperandOf({{"email", "ABC"}}) == Operand(TextOperand{"abc"}));
  CHECK(OperandOf({{"promocode", "ABC"}}) == Operand(TextOperand{"abc"}));
  CHECK(OperandOf({{"custom_id", "ABC"}}) == Operand(TextOperand{"ABC"}));
  CHECK(OperandOf({{"name", std::string("a\0B", 3)}}) == Operand(TextOperand{std::string("a\0b", 3)}));
  CHECK(OperandOf({{"companyName", " "}}) == Operand(TextOperand{" "}));
}

TEST_CASE("texts have at most eight thousand bytes", "[engine][query_parser]") {
  CHECK(std::get<TextOperand>(OperandOf({{"email", std::string(8192, 'a')}})).text.size() == 8192);
  const std::string problem = Problem({{"email", std::string(8193, 'a')}});
  CHECK_THAT(problem, Contains("at most 8192 bytes, got 8193 bytes"));
  CHECK(problem.size() < 200);
}

TEST_CASE("invalid UTF-8 is refused in names and values, and the report is valid UTF-8", "[engine][query_parser]") {
  for (const std::string bad : {"\xFF", "a\xC3", "\xED\xA0\x80", "\xC0\x80", "\xF4\x90\x80\x80"}) {
    for (const std::string name : {"email", "custom_id", "status", "id__in", "ordering", "fields", "limit", "deleted"}) {
      const std::string problem = Problem({{name, bad}});
      CHECK_THAT(problem, StartsWith("expected valid UTF-8"));
      CHECK(IsValidUtf8(problem));
    }
    const ParameterErrors errors = Refused({{bad, "x"}});
    CHECK(IsValidUtf8(errors.begin()->first));
  }
}

TEST_CASE("limit and offset are unsigned 64-bit numbers", "[engine][query_parser]") {
  CHECK(Parsed({{"limit", "0"}}).limit == 0u);
  CHECK(Parsed({{"limit", "50"}, {"offset", "100"}}) == Query{.all_of = {}, .order_by = {}, .offset = 100, .limit = 50});
  CHECK(Parsed({{"limit", "18446744073709551615"}}).limit == std::numeric_limits<std::uint64_t>::max());
  CHECK(Parsed({{"offset", "18446744073709551615"}}).offset == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(Parsed({}).limit.has_value());
  for (const std::string name : {"limit", "offset"}) {
    for (const std::string bad : {"-1", "-0", "abc", "1.5", "1e3", "0x10", " 1", "1 ", "+1", "1,2"}) {
      CHECK(Problem({{name, bad}}) == "expected a whole number, 0 or greater, got '" + bad + "'");
    }
    CHECK(Problem({{name, "18446744073709551616"}}) ==
          "expected a whole number up to 18446744073709551615, got '18446744073709551616'");
  }
}

TEST_CASE("ordering takes keys and aliases, ascending or descending", "[engine][query_parser]") {
  const auto order = [](const std::string& value) { return Parsed({{"ordering", value}}).order_by; };
  CHECK(order("email") == std::vector<OrderKey>{{Field::kEmail, false}});
  CHECK(order(" -created_at , name ") == std::vector<OrderKey>{{Field::kCreatedAt, true}, {Field::kName, false}});
  CHECK(order("created") == order("created_at"));
  CHECK(order("id,email,name,companyName,status,-created").size() == 6);
}

TEST_CASE("an ordering key given twice counts the first time", "[engine][query_parser]") {
  CHECK(Parsed({{"ordering", "-email,id,email,-created,created_at"}}) == Parsed({{"ordering", "-email,id,-created"}}));
}

TEST_CASE("an unknown ordering key is refused with the list of keys", "[engine][query_parser]") {
  for (const std::string bad :
       {"age", "Email", "--email", "- email", "email;id", "-", "email,,id", "email,", ",", " ", "+email"}) {
    CHECK_THAT(Problem({{"ordering", bad}}),
               StartsWith("expected a comma separated list of id, email, name, status, companyName, created_at, created, each"));
  }
  CHECK_THAT(Problem({{"ordering", "email,age"}}), Contains("got 'age'"));
}

TEST_CASE("fields are top-level members by their rendered names", "[engine][query_parser]") {
  const auto bit = [](Field field) { return FieldMask{1} << static_cast<unsigned>(field); };
  CHECK(Parsed({{"fields", "email,id,email"}}).fields == (bit(Field::kId) | bit(Field::kEmail)));
  CHECK(Parsed({}).fields == kAllFields);
  CHECK_THAT(Problem({{"fields", "id,emial"}}),
             StartsWith("unknown field 'emial'; did you mean 'email'? Known are id, users, email"));
  CHECK_THAT(Problem({{"fields", "created"}}), Contains("did you mean 'created_at'?"));
  CHECK_THAT(Problem({{"fields", "id,"}}), StartsWith("unknown field ''"));
}

TEST_CASE("naming every field is not the same as naming none: unknown members are left out", "[engine][query_parser]") {
  std::string all;
  for (const FieldDef& field : Fields()) all += (all.empty() ? "" : ",") + std::string(field.name);
  CHECK(Parsed({{"fields", all}}).fields == (FieldMask{1} << kFieldCount) - 1);
}

TEST_CASE("cursor is known but refused, also when it is empty", "[engine][query_parser]") {
  CHECK_THAT(Problem({{"cursor", "abc"}}), Contains("not supported yet"));
  CHECK_THAT(Problem({{"cursor", ""}}), Contains("not supported yet"));
}

TEST_CASE("a query string is split at ampersands and form-decoded", "[engine][query_parser]") {
  const auto decoded = [](std::string_view text) { return std::get<std::vector<Parameter>>(DecodeQueryString(text)); };
  using List = std::vector<Parameter>;
  CHECK(decoded("").empty());
  CHECK(decoded("a=1&b=%20x+y") == List{{"a", "1"}, {"b", " x y"}});
  CHECK(decoded("&a=1&&") == List{{"a", "1"}});
  CHECK(decoded("a&b=") == List{{"a", ""}, {"b", ""}});
  CHECK(decoded("=x") == List{{"", "x"}});
  CHECK(decoded("a=b=c") == List{{"a", "b=c"}});
  CHECK(decoded("a;b=1;c=2") == List{{"a;b", "1;c=2"}});
  CHECK(decoded("%61%5F=%C3%9f%00") == List{{"a_", std::string("\xC3\x9F\0", 3)}});
  CHECK(decoded("a=1&a=2") == List{{"a", "1"}, {"a", "2"}});
  CHECK(decoded("a=%2B%26%3D") == List{{"a", "+&="}});
}

TEST_CASE("malformed escapes and invalid UTF-8 are errors of their parameter", "[engine][query_parser]") {
  const auto errors = [](std::string_view text) { return std::get<ParameterErrors>(DecodeQueryString(text)); };
  for (const std::string_view bad : {"email=%", "email=%4", "email=%zz", "email=a%4gb", "email=%%20", "email=%-1"}) {
    INFO(bad);
    CHECK_THAT(errors(bad).at("email").front(), StartsWith("malformed percent escape '%"));
  }
  CHECK_THAT(errors("email=%ff").at("email").front(), StartsWith("expected valid UTF-8"));
  CHECK_THAT(errors("email=\xC3").at("email").front(), StartsWith("expected valid UTF-8"));
  CHECK(errors("%zz=1").contains("%zz"));
  CHECK(IsValidUtf8(errors("\xC3=1").begin()->first));
  CHECK(errors("a=%zz&b=%zz&c=1").size() == 2);
}

TEST_CASE("a whole query string reports encoding and value errors together", "[engine][query_parser]") {
  const auto result = ParseQueryString("email=%ff&status=actve&nam=x&limit=5");
  const auto& errors = std::get<ParameterErrors>(result);
  CHECK(errors.size() == 3);
  CHECK(errors.contains("email"));
  CHECK(errors.contains("status"));
  CHECK(errors.contains("nam"));
  CHECK(std::get<Query>(ParseQueryString("status=new&limit=5")) == Parsed({{"limit", "5"}, {"status", "new"}}));
}

TEST_CASE("any bytes as a query string give a query or a report in valid UTF-8", "[engine][query_parser]") {
  std::uint64_t state = 0x9E3779B97F4A7C15;
  const auto next = [&state] { return state = state * 6364136223846793005 + 1442695040888963407, state >> 33; };
  const std::string_view pieces[] = {
      "email",  "=",       "&",    "%", "%C3%9F", "+",      ",",      "id__in",         "ordering",   "-",
      "limit",  "\xFF",    "\xC3", "9", "null",   "status", "active", "created_at_gte", "2024-01-01", "country_code",
      "fields", "deleted", "%zz",  ":", "."};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto length = next() % 12; length > 0; --length) text += pieces[next() % std::size(pieces)];
    const auto result = ParseQueryString(text);
    if (const auto* errors = std::get_if<ParameterErrors>(&result)) {
      for (const auto& [name, problems] : *errors) {
        REQUIRE(IsValidUtf8(name));
        for (const std::string& problem : problems) REQUIRE(IsValidUtf8(problem));
      }
    } else {
      REQUIRE(IsValidUtf8(DebugString(std::get<Query>(result))));
    }
  }
}

TEST_CASE("the help names every parameter and every word of an enum", "[engine][query_parser]") {
  const std::string help = ParameterHelp();
  for (const FilterEntry& filter : Filters()) {
    CHECK_THAT(help, Contains(std::string(filter.def->parameter) + "=") && Contains(std::string(filter.def->help)));
  }
  CHECK_THAT(help, Contains("trialend") && Contains("preparation") && Contains("INFRASTRUCTURE_PROTECTION"));
  CHECK_THAT(
      help, Contains("ordering=") && Contains("companyName") && Contains("limit=") && Contains("offset=") && Contains("fields="));
}

TEST_CASE("quoted texts are short and valid whatever they were", "[engine][query_parser]") {
  CHECK(Quoted("") == "''");
  CHECK(Quoted("abc") == "'abc'");
  CHECK(Quoted(std::string("a\n\0", 3)) == "'a\\x0a\\x00'");
  CHECK(Quoted("\xFF") == "'\xEF\xBF\xBD'");
  CHECK(Quoted(std::string(60, 'a')) == "'" + std::string(60, 'a') + "'");
  CHECK(Quoted(std::string(61, 'a')) == "'" + std::string(60, 'a') + "'...");
  CHECK(Quoted(std::string(59, 'a') + "\xF0\x9F\x98\x80" + "b") == "'" + std::string(59, 'a') + "\xF0\x9F\x98\x80'...");
}

TEST_CASE("the nearest name is found by edits, swaps and common beginnings", "[engine][query_parser]") {
  const std::vector<std::string_view> names{"connect", "country_code", "dns"};
  CHECK(NearestName("conect", names) == "connect");
  CHECK(NearestName("country", names) == "country_code");
  CHECK(NearestName("dsn", names) == "dns");
  CHECK(NearestName("", names) == "dns");
  CHECK(NearestName(std::string(10'000, 'x'), names) == "connect");
  CHECK(NearestName("x", {}).empty());
}

TEST_CASE("a query prints as one readable line", "[engine][query]") {
  const Query query = Parsed({{"status", "active,paused"},
                              {"email", "Gro\xC3\x9F'"},
                              {"created_at_gte", "2024-01-31"},
                              {"country_code", "de,null"},
                              {"min_traffic", "0.1"},
                              {"ordering", "-created_at,id"},
                              {"limit", "50"},
                              {"offset", "10"},
                              {"fields", "id,email"}});
  CHECK(DebugString(query) ==
        "email contains 'gro\xC3\x9F\\''; status any of active,paused; country_code any of null,DE; created_at_gte >= "
        "2024-01-31T00:00:00Z; "
        "min_traffic >= 0.1; order -created_at,id; offset 10; limit 50; fields id,email");
  CHECK(DebugString(Query{}) == "all clients; no limit");
}

}  // namespace clientele
