// Snapshots as users of the program meet them: load --out, query, inspect, and what is refused.
#include <filesystem>
#include <fstream>
#include <string>

#include <absl/strings/match.h>
#include <catch2/catch.hpp>
#include <sys/wait.h>

#include "tests/loader/temporary_files.h"
#include "tests/server/program_run.h"

namespace clientele {
namespace {

const std::string kClients = CLIENTELE_SOURCE_DIR "/data/clients-2k.ndjson.gz";

void Flip(const std::string& path, std::uintmax_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(file.get() ^ 1);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
}

}  // namespace

TEST_CASE("load --out writes a snapshot that answers like the files", "[snapshot][command_line]") {
  const TemporaryFolder folder;
  const Outcome load = RunProgram(folder, "load " + kClients + " --out snapshot");
  CHECK(load.exit_status == 0);
  CHECK(absl::StrContains(load.out, "in snapshot, written in"));
  const std::string ask = " --status active --country_code US,CA --ordering -created_at --limit 20 --format json";
  const Outcome expected = RunProgram(folder, "query " + kClients + ask);
  for (const char* verify : {"", " --verify=full", " --verify lazy"}) {
    const Outcome answer = RunProgram(folder, "query snapshot" + std::string(verify) + ask);
    CHECK(answer.exit_status == 0);
    CHECK(answer.out == expected.out);
    CHECK(answer.err == "");
  }
  CHECK(RunProgram(folder, "query snapshot --verify sometimes --limit 0").exit_status == 2);
}

TEST_CASE("a snapshot among files, or two of them, are refused", "[snapshot][command_line]") {
  const TemporaryFolder folder;
  REQUIRE(RunProgram(folder, "load " + kClients + " --out snapshot").exit_status == 0);
  for (const char* more : {"snapshot", "other.ndjson"}) {
    const Outcome mixed = RunProgram(folder, "query snapshot " + std::string(more) + " --limit 0");
    CHECK(mixed.exit_status == 2);
    CHECK(absl::StrContains(mixed.err, "snapshot: a snapshot can only be used alone"));
  }
}

TEST_CASE("what cannot be written to is known before anything is loaded", "[snapshot][command_line]") {
  const TemporaryFolder folder;
  folder.Write("clients.ndjson", "not a record");
  const Outcome outcome = RunProgram(folder, "load clients.ndjson --out .");
  CHECK(outcome.exit_status == 2);
  CHECK(absl::StrContains(outcome.err, "expected an empty folder or a snapshot's"));
  // Nothing that could be loaded is nothing to write.
  CHECK(RunProgram(folder, "load clients.ndjson --out snapshot -q").exit_status == 2);
  CHECK_FALSE(std::filesystem::exists(folder.Path("snapshot/MANIFEST")));
}

TEST_CASE("inspect tells what a snapshot holds, and where it is damaged", "[snapshot][command_line]") {
  const TemporaryFolder folder;
  REQUIRE(RunProgram(folder, "load " + kClients + " --out snapshot").exit_status == 0);
  const Outcome plain = RunProgram(folder, "inspect snapshot");
  CHECK(plain.exit_status == 0);
  for (const char* text : {"2,000", "2016-01-01T00:02:50Z to 2025-12-31T11:28:31Z", "created_at", "records: domains",
                           "bytes a client", "format version 1", "--verify reads the rest"}) {
    CAPTURE(text);
    CHECK(absl::StrContains(plain.out, text));
  }
  CHECK(absl::StrContains(RunProgram(folder, "inspect snapshot --verify").out, "sections are as they were written"));
  const Outcome json = RunProgram(folder, "inspect snapshot --json --verify");
  CHECK(absl::StartsWith(json.out, "{\"file\":\"snapshot/segment-0001.clientele\""));
  CHECK(absl::StrContains(json.out, "\"clients\":2000,"));
  CHECK(absl::StrContains(json.out, "\"verified\":true,\"damages\":[]}"));

  const std::string file = folder.Path("snapshot/segment-0001.clientele");
  Flip(file, std::filesystem::file_size(file) / 2);
  const Outcome damaged = RunProgram(folder, "inspect snapshot --verify");
  CHECK(damaged.exit_status == 2);
  CHECK(absl::StrContains(damaged.err, "do not match their checksum"));
  CHECK(absl::StrContains(damaged.out, "1 of "));
  CHECK(RunProgram(folder, "query snapshot --limit 0").exit_status == 2);
  CHECK(RunProgram(folder, "query snapshot --limit 0 --verify=lazy").exit_status == 0);
  CHECK(RunProgram(folder, "inspect nowhere").exit_status == 2);
}

}  // namespace clientele
