// Merges and what is told to the store about them, at moments that chance hardly ever hits: merges are held up where they are
// about to take their inputs' place, and what a crash there would leave is opened.
#include "engine/segment_maintenance.h"

#include <chrono>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>
#include <catch2/catch.hpp>

#include "engine/client_set.h"
#include "loader/json_record_reader.h"
#include "tests/engine/merge_gate.h"
#include "tests/index/small_files.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

// A group of so many changes becomes a segment in memory at once; shorter ones go to the live table.
constexpr std::int64_t kSegmentRows = 600;

std::vector<std::int64_t> Ids(std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), first);
  return ids;
}

template <class Holds>
void WaitUntil(Holds holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!holds()) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// A live set whose merges pass a gate, and the companies that its clients must have.
class GatedSet {
 public:
  explicit GatedSet(const MergePolicyOptions& policy) : policy_(policy) { Open(); }
  ~GatedSet() { gate.Open(); }  // Else the set would wait for its merges for ever.

  void Open() {
    set_.reset();
    set_ = OpenAt(path_, policy_);
  }

  void Put(const std::vector<std::int64_t>& ids) {
    const std::string company = absl::StrCat("Company ", ++written_);
    WriteBatch batch;
    for (const std::int64_t id : ids) {
      companies_[id] = company;
      batch.writes.push_back({.kind = WriteKind::kPut,
                              .id = {},
                              .json = absl::StrCat("{\"id\":", id, R"(,"email":"a@b.example","status":"active","companyName":")",
                                                   company, R"(","created_at":"2024-01-01T00:00:00Z"})")});
    }
    Commit(std::move(batch));
  }

  void Purge(const std::vector<std::int64_t>& ids) {
    WriteBatch batch;
    for (const std::int64_t id : ids) {
      REQUIRE(companies_.erase(id) == 1);
      batch.writes.push_back({.kind = WriteKind::kPurge, .id = id, .json = {}});
    }
    Commit(std::move(batch));
  }

  // The set has these clients, and after a crash now it would have them as well.
  void Check() const {
    Check(*set_);
    const std::string copy = folder_.Path("copy");
    CopySet(copy);
    {
      // Nothing is merged there, so that what the files say is not mended.
      const auto crashed =
          OpenAt(copy, {.file_rows = 1'000'000, .memory_segments_max = 1'000, .tier_width = 1'000, .dead_share_max = 1});
      Check(*crashed);
    }
    std::filesystem::remove_all(copy);
  }

  // Everything in memory becomes a file, and leaves the log.
  void Flush() {
    REQUIRE(set_->Flush().ok());
    REQUIRE(log_rows() == 0);
  }
  absl::Status TryFlush() { return set_->Flush(); }
  // The same on another thread, which comes to the gate as this merge; until there.
  void FlushToGate(std::uint64_t merge) {
    flushed_ = std::async(std::launch::async, [this] { return set_->Flush(); });
    gate.WaitFor(merge);
  }
  void AwaitFlush() { REQUIRE(flushed_.get().ok()); }

  void SealLive() { set_->SealLive(); }
  std::uint64_t log_rows() const { return set_->figures().log.log_rows; }
  std::uint64_t merges() const { return set_->figures().maintenance.merges; }
  std::uint64_t files_written() const { return set_->figures().maintenance.files_written; }

  mutable MergeGate gate;

 private:
  std::unique_ptr<ClientSet> OpenAt(const std::string& path, const MergePolicyOptions& policy) const {
    ClientSetOptions options;
    options.new_reader = NewJsonRecordReader;
    options.maintenance.policy = policy;
    // Its write-ahead log is short, and stays as it is while the folder is copied.
    options.store.checkpoint_from_bytes = 0;
    options.store.maintenance_thread = false;
    if (path == path_) options.maintenance.before_replacing = [this] { gate.Pass(); };
    auto opened = ClientSet::Open(path, std::move(options));
    INFO(opened.status().ToString());
    REQUIRE(opened.ok());
    return *std::move(opened);
  }

