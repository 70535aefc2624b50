// Mapping files that are refused, with their places and what was probably meant.
#include "loader/mapping_file.h"

#include <catch2/catch.hpp>

#include "tests/loader/mapped_record.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

// The outcome of a mapping that is good but for `fields`; their first line is line 8.
std::string Outcome(std::string_view fields, std::string_view top = "") {
  return MappingOutcome(MappingWith(fields, top));
}

TEST_CASE("a smallest mapping is taken", "[loader][mapping]") {
  CHECK(Outcome("") == "ok");
  CHECK(MappingOutcome("fields = { id = 1, email = 'e', status = 's', companyName = 'c', created = 'd' }") == "ok");
}

TEST_CASE("broken TOML is told by its place", "[loader][mapping]") {
  CHECK(MappingOutcome("[fields]\nid = \n").starts_with("m.toml:2:"));
  CHECK(MappingOutcome("[fields]\nid = 1\nid = 2\n").starts_with("m.toml:3:"));
  CHECK(MappingOutcome("\xFF").starts_with("m.toml:1:1: "));
}

TEST_CASE("unknown keys, fields, services and members are told with the nearest known one", "[loader][mapping]") {
  CHECK(Outcome("", "keap = 'all'") == "m.toml:1:1: unknown key 'keap'; did you mean 'keep'?");
  CHECK(Outcome("emial = 'x'") == "m.toml:8:1: unknown field 'emial'; did you mean 'email'?");
  CHECK(Outcome("name = { from = 'x', transfrom = 'trim' }") ==
        "m.toml:8:22: unknown key 'transfrom'; did you mean 'transform'?");
  CHECK(Outcome("name = { from = 'x', transform = 'trimm' }") ==
        "m.toml:8:34: unknown transformation 'trimm'; did you mean 'trim'?");
  CHECK(Outcome("name = { template = '{x|lowr}' }") == "m.toml:8:21: unknown transformation 'lowr'; did you mean 'lower'?");
  CHECK(Outcome("serviceStatuses.CDM = 'x'") == "m.toml:8:17: unknown service 'CDM'; did you mean 'CDN'?");
  CHECK(Outcome("users = { email = 'x', mail = 'x' }") == "m.toml:8:24: unknown member of a user 'mail'; did you mean 'email'?");
  CHECK(Outcome("users = { email = '=emial' }") == "m.toml:8:19: there is no field 'emial' of one value; did you mean '=email'?");
  CHECK(Outcome("paidFeatures.CDN = { feature_id = 1, name = 'x', free_feature_id = 1 }") ==
        "m.toml:8:50: unknown key of a feature 'free_feature_id'; did you mean 'paid_feature_id'?");
}

TEST_CASE("keys of another kind of field are unknown", "[loader][mapping]") {
  CHECK(Outcome("name = { from = 'x', date = 'iso' }").starts_with("m.toml:8:22: unknown key 'date'"));
  CHECK(Outcome("name = { row = 1 }").starts_with("m.toml:8:10: unknown key 'row'"));
  CHECK(Outcome("name = { from = 'x', enabled = true }").starts_with("m.toml:8:22: unknown key 'enabled'"));
  CHECK(Outcome("name = { from = 'x', split = ',' }").starts_with("m.toml:8:22: unknown key 'split'"));
}

TEST_CASE("required fields without a rule are named", "[loader][mapping]") {
  CHECK(MappingOutcome("[fields]\nemail = 'x'\nstatus = 's'\n") ==
        "m.toml:1:1: no rule for id, companyName, created_at, which every record must have");
  CHECK(MappingOutcome("") == "m.toml:1:1: expected a table [fields] with a rule for each field");
  CHECK(MappingOutcome("fields = 5") == "m.toml:1:10: expected a table [fields] with a rule for each field");
}

TEST_CASE("a field mapped by both of its names is refused", "[loader][mapping]") {
  CHECK(Outcome("created = 'x'") == "m.toml:8:11: created is another name of created_at, which has a rule already");
  CHECK(Outcome("reseller = 'x'\nresellers = 'y'") ==
        "m.toml:8:12: reseller is another name of resellers, which has a rule already");
}

