// What a store keeps of a transaction that it refused for want of room: nothing, also when the process is killed at once. The
// calls with which SQLite writes fail here as the worst of file systems might let them fail.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <absl/strings/str_cat.h>
#include <catch2/catch.hpp>
#include <sqlite3.h>
#include <unistd.h>

#include "engine/live_store.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

namespace fs = std::filesystem;

// While it lives, writes of SQLite's to files whose paths end in `ending` fail with ENOSPC, from the `first`-th on (from 1),
// `count` of them; the first `done` of these have written all the same.
class FullDisk {
 public:
  FullDisk(std::string_view ending, int first, int count, int done) {
    plan = {std::string(ending), first, count, done};
    calls = 0;
    Set(reinterpret_cast<sqlite3_syscall_ptr>(&Write));
  }
  ~FullDisk() { Set(nullptr); }

  static int calls;

 private:
  struct Plan {
    std::string ending;
    int first = 0, count = 0;
    int done = 0;
  };

  static ssize_t Write(int file, const void* bytes, size_t size, off_t offset) {
    const std::string path = fs::read_symlink(absl::StrCat("/proc/self/fd/", file)).string();
    if (!path.ends_with(plan.ending) || ++calls < plan.first || calls >= plan.first + plan.count)
      return pwrite(file, bytes, size, offset);
    if (calls < plan.first + plan.done) REQUIRE(pwrite(file, bytes, size, offset) == static_cast<ssize_t>(size));
    errno = ENOSPC;
    return -1;
  }

  static void Set(sqlite3_syscall_ptr call) {
    sqlite3_vfs* const files = sqlite3_vfs_find(nullptr);
    // Which of the two it uses is a matter of how it was built.
    for (const char* name : {"pwrite", "pwrite64"}) files->xSetSystemCall(files, name, call);
  }

  static Plan plan;
};

int FullDisk::calls = 0;
FullDisk::Plan FullDisk::plan;

constexpr int kAll = 1 << 20;

std::unique_ptr<LiveStore> MustOpen(const std::string& folder, LiveStoreOptions options) {
  options.maintenance_thread = false;
  absl::StatusOr<std::unique_ptr<LiveStore>> store = LiveStore::Open(folder, options);
  CAPTURE(store.status());
  REQUIRE(store.ok());
  return *std::move(store);
}

