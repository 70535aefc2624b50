// A snapshot's folder holds the old snapshot or the new one, whole, whatever happens while saving.
#include "index/snapshot_directory.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include <absl/strings/match.h>
#include <absl/strings/str_replace.h>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include "index/snapshot_manifest.h"
#include "tests/engine/random_world.h"
#include "tests/index/small_files.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

const Segment& First() {
  static const RandomWorld world = SmallWorld(5);
  return *OnlySegment(world.snapshot);
}
const Segment& Second() {
  static const RandomWorld world = SmallWorld(6);
  return *OnlySegment(world.snapshot);
}

std::set<std::string> NamesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

std::uint32_t RowsIn(const std::string& folder) {
  const auto opened = OpenSnapshot(folder);
  CAPTURE(opened.status());
  REQUIRE(opened.ok());
  return opened->segment->row_count();
}

const Manifest kManifest{
    .segments = {{.name = "segment-0007.clientele", .rows = 3, .bytes = 4'096, .checksum = {.low = 1, .high = 0xFFull << 56}}}};

}  // namespace

TEST_CASE("a saved snapshot can be opened; its folder is told from others", "[snapshot]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("snapshot");
  CHECK_FALSE(IsSnapshotDirectory(path));
  CHECK_FALSE(IsSnapshotDirectory(folder.Path("")));
  double fraction = 0;
  const auto saved = SaveSnapshot(First(), path, [&](double now) {
    CHECK(now >= fraction);
    CHECK(now <= 1);
    fraction = now;
  });
  REQUIRE(saved.ok());
  CHECK(fraction > 0.5);
  CHECK(saved->rows == First().row_count());
  CHECK(saved->bytes == std::filesystem::file_size(path + "/segment-0001.clientele"));
  CHECK(IsSnapshotDirectory(path));
  CHECK(NamesIn(path) == std::set<std::string>{"MANIFEST", "segment-0001.clientele"});
  CHECK(RowsIn(path) == First().row_count());
}

TEST_CASE("saving again replaces the snapshot, and who has the old one open keeps it", "[snapshot]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("snapshot");
  REQUIRE(SaveSnapshot(First(), path).ok());
  const auto old = OpenSnapshot(path, {.verify = Verify::kLazy});
  REQUIRE(old.ok());
  REQUIRE(SaveSnapshot(Second(), path).ok());
  CHECK(NamesIn(path) == std::set<std::string>{"MANIFEST", "segment-0002.clientele"});
  CHECK(RowsIn(path) == Second().row_count());
  CHECK(old->segment->Require(Field::kEmail, IndexPart::kTexts).ok());
}

TEST_CASE("a save that runs out of room leaves the old snapshot and nothing else", "[snapshot]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("snapshot");
  REQUIRE(SaveSnapshot(First(), path).ok());
  const std::set<std::string> before = NamesIn(path);
  const auto whole = OpenSnapshot(path);
  REQUIRE(whole.ok());
  for (const rlim_t bytes : {rlim_t{0}, rlim_t{100}, rlim_t{50'000}}) {
    absl::Status failed;
    {
      const SmallFiles small(bytes);
      failed = SaveSnapshot(Second(), path).status();
    }
    CHECK(failed.code() == absl::StatusCode::kResourceExhausted);
    CHECK(absl::StrContains(failed.message(), path));
    CHECK(NamesIn(path) == before);
    CHECK(RowsIn(path) == First().row_count());
  }
}

TEST_CASE("a save removes what saves that were cut off have left", "[snapshot]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("snapshot");
  REQUIRE(SaveSnapshot(First(), path).ok());
  folder.Write("snapshot/segment-0002.clientele", "written, but no manifest names it");
  folder.Write("snapshot/segment-0003.clientele.tmp", "half");
  folder.Write("snapshot/MANIFEST.tmp", "");
  folder.Write("snapshot/notes.txt", "of its owner");
  REQUIRE(SaveSnapshot(Second(), path).ok());
  CHECK(NamesIn(path) == std::set<std::string>{"MANIFEST", "notes.txt", "segment-0003.clientele"});
  CHECK(RowsIn(path) == Second().row_count());
}

TEST_CASE("a folder of other files is not taken for a snapshot's", "[snapshot]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.Path("data"));
  folder.Write("data/clients.ndjson", "{}");
  CHECK_FALSE(IsSnapshotDirectory(folder.Path("data")));
  const absl::Status status = SaveSnapshot(First(), folder.Path("data")).status();
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(absl::StrContains(status.message(), "clients.ndjson"));
  CHECK(NamesIn(folder.Path("data")) == std::set<std::string>{"clients.ndjson"});
  CHECK(PrepareSnapshotDirectory(folder.Path("data/clients.ndjson")).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(PrepareSnapshotDirectory(folder.Path("missing/deeper")).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(PrepareSnapshotDirectory(folder.Path("new")).ok());
}

TEST_CASE("two saves into one folder at once are one too many", "[snapshot]") {
  const TemporaryFolder folder;
  const int held = open(folder.Path("").c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(flock(held, LOCK_EX) == 0);
  CHECK(SaveSnapshot(First(), folder.Path("")).status().code() == absl::StatusCode::kUnavailable);
  close(held);
  CHECK(SaveSnapshot(First(), folder.Path("")).ok());
}

TEST_CASE("a snapshot without its manifest or its file, or with another's, is refused", "[snapshot]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("a");
  REQUIRE(SaveSnapshot(First(), path).ok());
  REQUIRE(SaveSnapshot(Second(), folder.Path("b")).ok());
  const auto refusal = [&] { return OpenSnapshot(path).status(); };

  std::filesystem::copy_file(folder.Path("b/segment-0001.clientele"), path + "/segment-0001.clientele",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(refusal().code() == absl::StatusCode::kDataLoss);
  CHECK(absl::StrContains(refusal().message(), "not the file of that name that was written for this folder"));

  std::filesystem::remove(path + "/segment-0001.clientele");
  CHECK(refusal().code() == absl::StatusCode::kNotFound);
  CHECK(absl::StrContains(refusal().message(), "segment-0001.clientele"));

  folder.Write("a/MANIFEST", "");
  CHECK(refusal().code() == absl::StatusCode::kFailedPrecondition);
  std::filesystem::remove(path + "/MANIFEST");
  CHECK(refusal().code() == absl::StatusCode::kNotFound);
  CHECK(absl::StrContains(refusal().message(), "MANIFEST"));
}

TEST_CASE("a manifest reads as it was written, and any other byte in it is refused", "[snapshot]") {
  const std::string text = FormatManifest(kManifest);
  const auto parsed = ParseManifest(text, "MANIFEST");
  REQUIRE(parsed.ok());
  CHECK(*parsed == kManifest);
  for (std::size_t i = 0; i < text.size(); ++i) {
    CAPTURE(i);
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(ParseManifest(changed, "MANIFEST").ok());
    CHECK_FALSE(ParseManifest(text.substr(0, i), "MANIFEST").ok());
  }
  CHECK_FALSE(ParseManifest(text + "\n", "MANIFEST").ok());
  CHECK_FALSE(ParseManifest(text + text, "MANIFEST").ok());
}

TEST_CASE("a manifest that is refused says why", "[snapshot]") {
  const auto message = [](std::string_view text) { return std::string(ParseManifest(text, "DIR/MANIFEST").status().message()); };
  CHECK(message("hello") == "DIR/MANIFEST: expected a manifest, which begins with 'clientele manifest'");
  CHECK(message("clientele manifest 2\nsomething new\n") == "DIR/MANIFEST: manifest version 2; this program reads version 1");
  CHECK(message("clientele manifest 1\nsegment ../../etc/passwd rows 1 bytes 1 checksum 0\nend 0\n") ==
        "DIR/MANIFEST: line 2: expected a segment, got 'segment ../../etc/passwd rows 1 bytes 1 checksum 0'");
  CHECK(message(absl::StrReplaceAll(FormatManifest(kManifest), {{"rows 3", "rows 4"}})) ==
        "DIR/MANIFEST: it does not match its checksum");
  CHECK(message(FormatManifest({})) == "DIR/MANIFEST: expected one segment, got 0");
}

TEST_CASE("segment files are named by their number, in one spelling", "[snapshot]") {
  for (const std::uint64_t number : {1ull, 42ull, 9'999ull, 10'000ull, 999'999'999'999ull}) {
    CHECK(SegmentFileNumber(SegmentFileName(number)) == number);
  }
  CHECK(SegmentFileName(1) == "segment-0001.clientele");
  for (const char* name : {"", "segment-.clientele", "segment-1.clientele", "segment-00001.clientele", "segment-0000.clientele",
                           "segment-+001.clientele", "segment-0001.clientele.tmp", "../segment-0001.clientele",
                           "segment-9999999999999999999999.clientele"}) {
    CAPTURE(name);
    CHECK(SegmentFileNumber(name) == 0);
  }
}

}  // namespace clientele
