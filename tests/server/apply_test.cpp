// `clientele apply`, as its users meet it.
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <catch2/catch.hpp>

#include "engine/client_set.h"
#include "loader/json_record_reader.h"
#include "tests/loader/temporary_files.h"
#include "tests/server/program_run.h"

namespace clientele {
namespace {

const std::string kClients = CLIENTELE_SOURCE_DIR "/data/clients-2k.ndjson.gz";

std::string Record(std::int64_t id, const std::string& status = "active") {
  return absl::StrCat("{\"id\":", id, ",\"email\":\"c", id, "@example.com\",\"status\":\"", status,
                      "\",\"companyName\":\"C\",\"created_at\":\"2024-05-06T07:08:09Z\"}\n");
}

// "1 active\n2 paused deleted\n": what the set in `live` holds, by id.
std::string Contents(const TemporaryFolder& folder, const std::string& more = "") {
  const Outcome all = RunProgram(folder, "query live --ordering id --fields id,status,deleted --format ndjson" + more);
  CAPTURE(all.err);
  REQUIRE(all.exit_status == 0);
  return all.out;
}

std::string Line(std::int64_t id, const std::string& status, bool deleted) {
  return absl::StrCat("{\"id\":", id, ",\"status\":\"", status, "\",\"deleted\":", deleted ? "true" : "false", "}\n");
}

// A number of the report, by its name.
std::string Count(const Outcome& outcome, const std::string& name) {
  const std::size_t at = ("\n" + outcome.out).find("\n" + name + " ");
  if (at == std::string::npos) return "";
  const std::size_t begin = outcome.out.find_first_not_of(' ', at + name.size());
  return outcome.out.substr(begin, outcome.out.find_first_of(" \n", begin) - begin);
}

std::map<std::string, std::string> FilesOf(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path))
    files[entry.path().filename().string()] = ReadWholeFile(entry.path().string());
  return files;
}

std::unique_ptr<ClientSet> Open(const std::string& path) {
  ClientSetOptions options;
  options.new_reader = NewJsonRecordReader;
  auto set = ClientSet::Open(path, std::move(options));
  REQUIRE(set.ok());
  return *std::move(set);
}

TEST_CASE("apply makes a live set of what load would load", "[server][apply]") {
  const TemporaryFolder folder;
  const Outcome applied = RunProgram(folder, "apply live " + kClients);
  CHECK(applied.exit_status == 0);
  CHECK(applied.err.empty());
  CHECK(Count(applied, "created") == "2,000");
  // The next start replays nothing.
  CHECK(absl::StrContains(applied.out, "clients in live, 1 segments, 0 rows of log"));
  const std::string ask = " --status active --ordering -created_at,id --format ndjson";
  CHECK(RunProgram(folder, "query live" + ask).out == RunProgram(folder, "query " + kClients + ask).out);
  const Outcome again = RunProgram(folder, "apply live - < " + kClients);
  CHECK(again.exit_status == 0);
  CHECK(Count(again, "replaced") == "2,000");
  CHECK(RunProgram(folder, "query live" + ask).out == RunProgram(folder, "query " + kClients + ask).out);
}

TEST_CASE("lines of all files are carried out in their order", "[server][apply]") {
  constexpr int kLines = 30'000, kIds = 60;  // Many lines for each client, in many batches and some blocks.
  const std::vector<std::string> statuses{"new", "trial", "active", "paused"};
  struct Client {
    std::string status;
    bool deleted = false;
  };
  std::mt19937 random(7);
  std::map<int, Client> expected;
  std::map<std::string, std::uint64_t> counts;
  std::string text;
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.Path("in"));
  for (int i = 0; i < kLines; ++i) {
    const int id = 1 + static_cast<int>(random() % kIds);
    const std::string& status = statuses[random() % statuses.size()];
    const bool is_there = expected.contains(id);
    switch (random() % 4) {
      case 0:
        text += Record(id, status);
        ++counts[is_there ? "replaced" : "created"];
        expected[id] = {status, false};
        break;
      case 1:
        absl::StrAppend(&text, "{\"_patch\":{\"status\":\"", status, "\"},\"id\":", id, "}\n");
        ++counts[is_there ? "patched" : "failed"];
        if (is_there) expected[id].status = status;
        break;
      case 2:
        absl::StrAppend(&text, "{\"_delete\":", id, "}\n\n");
        ++counts[is_there ? "deleted" : "failed"];
        if (is_there) expected[id].deleted = true;
        break;
      default:
        absl::StrAppend(&text, "{\"_purge\":", id, "}\n");
        ++counts[is_there ? "purged" : "failed"];
        expected.erase(id);
    }
    if (i == kLines / 3) {
      folder.Write("in/a.ndjson.gz", Gzip(text));
      text.clear();
    }
  }
  folder.Write("in/b.ndjson", text);
  const Outcome applied = RunProgram(folder, "apply live in --threads 4");
  CHECK(applied.exit_status == 1);
  std::string wanted;
  for (const auto& [id, client] : expected) wanted += Line(id, client.status, client.deleted);
  CHECK(Contents(folder) == wanted);
  std::string plain = applied.out;
  std::erase(plain, ',');
  for (const auto& [name, count] : counts) {
    CAPTURE(name);
    CHECK(Count({0, plain, ""}, name) == std::to_string(count));
  }
  const std::string rejects = ReadWholeFile(folder.Path("a.ndjson.gz.rejects.ndjson"));
  CHECK(static_cast<std::uint64_t>(std::count(rejects.begin(), rejects.end(), '\n')) == counts["failed"]);
}

