// What a live set's store promises while its process lives; what it promises when that is killed or its disk fails is shown by
// tests/crash.
#include "engine/live_store.h"

#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "index/snapshot_directory.h"
#include "tests/engine/random_world.h"
#include "tests/index/small_files.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::system_clock;

std::unique_ptr<LiveStore> MustOpen(const std::string& folder, const LiveStoreOptions& options = {}) {
  absl::StatusOr<std::unique_ptr<LiveStore>> store = LiveStore::Open(folder, options);
  CAPTURE(store.status());
  REQUIRE(store.ok());
  return *std::move(store);
}

absl::Status OpenStatus(const std::string& folder) {
  return LiveStore::Open(folder).status();
}

LogGroup Group(std::uint64_t sequence, std::string_view payload, std::uint64_t rows = 1) {
  return {.sequence = sequence, .rows = rows, .payload = LogPayload::Pack(payload), .replies = {}};
}

absl::Status Append(LiveStore& store, std::uint64_t sequence, std::string_view payload) {
  const LogGroup group = Group(sequence, payload);
  return store.Append({&group, 1});
}

using Log = std::vector<std::pair<std::uint64_t, std::string>>;

Log Replayed(LiveStore& store) {
  Log log;
  const absl::Status status = store.Replay([&](std::uint64_t sequence, std::string_view payload) {
    log.emplace_back(sequence, payload);
    return absl::OkStatus();
  });
  CAPTURE(status);
  REQUIRE(status.ok());
  return log;
}

// Bytes that do not compress.
std::string Noise(std::size_t bytes, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string noise(bytes, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  return noise;
}

// Something that stands for a segment file; the store looks at its size only.
LiveSegment MakeSegment(LiveStore& store, std::string_view content, std::string tombstones = {}) {
  const std::string name = store.NewSegmentName();
  std::ofstream(store.folder() + "/" + name, std::ios::binary) << content;
  return {.file = {.name = name, .rows = content.size(), .bytes = content.size(), .checksum = {.low = 1, .high = ~0ull}},
          .tombstones = std::move(tombstones)};
}

bool Exists(LiveStore& store, const LiveSegment& segment) {
  return fs::exists(store.folder() + "/" + segment.file.name);
}

}  // namespace

