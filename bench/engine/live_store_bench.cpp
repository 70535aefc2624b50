// How many writes a second can be made durable, and what does it cost? Beside the commits stands what the disk does with as many
// bytes: one pwrite and one fdatasync into a file that does not grow. Disks vary from second to second: compare lines of one run,
// by
//   live_store_bench --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true
//   --benchmark_report_aggregates_only=true
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include "engine/group_commit.h"
#include "engine/live_store.h"
#include "loader/generator.h"

namespace clientele {
namespace {

constexpr std::uint64_t kRecords = 20'000;
constexpr std::uint64_t kSubmitters = 64;

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "clientele-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string Path(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// JSON of about 1.65 kB each.
const std::vector<std::string>& Records() {
  static const std::vector<std::string> records = [] {
    const Generator generator(7, kRecords);
    std::vector<std::string> made(kRecords);
    for (std::uint64_t index = 0; index < kRecords; ++index) generator.AppendClient(index, made[index]);
    return made;
  }();
  return records;
}

std::string PayloadOf(std::uint64_t first, std::uint64_t rows) {
  std::string payload;
  for (std::uint64_t row = first; row < first + rows; ++row) payload += Records()[row % kRecords];
  return payload;
}

std::unique_ptr<LiveStore> MustOpen(const Folder& folder, std::int64_t page_kib) {
  auto store = LiveStore::Open(folder.Path("set"), {.page_bytes = static_cast<std::uint32_t>(page_kib) << 10});
  if (!store.ok()) throw std::runtime_error(store.status().ToString());
  return *std::move(store);
}

void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

// Syncs a second are items a second.
void BM_DiskSync(benchmark::State& state) {
  const Folder folder;
  const auto bytes = static_cast<std::size_t>(state.range(0)) << 10;
  constexpr std::size_t kFileBytes = 32 << 20;
  const int file = open(folder.Path("raw").c_str(), O_RDWR | O_CREAT, 0600);
  const std::string content(kFileBytes, 'x');
  if (pwrite(file, content.data(), kFileBytes, 0) != kFileBytes || fsync(file) != 0) throw std::runtime_error("cannot write");
  std::size_t offset = 0;
  for (auto _ : state) {
    if (pwrite(file, content.data(), bytes, static_cast<off_t>(offset)) < 0 || fdatasync(file) != 0)
      throw std::runtime_error("sync");
    offset = offset + 2 * bytes <= kFileBytes ? offset + bytes : 0;
  }
  close(file);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DiskSync)->ArgName("KiB")->Arg(4)->Arg(16)->Arg(32)->Arg(64)->UseRealTime()->MeasureProcessCPUTime();

// Rows a second through Append, packed on the way; a group of the log is dropped when 50 newer ones are there.
void BM_Append(benchmark::State& state) {
  const Folder folder;
  const auto store = MustOpen(folder, state.range(1));
  const auto rows = static_cast<std::uint64_t>(state.range(0));
  std::vector<std::string> payloads;
  for (std::uint64_t group = 0; group < 8; ++group) payloads.push_back(PayloadOf(group * rows, rows));
  LogGroup group{.sequence = 0, .rows = rows, .payload = {}, .replies = {}};
  for (auto _ : state) {
    ++group.sequence;
    group.payload = LogPayload::Pack(payloads[group.sequence % payloads.size()]);
    Must(store->Append({&group, 1}));
    if (group.sequence % 50 == 0) Must(store->ReplaceSegments({.covered = {{1, group.sequence - 50}}}));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Append)
    ->ArgNames({"rows", "page_KiB"})
    ->ArgsProduct({{1, 32, 2'000}, {4, 8, 16, 32, 64}})
    ->UseRealTime()
    ->MeasureProcessCPUTime();

// The same with each commit beside a bare sync of as many bytes, in turns, so that both meet the same disk: "of_disk" is the
// share of the rate of bare syncs that commits reach.
void BM_AppendBesideDisk(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  const Folder folder;
  const auto store = MustOpen(folder, state.range(1));
  const auto rows = static_cast<std::uint64_t>(state.range(0));
  const std::string payload = PayloadOf(0, rows);
  constexpr std::size_t kFileBytes = 32 << 20;
  const std::string content(kFileBytes, 'x');
  const int file = open(folder.Path("raw").c_str(), O_RDWR | O_CREAT, 0600);
  if (pwrite(file, content.data(), kFileBytes, 0) != kFileBytes || fsync(file) != 0) throw std::runtime_error("cannot write");
  LogGroup group{.sequence = 0, .rows = rows, .payload = {}, .replies = {}};
  std::size_t offset = 0;
  std::uint64_t log_bytes = 0, before = store->figures().write_ahead_bytes;
  Clock::duration committing{}, syncing{};
  for (auto _ : state) {
    const Clock::time_point began = Clock::now();
    ++group.sequence;
    group.payload = LogPayload::Pack(payload);
    Must(store->Append({&group, 1}));
    const Clock::time_point committed = Clock::now();
    const std::uint64_t now = store->figures().write_ahead_bytes;
    if (now > before) log_bytes = now - before;  // Otherwise the log has just begun anew.
    before = now;
    if (offset + log_bytes > kFileBytes) offset = 0;
    const Clock::time_point again = Clock::now();
    if (pwrite(file, content.data(), log_bytes, static_cast<off_t>(offset)) < 0 || fdatasync(file) != 0)
      throw std::runtime_error("sync");
    syncing += Clock::now() - again;
    committing += committed - began;
    offset += log_bytes;
    state.SetIterationTime(std::chrono::duration<double>(committed - began).count());
  }
  close(file);
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes"] = static_cast<double>(log_bytes);
  state.counters["of_disk"] = std::chrono::duration<double>(syncing) / std::chrono::duration<double>(committing);
}
BENCHMARK(BM_AppendBesideDisk)->ArgNames({"rows", "page_KiB"})->ArgsProduct({{1, 32, 64}, {4, 8, 16, 32}})->UseManualTime();

// What a client's write is here: its JSON.
class StoreTarget : public CommitTarget<std::string> {
 public:
  explicit StoreTarget(LiveStore& store) : store_(store) {}
  void Validate(std::span<std::string>) override {}
  absl::Status Append(std::span<std::string> group) override {
    std::string payload;
    for (const std::string& write : group) payload += write;
    const LogGroup log{.sequence = ++sequence_, .rows = group.size(), .payload = LogPayload::Pack(payload), .replies = {}};
    return store_.Append({&log, 1});
  }
  void Apply(std::span<std::string>) override {}

 private:
  LiveStore& store_;
  std::uint64_t sequence_ = 0;
};

// 64 clients that each hand in one record, wait for the reply, and hand in the next.
void BM_GroupCommit(benchmark::State& state) {
  const Folder folder;
  const auto store = MustOpen(folder, state.range(0));
  StoreTarget target(*store);
  std::uint64_t writes = 0, groups = 0;
  for (auto _ : state) {
    constexpr std::uint64_t kWritesEach = 50;
    GroupCommit<std::string> commit(target);
    std::vector<std::thread> threads;
    for (std::uint64_t submitter = 0; submitter < kSubmitters; ++submitter) {
      threads.emplace_back([&, submitter] {
        for (std::uint64_t number = 0; number < kWritesEach; ++number) {
          std::string write = Records()[(submitter * kWritesEach + number) % kRecords];
          const std::uint64_t bytes = write.size();
          Must(commit.Commit(write, bytes));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    writes += commit.figures().writes;
    groups += commit.figures().groups;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(writes));
  state.counters["groups"] = benchmark::Counter(static_cast<double>(groups), benchmark::Counter::kIsRate);
  state.counters["group_size"] = static_cast<double>(writes) / static_cast<double>(groups);
}
BENCHMARK(BM_GroupCommit)->ArgName("page_KiB")->Arg(4)->Arg(8)->Arg(16)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