TEST_CASE("lines that fail are told like a compiler's errors and kept", "[server][apply]") {
  const TemporaryFolder folder;
  folder.Write("in.ndjson", Record(1) + "\n" + "{\"_delete\":9}\n" + Record(2, "actve") + "{\"_purge\":1,\"x\":2}\n" +
                                "{\"_patch\":{\"status\":\"paus\"},\"id\":1}\n" + Record(3) + "hello");
  const Outcome applied = RunProgram(folder, "apply live in.ndjson");
  CHECK(applied.exit_status == 1);
  CHECK(absl::StrContains(applied.err,
                          "5 lines were refused, all in in.ndjson.rejects.ndjson; the first:\n"
                          "in.ndjson:3: /_delete: expected the id of a client, got 9\n"
                          "in.ndjson:4: /status: expected one of new, "));
  CHECK(absl::StrContains(applied.err,
                          "in.ndjson:5: /x: expected nothing but _patch with id, or _delete, or _purge, got 2\n"
                          "in.ndjson:6: /status: expected one of new, "));
  CHECK(absl::StrContains(applied.err, "in.ndjson:8: expected a JSON object, got hello\n"));
  CHECK(Contents(folder) == Line(1, "active", false) + Line(3, "active", false));
  CHECK(absl::StartsWith(ReadWholeFile(folder.Path("in.ndjson.rejects.ndjson")),
                         R"({"file":"in.ndjson","line":3,"pointer":"/_delete","value":"9","expected":"the id of a client",)"
                         R"("record":"{\"_delete\":9}"})"));
  // None at all is a failure; so is nothing but an empty input not.
  CHECK(RunProgram(folder, "apply live - --rejects mine < in.ndjson.rejects.ndjson").exit_status == 2);
  CHECK(std::filesystem::file_size(folder.Path("mine")) > 0);
  CHECK(RunProgram(folder, "apply live - < /dev/null").exit_status == 0);
}

TEST_CASE("hostile input is refused line by line, and what cannot be read changes nothing", "[server][apply]") {
  const TemporaryFolder folder;
  REQUIRE(RunProgram(folder, "apply -q live " + folder.Write("one.ndjson", Record(1))).exit_status == 0);
  const std::string before = Contents(folder);
  std::string deep(100'000, '[');
  folder.Write("bad.ndjson",
               absl::StrCat("{\"_patch\":", deep, "\n", std::string("\0\x01\xFF\xFE\n", 5), "{\"id\":1,\"name\":\"\xC3\"}\n",
                            "{\"_delete\":1e0}\n{\"_delete\":-9223372036854775809}\n{\"_delete\":\"1\"}\n[1]\n",
                            "{\"_purge\":1}{\"_purge\":1}\n{\"_patch\":null,\"id\":1}\n",
                            "{\"_patch\":{\"id\":2},\"id\":1}\n{\"_purge\":1"));
  const Outcome bad = RunProgram(folder, "apply live bad.ndjson --rejects r");
  CHECK(bad.exit_status == 2);
  CHECK(Count(bad, "failed") == "11");
  CHECK(Contents(folder) == before);

  // Longer than any record may be.
  folder.Write("long.ndjson.gz", Gzip("{\"_delete\":" + std::string((std::size_t{64} << 20) + 1, ' ') + "1}\n{\"_delete\":1}\n"));
  const Outcome too_long = RunProgram(folder, "apply live long.ndjson.gz --rejects r");
  CHECK(too_long.exit_status == 1);
  CHECK(absl::StrContains(too_long.err, "long.ndjson.gz:1: expected a record of at most 67108864 bytes"));
  CHECK(Contents(folder) == Line(1, "active", true));

  const std::string cut = Gzip(Record(5) + Record(6));
  folder.Write("cut.gz", cut.substr(0, cut.size() - 9));
  CHECK(RunProgram(folder, "apply live cut.gz --rejects r").exit_status == 2);
  CHECK(RunProgram(folder, "apply live cut.gz --atomic").exit_status == 2);
  CHECK(RunProgram(folder, "apply live nowhere.ndjson").exit_status == 2);
  CHECK(RunProgram(folder, "apply live").exit_status == 2);
  CHECK(RunProgram(folder, "apply one.ndjson one.ndjson").exit_status == 2);
}

TEST_CASE("--strict applies the lines before the first one that fails", "[server][apply]") {
  const TemporaryFolder folder;
  const bool at_reading = GENERATE(true, false);  // What is wrong shows at once, or only in the set.
  std::string text, wanted;
  for (int id = 1; id <= 5'000; ++id) {
    if (id == 4'321) text += at_reading ? "{\"_purge\":1,\"x\":2}\n" : "{\"_purge\":7777}\n";
    text += Record(id);
    if (id < 4'321) wanted += Line(id, "active", false);
  }
  folder.Write("in.ndjson", text);
  const Outcome applied = RunProgram(folder, "apply live in.ndjson --strict");
  CHECK(applied.exit_status == 1);
  CHECK(absl::StrContains(applied.err, "1 line was refused:\nin.ndjson:4321: "));
  CHECK(Count(applied, "created") == "4,320");
  CHECK(Count(applied, "lines") == "4,321");
  CHECK(Contents(folder) == wanted);
}

TEST_CASE("--atomic applies all lines or none", "[server][apply]") {
  const TemporaryFolder folder;
  const std::string bad = GENERATE("{\"_purge\":7777}\n", "{\"_purge\":1,\"x\":2}\n", "{\"id\":3}\n");
  folder.Write("a.ndjson", Record(1) + "{\"_delete\":1}\n");
  folder.Write("b.ndjson", Record(2) + bad);
  const Outcome failed = RunProgram(folder, "apply live a.ndjson b.ndjson --atomic");
  CHECK(failed.exit_status == 2);
  CHECK(absl::StrContains(failed.err, "b.ndjson:2: "));
  CHECK(absl::StrContains(failed.out, "not tried                 3\n"));
  CHECK(Contents(folder).empty());
  folder.Write("b.ndjson", Record(2));
  CHECK(RunProgram(folder, "apply live a.ndjson b.ndjson --atomic").exit_status == 0);
  CHECK(Contents(folder) == Line(1, "active", true) + Line(2, "active", false));
}

TEST_CASE("--atomic refuses what is too long for it", "[server][apply]") {
  const TemporaryFolder folder;
  std::string text;
  for (int id = 1; id <= 100'001; ++id) absl::StrAppend(&text, "{\"_delete\":", id, "}\n");
  folder.Write("in.ndjson", Record(1) + text);
  const Outcome applied = RunProgram(folder, "apply live in.ndjson --atomic");
  CHECK(applied.exit_status == 2);
  CHECK(absl::StrContains(applied.err, "with --atomic at most 100000 lines and 268435456 bytes can be applied"));
  CHECK(Contents(folder).empty());
}

TEST_CASE("--dry-run tells what would happen and writes nothing", "[server][apply]") {
  const TemporaryFolder folder;
  folder.Write("in.ndjson", Record(1) + Record(2) + "{\"_patch\":{\"status\":\"paused\"},\"id\":2}\n{\"_purge\":8}\n");
  const Outcome missing = RunProgram(folder, "apply live in.ndjson --dry-run");
  CHECK(missing.exit_status == 2);
  CHECK_FALSE(std::filesystem::exists(folder.Path("live")));
  REQUIRE(RunProgram(folder, "apply -q live " + folder.Write("one.ndjson", Record(1, "paused"))).exit_status == 0);
  const auto before = FilesOf(folder.Path("live"));
  for (const char* how : {"", " --atomic", " --strict"}) {
    CAPTURE(how);
    const Outcome dry = RunProgram(folder, "apply live in.ndjson --dry-run" + std::string(how));
    CHECK(Count(dry, "failed") == "1");
    if (std::string_view(how) != " --atomic") {
      CHECK(dry.exit_status == 1);
      CHECK(Count(dry, "created") == "1");
      CHECK(Count(dry, "replaced") == "1");
      CHECK(Count(dry, "patched") == "1");
    }
  }
  auto after = FilesOf(folder.Path("live"));
  // What SQLite makes for readers.
  for (const char* name : {"live.db-shm", "live.db-wal"}) after.erase(name);
  CHECK((after == before));
  CHECK(Contents(folder) == Line(1, "paused", false));
}

TEST_CASE("a snapshot becomes a live set, but not for inputs that are not there", "[server][apply]") {
  const TemporaryFolder folder;
  REQUIRE(RunProgram(folder, "load -q " + folder.Write("one.ndjson", Record(1)) + " --out live").exit_status == 0);
  CHECK(RunProgram(folder, "apply live nowhere.ndjson").exit_status == 2);
  CHECK(std::filesystem::exists(folder.Path("live/MANIFEST")));
  folder.Write("two.ndjson", Record(2));
  CHECK(RunProgram(folder, "apply live two.ndjson").exit_status == 0);
  CHECK_FALSE(std::filesystem::exists(folder.Path("live/MANIFEST")));
  CHECK(Contents(folder) == Line(1, "active", false) + Line(2, "active", false));
}

TEST_CASE("a set that is open elsewhere is refused, but can be read beside", "[server][apply][live]") {
  const TemporaryFolder folder;
  std::string text, others;
  for (int id = 1; id <= 10; ++id) {
    text += Record(id);
    if (id > 1) others += Line(id, "active", false);
  }
  const std::string ten = folder.Write("ten.ndjson", text);
  REQUIRE(RunProgram(folder, "apply -q live " + ten).exit_status == 0);
  const std::unique_ptr<ClientSet> set = Open(folder.Path("live"));
  const Outcome applied = RunProgram(folder, "apply live " + ten);
  CHECK(applied.exit_status == 2);
  CHECK(absl::StrContains(applied.err, "live is open for writing by another process"));
  CHECK(Contents(folder) == Line(1, "active", false) + others);

  // Readers beside it see what was acknowledged before they began.
  WriteBatch batch;
  batch.writes.push_back({.kind = WriteKind::kPut, .id = {}, .json = Record(11, "paused")});
  batch.writes.push_back({.kind = WriteKind::kDelete, .id = 1, .json = {}});
  REQUIRE(set->Commit(std::move(batch)).ok());
  CHECK(Contents(folder) == Line(1, "active", true) + others + Line(11, "paused", false));
  CHECK(absl::StartsWith(RunProgram(folder, "query live --limit 0 --verify lazy").out, R"({"count":11,)"));
  CHECK(RunProgram(folder, "apply live --dry-run " + ten).exit_status == 0);

  const Outcome looked = RunProgram(folder, "inspect live --json --verify");
  CHECK(looked.exit_status == 0);
  CHECK(absl::StartsWith(looked.out, R"({"folder":"live","clients":11,"log":{"groups":1,"rows":2,"bytes":)"));
  const std::string bytes = std::to_string(std::filesystem::file_size(folder.Path("live/segment-0001.clientele")));
  CHECK(absl::StrContains(looked.out, R"(,"clients_in_no_file":2,"segments":[{"file":"segment-0001.clientele","rows":10,)"
                                      R"("dead_rows":1,"file_bytes":)" +
                                          bytes + ","));
  CHECK(Contents(folder) == Line(1, "active", true) + others + Line(11, "paused", false));
}

TEST_CASE("inspect tells what a live set consists of, and when it is damaged", "[server][inspect][live]") {
  const TemporaryFolder folder;
  REQUIRE(RunProgram(folder, "apply -q live " + kClients).exit_status == 0);
  for (const char* path : {"live", "live/segment-0001.clientele"}) {
    const Outcome looked = RunProgram(folder, "inspect " + std::string(path));
    CHECK(looked.exit_status == 0);
    for (const char* text : {"live set    live\n", "clients     2,000\n", "1 segment, 2,000 rows, 0 of them dead (0.0 %)",
                             "log         0 groups, 0 rows, 0 B", "segment-0001.clientele", "--verify reads the rest"}) {
      CAPTURE(text, looked.out);
      CHECK(absl::StrContains(looked.out, text));
    }
  }
  CHECK(absl::StrContains(RunProgram(folder, "inspect live --verify").out, "everything is as it was written"));
  std::string file = ReadWholeFile(folder.Path("live/segment-0001.clientele"));
  file[file.size() / 2] ^= 1;
  folder.Write("live/segment-0001.clientele", file);
  const Outcome damaged = RunProgram(folder, "inspect live --verify");
  CHECK(damaged.exit_status == 2);
  CHECK(absl::StrContains(damaged.err, "segment-0001.clientele"));
}

}  // namespace
}  // namespace clientele