TEST_CASE("a payload is unpacked as it was packed, and only so", "[engine][live_store]") {
  for (const std::string& plain : {std::string(), std::string("small"), std::string(100'000, 'a'), Noise(100'000, 1)}) {
    LogPayload payload = LogPayload::Pack(plain);
    CHECK(payload.bytes.size() <= plain.size());
    REQUIRE(payload.Unpack().ok());
    CHECK((*payload.Unpack() == plain));
    payload.bytes += 'x';
    CHECK(absl::IsDataLoss(payload.Unpack().status()));
  }
  CHECK(LogPayload::Pack(std::string(100'000, 'a')).bytes.size() < 1'000);
  LogPayload wrong = LogPayload::Pack("small");
  wrong.plain_bytes = 4;
  CHECK(absl::IsDataLoss(wrong.Unpack().status()));
  wrong.codec = static_cast<LogPayload::Codec>(7);
  CHECK(absl::IsDataLoss(wrong.Unpack().status()));
}

TEST_CASE("a new store is empty, and its folder is a live set's", "[engine][live_store]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("set");
  CHECK_FALSE(IsLiveFolder(path));
  const auto store = MustOpen(path);
  CHECK(IsLiveFolder(path));
  CHECK(store->recovered().segments.empty());
  CHECK(store->recovered().last_sequence == 0);
  CHECK(store->recovered().log_groups == 0);
  CHECK(Replayed(*store).empty());
  CHECK(store->failure().ok());
  CHECK(IsSnapshotDirectory(path));
  CHECK(absl::IsFailedPrecondition(PrepareSnapshotDirectory(folder.Path("set/"))) == false);  // Locked: told first.
}

TEST_CASE("what was appended is replayed in order when the store is opened again", "[engine][live_store]") {
  const TemporaryFolder folder;
  const Log log{{1, "first"}, {2, std::string(50'000, 'b')}, {7, ""}, {8, Noise(200'000, 2)}, {1ull << 40, "last"}};
  {
    const auto store = MustOpen(folder.Path("set"));
    for (const auto& [sequence, payload] : log) REQUIRE(Append(*store, sequence, payload).ok());
    CHECK(store->figures().log_groups == 5);
    CHECK(store->figures().log_rows == 5);
    CHECK(store->figures().log_bytes == 250'009);
  }
  CHECK_FALSE(fs::exists(folder.Path("set/live.db-wal")));
  const auto store = MustOpen(folder.Path("set"));
  CHECK((Replayed(*store) == log));
  CHECK(store->recovered().log_groups == 5);
  CHECK(store->recovered().log_rows == 5);
  CHECK(store->recovered().log_bytes == 250'009);
  CHECK(store->recovered().last_sequence == 1ull << 40);
}

TEST_CASE("the groups of one append are kept together or not at all", "[engine][live_store]") {
  const TemporaryFolder folder;
  const auto store = MustOpen(folder.Path("set"));
  const std::vector<LogGroup> good{Group(1, "a", 10), Group(2, "b", 20)};
  REQUIRE(store->Append(good).ok());
  const std::vector<LogGroup> bad{Group(3, "c"), Group(3, "d")};
  const absl::Status status = store->Append(bad);
  CHECK(absl::IsInvalidArgument(status));
  CHECK(absl::StrContains(status.message(), "log group 3: expected a sequence above 3"));
  CHECK(absl::IsInvalidArgument(Append(*store, 2, "again")));
  CHECK((Replayed(*store) == Log{{1, "a"}, {2, "b"}}));
  CHECK(store->figures().log_rows == 30);
  CHECK(Append(*store, 3, "e").ok());
}

TEST_CASE("the visitor of a replay can end it", "[engine][live_store]") {
  const TemporaryFolder folder;
  const auto store = MustOpen(folder.Path("set"));
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) REQUIRE(Append(*store, sequence, "x").ok());
  int visited = 0;
  const absl::Status status = store->Replay(
      [&](std::uint64_t, std::string_view) { return ++visited == 2 ? absl::CancelledError("enough") : absl::OkStatus(); });
  CHECK(absl::IsCancelled(status));
  CHECK(visited == 2);
}

TEST_CASE("a snapshot is taken over, and saving one there is refused from then on", "[engine][live_store]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("set");
  const RandomWorld world = SmallWorld(5);
  REQUIRE(SaveSnapshot(*OnlySegment(world.snapshot), path).ok());
  const absl::StatusOr<SegmentFile> saved = SaveSnapshot(*OnlySegment(world.snapshot), path);
  REQUIRE(saved.ok());
  {
    const auto store = MustOpen(path);
    REQUIRE(store->recovered().segments.size() == 1);
    CHECK(store->recovered().segments[0] == LiveSegment{.file = *saved});
    CHECK(store->recovered().files_removed == 0);
    CHECK_FALSE(fs::exists(path + "/MANIFEST"));
    CHECK(store->NewSegmentName() == "segment-0003.clientele");
    CHECK(absl::IsUnavailable(SaveSnapshot(*OnlySegment(world.snapshot), path).status()));
    const auto opened = OpenNamedSegment(path, store->recovered().segments[0].file);
    REQUIRE(opened.ok());
    CHECK(opened->segment->row_count() == saved->rows);
  }
  CHECK(absl::IsFailedPrecondition(PrepareSnapshotDirectory(path)));
  CHECK(absl::IsFailedPrecondition(SaveSnapshot(*OnlySegment(world.snapshot), path).status()));
  CHECK(MustOpen(path)->recovered().segments[0].file == *saved);
}

TEST_CASE("a folder without a snapshot is taken when it is empty only", "[engine][live_store]") {
  const TemporaryFolder folder;
  folder.Write("notes.txt", "x");
  CHECK(absl::IsFailedPrecondition(OpenStatus(folder.Path(""))));
  CHECK(absl::IsFailedPrecondition(OpenStatus(folder.Path("notes.txt"))));
  CHECK(absl::IsFailedPrecondition(OpenStatus(folder.Path("missing/deeper"))));
  CHECK_FALSE(fs::exists(folder.Path("live.db")));
  // What may be the last of a set is not removed.
  const TemporaryFolder lost;
  lost.Write("segment-0001.clientele", "x");
  CHECK(absl::IsFailedPrecondition(OpenStatus(lost.Path(""))));
  CHECK(fs::exists(lost.Path("segment-0001.clientele")));
  // A damaged MANIFEST is no reason to begin with nothing.
  lost.Write("MANIFEST", "clientele manifest 1\nsegment x\n");
  CHECK(absl::IsDataLoss(OpenStatus(lost.Path(""))));
  CHECK_FALSE(IsLiveFolder(lost.Path("")));
}

TEST_CASE("a store that was cut off while it was made is made anew", "[engine][live_store]") {
  const TemporaryFolder folder;
  folder.Write("live.db.new", "half a databas");
  folder.Write("live.db.new-journal", "half a journal");
  REQUIRE(Append(*MustOpen(folder.Path("")), 1, "x").ok());
  CHECK_FALSE(fs::exists(folder.Path("live.db.new")));
  CHECK((Replayed(*MustOpen(folder.Path(""))) == Log{{1, "x"}}));
}

TEST_CASE("a set is open for writing once, over all processes", "[engine][live_store]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("set");
  auto store = MustOpen(path);
  const absl::Status refused = OpenStatus(path);
  CHECK(absl::IsUnavailable(refused));
  CHECK(refused.message() == path + " is open for writing by another process");
  const pid_t child = fork();
  if (child == 0) _exit(absl::IsUnavailable(OpenStatus(path)) ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(Append(*store, 1, "x").ok());
  store.reset();
  CHECK((Replayed(*MustOpen(path)) == Log{{1, "x"}}));
}

TEST_CASE("a reader sees one version beside a writer, and cannot write", "[engine][live_store]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("set");
  CHECK_FALSE(LiveStore::Open(path, {.read_only = true}).ok());
  CHECK_FALSE(fs::exists(path));
  const auto writer = MustOpen(path);
  REQUIRE(Append(*writer, 1, "x").ok());
  const auto reader = MustOpen(path, {.read_only = true});
  REQUIRE(Append(*writer, 2, "y").ok());
  CHECK(reader->recovered().log_groups == 1);
  CHECK((Replayed(*reader) == Log{{1, "x"}}));
  CHECK(absl::IsFailedPrecondition(Append(*reader, 3, "z")));
  CHECK(absl::IsFailedPrecondition(reader->ReplaceSegments({})));
  CHECK((Replayed(*MustOpen(path, {.read_only = true})) == Log{{1, "x"}, {2, "y"}}));
}

TEST_CASE("a segment is registered and the groups that it covers are dropped in one step", "[engine][live_store]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("set");
  LiveSegment first, second;
  {
    const auto store = MustOpen(path);
    for (std::uint64_t sequence = 1; sequence <= 6; ++sequence)
      REQUIRE(Append(*store, sequence, absl::StrCat("group ", sequence)).ok());
    first = MakeSegment(*store, "first");
    second = MakeSegment(*store, "second", "dead rows");
    REQUIRE(store->ReplaceSegments({.added = {first, second}, .covered = {{1, 2}, {4, 5}}}).ok());
    CHECK(store->figures().log_groups == 2);
    CHECK(store->figures().log_bytes == 14);
  }
  const auto store = MustOpen(path);
  CHECK((Replayed(*store) == Log{{3, "group 3"}, {6, "group 6"}}));
  CHECK(store->recovered().segments == std::vector<LiveSegment>{first, second});

  LiveSegment third = MakeSegment(*store, "third");
  second.tombstones = "more dead rows";
  REQUIRE(
      store->ReplaceSegments({.added = {third}, .removed = {1}, .masked = {{2, second.tombstones}}, .covered = {{1, 6}}}).ok());
  CHECK_FALSE(Exists(*store, first));
  CHECK(Exists(*store, third));
  const auto reader = MustOpen(path, {.read_only = true});
  CHECK(reader->recovered().segments == std::vector<LiveSegment>{second, third});
  CHECK(reader->recovered().log_groups == 0);
}

TEST_CASE("sequences and file numbers go on where they were, whatever has been dropped", "[engine][live_store]") {
  const TemporaryFolder folder;
  {
    const auto store = MustOpen(folder.Path("set"));
    REQUIRE(Append(*store, 5, "x").ok());
    const LiveSegment segment = MakeSegment(*store, "x");
    REQUIRE(store->ReplaceSegments({.added = {segment}, .covered = {{1, 5}}}).ok());
    REQUIRE(store->ReplaceSegments({.removed = {segment.number()}}).ok());
  }
  const auto store = MustOpen(folder.Path("set"));
  CHECK(store->recovered().last_sequence == 5);
  CHECK(absl::IsInvalidArgument(Append(*store, 5, "y")));
  CHECK(store->NewSegmentName() == "segment-0002.clientele");
}

TEST_CASE("a change of segments with a mistake changes nothing", "[engine][live_store]") {
  const TemporaryFolder folder;
  const auto store = MustOpen(folder.Path("set"));
  REQUIRE(Append(*store, 1, "x").ok());
  const LiveSegment first = MakeSegment(*store, "first"), second = MakeSegment(*store, "second");
  REQUIRE(store->ReplaceSegments({.added = {first}}).ok());
  CHECK(absl::IsInvalidArgument(store->ReplaceSegments({.added = {second, first}, .covered = {{1, 1}}})));
  CHECK(absl::IsInvalidArgument(store->ReplaceSegments({.added = {second}, .removed = {1, 9}, .covered = {{1, 1}}})));
  CHECK(absl::IsInvalidArgument(store->ReplaceSegments({.added = {second}, .masked = {{9, "x"}}, .covered = {{1, 1}}})));
  CHECK(Exists(*store, first));
  CHECK(store->figures().log_groups == 1);
  const auto reader = MustOpen(store->folder(), {.read_only = true});
  CHECK(reader->recovered().segments == std::vector<LiveSegment>{first});
  CHECK((Replayed(*reader) == Log{{1, "x"}}));
  CHECK(store->ReplaceSegments({.added = {second}}).ok());
}

TEST_CASE("segment files without an entry are removed at the start, and nothing else", "[engine][live_store]") {
  const TemporaryFolder folder;
  LiveSegment named, unnamed;
  {
    const auto store = MustOpen(folder.Path("set"));
    named = MakeSegment(*store, "named");
    unnamed = MakeSegment(*store, "unnamed");
    REQUIRE(store->ReplaceSegments({.added = {named}}).ok());
  }
  folder.Write("set/segment-0007.clientele.tmp", "half");
  folder.Write("set/notes.txt", "mine");
  const auto store = MustOpen(folder.Path("set"));
  CHECK(store->recovered().files_removed == 2);
  CHECK(Exists(*store, named));
  CHECK_FALSE(Exists(*store, unnamed));
  CHECK_FALSE(fs::exists(folder.Path("set/segment-0007.clientele.tmp")));
  CHECK(fs::exists(folder.Path("set/notes.txt")));
  CHECK(store->NewSegmentName() == "segment-0008.clientele");
}

TEST_CASE("a segment file that is missing or cut is found at the start", "[engine][live_store]") {
  const TemporaryFolder folder;
  std::string path;
  {
    const auto store = MustOpen(folder.Path("set"));
    const LiveSegment segment = MakeSegment(*store, "content");
    REQUIRE(store->ReplaceSegments({.added = {segment}}).ok());
    path = folder.Path("set/" + segment.file.name);
  }
  fs::resize_file(path, 3);
  CHECK(absl::IsDataLoss(OpenStatus(folder.Path("set"))));
  CHECK(absl::StrContains(OpenStatus(folder.Path("set")).message(), path + ": 3 bytes"));
  fs::remove(path);
  CHECK(absl::IsDataLoss(OpenStatus(folder.Path("set"))));
  CHECK(absl::StrContains(OpenStatus(folder.Path("set")).message(), path));
}

TEST_CASE("a damaged database is an error that names it", "[engine][live_store]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("set/live.db");
  {
    const auto store = MustOpen(folder.Path("set"));
    for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) REQUIRE(Append(*store, sequence, Noise(3'000, sequence)).ok());
  }
  const std::string good = ReadWholeFile(path);
  const auto status_with = [&](const std::string& bytes) {
    folder.Write("set/live.db", bytes);
    absl::StatusOr<std::unique_ptr<LiveStore>> store = LiveStore::Open(folder.Path("set"));
    if (!store.ok()) return store.status();
    return (*store)->Replay([](std::uint64_t, std::string_view) { return absl::OkStatus(); });
  };
  REQUIRE(status_with(good).ok());
  std::string bytes = good;
  bytes.replace(0, 16, "not a database!!");
  CHECK(absl::IsDataLoss(status_with(bytes)));
  CHECK(absl::StrContains(status_with(bytes).message(), path));
  CHECK(absl::IsDataLoss(status_with(good.substr(0, good.size() / 2))));
  // A byte of a payload: only its own checksum can tell.
  bytes = good;
  bytes[bytes.find(Noise(3'000, 11)) + 100] ^= 1;
  CHECK(absl::IsDataLoss(status_with(bytes)));
  CHECK(absl::StrContains(status_with(bytes).message(), "live.db: log group 11: the payload does not match its checksum"));
  // Its version is of another program.
  bytes = good;
  bytes[63] = 9;
  CHECK(absl::IsFailedPrecondition(status_with(bytes)));
  CHECK(absl::StrContains(status_with(bytes).message(), "format version 9"));
}

TEST_CASE("a damaged log is told from one that ends in a torn write", "[engine][live_store]") {
  const TemporaryFolder folder;
  const auto store = MustOpen(folder.Path("set"), {.checkpoint_from_bytes = 256 << 10});
  for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) REQUIRE(Append(*store, sequence, Noise(3'000, sequence)).ok());
  const std::string log = ReadWholeFile(folder.Path("set/live.db-wal"));
  // As a crash leaves it, with one bit of a group changed.
  const auto open_with_damaged = [&](std::uint64_t sequence) {
    fs::remove_all(folder.Path("crashed"));
    fs::create_directory(folder.Path("crashed"));
    fs::copy(folder.Path("set/live.db"), folder.Path("crashed/live.db"));
    std::string bytes = log;
    bytes[bytes.rfind(Noise(3'000, sequence)) + 1'000] ^= 1;
    folder.Write("crashed/live.db-wal", bytes);
    return LiveStore::Open(folder.Path("crashed"));
  };
  for (const std::uint64_t sequence : {1, 3, 4}) {
    const absl::Status status = open_with_damaged(sequence).status();
    CAPTURE(sequence, status);
    CHECK(absl::IsDataLoss(status));
    CHECK(absl::StrContains(status.message(), folder.Path("crashed/live.db-wal") + ": frame "));
    CHECK(ReadWholeFile(folder.Path("crashed/live.db-wal")).size() == log.size());
  }
  const auto torn = open_with_damaged(5);
  REQUIRE(torn.ok());
  CHECK((*torn)->recovered().log_groups == 4);
}

TEST_CASE("when there is no room nothing is appended, and later something may be", "[engine][live_store]") {
  const TemporaryFolder folder;
  LiveStoreOptions options{.checkpoint_from_bytes = 1 << 20};
  {
    const auto store = MustOpen(folder.Path("set"), options);
    REQUIRE(Append(*store, 1, Noise(100'000, 1)).ok());
    {
      const SmallFiles full(1'400'000);
      const absl::Status status = Append(*store, 2, Noise(2'000'000, 2));
      CAPTURE(status);
      CHECK(absl::IsResourceExhausted(status));
      CHECK(absl::StrContains(status.message(), "live.db"));
      CHECK(absl::IsResourceExhausted(Append(*store, 2, Noise(2'000'000, 3))));
      CHECK(store->failure().ok());
      CHECK(Append(*store, 2, Noise(100'000, 4)).ok());
      CHECK(store->figures().log_groups == 2);
    }
    CHECK(Append(*store, 3, Noise(2'000'000, 5)).ok());
  }
  CHECK(
      (Replayed(*MustOpen(folder.Path("set"))) == Log{{1, Noise(100'000, 1)}, {2, Noise(100'000, 4)}, {3, Noise(2'000'000, 5)}}));
}

TEST_CASE("replies are found by their key until they expire", "[engine][live_store]") {
  const TemporaryFolder folder;
  const system_clock::time_point noon(seconds(1'000'000));
  const RememberedReply first{.key = "k1", .fingerprint = std::string("\0f", 2), .reply = "201 {}", .time_s = 1'000'000};
  const RememberedReply second{.key = std::string("k\0x", 3), .fingerprint = "", .reply = "", .time_s = 1'000'060};
  const auto check = [&](LiveStore& store) {
    CHECK(store.Find("k1", noon).value() == first);
    CHECK(store.Find(std::string("k\0x", 3), noon).value() == second);
    CHECK(store.Find("k", noon).value() == std::nullopt);
    CHECK(store.Find("k1", noon + hours(24) - seconds(1)).value() == first);
    CHECK(store.Find("k1", noon + hours(24)).value() == std::nullopt);
  };
  {
    const auto store = MustOpen(folder.Path("set"));
    LogGroup group = Group(1, "x");
    group.replies = {first, second};
    REQUIRE(store->Append({&group, 1}).ok());
    check(*store);
  }
  const auto store = MustOpen(folder.Path("set"), {.maintenance_thread = false});
  check(*store);
  check(*MustOpen(folder.Path("set"), {.read_only = true}));
  REQUIRE(store->Maintain(noon + hours(24)).ok());
  CHECK(store->figures().replies == 1);
  CHECK(store->Find("k1", noon).value() == std::nullopt);
  CHECK(store->Find(second.key, noon).value() == second);
  // The newest entry with a key counts.
  LogGroup group = Group(2, "y");
  group.replies = {{.key = second.key, .fingerprint = "new", .reply = "", .time_s = 1'000'000}};
  REQUIRE(store->Append({&group, 1}).ok());
  CHECK(store->Find(second.key, noon).value() == group.replies[0]);
}

TEST_CASE("no more replies are kept than there may be", "[engine][live_store]") {
  const TemporaryFolder folder;
  const system_clock::time_point noon(seconds(1'000'000));
  LiveStoreOptions options{.replies_max = 1'500, .maintenance_thread = false};
  {
    const auto store = MustOpen(folder.Path("set"), options);
    LogGroup group = Group(1, "x");
    for (int number = 0; number < 4'000; ++number) {
      group.replies.push_back({.key = absl::StrCat("key ", number), .fingerprint = "f", .reply = "r", .time_s = 1'000'000});
    }
    REQUIRE(store->Append({&group, 1}).ok());
    CHECK(store->figures().replies == 4'000);
    REQUIRE(store->Maintain(noon).ok());
    CHECK(store->figures().replies == 1'500);
  }
  const auto store = MustOpen(folder.Path("set"), options);
  CHECK(store->figures().replies == 1'500);
  CHECK(store->Find("key 2499", noon).value() == std::nullopt);
  CHECK(store->Find("key 2500", noon).value().has_value());
  CHECK(store->Find("key 3999", noon).value().has_value());
}

TEST_CASE("files do not grow with what is appended and dropped", "[engine][live_store]") {
  const TemporaryFolder folder;
  const auto store = MustOpen(folder.Path("set"), {.checkpoint_from_bytes = 1 << 20, .maintenance_thread = false});
  const auto append_and_drop = [&](std::uint64_t from) {
    for (std::uint64_t sequence = from; sequence < from + 40; ++sequence) {
      REQUIRE(Append(*store, sequence, Noise(50'000, sequence)).ok());
      REQUIRE(store->Maintain(system_clock::now()).ok());
      if (sequence >= 20) REQUIRE(store->ReplaceSegments({.covered = {{1, sequence - 20}}}).ok());
    }
  };
  append_and_drop(1);
  const std::uintmax_t database = fs::file_size(folder.Path("set/live.db")), log = fs::file_size(folder.Path("set/live.db-wal"));
  CHECK(database > 500'000);
  for (std::uint64_t round = 1; round < 6; ++round) append_and_drop(1 + round * 40);
  CHECK(fs::file_size(folder.Path("set/live.db")) < database + database / 4);
  CHECK(fs::file_size(folder.Path("set/live.db-wal")) < log + (1 << 20));
  CHECK(store->figures().log_groups == 20);
}

TEST_CASE("the store carries its log over by itself while writes go on", "[engine][live_store]") {
  const TemporaryFolder folder;
  const auto store = MustOpen(folder.Path("set"), {.checkpoint_from_bytes = 256 << 10});
  const auto deadline = std::chrono::steady_clock::now() + seconds(60);
  std::uint64_t sequence = 0, most = 0, carried = 0, before = 0;
  while (carried < 3 && std::chrono::steady_clock::now() < deadline) {
    ++sequence;
    REQUIRE(Append(*store, sequence, Noise(20'000, sequence)).ok());
    const std::uint64_t now = store->figures().write_ahead_bytes;
    carried += now < before;
    most = std::max(most, now);
    before = now;
  }
  CHECK(carried == 3);
  CHECK(most < 64 << 20);
  CHECK(Replayed(*store).size() == sequence);
}

TEST_CASE("finding, appending, changing segments and maintenance go on side by side", "[engine][live_store]") {
  const TemporaryFolder folder;
  const system_clock::time_point now = system_clock::now();
  {
    const auto store = MustOpen(folder.Path("set"), {.checkpoint_from_bytes = 128 << 10});
    std::atomic<std::uint64_t> appended = 0;
    std::atomic<int> wrong = 0;
    std::thread finder([&] {
      while (appended < 300) {
        const std::uint64_t last = appended;
        if (last > 0) wrong += !store->Find(absl::StrCat("key ", last), now).value().has_value();
      }
    });
    std::thread dropper([&] {
      while (appended < 300) {
        const LiveSegment segment = MakeSegment(*store, "x");
        wrong += !store->ReplaceSegments({.added = {segment}, .covered = {{1, appended.load() / 2}}}).ok();
        wrong += !store->ReplaceSegments({.removed = {segment.number()}}).ok();
      }
    });
    for (std::uint64_t sequence = 1; sequence <= 300; ++sequence) {
      LogGroup group = Group(sequence, Noise(5'000, sequence));
      group.replies = {{.key = absl::StrCat("key ", sequence),
                        .fingerprint = "f",
                        .reply = "r",
                        .time_s = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count()}};
      wrong += !store->Append({&group, 1}).ok();
      appended = sequence;
    }
    finder.join();
    dropper.join();
    CHECK(wrong == 0);
  }
  const auto store = MustOpen(folder.Path("set"));
  const Log log = Replayed(*store);
  REQUIRE(log.size() >= 150);
  CHECK(log.back().first == 300);
  for (std::size_t place = 0; place < log.size(); ++place) {
    CHECK(log[place].first == 300 - log.size() + 1 + place);
    CHECK((log[place].second == Noise(5'000, log[place].first)));
  }
}

}  // namespace clientele