absl::Status Append(LiveStore& store, std::uint64_t sequence, std::size_t bytes) {
  std::string payload(bytes, '\0');
  std::uint64_t state = sequence;
  for (char& byte : payload) byte = static_cast<char>((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
  const LogGroup group{.sequence = sequence, .rows = 1, .payload = LogPayload::Pack(payload), .replies = {}};
  return store.Append({&group, 1});
}

LiveSegment MakeSegment(LiveStore& store) {
  const std::string name = store.NewSegmentName(), content = "content";
  std::ofstream(absl::StrCat(store.folder(), "/", name), std::ios::binary) << content;
  return {.file = {.name = name, .rows = 7, .bytes = content.size(), .checksum = {.low = 1, .high = 2}},
          .tombstones = std::string(5'000, 't')};
}

// What the store's folder holds for a program that is started after this one was killed now.
struct Found {
  std::size_t segments = 0;
  std::uint64_t log_groups = 0;
  bool operator==(const Found&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Found& found) {
  return out << found.segments << " segments, " << found.log_groups << " log groups";
}

Found AfterKill(const TemporaryFolder& folder) {
  fs::remove_all(folder.Path("killed"));
  fs::create_directory(folder.Path("killed"));
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.Path("set"))) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with("-shm")) continue;  // A new one is made from the log.
    fs::copy(entry.path(), folder.Path("killed/" + name));
  }
  const auto store = MustOpen(folder.Path("killed"), {.checkpoint_from_bytes = 64 << 10});
  return {store->recovered().segments.size(), store->recovered().log_groups};
}

std::size_t SegmentFiles(const TemporaryFolder& folder) {
  return static_cast<std::size_t>(std::ranges::count_if(
      fs::directory_iterator(folder.Path("set")),
      [](const fs::directory_entry& entry) { return entry.path().filename().string().starts_with("segment-"); }));
}

std::uint64_t Frames(LiveStore& store, std::uint64_t page_bytes) {
  return store.figures().write_ahead_bytes / (page_bytes + 24);  // Without the 32 bytes of the header, by rounding.
}

TEST_CASE("a restart does not find what was refused, whatever of it was written", "[engine][live_store]") {
  const auto append = [](LiveStore& store) { return Append(store, 4, 30'000); };
  const auto replace = [](LiveStore& store) {
    return store.ReplaceSegments({.added = {MakeSegment(store)}, .covered = {{1, 2}}});
  };
  for (const bool write_is_replace : {false, true}) {
    const std::function<absl::Status(LiveStore&)> write =
        write_is_replace ? std::function<absl::Status(LiveStore&)>(replace) : append;
    const Found all_done = write_is_replace ? Found{1, 1} : Found{0, 4};
    int writes = 0;
    for (const int done : {0, 1, kAll}) {
      for (const int count : {1, kAll}) {
        for (int first = 1; first == 1 || first <= writes; ++first) {
          const TemporaryFolder folder;
          const auto store = MustOpen(folder.Path("set"), {.page_bytes = 4'096, .checkpoint_from_bytes = 64 << 10});
          for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) REQUIRE(Append(*store, sequence, 9'000).ok());
          if (writes == 0) {
            const FullDisk counting("set/live.db-wal", kAll, 1, 0);
            REQUIRE(write(*store).ok());
            writes = FullDisk::calls;
            CHECK(writes >= 6);
            continue;
          }
          CAPTURE(done, count, first, writes);
          {
            const FullDisk full("set/live.db-wal", first, count, done);
            const absl::Status status = write(*store);
            CAPTURE(status);
            CHECK(absl::IsResourceExhausted(status));
          }
          // Only where all was written, and then nothing at all is.
          const bool is_left = done == 1 && count == kAll && first == writes;
          CHECK(AfterKill(folder) == (is_left ? all_done : Found{0, 3}));
          CHECK(SegmentFiles(folder) == (is_left && write_is_replace ? 1 : 0));
          CHECK(store->failure().ok());
          REQUIRE(Append(*store, 5, 5'000).ok());
          CHECK(AfterKill(folder) == Found{0, 4});
          REQUIRE(store->ReplaceSegments({.added = {MakeSegment(*store)}, .covered = {{1, 3}}}).ok());
          CHECK(AfterKill(folder) == Found{1, 1});
        }
      }
    }
  }
}

TEST_CASE("ends of refused transactions behind the log's are no damage", "[engine][live_store]") {
  const TemporaryFolder folder;
  const auto store = MustOpen(folder.Path("set"), {.page_bytes = 512, .checkpoint_from_bytes = 8 << 20});
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) REQUIRE(Append(*store, sequence, 2'000).ok());
  // Each one is whole, longer than one frame, and shorter than the one before.
  for (const std::size_t bytes : {20'000, 15'000, 10'000, 5'000}) {
    int writes = 0;
    {
      const FullDisk counting("set/live.db-wal", kAll, 1, 0);
      const TemporaryFolder other;
      const auto same = MustOpen(other.Path("set"), {.page_bytes = 512, .checkpoint_from_bytes = 8 << 20});
      FullDisk::calls = 0;
      REQUIRE(Append(*same, 4, bytes).ok());
      writes = FullDisk::calls - 2;  // Its log's header, and the last page.
    }
    const FullDisk full("set/live.db-wal", writes, 1, 1);
    CHECK(absl::IsResourceExhausted(Append(*store, 4, bytes)));
  }
  CHECK(AfterKill(folder) == Found{0, 3});
}

TEST_CASE("a transaction that is synced when the log's index cannot grow is refused as a whole", "[engine][live_store]") {
  constexpr std::uint64_t kPageBytes = 512, kFramesOfFirstRegion = 4'062;
  const TemporaryFolder folder;
  // The index is made for a log of this length, and is to grow beyond.
  const auto store = MustOpen(folder.Path("set"), {.page_bytes = kPageBytes, .checkpoint_from_bytes = 64 << 10});
  std::uint64_t sequence = 0;
  while (Frames(*store, kPageBytes) < kFramesOfFirstRegion - 100) REQUIRE(Append(*store, ++sequence, 20'000).ok());
  while (Frames(*store, kPageBytes) < kFramesOfFirstRegion - 5) REQUIRE(Append(*store, ++sequence, 1).ok());
  const Found before{0, sequence};

  SECTION("another takes its place when the index has room for that") {
    const FullDisk full("set/live.db-shm", 1, kAll, 0);
    CHECK(absl::IsResourceExhausted(Append(*store, sequence + 1, 20'000)));
    CHECK(FullDisk::calls > 0);
    CHECK(AfterKill(folder) == before);
    const LiveSegment segment = MakeSegment(*store);
    CHECK(absl::IsResourceExhausted(store->ReplaceSegments({.added = {segment}, .covered = {{1, sequence}}})));
    CHECK(SegmentFiles(folder) == 0);
    CHECK(AfterKill(folder) == before);
  }
  SECTION("also when that is refused as well") {
    while (Frames(*store, kPageBytes) < kFramesOfFirstRegion) REQUIRE(Append(*store, ++sequence, 1).ok());
    REQUIRE(Frames(*store, kPageBytes) == kFramesOfFirstRegion);
    {
      const FullDisk full("set/live.db-shm", 1, kAll, 0);
      for (int time = 0; time < 2; ++time) {
        CHECK(absl::IsResourceExhausted(store->ReplaceSegments({.added = {MakeSegment(*store)}, .covered = {{1, 1}}})));
        CHECK(SegmentFiles(folder) == 0);
        CHECK(AfterKill(folder) == Found{0, sequence});
      }
    }
    REQUIRE(Append(*store, sequence + 1, 1).ok());
    CHECK(AfterKill(folder) == Found{0, sequence + 1});
  }
}

TEST_CASE("on a full disk the log has the room that it was given, and so has its index", "[engine][live_store]") {
  constexpr std::uint64_t kPageBytes = 512;
  const TemporaryFolder folder;
  const auto store = MustOpen(folder.Path("set"), {.page_bytes = kPageBytes, .checkpoint_from_bytes = 5 << 20});
  const FullDisk full("set/live.db-shm", 1, kAll, 0);
  std::uint64_t sequence = 0;
  while (Frames(*store, kPageBytes) < 9'000) REQUIRE(Append(*store, ++sequence, 20'000).ok());
  CHECK(FullDisk::calls == 0);
}

}  // namespace
}  // namespace clientele
