// `clientele inspect` and `--map`, as their users meet them.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <absl/strings/match.h>
#include <catch2/catch.hpp>
#include <sys/wait.h>

#include "tests/loader/temporary_files.h"
#include "tests/server/program_run.h"

namespace clientele {
namespace {

constexpr std::string_view kTable =
    "id,mail,firm,state,since\n1,a@b.example,A,Open,2020-01-31\n2,c@d.example,B,Closed,2021-01-31\n";

TEST_CASE("inspect shows the members of a file and a mapping for it", "[server][inspect]") {
  const TemporaryFolder folder;
  folder.Write("in.csv", kTable);
  const Outcome outcome = RunProgram(folder, "inspect in.csv");
  CHECK(outcome.exit_status == 0);
  CHECK(outcome.err.empty());
  CHECK(absl::StrContains(outcome.out, "in.csv: a table, 2 records\n"));
  CHECK(absl::StrContains(outcome.out, "Closed, Open"));
  CHECK(absl::StrContains(outcome.out, "With this mapping 2 of 2 records load."));
  CHECK(absl::StrContains(outcome.out, "\n[fields]\nid = \"id\"\n") == false);  // A comment stands between.
  CHECK(absl::StrContains(outcome.out, "\nemail = \"mail\"\n"));
}

TEST_CASE("the mapping that inspect writes loads the file", "[server][inspect]") {
  const TemporaryFolder folder;
  folder.Write("in.csv", kTable);
  const Outcome inspected = RunProgram(folder, "inspect in.csv --mapping-out m.toml");
  CHECK(inspected.exit_status == 0);
  CHECK(absl::StrContains(inspected.out, "The mapping is in m.toml."));
  CHECK_FALSE(absl::StrContains(inspected.out, "[fields]"));
  CHECK(RunProgram(folder, "load --map m.toml in.csv").exit_status == 0);
  const Outcome query =
      RunProgram(folder, "query --map m.toml in.csv --status paused --format ndjson --fields id,email,companyName");
  CHECK(query.out == "{\"id\":2,\"email\":\"c@d.example\",\"companyName\":\"B\"}\n");
  // Work that was put into it is not overwritten.
  const Outcome again = RunProgram(folder, "inspect in.csv --mapping-out m.toml");
  CHECK(again.exit_status == 2);
  CHECK(absl::StrContains(again.err, "m.toml: is there already"));
}

TEST_CASE("inspect reads standard input, compressed files and arrays, and samples them", "[server][inspect]") {
  const TemporaryFolder folder;
  folder.Write("in.json.gz", Gzip("[{\"a\":1},{\"a\":2},{\"a\":3}]"));
  CHECK(absl::StrContains(RunProgram(folder, "inspect - < in.json.gz").out, "standard input: a JSON array, 3 records\n"));
  CHECK(absl::StrContains(RunProgram(folder, "inspect in.json.gz --sample 2").out,
                          "in.json.gz: a JSON array, the first 2 records\n"));
  folder.Write("broken.ndjson", "{\"a\":1}\n{\"a\":\n");
  CHECK(absl::StrContains(RunProgram(folder, "inspect broken.ndjson").out, "lines of JSON, 2 records; 1 record malformed\n"));
}

TEST_CASE("inspect says when a file holds client records already", "[server][inspect]") {
  const TemporaryFolder folder;
  const std::string clients = "'" CLIENTELE_SOURCE_DIR "/data/clients-2k.ndjson.gz'";
  const Outcome outcome = RunProgram(folder, "inspect " + clients);
  CHECK(outcome.exit_status == 0);
  CHECK(absl::StrContains(outcome.out, "These are client records: 2,000 of 2,000 records load as they are, without a mapping."));
  CHECK(RunProgram(folder, "inspect --mapping-out m.toml " + clients).exit_status == 2);
  folder.Write("flat.csv", "id,email,status,companyName,created_at\n1,a@b.example,active,A,2020-01-01\n");
  CHECK(absl::StrContains(RunProgram(folder, "inspect flat.csv").out, "These are client records"));
}

TEST_CASE("inspect shows a snapshot given by its folder or by the file in it", "[server][inspect]") {
  const TemporaryFolder folder;
  folder.Write("flat.csv", "id,email,status,companyName,created_at\n1,a@b.example,active,A,2020-01-01\n");
  REQUIRE(RunProgram(folder, "load -q flat.csv --out snapshot").exit_status == 0);
  const Outcome outcome = RunProgram(folder, "inspect snapshot");
  CHECK(outcome.exit_status == 0);
  CHECK(absl::StrContains(outcome.out, "bytes a client"));
  CHECK(RunProgram(folder, "inspect snapshot/segment-0001.clientele").out == outcome.out);
  std::filesystem::create_directory(folder.Path("empty"));
  CHECK(RunProgram(folder, "inspect empty").exit_status == 2);
}

TEST_CASE("inspect refuses what holds no records", "[server][inspect]") {
  const TemporaryFolder folder;
  folder.Write("empty", "");
  CHECK(RunProgram(folder, "inspect empty").exit_status == 2);
  CHECK(absl::StrContains(RunProgram(folder, "inspect empty").err, "no records to look at"));
  CHECK(RunProgram(folder, "inspect missing").exit_status == 2);
  CHECK(RunProgram(folder, "inspect").exit_status == 2);
  CHECK(RunProgram(folder, "inspect empty --sample x").exit_status == 2);
  folder.Write("numbers", "[1,2]");
  CHECK(absl::StrContains(RunProgram(folder, "inspect numbers").err, "expected JSON objects or a table"));
}

TEST_CASE("a mapping that is wrong stops a load before it begins", "[server][inspect]") {
  const TemporaryFolder folder;
  folder.Write("in.csv", kTable);
  folder.Write("m.toml", "[fields]\nemial = 'x'\n");
  const Outcome outcome = RunProgram(folder, "load --map m.toml in.csv");
  CHECK(outcome.exit_status == 2);
  CHECK(absl::StrContains(outcome.err, "m.toml:1:1: no rule for id, email"));
  CHECK(absl::StrContains(outcome.err, "m.toml:2:1: unknown field 'emial'; did you mean 'email'?"));
  CHECK(outcome.out.empty());
  CHECK(RunProgram(folder, "load --map missing.toml in.csv").exit_status == 2);
}

TEST_CASE("a table without a column that the mapping names stops the load", "[server][inspect]") {
  const TemporaryFolder folder;
  folder.Write("in.csv", kTable);
  folder.Write("m.toml",
               "[fields]\nid = 'id'\nemail = 'email'\nstatus = { value = 'new' }\ncompanyName = 'firm'\ncreated_at = 'since'\n");
  const Outcome outcome = RunProgram(folder, "load --map m.toml in.csv");
  CHECK(outcome.exit_status == 2);
  CHECK(absl::StrContains(outcome.err, "in.csv: m.toml: there is no column 'email', did you mean 'mail'?"));
}

TEST_CASE("a refused record is told by its line and column, others are loaded", "[server][inspect]") {
  const TemporaryFolder folder;
  folder.Write("in.csv", kTable);
  folder.Write(
      "m.toml",
      "[fields]\nid = 'id'\nemail = 'mail'\nstatus = { from = 'state', values = { Open = 'active' }, other = 'reject' }\n"
      "companyName = 'firm'\ncreated_at = 'since'\n");
  const Outcome outcome = RunProgram(folder, "load --map m.toml in.csv");
  CHECK(outcome.exit_status == 1);
  CHECK(absl::StrContains(outcome.err, "in.csv:3:4: state: expected one of Open for status, got Closed"));
  const Outcome duplicate = RunProgram(folder, "load --map m.toml in.csv in.csv");
  CHECK(absl::StrContains(duplicate.err, "expected an id that no earlier record has"));
}

}  // namespace
}  // namespace clientele
