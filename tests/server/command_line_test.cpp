// The program as its users meet it: run as a process, judged by what it prints and how it ends.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <absl/strings/match.h>
#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace clientele {
namespace {

namespace fs = std::filesystem;

const std::string kClients = CLIENTELE_SOURCE_DIR "/data/clients-2k.ndjson.gz";

struct Outcome {
  int exit_status;
  std::string out, err;
};

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// Runs the program in an empty folder of its own.
class Program {
 public:
  Program() {
    std::string name = (fs::temp_directory_path() / "clientele-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~Program() { fs::remove_all(folder_); }

  // `arguments`: as typed in a shell.
  Outcome Run(const std::string& arguments) const {
    // The output is redirected first, so that a test can send it elsewhere.
    const std::string command = "cd '" + folder_.string() + "' && '" CLIENTELE_PROGRAM "' > .out 2> .err " + arguments;
    const int status = std::system(command.c_str());
    REQUIRE(WIFEXITED(status));
    return {WEXITSTATUS(status), ReadAll(folder_ / ".out"), ReadAll(folder_ / ".err")};
  }

  void Write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name, std::ios::binary) << text; }
  std::string Read(const std::string& name) const { return ReadAll(folder_ / name); }
  bool Has(const std::string& name) const { return fs::exists(folder_ / name); }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  fs::path folder_;
};

std::size_t Lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// A record with nothing but what is required.
std::string Record(int id, const std::string& status = "active") {
  return "{\"id\":" + std::to_string(id) + ",\"email\":\"a@b.example\",\"status\":\"" + status +
         "\",\"companyName\":\"\",\"created_at\":\"2024-01-31T00:00:00Z\"}\n";
}

}  // namespace

TEST_CASE("without a command the program explains itself and fails", "[server][command_line]") {
  const Program program;
  const Outcome outcome = program.Run("");
  CHECK(outcome.exit_status == 2);
  CHECK(outcome.out.empty());
  CHECK(absl::StrContains(outcome.err, "Subcommands:"));
  CHECK(program.Run("--help").exit_status == 0);
  CHECK(absl::StartsWith(program.Run("--version").out, "clientele "));
}

TEST_CASE("a misspelt command or option is told with what was meant", "[server][command_line]") {
  const Program program;
  const Outcome command = program.Run("qurey x");
  CHECK(command.exit_status == 2);
  CHECK(absl::StrContains(command.err, "did you mean 'query'?"));
  const Outcome option = program.Run("query '" + kClients + "' --statsu active");
  CHECK(option.exit_status == 2);
  CHECK(absl::StrContains(option.err, "did you mean --status?"));
  CHECK(option.out.empty());
}

TEST_CASE("generate writes the shipped set", "[server][command_line]") {
  const Program program;
  const Outcome outcome = program.Run("generate --clients 2000 --seed 2026 --out set.ndjson.gz");
  CHECK(outcome.exit_status == 0);
  CHECK(outcome.out.empty());
  CHECK(absl::StrContains(outcome.err, "2,000 clients"));
  const Outcome same = program.Run("query set.ndjson.gz --limit 0");
  CHECK(same.out == "{\"count\":2000,\"next\":null,\"previous\":null,\"results\":[]}\n");
}

TEST_CASE("generate writes to standard output and refuses nonsense", "[server][command_line]") {
  const Program program;
  const Outcome outcome = program.Run("generate --clients 3 --quiet");
  CHECK(outcome.exit_status == 0);
  CHECK(Lines(outcome.out) == 3);
  CHECK(outcome.err.empty());
  CHECK(program.Run("generate").exit_status == 2);
  CHECK(program.Run("generate --clients -3").exit_status == 2);
  CHECK(program.Run("generate --clients 99999999999").exit_status == 2);
  CHECK(program.Run("generate --clients 3 --out missing/folder").exit_status == 2);
}

