// Writers, readers and background merges at once: each answer is of one version, and what was acknowledged is seen.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <catch2/catch.hpp>

#include "engine/client_set.h"
#include "engine/execute.h"
#include "loader/json_record_reader.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

constexpr int kGroups = 8, kClientsPerGroup = 12;

// Clients of a group always have the same seller: that of the latest batch that wrote the group.
std::string Record(int group, int member, std::uint64_t version) {
  return absl::StrCat(R"({"id":)", group * 1000 + member + 1, R"(,"email":"m)", member, "@g", group,
                      R"(.example","status":"active","companyName":"group )", group,
                      R"(","created_at":"2024-01-01T00:00:00Z","seller":)", version, "}");
}

WriteBatch GroupBatch(int group, std::uint64_t version) {
  WriteBatch batch{.writes = {}, .atomic = true};
  for (int member = 0; member < kClientsPerGroup; ++member) {
    Write write{.kind = WriteKind::kPut, .id = {}, .json = Record(group, member, version)};
    batch.writes.push_back(std::move(write));
  }
  return batch;
}

class Harness {
 public:
  Harness() {
    ClientSetOptions options;
    options.new_reader = NewJsonRecordReader;
    options.live_capacity = 50;  // Sealed and merged all the time.
    options.maintenance.policy = {.file_rows = 300, .memory_segments_max = 3, .tier_width = 2, .dead_share_max = 0.2};
    options.maintenance.large_rows = 200;
    options.maintenance.log_rows_max = 2'000;
    auto opened = ClientSet::Open(folder_.Path("set"), std::move(options));
    REQUIRE(opened.ok());
    set_ = *std::move(opened);
    for (int group = 0; group < kGroups; ++group) {
      latest_[group] = 1;
      REQUIRE(set_->Commit(GroupBatch(group, 1)).ok());
    }
  }

  // Writes one group again and again; Catch2's assertions are not for several threads.
  void WriteGroup(int group) {
    for (std::uint64_t version = 2; !stopping_; ++version) {
      if (!set_->Commit(GroupBatch(group, version)).ok()) ++problems_;
      latest_[group] = version;
      ++writes_;
    }
  }

  // Asks for whole groups, and reads single clients.
  void Read(unsigned seed) {
    std::uint64_t epoch = 0;
    for (unsigned turn = seed; !stopping_; ++turn) {
      const int group = static_cast<int>(turn % kGroups);
      const std::uint64_t acknowledged = latest_[group];
      Query query;
      query.order_by = {{Field::kEmail, turn % 2 == 0}};
      query.limit = turn % 3 == 0 ? std::optional<std::uint64_t>() : 1000;
      const Snapshot snapshot = set_->Take(query);
      if (snapshot.epoch < std::exchange(epoch, snapshot.epoch)) ++problems_;  // Back to an older version.
      CheckAll(snapshot, query, group, acknowledged);
      const auto found = set_->Find(group * 1000 + 1);
      if (!found.ok() || !*found || VersionIn((**found).json) < acknowledged) ++problems_;
      ++reads_;
    }
  }

  void Run(std::chrono::milliseconds duration) {
    std::vector<std::thread> threads;
    for (int group = 0; group < kGroups; ++group) threads.emplace_back([this, group] { WriteGroup(group); });
    for (unsigned reader = 0; reader < 3; ++reader) threads.emplace_back([this, reader] { Read(reader); });
    std::this_thread::sleep_for(duration);
    stopping_ = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(problems_ == 0);
    CHECK(writes_ > 20);
    CHECK(reads_ > 20);
    CHECK(set_->client_count() == kGroups * kClientsPerGroup);
    CHECK(set_->figures().maintenance.merges > 0);
  }

 private:
  static std::uint64_t VersionIn(const std::string& json) {
    const std::size_t at = json.find("\"seller\":");
    return std::strtoull(json.c_str() + at + 9, nullptr, 10);
  }

  void CheckAll(const Snapshot& snapshot, const Query& query, int group, std::uint64_t acknowledged) {
    const auto stream = RowStream::Open(snapshot, query, {.threads = 1});
    if (!stream.ok() || (*stream)->count() != kGroups * kClientsPerGroup) {
      ++problems_;
      return;
    }
    std::vector<std::uint32_t> rows(kGroups * kClientsPerGroup + 1);
    std::size_t filled = 0;
    while (const std::size_t more = (*stream)->Next(std::span(rows).subspan(filled))) filled += more;
    std::string json;
    RenderRows(snapshot, std::span(rows).first(filled), kAllFields, "\n", json);
    std::uint64_t versions[kGroups] = {};
    for (const auto line : absl::StrSplit(json, '\n')) {
      const std::string record(line);
      const int of = static_cast<int>(std::strtoll(record.c_str() + 6, nullptr, 10) / 1000);
      const std::uint64_t version = VersionIn(record);
      if (versions[of] != 0 && versions[of] != version) ++problems_;  // Half of a batch.
      versions[of] = version;
    }
    if (versions[group] < acknowledged) ++problems_;
    if (filled != kGroups * kClientsPerGroup) ++problems_;
  }

  const TemporaryFolder folder_;
  std::unique_ptr<ClientSet> set_;
  std::atomic<std::uint64_t> latest_[kGroups];
  std::atomic<std::uint64_t> problems_ = 0, writes_ = 0, reads_ = 0;
  std::atomic<bool> stopping_ = false;
};

}  // namespace

TEST_CASE("readers see whole batches, and all that was acknowledged, while segments are sealed and merged", "[live]") {
  const char* const seconds = std::getenv("CLIENTELE_CONCURRENCY_SECONDS");
  Harness harness;
  harness.Run(std::chrono::seconds(seconds == nullptr ? 3 : std::strtol(seconds, nullptr, 10)));
}

}  // namespace clientele
