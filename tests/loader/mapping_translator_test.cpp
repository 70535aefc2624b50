// What mappings make of foreign records: every kind of rule on small inputs, and what is refused.
#include "loader/mapping_translator.h"

#include <random>

#include <catch2/catch.hpp>

#include "tests/loader/mapped_record.h"
#include "tests/loader/mutations.h"

namespace clientele {
namespace {

TEST_CASE("a rule takes a member, a nested one or the first alternative that is not empty", "[loader][mapping]") {
  CHECK(Mapped("name", "'x'", R"("Ann")") == R"("Ann")");
  CHECK(Mapped("name", "'x.y[1].z'", R"({"y":[0,{"z":"Ann"}]})") == R"("Ann")");
  CHECK(Mapped("name", "['x.a', 'x.b', 'x.c']", R"({"a":null,"b":" ","c":"Ann"})") == R"("Ann")");
  CHECK(Mapped("name", "'/x/a.b/0'", R"({"a.b":["Ann"]})") == R"("Ann")");
  CHECK(Mapped("name", "'/x/0'", R"({"0":"Ann"})") == R"("Ann")");
  CHECK(Mapped("name", "'x'", R"("A\"\u00e9\n\\")") == R"("A\"é\n\\")");
  CHECK(Mapped("name", "'y'", "1") == "absent");
  CHECK(Mapped("name", "'x[3]'", "[1]") == "absent");
  CHECK(Mapped("name", "'x'", "12.50") == R"("12.50")");
  CHECK(Mapped("name", "'x'", "true") == R"("true")");
}

TEST_CASE("a list or an object is no single value", "[loader][mapping]") {
  CHECK(Mapped("name", "'x'", "[\"a\"]") == "/x|[\"a\"]|a single value, not a list, for name");
  CHECK(Mapped("name", "'x'", "{\"a\":1}") == "/x|{\"a\":1}|a single value, not an object, for name");
  CHECK(Mapped("name", "'x'", "[]") == "absent");
}

TEST_CASE("constants and defaults", "[loader][mapping]") {
  CHECK(Mapped("name", "{ value = 'Ann' }", "1") == R"("Ann")");
  CHECK(Mapped("name", "{ from = 'y', default = 'Ann' }", "1") == R"("Ann")");
  CHECK(Mapped("deleted", "true", "1") == "true");
  CHECK(Mapped("seller", "5", "1") == "5");
  CHECK(Mapped("allowed_traffic_gb", "1.5", "1") == "1.5");
  CHECK(Mapped("created_at", "2024-01-31", "1") == R"("2024-01-31T00:00:00Z")");
  CHECK(Mapped("created_at", "2024-01-31T12:00:00+02:00", "1") == R"("2024-01-31T10:00:00Z")");
  CHECK(Mapped("created_at", "{ value = '2024-01-31 10:00' }", "1") == R"("2024-01-31T10:00:00Z")");
}

TEST_CASE("texts that count as empty are those of the rule and those of the file", "[loader][mapping]") {
  CHECK(Mapped("name", "{ from = 'x', empty = ['-', 'n/a'] }", R"("n/a")") == "absent");
  CHECK(Mapped("name", "{ from = 'x', empty = ['-', 'n/a'] }", R"("n")") == R"("n")");
  CHECK(Mapped("name", "{ from = 'x', default = 'none' }", R"(" NULL ")", "empty = 'NULL'") == R"("none")");
}

TEST_CASE("a required field without a value is refused", "[loader][mapping]") {
  CHECK(Mapped("companyName", "'x'", "null") == "/x||a value, or a default in the mapping, for companyName");
  CHECK(Mapped("companyName", "{ from = 'x', default = '' }", "null") == R"("")");
  CHECK(Mapped("id", "{ hash = ['x', 'y'] }", "null") == "||a value, or a default in the mapping, for id");
}

TEST_CASE("a table of values maps texts, and says what becomes of others", "[loader][mapping]") {
  const std::string table = "values = { Listed = 'active', 'Not listed' = 'paused', 1 = 'trial' }";
  CHECK(Mapped("status", "{ from = 'x', " + table + ", other = 'reject' }", R"("Not listed")") == R"("paused")");
  CHECK(Mapped("status", "{ from = 'x', " + table + ", other = 'reject' }", "1") == R"("trial")");
  CHECK(Mapped("status", "{ from = 'x', " + table + ", other = 'reject' }", R"("listed")") ==
        "/x|listed|one of Listed, Not listed, 1 for status");
  CHECK(Mapped("status", "{ from = 'x', " + table + ", other = 'default', default = 'new' }", R"("?")") == R"("new")");
  CHECK(Mapped("status", "{ from = 'x', " + table + ", other = 'keep' }", R"("Ready")") == R"("ready")");
  CHECK(Mapped("status", "{ from = 'x', " + table + ", other = 'keep' }", R"("?")") ==
        "/x|?|one of new, trial, trialend, active, integration, paused, preparation, ready for status");
  CHECK(Mapped("status", "{ from = 'x', " + table + ", other = 'reject', ignore_case = true }", R"("NOT LISTED")") ==
        R"("paused")");
  CHECK(Mapped("deleted", "{ from = 'x', values = { gone = true }, other = 'default' }", R"("here")") == "absent");
  CHECK(Mapped("allowed_traffic_gb", "{ from = 'x', values = { S = 10, L = 0.5 }, other = 'reject' }", R"("L")") == "0.5");
}

TEST_CASE("templates join values, and are empty as a whole when one is", "[loader][mapping]") {
  CHECK(Mapped("name", "{ template = '{x.a} <{x.b|lower}>' }", R"({"a":"Ann","b":"A@B.Example"})") == R"("Ann <a@b.example>")");
  CHECK(Mapped("name", "{ template = '{x.a}{x.b}' }", R"({"a":"Ann"})") == "absent");
  CHECK(Mapped("name", "{ template = ['{x.b}', '{x.a}!'] }", R"({"a":"Ann"})") == R"("Ann!")");
  CHECK(Mapped("name", "{ from = 'x.b', template = '{x.a}!' }", R"({"a":"Ann"})") == R"("Ann!")");
  CHECK(Mapped("name", "{ template = '{{{x}}}' }", R"("Ann")") == R"("{Ann}")");
  CHECK(Mapped("name", "{ template = 'no {{ values' }", "1") == R"("no { values")");
  CHECK(Mapped("name", "{ template = '{x|trim|slug}' }", R"(" A & B ")") == R"("a-b")");
  CHECK(Mapped("name", "{ template = '#{#row}' }", "1") == R"("#1")");
}

TEST_CASE("transformations, prefix and suffix", "[loader][mapping]") {
  CHECK(Mapped("custom_id", "{ from = 'x', transform = 'strip_zeros', prefix = 'CIK-', suffix = '!' }", R"("0017")") ==
        R"("CIK-17!")");
  CHECK(Mapped("custom_id", "{ from = 'x', transform = ['trim', 'lower'] }", R"("  AB ")") == R"("ab")");
  CHECK(Mapped("custom_id", "{ from = 'x', transform = 'digits', prefix = 'n' }", R"("none")") == "absent");
}

TEST_CASE("dates come in their formats, or from a length of time", "[loader][mapping]") {
  CHECK(Mapped("created_at", "'x'", R"("2024-01-31 10:00")") == R"("2024-01-31T10:00:00Z")");
  CHECK(Mapped("created_at", "{ from = 'x', date = '%d.%m.%Y' }", R"("31.01.2024")") == R"("2024-01-31T00:00:00Z")");
  CHECK(Mapped("created_at", "{ from = 'x', date = ['%d.%m.%Y', 'iso'] }", R"("2024-01-31")") == R"("2024-01-31T00:00:00Z")");
  CHECK(Mapped("created_at", "{ from = 'x', date = 'unix' }", "1700000000") == R"("2023-11-14T22:13:20Z")");
  CHECK(Mapped("created_at", "{ from = 'x', months_before = 2020-01-01 }", R"("3")") == R"("2019-10-01T00:00:00Z")");
  CHECK(Mapped("created_at", "{ from = 'x', days_before = 2020-01-01T12:00:00Z }", "1") == R"("2019-12-31T12:00:00Z")");
  CHECK(Mapped("created_at", "{ from = 'x', date = ['%d.%m.%Y', 'iso'] }", R"("soon")")
            .starts_with("/x|soon|a date as %d.%m.%Y, or a date YYYY-MM-DD"));
  CHECK(Mapped("created_at", "{ from = 'x', months_before = 2020-01-01 }", "1.5") == "/x|1.5|a number of months for created_at");
  CHECK(Mapped("created_at", "{ from = 'x', months_before = 2020-01-01 }", "999999") ==
        "/x|999999|a number of months for created_at");
}

TEST_CASE("numbers lose their separators", "[loader][mapping]") {
  CHECK(Mapped("allowed_traffic_gb", "'x'", R"(" +007.50 ")") == "7.50");
  CHECK(Mapped("allowed_traffic_gb", "'x'", R"(".5")") == "0.5");
  CHECK(Mapped("allowed_traffic_gb", "'x'", R"("-0")") == "-0");
  CHECK(Mapped("allowed_traffic_gb", "'x'", R"("5.")") == "5");
  CHECK(Mapped("allowed_traffic_gb", "'x'", R"("1e3")") == "1e3");
  CHECK(Mapped("allowed_traffic_gb", "{ from = 'x', decimal = ',', group = '.' }", R"("1.234.567,80")") == "1234567.80");
  CHECK(Mapped("seller", "{ from = 'x', group = ',' }", R"("1,234")") == "1234");
  CHECK(Mapped("seller", "'x'", R"("0000001750")") == "1750");
  CHECK(Mapped("seller", "'x'", "12.00") == "12");
  CHECK(Mapped("seller", "'x'", R"("")") == "absent");
  for (const char* bad :
       {R"("1.5")", R"("x")", R"("1 2")", R"("--1")", R"("99999999999999999999")", R"("1,2")", R"("-")", R"(".")", R"("1e")"}) {
    CAPTURE(bad);
    CHECK(Mapped("seller", "'x'", bad).ends_with("|a 64-bit integer for seller"));
  }
  CHECK(Mapped("seller", "{ from = 'x', group = ',' }", R"("1,")").ends_with("|a 64-bit integer for seller"));
  CHECK(Mapped("seller", "{ from = 'x', group = ',' }", R"(",1")").ends_with("|a 64-bit integer for seller"));
}

TEST_CASE("booleans are yes or no in several spellings", "[loader][mapping]") {
  for (const char* yes : {"true", R"("Yes")", R"(" y ")", "1", R"("ON")"}) CHECK(Mapped("deleted", "'x'", yes) == "true");
  for (const char* no : {"false", R"("No")", R"("n")", "0", R"("off")"}) CHECK(Mapped("deleted", "'x'", no) == "false");
  CHECK(Mapped("deleted", "'x'", R"("maybe")") == "/x|maybe|true, false, yes, no, 1 or 0 for deleted");
}

TEST_CASE("countries come by code or name", "[loader][mapping]") {
  CHECK(Mapped("country_code", "'x'", R"("de")") == R"("DE")");
  CHECK(Mapped("country_code", "'x'", R"("Korea, Republic of")") == R"("KR")");
  CHECK(Mapped("country_code", "'x'", R"("Atlantis")") == "/x|Atlantis|a country's code or name for country_code");
  CHECK(Mapped("country_code", "{ from = 'x', values = { Atlantis = 'GR' }, other = 'keep' }", R"("Atlantis")") == R"("GR")");
}

TEST_CASE("conditions decide whether a rule gives a value", "[loader][mapping]") {
  CHECK(Mapped("name", "{ value = 'yes', when = { x = 'a' } }", R"("a")") == R"("yes")");
  CHECK(Mapped("name", "{ value = 'yes', when = { x = 'a' }, default = 'no' }", R"("b")") == R"("no")");
  CHECK(Mapped("name", "{ value = 'yes', when = { x = ['a', 'b'] } }", R"("b")") == R"("yes")");
  CHECK(Mapped("name", "{ value = 'yes', unless = { x = 'a' } }", R"("a")") == "absent");
  CHECK(Mapped("name", "{ value = 'yes', when = { x = true } }", R"("a")") == R"("yes")");
  CHECK(Mapped("name", "{ value = 'yes', when = { x = true } }", R"(" ")") == "absent");
  CHECK(Mapped("name", "{ value = 'yes', when = { x = false } }", "null") == R"("yes")");
  CHECK(Mapped("name", "{ value = 'yes', when = { x = 5 } }", "5") == R"("yes")");
  CHECK(Mapped("name", "{ value = 'yes', when = { x = 'true' } }", "true") == R"("yes")");
  CHECK(Mapped("name", "{ value = 'yes', when = { 'x.a' = 'a', 'x.b' = 'b' } }", R"({"a":"a","b":"c"})") == "absent");
  CHECK(Mapped("name", "{ value = 'yes', when = { x = true } }", "[1]") == R"("yes")");
}

TEST_CASE("of several rules the first that gives a value counts", "[loader][mapping]") {
  const std::string rules =
      "[ { value = 'new', when = { x = '0' } }, { from = 'x', values = { A = 'active' }, other = 'default' } ]";
  CHECK(Mapped("status", rules, R"("0")") == R"("new")");
  CHECK(Mapped("status", rules, R"("A")") == R"("active")");
  CHECK(Mapped("status", rules, R"("B")") == "||a value, or a default in the mapping, for status");
}

TEST_CASE("ids come from line numbers, inputs apart", "[loader][mapping]") {
  MappedRecord mapped(MappingWith("id = { row = 1000 }"));
  CHECK(mapped.Json("{}", 1).starts_with(R"({"id":1001,)"));
  CHECK(mapped.Json("{}", 5, 2).starts_with(R"({"id":2000000001005,)"));
}

TEST_CASE("ids come from hashes that are the same for ever", "[loader][mapping]") {
  const std::string rule = "{ hash = ['x.a', 'x.b'] }";
  CHECK(Mapped("id", rule, R"({"a":"1","b":"2"})") == "441697697612498506");
  CHECK(Mapped("id", rule, R"({"a":1,"b":2})") == "441697697612498506");  // Spellings count.
  CHECK(Mapped("id", rule, R"({"a":"12","b":""})") != Mapped("id", rule, R"({"a":"1","b":"2"})"));
  CHECK(Mapped("id", rule, R"({"a":"1"})") != Mapped("id", rule, R"({"b":"1"})"));
}

TEST_CASE("lists are taken whole, in part, cut out of a text, or made up", "[loader][mapping]") {
  CHECK(Mapped("secondary_hostnames", "'x'", R"(["a", null, "", "b"])") == R"(["a","b"])");
  CHECK(Mapped("secondary_hostnames", "'x[1:]'", R"(["a","b","c"])") == R"(["b","c"])");
  CHECK(Mapped("secondary_hostnames", "'x[5:]'", R"(["a"])") == "[]");
  CHECK(Mapped("secondary_hostnames", "'x'", R"("a")") == R"(["a"])");
  CHECK(Mapped("secondary_hostnames", "'x[0:]'", R"("a")") == R"(["a"])");
  CHECK(Mapped("secondary_hostnames", "{ from = 'x', split = ';', transform = 'lower' }", R"("A; b ;;c")") == R"(["a","b","c"])");
  CHECK(Mapped("secondary_hostnames", "['x.a', 'x.b']", R"({"a":[],"b":["b"]})") == R"(["b"])");
  CHECK(Mapped("secondary_hostnames", "{ value = ['a', 'b'] }", "1") == R"(["a","b"])");
  CHECK(Mapped("secondary_hostnames", "{ template = ['www.{x}', 'api.{x}'] }", R"("a")") == R"(["www.a","api.a"])");
  CHECK(Mapped("secondary_hostnames", "'x'", R"([["a"]])") == R"(/x|["a"]|a list of texts for secondary_hostnames)");
  CHECK(Mapped("secondary_hostnames", "'x'", R"({"a":1})") == R"(/x|{"a":1}|a list for secondary_hostnames)");
}

TEST_CASE("capabilities are a list or are said service by service", "[loader][mapping]") {
  CHECK(Mapped("capabilities", "'x'", R"(["cdn","Storage"])") == R"(["CDN","STORAGE"])");
  CHECK(Mapped("capabilities", "{ from = 'x', split = ',', values = { Web = 'CDN' }, other = 'keep' }", R"("Web,dns")") ==
        R"(["CDN","DNS"])");
  CHECK(Mapped("capabilities", "{ value = ['DNS'] }", "1") == R"(["DNS"])");
  CHECK(Mapped("capabilities", "{ DNS = { value = true, when = { x = '1' } }, CDN = 'x' }", "1") == R"(["CDN","DNS"])");
  CHECK(Mapped("capabilities", "{ DNS = 'x' }", "0") == "[]");
  CHECK(Mapped("capabilities", "'x'", R"(["FAX"])").starts_with("/x|FAX|one of CDN, STORAGE"));
}

TEST_CASE("states of services come from columns, empty ones leave the service out", "[loader][mapping]") {
  const std::string rules =
      "{ CDN = { from = 'x', values = { Yes = 'active', No = 'paused' }, other = 'reject', empty = 'No internet service' }, "
      "DNS = { value = 'new', enabled = 'x' } }";
  CHECK(Mapped("serviceStatuses", rules, R"("Yes")") ==
        R"({"CDN":{"status":"active","enabled":true},"DNS":{"status":"new","enabled":true}})");
  CHECK(Mapped("serviceStatuses", rules, R"("No")") ==
        R"({"CDN":{"status":"paused","enabled":false},"DNS":{"status":"new","enabled":false}})");
  CHECK(Mapped("serviceStatuses", rules, R"("?")") == "/x|?|one of Yes, No for serviceStatuses/CDN");
  CHECK(Mapped("serviceStatuses", "{ CDN = 'x' }", R"("Active")") == R"({"CDN":{"status":"active","enabled":true}})");
  CHECK(Mapped("serviceStatuses", "{ CDN = 'x' }", "null") == "{}");
  CHECK(Mapped("personal_product_availability", "{ CDN = 'x', DNS = false }", R"("Yes")") == R"({"CDN":true,"DNS":false})");
}

TEST_CASE("features come from conditions", "[loader][mapping]") {
  const std::string rules =
      "{ CDN = [{ feature_id = 1, name = { value = 'A' }, when = { x = 'Yes' }, paid_feature_id = 11 }, "
      "{ feature_id = 2, name = { value = 'B' }, create_date = 2024-01-01, paid_feature_id = 12 }], "
      "DNS = { feature_id = 3, name = 'x', when = { x = 'Yes' }, paid_feature_id = '=id' } }";
  CHECK(Mapped("paidFeatures", rules, R"("Yes")") ==
        R"({"CDN":[{"feature_id":1,"name":"A","service":"CDN","create_date":"2024-05-06T07:08:09Z","paid_feature_id":11},)"
        R"({"feature_id":2,"name":"B","service":"CDN","create_date":"2024-01-01T00:00:00Z","paid_feature_id":12}],)"
        R"("DNS":[{"feature_id":3,"name":"Yes","service":"DNS","create_date":"2024-05-06T07:08:09Z","paid_feature_id":7}]})");
  CHECK(Mapped("paidFeatures", rules, R"("No")") ==
        R"({"CDN":[{"feature_id":2,"name":"B","service":"CDN","create_date":"2024-01-01T00:00:00Z","paid_feature_id":12}]})");
  CHECK(Mapped("freeFeatures", "{ DNS = { feature_id = 3, name = 'x', when = { x = 'Yes' } } }", R"("No")") == "{}");
  const std::string made_up = Mapped("freeFeatures", "{ DNS = { feature_id = 3, name = 'x' } }", R"("No")");
  CHECK(made_up.find(R"("free_feature_id":)") != std::string::npos);
}

TEST_CASE("users take what is not said from their client", "[loader][mapping]") {
  const std::string json = Mapped("users", "{ email = '=email', name = 'x' }", R"("Ann")");
  CHECK(json.ends_with(
      R"("email":"a@b.example","name":"Ann","lang":"en","company":"","reseller":null,"client":7,"deleted":false,"groups":[],)"
      R"("activated":false,"sso_auth":false,"two_fa":false,"auth_types":[]}])"));
  CHECK(Mapped("users", "[{ email = 'x' }, { email = '=email', id = 2 }]", "null")
            .starts_with(R"([{"id":2,"email":"a@b.example")"));
  CHECK(Mapped(
            "users",
            "{ email = '=email', id = 1, name = 'y', groups = [{ id = 1, name = 'A' }], auth_types = ['sso'], activated = true }",
            "1") ==
        R"([{"id":1,"email":"a@b.example","name":null,"lang":"en","company":"","reseller":null,"client":7,"deleted":false,)"
        R"("groups":[{"id":1,"name":"A"}],"activated":true,"sso_auth":false,"two_fa":false,"auth_types":["sso"]}])");
  CHECK(Mapped("users", "{ email = '=email', when = { x = 'a' } }", R"("b")") == "[]");
}

TEST_CASE("mapped users, services and features need no verbatim copy", "[loader][mapping]") {
  MappedRecord mapped(
      MappingWith("users = { email = '=email' }\nserviceStatuses = { CDN = { value = 'new' } }\n"
                  "paidFeatures = { CDN = { feature_id = 1, name = { value = 'A' } } }\n"));
  const ParsedRecord parsed(mapped.Json("{}"));
  REQUIRE(parsed.ok);
  CHECK(parsed.record.user_count == 1);
  for (const std::string_view verbatim : parsed.record.verbatim) CHECK(verbatim.empty());
}

TEST_CASE("members that no rule uses come along, and never as the client's own", "[loader][mapping]") {
  const std::string input = R"({"x":{"a":1},"email":"E","other":[1, 2],"y":null,"source_email":0})";
  const auto unknown = [&](const std::string& top) {
    MappedRecord mapped(MappingWith("name = 'x.a'", top));
    const std::string json = mapped.Json(input);
    const std::size_t end = json.find(R"("created_at":"2024-05-06T07:08:09Z")");
    REQUIRE(end != std::string::npos);
    return json.substr(end + 35);
  };
  CHECK(unknown("") == R"(,"source_email":"E","other":[1, 2],"y":null,"source_email":0})");
  CHECK(unknown("keep = 'none'") == "}");
  CHECK(unknown("keep = ['y', 'x']") == R"(,"x":{"a":1},"y":null})");
  CHECK(unknown("keep = []") == "}");
  CHECK(unknown("keep = 'all'\nkeep_prefix = 'crm_'") ==
        R"(,"crm_email":"E","crm_other":[1, 2],"crm_y":null,"crm_source_email":0})");
}

TEST_CASE("rows give the cells of the columns", "[loader][mapping]") {
  MappedRecord mapped(MappingWith("name = 'Full Name'\ncustom_id = '/a.b'\nphone = ['mobile', 'tel']\nseller = 'a.c'"));
  const std::string json = mapped.Row({"a.b", "Full Name", "tel", "a.c", "rest"}, {"k", "Ann \"A\"", "5", "12", "r"});
  CHECK(
      json ==
      R"({"id":7,"email":"a@b.example","phone":"5","name":"Ann \"A\"","status":"active","companyName":"","custom_id":"k","seller":12,)"
      R"("created_at":"2024-05-06T07:08:09Z","rest":"r"})");
  // Another file, other columns; cells that are missing are empty.
  CHECK(mapped.Row({"tel", "Full Name", "a.b", "a.c"}, {"6"}).find(R"("phone":"6","status")") != std::string::npos);
}

TEST_CASE("rows without a column that a rule needs are refused, with the nearest one", "[loader][mapping]") {
  MappedRecord mapped(MappingWith("name = 'Name'\nphone = ['mobile', 'tel']"));
  CHECK(mapped.Row({"Nane", "tel"}, {"a", "b"}) == "||m.toml: there is no column 'Name', did you mean 'Nane'?");
  CHECK(mapped.Row({"Name", "fax"}, {"a", "b"}) == "||m.toml: there is no column 'mobile', did you mean 'Name'?");
  CHECK(mapped.Row({"Name", "tel", "Name"}, {"a", "b", "c"}) == "||m.toml: there are two columns 'Name'");
  CHECK(mapped.Row({"Name", "tel"}, {"a", "b"}).starts_with("{"));
}

TEST_CASE("an error in a row names its column", "[loader][mapping]") {
  MappedRecord mapped(MappingWith("seller = 'Seller No'"));
  CHECK(mapped.Row({"a", "Seller No"}, {"", "x1"}) == "Seller No|x1|a 64-bit integer for seller");
  CHECK(mapped.error.column == 2);
}

TEST_CASE("what the record's parser refuses is told by its source", "[loader][mapping]") {
  CHECK(Mapped("id", "'x'", "-5") == "/x|-5|an integer from 1 to 9223372036854775807 for id");
}

TEST_CASE("malformed foreign records are refused", "[loader][mapping]") {
  MappedRecord mapped(MappingWith("name = 'x.a'"));
  CHECK(mapped.Json("[1]") == "|[1]|a JSON object");
  CHECK(mapped.Json(R"({"x":{"a":1},"x":{"a":2}})").ends_with("|this member only once"));
  CHECK(mapped.Json(R"({"x":{"a":1,"a":2}})").ends_with("|this member only once"));
  CHECK(mapped.Json(R"({"x":{"a":1})").find('|') != std::string::npos);
  CHECK(mapped.Json(R"({"y":"\ud800"})").find('|') != std::string::npos);
  CHECK(mapped.Json("{\"y\":\"\xFF\"}").find('|') != std::string::npos);
  CHECK(mapped.Json(R"({"x":{"a":1}} {})").find('|') != std::string::npos);
}

TEST_CASE("damaged foreign records are refused or mapped, nothing else", "[loader][mapping]") {
  MappedRecord mapped(
      MappingWith("name = 'x.a[1]'\nsecondary_hostnames = 'x.a[1:]'\nphone = { template = '{x.b|slug}-{#row}' }"));
  std::mt19937_64 random(20'261);
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string json = Mutated(R"({"x":{"a":["1","é",3],"b":"\u00e9 \"x"},"y":[{"z":null}],"email":true})", random);
    refused += mapped.Json(json).starts_with('{') ? 0 : 1;
  }
  CHECK(refused > 1'000);
  CHECK(refused < 19'900);
}

}  // namespace
}  // namespace clientele