  // The store first: a file that is missed because it gets its name meanwhile is not known to it yet.
  void CopySet(const std::filesystem::path& to) const {
    std::filesystem::create_directory(to);
    for (const bool is_store : {true, false}) {
      for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        const std::filesystem::path name = entry.path().filename();
        if (name.string().starts_with("live.db") != is_store) continue;
        std::error_code error;
        std::filesystem::copy_file(entry.path(), to / name, error);
        INFO(name.string() << ": " << error.message());
        REQUIRE((!error || (!is_store && error == std::errc::no_such_file_or_directory)));
      }
    }
  }

  void Commit(WriteBatch batch) {
    const auto reply = set_->Commit(std::move(batch));
    REQUIRE(reply.ok());
    for (const WriteResult& result : reply->results) REQUIRE(!IsRefused(result.code));
  }

  void Check(const ClientSet& set) const {
    std::string wrong;
    if (set.client_count() != companies_.size())
      wrong = absl::StrCat(set.client_count(), " clients, not ", companies_.size(), "; ");
    for (std::int64_t id = 1; id <= 10 * kSegmentRows; ++id) {
      const auto found = set.Find(id);
      REQUIRE(found.ok());
      const auto expected = companies_.find(id);
      if (found->has_value() != (expected != companies_.end()))
        absl::StrAppend(&wrong, id, found->has_value() ? " is back; " : " is lost; ");
      else if (found->has_value() && (*found)->json.find(absl::StrCat("\"", expected->second, "\"")) == std::string::npos)
        absl::StrAppend(&wrong, id, " is an old record; ");
    }
    CHECK(wrong.substr(0, 300) == "");
  }

  const MergePolicyOptions policy_;
  const TemporaryFolder folder_;
  const std::string path_ = folder_.Path("set");
  std::map<std::int64_t, std::string> companies_;
  int written_ = 0;
  std::unique_ptr<ClientSet> set_;
  std::future<absl::Status> flushed_;
};

// Segments in memory become files at once, and files are left alone.
constexpr MergePolicyOptions kFilesOnly{
    .file_rows = kSegmentRows, .memory_segments_max = 1'000, .tier_width = 1'000, .dead_share_max = 1};

}  // namespace

