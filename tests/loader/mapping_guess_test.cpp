// What is seen in records and guessed from it.
#include "loader/mapping_guess.h"

#include <catch2/catch.hpp>

#include "loader/mapping_file.h"
#include "loader/mapping_trial.h"
#include "loader/sample_records.h"
#include "loader/value_shapes.h"
#include "tests/loader/mapped_record.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

struct Looked {
  explicit Looked(std::string_view text, std::uint64_t count = 0)
      : sample(*RecordSample::Read(folder.Write("in", text), InputFormat::kAuto, count)) {
    RecordError error;
    for (std::size_t i = 0; i < sample.size(); ++i) malformed += profile.Add(sample.record(i), error) ? 0 : 1;
  }

  const MemberProfile& Member(std::string_view name) const {
    const auto found = std::ranges::find(profile.members(), name, &MemberProfile::text);
    REQUIRE(found != profile.members().end());
    return *found;
  }

  // The guessed rule of a field; empty when there is none.
  std::string Rule(Field field) const {
    for (const FieldGuess& guess : GuessFields(profile)) {
      if (guess.field == field) return guess.rule;
    }
    return "";
  }

  // How many records the guessed mapping, which must be a valid one, loads.
  std::uint64_t Loaded() {
    const auto mapping = ParseMapping(WriteMapping("in", profile, GuessFields(profile)), "guess");
    INFO(mapping.status().ToString());
    REQUIRE(mapping.ok());
    return TryLoading(*mapping, sample).loaded;
  }

  TemporaryFolder folder;
  RecordSample sample;
  RecordProfile profile;
  int malformed = 0;
};

TEST_CASE("a profile counts what members hold", "[loader][mapping][inspect]") {
  const Looked looked(
      "{\"a\":\"x\",\"n\":1.5,\"l\":[1,2],\"o\":{\"p\":true}}\n"
      "{\"a\":\"\",\"n\":-2,\"l\":[],\"o\":{\"p\":null}}\n"
      "{\"a\":null,\"n\":\"7\",\"l\":[\"z\"]}\n"
      "{\"a\":\"xyz\\u00e9\"}\n");
  CHECK(looked.profile.records() == 4);
  const MemberProfile& a = looked.Member("a");
  CHECK(a.present == 4);
  CHECK(a.nulls == 1);
  CHECK(a.empty_texts == 1);
  CHECK(a.texts == 2);
  CHECK(a.length_min == 1);
  CHECK(a.length_max == 5);
  CHECK(a.values.distinct() == 2);
  const MemberProfile& n = looked.Member("n");
  CHECK(n.present == 3);
  CHECK(n.numbers == 2);
  CHECK(n.texts == 1);
  CHECK(n.numeric == 3);
  CHECK(n.number_min == -2);
  CHECK(n.number_max == 7);
  CHECK(looked.Member("l").lists == 3);
  CHECK(looked.Member("l").items_min == 0);
  CHECK(looked.Member("l").items_max == 2);
  CHECK(looked.Member("l[]").present == 3);
  CHECK(looked.Member("o").objects == 2);
  CHECK(looked.Member("o.p").booleans == 1);
  CHECK(looked.Member("o.p").nulls == 1);
}

TEST_CASE("a profile of a table counts cells", "[loader][mapping][inspect]") {
  const Looked looked("a,b.c\n1,\n2,x\n1,\" \"\n");
  CHECK(looked.Member("a").values.distinct() == 2);
  CHECK(looked.Member("a").values.MostFrequent(1) == std::vector<std::pair<std::string, std::uint64_t>>{{"1", 2}});
  CHECK(looked.Member("b.c").empty_texts == 2);
}

TEST_CASE("a sample ends where it is told to", "[loader][mapping][inspect]") {
  const std::string lines = "{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}\n";
  const Looked two(lines, 2), three(lines, 3);
  CHECK(two.sample.size() == 2);
  CHECK(two.sample.has_more());
  CHECK(three.sample.size() == 3);
  CHECK_FALSE(three.sample.has_more());
  Looked array("[{\"a\":1},{\"a\":2}]");
  CHECK(array.sample.record(1).line == 2);
  Looked rows("a\n1\n\n2\n");
  CHECK(rows.sample.record(1).line == 4);
}

TEST_CASE("malformed records are counted apart", "[loader][mapping][inspect]") {
  const Looked looked("{\"a\":1}\n{\"a\":\n[1]\n");
  CHECK(looked.malformed == 2);
  const Looked rows("a,b\n1\n1,2\n");
  CHECK(rows.sample.size() == 1);
  CHECK(rows.sample.broken() == 1);
}