TEST_CASE("query answers with the envelope, the bare array or one record a line", "[server][command_line]") {
  const Program program;
  program.Write("some.ndjson", Record(3) + Record(1) + Record(2, "paused"));
  const std::string ids = "--fields id ";
  CHECK(program.Run("query some.ndjson --status active --limit 1 " + ids).out ==
        "{\"count\":2,\"next\":\"/"
        "clients?status=active&limit=1&fields=id&offset=1\",\"previous\":null,\"results\":[{\"id\":1}]}\n");
  CHECK(program.Run("query some.ndjson --ordering -id " + ids).out == "[{\"id\":3},{\"id\":2},{\"id\":1}]\n");
  CHECK(program.Run("query some.ndjson --format ndjson --offset 1 " + ids).out == "{\"id\":2}\n{\"id\":3}\n");
  CHECK(program.Run("query some.ndjson --status paused --status active --format ndjson " + ids).out ==
        "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
  CHECK(program.Run("query some.ndjson --id 4").out == "[]\n");
  CHECK(program.Run("query some.ndjson --id 4 --format ndjson").out.empty());
}

TEST_CASE("query takes several inputs and standard input as one load", "[server][command_line]") {
  const Program program;
  program.Write("a.ndjson", Record(1));
  program.Write("b.json", "[" + Record(2) + "]");
  program.Write("c.ndjson", Record(3));
  const Outcome outcome = program.Run("query a.ndjson b.json - --fields id --format ndjson < c.ndjson");
  CHECK(outcome.exit_status == 0);
  CHECK(outcome.out == "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
}

TEST_CASE("query shows a table with the exact count", "[server][command_line]") {
  const Program program;
  program.Write("some.ndjson", Record(1) + Record(2, "paused"));
  const Outcome outcome = program.Run("query some.ndjson --format table --limit 1");
  CHECK(outcome.exit_status == 0);
  CHECK(absl::StartsWith(outcome.out,
                         "id  email        name  status  companyName  country_code  created_at\n"
                         " 1  a@b.example  -     active               -             2024-01-31 00:00:00\n"
                         "\n"
                         "2 clients match, 1 to 1 shown ("));
  const Outcome fields = program.Run("query some.ndjson --format table --fields users,id --id 2");
  CHECK(absl::StartsWith(fields.out, "id  users\n 2  []\n\n1 client matches ("));
}

TEST_CASE("query explains on standard error", "[server][command_line]") {
  const Program program;
  const Outcome outcome = program.Run("query '" + kClients + "' --status active --limit 0 --explain");
  CHECK(outcome.exit_status == 0);
  CHECK(absl::StrContains(outcome.err, "status any of active"));
  CHECK(absl::StartsWith(outcome.out, "{\"count\":"));
}

TEST_CASE("query reports all bad parameters before it loads anything", "[server][command_line]") {
  const Program program;
  const Outcome outcome = program.Run("query missing-file --status actve --limit x --id 1 --id 2");
  CHECK(outcome.exit_status == 2);
  CHECK(outcome.out.empty());
  CHECK(absl::StrContains(outcome.err, "  --status: "));
  CHECK(absl::StrContains(outcome.err, "  --limit: "));
  CHECK(absl::StrContains(outcome.err, "  --id: "));
  CHECK(!absl::StrContains(outcome.err, "missing-file"));
}

TEST_CASE("refused records go to a file and show in the exit status", "[server][command_line]") {
  const Program program;
  program.Write("some.ndjson", Record(1) + Record(2, "actve") + Record(3));
  for (const std::string command : {"query", "load"}) {
    const Outcome outcome = program.Run(command + " some.ndjson");
    CHECK(outcome.exit_status == 1);
    CHECK(absl::StrContains(outcome.err, "some.ndjson:2: /status"));
    CHECK(Lines(program.Read("some.ndjson.rejects.ndjson")) == 1);
  }
  program.Write("good.ndjson", Record(1));
  CHECK(program.Run("load good.ndjson").exit_status == 0);
  CHECK(!program.Has("good.ndjson.rejects.ndjson"));

  const Outcome chosen = program.Run("query some.ndjson --rejects bad.txt --quiet --limit 0");
  CHECK(chosen.exit_status == 1);
  CHECK(chosen.err.empty());
  CHECK(Lines(program.Read("bad.txt")) == 1);

  const Outcome strict = program.Run("query some.ndjson --strict");
  CHECK(strict.exit_status == 2);
  CHECK(strict.out.empty());
  CHECK(absl::StrContains(strict.err, "some.ndjson:2: /status"));
}

TEST_CASE("rejects of an earlier run are not overwritten by default", "[server][command_line]") {
  const Program program;
  program.Write("some.ndjson", Record(1) + Record(2, "actve"));
  program.Write("some.ndjson.rejects.ndjson", "mine\n");
  const Outcome outcome = program.Run("load some.ndjson");
  CHECK(outcome.exit_status == 1);
  CHECK(absl::StrContains(outcome.err, "all in some.ndjson.rejects-2.ndjson"));
  CHECK(program.Read("some.ndjson.rejects.ndjson") == "mine\n");
  CHECK(Lines(program.Read("some.ndjson.rejects-2.ndjson")) == 1);
}

TEST_CASE("refused records are shown as a compiler shows errors, with their causes", "[server][command_line]") {
  const Program program;
  program.Write("some.csv",
                "id,email,status,companyName,created_at\n1,e,active,c,yesterday\n2,e,active,c,2024-05-06\n3,e,active,c,later\n");
  const Outcome outcome = program.Run("load some.csv");
  CHECK(outcome.exit_status == 1);
  CHECK(absl::StrContains(outcome.err, "some.csv:2:5: created_at: expected a date YYYY-MM-DD"));
  CHECK(absl::StrContains(outcome.err, "\n    1,e,active,c,yesterday\n                 ^~~~~~~~~\n"));
  CHECK(absl::StrContains(outcome.err, "causes:\ncount  place       expected\n    2  created_at  a date"));
  const Outcome strict = program.Run("load some.csv --strict");
  CHECK(strict.exit_status == 2);
  CHECK(absl::StartsWith(strict.err, "clientele: some.csv:2:5: created_at: "));
  CHECK(absl::StrContains(strict.err, "^~~~~~~~~\n"));
}

TEST_CASE("a dry run reports and keeps nothing", "[server][command_line]") {
  const Program program;
  program.Write("some.ndjson", Record(1) + Record(1) + Record(2));
  const Outcome outcome = program.Run("load some.ndjson --dry-run");
  CHECK(outcome.exit_status == 1);
  CHECK(absl::StartsWith(outcome.out, "records                   2\nrejected                  1\n"));
  CHECK(absl::StrContains(outcome.out, "dry run"));
  CHECK(!absl::StrContains(outcome.out, "memory"));
}

TEST_CASE("load stops at the limits that it is given", "[server][command_line]") {
  const Program program;
  program.Write("some.ndjson", Record(1) + Record(2, "x") + Record(3, "y"));
  const Outcome rejects = program.Run("load some.ndjson --max-rejects 1");
  CHECK(rejects.exit_status == 2);
  CHECK(rejects.out.empty());
  CHECK(absl::StrContains(rejects.err, "clientele: more than 1 record was refused: stopped, nothing was loaded\n"));
  CHECK(program.Run("load some.ndjson --max-rejects 2").exit_status == 1);
  const Outcome memory = program.Run("load some.ndjson --memory-limit 1M");
  CHECK(memory.exit_status == 2);
  CHECK(absl::StrContains(memory.err, "memory limit of 1.0 MiB"));
  CHECK(program.Run("load some.ndjson --memory-limit 50% -q").exit_status == 1);
  for (const std::string bad : {"--memory-limit 5X", "--memory-limit 0", "--max-rejects -1", "--format xml"}) {
    CHECK(program.Run("load some.ndjson " + bad).exit_status == 2);
  }
}

TEST_CASE("folders and patterns are inputs, and what is skipped is said", "[server][command_line]") {
  const Program program;
  REQUIRE(fs::create_directory(program.Path("data")));
  program.Write("data/b.ndjson", Record(2));
  program.Write("data/a.ndjson", Record(1));
  program.Write("data/.hidden", Record(3));
  const Outcome folder = program.Run("query data --fields id --format ndjson");
  CHECK(folder.exit_status == 0);
  CHECK(folder.out == "{\"id\":1}\n{\"id\":2}\n");
  CHECK(absl::StrContains(folder.err, "skipped data/.hidden: hidden"));
  CHECK(program.Run("query 'data/*.ndjson' --fields id -q").out == "[{\"id\":1},{\"id\":2}]\n");
  const Outcome none = program.Run("load 'data/*.csv'");
  CHECK(none.exit_status == 2);
  CHECK(absl::StrContains(none.err, "no file matches this pattern"));
}

TEST_CASE("generate writes tables that load, and the format can be told", "[server][command_line]") {
  const Program program;
  CHECK(program.Run("generate -n 100 -o set.csv.gz -q").exit_status == 0);
  CHECK(program.Run("query set.csv.gz --limit 0").out == "{\"count\":100,\"next\":null,\"previous\":null,\"results\":[]}\n");
  CHECK(absl::StartsWith(program.Run("generate -n 0 --format csv -q").out, "id,email,phone,"));
  program.Write("odd.txt", program.Run("generate -n 3 --format csv -q").out);
  CHECK(program.Run("load odd.txt --format csv").exit_status == 0);
  CHECK(program.Run("query odd.txt --input-format csv --limit 0").exit_status == 0);
  CHECK(program.Run("load odd.txt --format json").exit_status == 2);
}

TEST_CASE("nothing loaded is a failure", "[server][command_line]") {
  const Program program;
  CHECK(program.Run("load missing.ndjson").exit_status == 2);
  CHECK(program.Run("query missing.ndjson").exit_status == 2);
  program.Write("bad.ndjson", Record(1, "actve"));
  CHECK(program.Run("load bad.ndjson").exit_status == 2);
  const Outcome query = program.Run("query bad.ndjson");
  CHECK(query.exit_status == 2);
  CHECK(query.out.empty());
  program.Write("empty.ndjson", "");
  CHECK(program.Run("query empty.ndjson").out == "[]\n");
  CHECK(program.Run("load").exit_status == 2);
}

TEST_CASE("an answer that cannot be written is a failure", "[server][command_line]") {
  if (!fs::exists("/dev/full")) return;
  const Program program;
  for (const std::string format : {"json", "ndjson", "table"}) {
    const Outcome outcome = program.Run("query '" + kClients + "' --format " + format + " > /dev/full");
    CHECK(outcome.exit_status == 2);
    CHECK(absl::StrContains(outcome.err, "standard output"));
  }
}

TEST_CASE("load reports what came of it", "[server][command_line]") {
  const Program program;
  const Outcome outcome = program.Run("load '" + kClients + "' --memory");
  CHECK(outcome.exit_status == 0);
  CHECK(absl::StartsWith(outcome.out, "records               2,000\n"));
  CHECK(absl::StrContains(outcome.out, "bytes a client"));
  CHECK(absl::StrContains(outcome.out, "email: order (hot)"));
}

}  // namespace clientele