TEST_CASE("constants must be of their field's type", "[loader][mapping]") {
  CHECK(Outcome("deleted = 5") == "m.toml:8:11: expected true or false for /deleted, got 5");
  CHECK(Outcome("seller = { value = 'x' }") == "m.toml:8:20: expected an integer for /seller, got 'x'");
  CHECK(Outcome("seller = 1.5") == "m.toml:8:10: expected an integer for /seller, got 1.5");
  CHECK(Outcome("allowed_traffic_gb = inf") == "m.toml:8:22: expected a number for /allowed_traffic_gb, got inf");
  CHECK(Outcome("name = 5") == "m.toml:8:8: expected a text in quotes for /name, got 5");
  CHECK(Outcome("country_code = { value = 'de' }") == "m.toml:8:26: expected two upper-case letters for /country_code, got 'de'");
  CHECK(Outcome("client_type = { from = 'x', default = 'comon' }") ==
        "m.toml:8:39: expected one of common, reseller, sales for /client_type, got 'comon'; did you mean 'common'?");
  CHECK(
      Outcome("created_at = { value = '2024-02-30' }").starts_with("m.toml:7:24: expected a date or date-time for /created_at"));
  CHECK(Outcome("name = []").starts_with("m.toml:8:8: expected a path, an array of paths"));
  CHECK(Outcome("secondary_hostnames = { value = ['a', 5] }") ==
        "m.toml:8:39: expected a text in quotes for /secondary_hostnames, got 5");
  CHECK(Outcome("capabilities = { value = ['CDN', 'DMS'] }").find("did you mean 'DNS'?") != std::string::npos);
}

TEST_CASE("a table of values says what becomes of others", "[loader][mapping]") {
  const std::string wanted = "say what becomes of values that are not in the table: other = \"reject\", \"default\" or \"keep\"";
  CHECK(Outcome("client_type = { from = 'x', values = { A = 'sales' } }") == "m.toml:8:38: " + wanted);
  CHECK(Outcome("client_type = { from = 'x', values = { A = 'sales' }, other = 'no' }") == "m.toml:8:63: " + wanted);
  CHECK(Outcome("client_type = { from = 'x', values = { A = 'seles' }, other = 'keep' }").find("did you mean 'sales'?") !=
        std::string::npos);
  CHECK(
      Outcome("client_type = { from = 'x', values = {}, other = 'keep' }").starts_with("m.toml:8:38: expected a table such as"));
  CHECK(Outcome("client_type = { from = 'x', other = 'keep' }").starts_with("m.toml:8:37: other is about values"));
  CHECK(Outcome("client_type = { from = 'x', ignore_case = true }").starts_with("m.toml:8:43: ignore_case is about"));
  CHECK(Outcome("name = { from = 'x', values = { A = 'a', a = 'b' }, other = 'keep', ignore_case = true }")
            .find("is there already, in other case") != std::string::npos);
  CHECK(Outcome("companyName = { from = 'x', values = { A = 'a' }, other = 'default' }") ==
        "m.toml:7:59: other = \"default\" wants a default for /companyName");
}

TEST_CASE("a rule has one origin", "[loader][mapping]") {
  CHECK(Outcome("name = { default = 'x' }") == "m.toml:8:8: expected from, template or value for /name");
  CHECK(Outcome("seller = { transform = 'trim' }") == "m.toml:8:10: expected from, template, row, hash or value for /seller");
  CHECK(Outcome("name = { from = 'a', value = 'b' }") == "m.toml:8:8: expected only one of value and from for /name");
  CHECK(Outcome("seller = { row = 1, hash = 'b' }") == "m.toml:8:10: expected only one of row and hash for /seller");
  CHECK(Outcome("seller = { row = -1 }").starts_with("m.toml:8:18: expected a whole number"));
  CHECK(Outcome("name = { from = 'a..b' }").starts_with("m.toml:8:17: expected a path"));
  CHECK(Outcome("name = { from = [] }").starts_with("m.toml:8:17: expected a path, got an empty array"));
  CHECK(Outcome("name = { from = 5.5 }").starts_with("m.toml:8:17: expected a path in quotes, got 5.5"));
}

TEST_CASE("malformed templates are refused", "[loader][mapping]") {
  CHECK(Outcome("name = { template = '{x' }") == "m.toml:8:21: expected '}' behind '{'; a brace itself is '{{'");
  CHECK(Outcome("name = { template = 'a {{{x' }") == "m.toml:8:21: expected '}' behind '{'; a brace itself is '{{'");
  CHECK(Outcome("name = { template = 'x}' }") == "m.toml:8:21: expected '{' before '}'; a brace itself is '}}'");
  CHECK(Outcome("name = { template = '{}' }").starts_with("m.toml:8:21: expected a path"));
  CHECK(Outcome("name = { template = '{x|}' }").starts_with("m.toml:8:21: unknown transformation ''"));
  CHECK(Outcome("name = { template = '{=email}' }") == "ok");  // A member of that name: fields are for users and features.
}

