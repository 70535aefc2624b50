// What a live set does in single, known situations; everything together is in client_set_property_test.cpp.
#include "engine/client_set.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
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

}  // namespace clientele
