// What a live set does in single, known situations; everything together is in client_set_property_test.cpp.
#include "engine/client_set.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>
#include <catch2/catch.hpp>

#include "index/snapshot_directory.h"
#include "loader/json_record_reader.h"
#include "tests/engine/random_world.h"
#include "tests/index/small_files.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

std::string Record(std::int64_t id, std::string_view company) {
  return absl::StrCat("{\"id\":", id, R"(,"email":"a@b.example","status":"active","companyName":")",
                      absl::string_view(company.data(), company.size()), R"(","created_at":"2024-01-01T00:00:00Z"})");
}

WriteBatch Puts(const std::vector<std::int64_t>& ids, std::string_view company) {
  WriteBatch batch;
  for (const std::int64_t id : ids) {
    Write write{.kind = WriteKind::kPut, .id = {}, .json = Record(id, company)};
    batch.writes.push_back(std::move(write));
  }
  return batch;
}

std::unique_ptr<ClientSet> OpenSet(const std::string& folder, std::uint64_t file_rows) {
  ClientSetOptions options;
  options.new_reader = NewJsonRecordReader;
  options.maintenance.policy.file_rows = file_rows;
  auto opened = ClientSet::Open(folder, std::move(options));
  INFO(opened.status().ToString());
  REQUIRE(opened.ok());
  return *std::move(opened);
}

}  // namespace