TEST_CASE("different values are counted exactly while they are few, and about right when they are many",
          "[loader][mapping][inspect]") {
  ValueCounts counts;
  for (int i = 0; i < 10'000; ++i) counts.Add(std::to_string(i % 5'000));
  CHECK(counts.distinct() == 5'000);
  CHECK(counts.distinct_is_exact());
  CHECK_FALSE(counts.every_value_counted());
  for (int i = 0; i < 200'000; ++i) counts.Add(std::to_string(i));
  CHECK_FALSE(counts.distinct_is_exact());
  CHECK(counts.distinct() > 180'000);
  CHECK(counts.distinct() < 220'000);
}

TEST_CASE("a member too many is left out", "[loader][mapping][inspect]") {
  std::string json = "{\"m\":1";
  for (std::size_t i = 0; i < RecordProfile::kMembersMax; ++i) json += ",\"m" + std::to_string(i) + "\":[1,{}]";
  const Looked looked(json + "}\n");
  CHECK(looked.profile.members().size() == RecordProfile::kMembersMax);
  CHECK(looked.profile.members_left_out());
}

TEST_CASE("fields are guessed by names", "[loader][mapping][inspect]") {
  Looked looked(
      "CustomerID,E-Mail,Company Name,contact_name,Phone,Country,Signup Date,State,Homepage\n"
      "1,a@b.example,A,Ann,+1,Germany,31.12.2020,Active,https://a.example\n"
      "2,c@d.example,B,Bob,+2,France,05.02.2021,Closed,https://b.example\n");
  CHECK(looked.Rule(Field::kId) == "\"CustomerID\"");
  CHECK(looked.Rule(Field::kEmail) == "\"E-Mail\"");
  CHECK(looked.Rule(Field::kCompanyName) == "\"Company Name\"");
  CHECK(looked.Rule(Field::kName) == "\"contact_name\"");
  CHECK(looked.Rule(Field::kPhone) == "\"Phone\"");
  CHECK(looked.Rule(Field::kCountryCode) == "\"Country\"");
  CHECK(looked.Rule(Field::kCreatedAt) == "{ from = \"Signup Date\", date = \"%d.%m.%Y\" }");
  CHECK(looked.Rule(Field::kStatus) ==
        "{ from = \"State\", values = { \"Active\" = \"active\", \"Closed\" = \"paused\" }, other = \"reject\" }");
  CHECK(looked.Rule(Field::kWebsite) == "\"Homepage\"");
  CHECK(looked.Loaded() == 2);
}

TEST_CASE("fields are guessed by contents", "[loader][mapping][inspect]") {
  Looked looked(
      "{\"k\":\"x1\",\"info\":{\"m\":\"a@b.example\",\"w\":\"DE\"},\"t\":\"2020-01-31\",\"u\":\"http://a.example\"}\n"
      "{\"k\":\"x2\",\"info\":{\"m\":\"c@b.example\",\"w\":\"FR\"},\"t\":\"2020-02-01T10:00:00Z\",\"u\":\"http://b.example\"}\n"
      "{\"k\":\"x3\",\"info\":{\"m\":\"d@b.example\",\"w\":\"US\"},\"t\":\"2020-02-01T10:00:00Z\",\"u\":\"http://b.example\"}\n");
  CHECK(looked.Rule(Field::kEmail) == "\"info.m\"");
  CHECK(looked.Rule(Field::kCountryCode) == "\"info.w\"");
  CHECK(looked.Rule(Field::kCreatedAt) == "\"t\"");
  CHECK(looked.Rule(Field::kWebsite) == "\"u\"");
  CHECK(looked.Loaded() == 3);
}

TEST_CASE("what every record must have is made up when it is not there", "[loader][mapping][inspect]") {
  Looked looked("x\na\na\n");
  CHECK(looked.Rule(Field::kId) == "{ row = 0 }");
  CHECK(looked.Rule(Field::kEmail) == "{ template = \"client{#row}@invalid.example\" }");
  CHECK(looked.Rule(Field::kStatus) == "{ value = \"active\" }");
  CHECK(looked.Rule(Field::kCompanyName) == "{ value = \"\" }");
  CHECK(looked.Rule(Field::kCreatedAt) == "2000-01-01");
  CHECK(looked.Loaded() == 2);
}

TEST_CASE("a key that is no number becomes a hash and stays as the custom id", "[loader][mapping][inspect]") {
  Looked looked("customerID,churn\nA-1,Yes\nA-2,No\n");
  CHECK(looked.Rule(Field::kId) == "{ hash = \"customerID\" }");
  CHECK(looked.Rule(Field::kCustomId) == "\"customerID\"");
  CHECK(looked.Rule(Field::kStatus).find("\"No\" = \"active\", \"Yes\" = \"paused\"") != std::string::npos);
  CHECK(looked.Loaded() == 2);
}

TEST_CASE("days and months that could be either are said to be a guess", "[loader][mapping][inspect]") {
  const Looked looked("created\n01/02/2020\n03/04/2020\n");
  const auto guesses = GuessFields(looked.profile);
  const auto created = std::ranges::find(guesses, Field::kCreatedAt, &FieldGuess::field);
  CHECK(created->comment.find("the other way round") != std::string::npos);
  const Looked certain("created\n01/02/2020\n03/24/2020\n");
  CHECK(certain.Rule(Field::kCreatedAt) == "{ from = \"created\", date = \"%m/%d/%Y\" }");
}

TEST_CASE("the guessed mapping is valid whatever the members are called", "[loader][mapping][inspect]") {
  const std::string name = GENERATE("a.b", "", "a b", "=email", "/x", "x[0]", "quote\\\"", "back\\\\slash", "new\\nline",
                                    "\\u007f", "{#row}", "é", "tab\\t", "a]b|c}");
  CAPTURE(name);
  Looked looked("{\"" + name + "\":\"a@b.example\"}\n{\"" + name + "\":\"c@b.example\"}\n");
  CHECK(looked.Rule(Field::kEmail).starts_with("\""));
  CHECK(looked.Loaded() == 2);
}

}  // namespace
}  // namespace clientele