TEST_CASE("malformed forms are refused", "[loader][mapping]") {
  CHECK(Outcome("created_at = { from = 'x', date = '%Y' }").starts_with("m.toml:7:35: expected iso, unix, unix_ms or a pattern"));
  CHECK(Outcome("created_at = { from = 'x', date = 'iso', days_before = 2024-01-01 }")
            .starts_with("m.toml:7:56: expected only one of date"));
  CHECK(Outcome("created_at = { from = 'x', months_before = 'soon' }").starts_with("m.toml:7:44: expected a date or date-time"));
  CHECK(Outcome("seller = { from = 'x', decimal = '1' }").starts_with("m.toml:8:34: expected one character that is no letter"));
  CHECK(Outcome("seller = { from = 'x', group = '.' }").starts_with("m.toml:8:32: group and decimal are the same"));
  CHECK(Outcome("name = { from = 'x', when = 'y' }").starts_with("m.toml:8:29: expected a table such as"));
  CHECK(Outcome("secondary_hostnames = { from = 'x', split = '' }").starts_with("m.toml:8:45: expected a separator"));
  CHECK(Outcome("", "keep = 'some'") == "m.toml:1:8: expected \"all\", \"none\" or an array of names for keep");
}

TEST_CASE("malformed users and features are refused", "[loader][mapping]") {
  CHECK(Outcome("users = 'x'").starts_with("m.toml:8:9: expected 1 to 100 tables [[fields.users]]"));
  CHECK(Outcome("users = [ 'x' ]").starts_with("m.toml:8:9: expected 1 to 100 tables"));
  CHECK(Outcome("users = { name = 'x' }").starts_with("m.toml:8:9: a user wants an email"));
  CHECK(Outcome("users = { email = 'x', groups = [ 1 ] }").starts_with("m.toml:8:33: expected an array such as"));
  CHECK(Outcome("users = { email = 'x', auth_types = 'x' }").starts_with("m.toml:8:37: expected an array of texts"));
  CHECK(Outcome("paidFeatures = 'x'") == "m.toml:8:16: expected a table by service, such as paidFeatures.CDN = ...");
  CHECK(Outcome("paidFeatures.CDN = 'x'").starts_with("m.toml:8:20: expected a table with a feature's"));
  CHECK(Outcome("paidFeatures.CDN = { feature_id = 1 }").starts_with("m.toml:8:20: a feature wants feature_id and name"));
}

TEST_CASE("all mistakes of a file are told, in its order", "[loader][mapping]") {
  CHECK(Outcome("deleted = 5\nis_test = 6\nemial = 'x'") ==
        "m.toml:8:11: expected true or false for /deleted, got 5\n"
        "m.toml:9:11: expected true or false for /is_test, got 6\n"
        "m.toml:10:1: unknown field 'emial'; did you mean 'email'?");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "x" + std::to_string(i) + " = 1\n";
  CHECK(Outcome(many).ends_with("m.toml: and 80 more"));
}

TEST_CASE("what is nested too deeply, or too large, is refused", "[loader][mapping]") {
  CHECK(MappingOutcome("a = " + std::string(100'000, '[')).starts_with("m.toml:1:"));
  std::string dots = "a";
  for (int i = 0; i < 50'000; ++i) dots += ".a";
  CHECK(MappingOutcome(dots + " = 1") == "m.toml:1:1: expected at most 100 dots on a line");
  CHECK(MappingOutcome(std::string(300'000, '\n')).starts_with("m.toml: expected a mapping of at most"));
  // As deep as goes: tables of a hundred levels in arrays of tables of a hundred levels.
  std::string deep;
  for (int i = 0; i < 100; ++i) {
    deep += "{ a";
    for (int j = 0; j < 100; ++j) deep += ".a";
    deep += " = [\n";
  }
  CHECK(MappingOutcome("a = " + deep).starts_with("m.toml:"));
  std::string closed = deep;
  for (int i = 0; i < 100; ++i) closed += "] }";
  CHECK(MappingOutcome("a = " + closed).starts_with("m.toml:"));
}

TEST_CASE("a mapping file that cannot be read is told by its name", "[loader][mapping]") {
  const TemporaryFolder folder;
  const auto missing = ReadMapping(folder.Path("none.toml"));
  CHECK(missing.status().code() == absl::StatusCode::kNotFound);
  CHECK(StdView(missing.status().message()).find("none.toml") != std::string_view::npos);
  CHECK_FALSE(ReadMapping(folder.Path("")).ok());
  CHECK(ReadMapping(folder.Write("m.toml", MappingWith(""))).ok());
}

}  // namespace
}  // namespace clientele