TEST_CASE("rows that die during a merge are dead in its result", "[live]") {
  const auto [what, policy, merges_before] = GENERATE(table<std::string, MergePolicyOptions, std::uint64_t>({
      {"in memory", {.file_rows = 1'000'000, .memory_segments_max = 2, .tier_width = 1'000, .dead_share_max = 1}, 0},
      {"from memory to a file",
       {.file_rows = 2 * kSegmentRows, .memory_segments_max = 1'000, .tier_width = 1'000, .dead_share_max = 1},
       0},
      {"of files", {.file_rows = kSegmentRows, .memory_segments_max = 1'000, .tier_width = 2, .dead_share_max = 1}, 2},
  }));
  INFO("a merge " << what);
  GatedSet set(policy);
  set.gate.Close();
  for (std::uint64_t merge = 1; merge <= merges_before; ++merge) set.gate.LetPass(merge);
  set.Put(Ids(1, kSegmentRows));
  if (merges_before > 0) WaitUntil([&] { return set.files_written() == 1; });
  set.Put(Ids(1 + kSegmentRows, kSegmentRows));

  set.gate.WaitFor(merges_before + 1);
  set.Purge({7, kSegmentRows + 7});
  set.Put({8, kSegmentRows + 8});
  set.Put(Ids(100, kSegmentRows));
  set.gate.LetPass(merges_before + 1);
  WaitUntil([&] { return set.merges() == merges_before + 1; });
  set.Check();
  set.gate.Open();
  set.Flush();
  set.Check();
}

TEST_CASE("a new file comes with the tombstones of the files from which its rows are", "[live]") {
  GatedSet set(kFilesOnly);
  for (const std::int64_t part : {0, 1}) {
    set.Put(Ids(1 + part * kSegmentRows, kSegmentRows));
    WaitUntil([&] { return set.log_rows() == 0; });
  }
  // Half of either file.
  set.Put(Ids(1 + kSegmentRows / 2, kSegmentRows));
  WaitUntil([&] { return set.files_written() == 3 && set.log_rows() == 0; });
  set.Check();

  // The same when the files were opened anew, and what they say is known from before.
  set.Open();
  set.Put(Ids(1 + kSegmentRows / 3, kSegmentRows));
  WaitUntil([&] { return set.log_rows() == 0; });
  set.Check();
}

TEST_CASE("a new file comes with the tombstones of other files also when nothing leaves the log", "[live]") {
  GatedSet set(kFilesOnly);
  set.gate.Close();
  // The oldest rows of the log stay in memory: in a merge that is held up.
  set.Put(Ids(1 + kSegmentRows, kSegmentRows));
  set.gate.WaitFor(1);
  set.Put(Ids(1, kSegmentRows));
  // The flush waits for that merge, and makes files of all else meanwhile.
  set.FlushToGate(2);
  set.gate.LetPass(2);
  WaitUntil([&] { return set.files_written() == 1; });
  set.Put(Ids(1, kSegmentRows / 2));
  set.gate.WaitFor(3);
  set.gate.LetPass(3);
  WaitUntil([&] { return set.files_written() == 2; });
  CHECK(set.log_rows() == 2 * kSegmentRows + kSegmentRows / 2);
  set.Check();
  set.gate.Open();
  set.AwaitFlush();
  CHECK(set.files_written() == 3);
  set.Flush();
  set.Check();
}

TEST_CASE("purges leave the log when the tombstones of the files tell of them", "[live]") {
  GatedSet set(kFilesOnly);
  for (const std::int64_t part : {0, 1}) {
    set.Put(Ids(1 + part * kSegmentRows, kSegmentRows));
    WaitUntil([&] { return set.log_rows() == 0; });
  }
  set.Purge({3, kSegmentRows + 3});
  CHECK(set.log_rows() == 2);
  set.Flush();
  set.Check();
  set.Open();
  set.Purge({4, kSegmentRows + 4});
  set.Flush();
  set.Check();
}

TEST_CASE("tombstones that could not be told for want of room are told the next time", "[live]") {
  GatedSet set(kFilesOnly);
  set.Put(Ids(1, kSegmentRows));
  WaitUntil([&] { return set.log_rows() == 0; });
  set.Purge({3});
  {
    const SmallFiles full(0);
    CHECK(absl::IsResourceExhausted(set.TryFlush()));
  }
  CHECK(set.log_rows() == 1);
  set.Check();
  set.Flush();
  set.Check();
}

TEST_CASE("a merge of files that drops purges from the log tells of them in all other files", "[live]") {
  GatedSet set({.file_rows = kSegmentRows, .memory_segments_max = 1'000, .tier_width = 2, .dead_share_max = 1});
  // Two of the first tier become one of the second.
  for (const std::int64_t part : {0, 1}) {
    set.Put(Ids(1 + part * kSegmentRows, kSegmentRows));
    WaitUntil([&] { return set.merges() == static_cast<std::uint64_t>(1 + 2 * part); });
  }
  set.gate.Close();
  set.gate.LetPass(1);
  set.gate.LetPass(2);
  for (const std::int64_t part : {2, 3}) {
    set.Put(Ids(1 + part * kSegmentRows, kSegmentRows));
    WaitUntil([&] { return set.merges() == static_cast<std::uint64_t>(2 + part); });
  }
  set.gate.WaitFor(3);
  set.Purge({5, 3 * kSegmentRows + 5});
  CHECK(set.log_rows() == 2);
  set.gate.LetPass(3);
  WaitUntil([&] { return set.merges() == 6; });
  CHECK(set.log_rows() == 0);
  set.Check();
  set.gate.Open();
}

TEST_CASE("the log keeps what was written while a file was made", "[live]") {
  GatedSet set(kFilesOnly);
  set.gate.Close();
  set.Put(Ids(1, kSegmentRows));
  set.gate.WaitFor(1);

  SECTION("to the live table") {
    set.Put({1, 2 * kSegmentRows});
    set.gate.LetPass(1);
    WaitUntil([&] { return set.files_written() == 1; });
    CHECK(set.log_rows() == 2);
    set.Check();
  }
  SECTION("to a segment in memory") {
    set.Put(Ids(kSegmentRows, kSegmentRows));
    set.gate.LetPass(1);
    set.gate.WaitFor(2);  // The segment is about to become a file, too.
    CHECK(set.log_rows() == kSegmentRows);
    set.Check();
  }
  SECTION("to the live table and from there to a segment") {
    set.Put({kSegmentRows, kSegmentRows + 1});
    set.Put({kSegmentRows + 2});
    set.SealLive();
    set.gate.LetPass(1);
    WaitUntil([&] { return set.files_written() == 1; });
    CHECK(set.log_rows() == 3);
    set.Check();
  }
  set.gate.Open();
  set.Flush();
  set.Check();
}

TEST_CASE("the log keeps what is merged in memory while newer rows become a file", "[live]") {
  const bool from_log = GENERATE(false, true);
  INFO("from the log: " << from_log);
  GatedSet set({.file_rows = 1'000'000, .memory_segments_max = 2, .tier_width = 1'000, .dead_share_max = 1});
  if (from_log) {
    // Replayed, all of it becomes one segment.
    for (std::int64_t first = 1; first < kSegmentRows; first += kSegmentRows / 3) set.Put(Ids(first, kSegmentRows / 3));
    set.Open();
  } else {
    set.Put(Ids(1, kSegmentRows));
  }
  set.gate.Close();
  set.Put(Ids(1 + kSegmentRows, kSegmentRows));
  set.gate.WaitFor(1);
  set.Put(Ids(1 + 2 * kSegmentRows, kSegmentRows));
  set.FlushToGate(2);

  SECTION("and not done yet") {}
  SECTION("and done meanwhile") {
    set.gate.LetPass(1);
    WaitUntil([&] { return set.merges() == 1; });
  }
  // The flush goes on: it waits for the first merge, or makes a file of what came of it, which is held up as well.
  set.gate.LetPass(2);
  WaitUntil([&] { return set.files_written() == 1; });
  CHECK(set.log_rows() == 3 * kSegmentRows);
  set.Check();
  set.gate.Open();
  set.AwaitFlush();
  CHECK(set.files_written() == 2);
  set.Flush();
  set.Check();
}

TEST_CASE("the log is empty when all of its rows are in files or dead", "[live]") {
  GatedSet set(kFilesOnly);
  set.Put(Ids(1, 10));
  set.Purge(Ids(1, 10));
  set.Flush();
  set.Check();
  set.Put(Ids(1, 10));
  set.Put(Ids(1, kSegmentRows));
  set.Flush();
  set.Check();
}

}  // namespace clientele