TEST_CASE("a new file hides the rows that it replaces in the file of a snapshot, over restarts and merges", "[live]") {
  std::uint64_t seed = 1;
  RandomWorld world = SmallWorld(seed);
  while (OnlySegment(world.snapshot)->row_count() < 800) world = SmallWorld(++seed);
  const Segment& base = *OnlySegment(world.snapshot);
  const TemporaryFolder folder;
  const std::string path = folder.Path("set");
  REQUIRE(SaveSnapshot(base, path).ok());
  std::vector<std::int64_t> ids;
  for (std::uint32_t row = 0; row < 700; ++row) ids.push_back(base.ClientId(row));

  auto set = OpenSet(path, 400);
  // What is to become a file takes the older rows of the live table along.
  REQUIRE(set->Commit(Puts({ids[0]}, "live")).ok());
  REQUIRE(set->Commit(Puts({ids.begin() + 1, ids.end()}, "replaced")).ok());
  while (set->figures().maintenance.files_written == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(set->client_count() == base.row_count());
  for (int restart = 0; restart < 3; ++restart) {
    set.reset();
    set = OpenSet(path, 400);
    CHECK(set->client_count() == base.row_count());
    REQUIRE(set->Settle().ok());
  }
  for (const std::int64_t id : ids) {
    const auto found = set->Find(id);
    REQUIRE(found.ok());
    REQUIRE(found->has_value());
    CHECK((*found)->json.find(id == ids[0] ? R"("companyName":"live")" : R"("companyName":"replaced")") != std::string::npos);
  }
}

TEST_CASE("a segment file that cannot be registered for want of room does not stay", "[live]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("set");
  ClientSetOptions options;
  options.new_reader = NewJsonRecordReader;
  // The write-ahead log grows with each write from nothing, and is soon longer than the segment file will be.
  options.store.checkpoint_from_bytes = 0;
  options.store.maintenance_thread = false;
  auto opened = ClientSet::Open(path, std::move(options));
  REQUIRE(opened.ok());
  ClientSet& set = **opened;
  const auto segment_files = [&] {
    return std::ranges::count_if(std::filesystem::directory_iterator(path), [](const std::filesystem::directory_entry& entry) {
      return entry.path().filename().string().starts_with("segment-");
    });
  };
  for (std::int64_t id = 1; id <= 100; ++id) REQUIRE(set.Commit(Puts({id}, "some")).ok());

  absl::Status full;
  {
    const SmallFiles small(std::filesystem::file_size(path + "/live.db-wal"));
    full = set.Flush();
  }
  INFO(full.ToString());
  CHECK(absl::IsResourceExhausted(full));
  CHECK(segment_files() == 0);

  REQUIRE(set.Flush().ok());
  CHECK(segment_files() == 1);
  CHECK(set.figures().log.log_rows == 0);
}

TEST_CASE("a long batch of records is sealed before it is decided, and no other batch", "[live]") {
  const TemporaryFolder folder;
  const auto set = OpenSet(folder.Path("set"), 65'536);
  std::vector<std::int64_t> ids(600);
  std::iota(ids.begin(), ids.end(), 1);
  const WriteBatch records = Puts(ids, "long");
  const auto sealed = [&](WriteBatch batch) { return set->Prepare(std::move(batch)).sealed != nullptr; };
  WriteBatch batch = records;
  CHECK_FALSE(sealed(batch));  // Versions are of the records as they are rendered.
  batch.want_versions = false;
  CHECK(sealed(batch));

  WriteBatch other = batch;
  other.writes.resize(511);
  CHECK_FALSE(sealed(other));
  other = batch;
  other.dry_run = true;
  CHECK_FALSE(sealed(other));
  other = batch;
  other.writes[7].precondition.kind = Precondition::Kind::kAbsent;
  CHECK_FALSE(sealed(other));
  other = batch;
  other.writes[7] = {.kind = WriteKind::kPurge, .id = 8, .json = "", .precondition = {}};
  CHECK_FALSE(sealed(other));
  other = batch;
  other.writes[7].json = Record(1, "twice");
  CHECK_FALSE(sealed(other));
  other = batch;
  for (Write& write : other.writes) write.json = "{}";
  CHECK_FALSE(sealed(other));
}

TEST_CASE("of a long batch of records, those that can be read are written, logged and told apart from new ones", "[live]") {
  const TemporaryFolder folder;
  auto set = OpenSet(folder.Path("set"), 65'536);
  REQUIRE(set->Commit(Puts({5, 6, 7}, "before")).ok());
  std::vector<std::int64_t> ids(600);
  std::iota(ids.begin(), ids.end(), 1);
  WriteBatch batch = Puts(ids, "sealed");
  batch.want_versions = false;
  batch.writes[6].json = "{\"id\":7}";
  batch.writes[99].id = 100;
  batch.writes[100].id = 100;  // The record says 101.
  const auto reply = set->Commit(std::move(batch));
  REQUIRE(reply.ok());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool is_invalid = i == 6 || i == 100, was_there = i == 4 || i == 5;
    INFO(i);
    CHECK(reply->results[i].code == (is_invalid  ? WriteResult::Code::kInvalid
                                     : was_there ? WriteResult::Code::kReplaced
                                                 : WriteResult::Code::kCreated));
    CHECK(reply->results[i].problem.expected.empty() == !is_invalid);
  }
  for (int restart = 0; restart < 2; ++restart) {
    CHECK(set->client_count() == 599);
    CHECK(set->figures().log.log_rows == 3 + 598);
    CHECK((*set->Find(7))->json.find("before") != std::string::npos);
    CHECK((*set->Find(6))->json.find("sealed") != std::string::npos);
    CHECK_FALSE(set->Find(101)->has_value());
    set.reset();
    set = OpenSet(folder.Path("set"), 65'536);
  }
}

TEST_CASE("an atomic batch of records of which one cannot be read changes nothing, and later writes see so", "[live]") {
  const TemporaryFolder folder;
  const auto set = OpenSet(folder.Path("set"), 65'536);
  std::vector<std::int64_t> ids(600);
  std::iota(ids.begin(), ids.end(), 1);
  WriteBatch batch = Puts(ids, "atomic");
  batch.want_versions = false;
  batch.atomic = true;
  WriteBatch broken = batch;
  broken.writes[300].json = "{}";
  const auto refused = set->Commit(std::move(broken));
  REQUIRE(refused.ok());
  CHECK(refused->results[300].code == WriteResult::Code::kInvalid);
  CHECK(refused->results[299].code == WriteResult::Code::kNotTried);
  CHECK(set->client_count() == 0);
  CHECK(set->figures().log.log_rows == 0);
  const auto done = set->Commit(std::move(batch));
  REQUIRE(done.ok());
  CHECK(done->results[299].code == WriteResult::Code::kCreated);
  CHECK(set->client_count() == 600);
}

TEST_CASE("writes of one group see the records of a long batch before them in it", "[live]") {
  const TemporaryFolder folder;
  const auto set = OpenSet(folder.Path("set"), 65'536);
  std::vector<std::int64_t> ids(600);
  std::iota(ids.begin(), ids.end(), 1);
  WriteBatch records = Puts(ids, "sealed");
  records.want_versions = false;
  WriteBatch after;
  after.want_records = true;
  after.writes.push_back({.kind = WriteKind::kPatch, .id = 9, .json = R"({"status":"paused"})", .precondition = {}});
  after.writes.push_back({.kind = WriteKind::kPurge, .id = 10, .json = "", .precondition = {}});
  // Whether they share a group depends on the time: many attempts, of which most do.
  for (int attempt = 0; attempt < 20; ++attempt) {
    PendingBatch first = set->Prepare(records), second = set->Prepare(after);
    std::promise<absl::StatusOr<WriteReply>> promise;
    // Keeps the committing thread, so that the two wait together.
    set->Submit(Puts({1'000}, "earlier"), [](absl::StatusOr<WriteReply>) {});
    set->SubmitPrepared(std::move(first), [](absl::StatusOr<WriteReply>) {});
    set->SubmitPrepared(std::move(second), [&](absl::StatusOr<WriteReply> reply) { promise.set_value(std::move(reply)); });
    const auto reply = promise.get_future().get();
    REQUIRE(reply.ok());
    CHECK(reply->results[0].code == WriteResult::Code::kPatched);
    CHECK(reply->results[0].json.find(R"("status":"paused")") != std::string::npos);
    CHECK(reply->results[0].json.find(R"("companyName":"sealed")") != std::string::npos);
    CHECK(reply->results[1].code == WriteResult::Code::kPurged);
    CHECK(set->client_count() == 600);  // 10 is gone, 1,000 is there.
    CHECK((*set->Find(9))->json == reply->results[0].json);
  }
}

TEST_CASE("a flush waits for segments that are being merged in memory, and leaves nothing of before it in the log", "[live]") {
  const TemporaryFolder folder;
  ClientSetOptions options;
  options.new_reader = NewJsonRecordReader;
  options.maintenance.policy.memory_segments_max = 2;  // Merges begin with the second segment.
  auto opened = ClientSet::Open(folder.Path("set"), std::move(options));
  REQUIRE(opened.ok());
  const std::unique_ptr<ClientSet> set = *std::move(opened);
  for (std::int64_t round = 0; round < 10; ++round) {
    for (std::int64_t part = 0; part < 3; ++part) {
      std::vector<std::int64_t> ids(600);
      std::iota(ids.begin(), ids.end(), 1 + 600 * part);
      REQUIRE(set->Commit(Puts(ids, "flushed")).ok());
    }
    REQUIRE(set->Flush().ok());
    CHECK(set->figures().log.log_rows == 0);
    CHECK(set->client_count() == 1'800);
  }
}

}  // namespace clientele
