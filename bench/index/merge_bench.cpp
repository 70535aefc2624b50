// What does it cost to seal a small batch and to merge segments, per row and in memory?
//
//   merge_bench [threads [seal|small|middle|large]]     (default: 1 thread, all cases)
//
// Each case merges segments of generated clients that share their dictionaries, one row in twenty of the inputs dead.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>

#include "index/merge_segments.h"
#include "index/parallel.h"
#include "index/segment_builder.h"
#include "loader/generator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

constexpr std::uint64_t kClients = 4'000'000;  // From which all are drawn, so that texts repeat as in one large set.
constexpr std::uint32_t kDeadEvery = 20;

// Of all threads so far. What the kernel takes is mostly for fresh pages, and differs between machines far more than the rest.
struct CpuTime {
  double user, kernel;
};
CpuTime CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return {seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

double Seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Kilobytes from /proc/self/status.
long Memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::strtol(line.c_str() + name.size() + 1, nullptr, 10);
  }
  return 0;
}
void ResetPeak() {
  std::ofstream("/proc/self/clear_refs") << 5;
}

struct Measured {
  double wall, user, kernel;
  double cpu() const { return user + kernel; }
};
template <class Work>
Measured Measure(const Work& work) {
  const double wall = Seconds(CLOCK_MONOTONIC);
  const CpuTime cpu = CpuSeconds();
  work();
  const CpuTime after = CpuSeconds();
  return {Seconds(CLOCK_MONOTONIC) - wall, after.user - cpu.user, after.kernel - cpu.kernel};
}

// Generated clients, parsed when they are needed.
class Clients {
 public:
  // Generates and parses clients [first, last), scattered over the whole set, and appends them unless `batch` is null.
  void Append(std::uint64_t first, std::uint64_t last, SegmentBatch* batch) {
    for (std::uint64_t i = first; i < last; ++i) {
      line_.clear();
      generator_.AppendClient(i * 1'000'003 % kClients, line_);
      const std::size_t length = line_.size();
      line_.append(RecordParser::kPadding, '\0');
      if (!parser_.Parse(std::string_view(line_).substr(0, length), record_, error_))
        throw std::runtime_error("the generator made a bad record");
      if (batch != nullptr) batch->Append(record_);
    }
  }

 private:
  const Generator generator_{1, kClients};
  RecordParser parser_;
  std::string line_;
  ClientRecord record_;
  RecordError error_;
};

class Bench {
 public:
  explicit Bench(std::uint32_t threads) : threads_(threads) {}

  std::shared_ptr<const Segment> Sealed(std::uint32_t rows) {
    SegmentBuilder builder(dictionaries_, std::uint64_t{rows} * 1024 + (64 << 20));
    constexpr std::uint32_t kRowsInBatch = 8'192;
    for (std::uint32_t done = 0; done < rows; done += kRowsInBatch) {
      SegmentBatch batch(builder.shared());
      const std::uint32_t count = std::min(kRowsInBatch, rows - done);
      clients_.Append(next_, next_ + count, &batch);
      next_ += count;
      builder.Add(done, std::move(batch));
    }
    return std::move(builder).Seal().segment;
  }

  void SealSmall(std::uint32_t rows) {
    constexpr int kTimes = 25;
    std::vector<double> made, appended, sealed;
    for (int i = 0; i < kTimes; ++i) {
      std::shared_ptr<SegmentBuilder> builder;
      made.push_back(Measure([&] { builder = std::make_shared<SegmentBuilder>(dictionaries_); }).cpu());
      const Measured parsing = Measure([&] { clients_.Append(next_, next_ + rows, nullptr); });
      const Measured all = Measure([&] {
        SegmentBatch batch(builder->shared());
        clients_.Append(next_, next_ + rows, &batch);
        builder->Add(0, std::move(batch));
      });
      appended.push_back(all.cpu() - parsing.cpu());
      next_ += rows;
      sealed.push_back(Measure([&] { std::move(*builder).Seal({}, 1); }).cpu());
    }
    const auto median = [](std::vector<double>& times) {
      std::ranges::sort(times);
      return times[times.size() / 2] * 1e3;
    };
    std::printf("seal %u rows on one thread: builder %.2f ms, appending %.1f ms, sealing %.1f ms of CPU (medians of %d)\n", rows,
                median(made), median(appended), median(sealed), kTimes);
  }

  void Merge(const char* name, const std::vector<std::uint32_t>& sizes, int times) {
    std::vector<MergeInput> inputs;
    std::uint64_t rows = 0, input_bytes = 0;
    for (const std::uint32_t size : sizes) {
      const auto segment = Sealed(size);
      std::vector<std::uint32_t> dead;
      for (std::uint32_t row = 0; row < segment->row_count(); row += kDeadEvery) dead.push_back(row);
      inputs.push_back({segment, Tombstones::None(*segment)->With(*segment, dead)});
      rows += size;
      for (const PartBytes& part : segment->Ledger()) input_bytes += part.bytes;
    }
    Measured best{1e9, 1e9, 1e9};
    long extra = 0;
    std::uint64_t result_bytes = 0;
    for (int i = 0; i < times; ++i) {
      ResetPeak();
      const long before = Memory("VmRSS:");
      std::shared_ptr<const Segment> merged;
      const Measured measured = Measure([&] { merged = MergeSegments(inputs, {.threads = threads_}).value(); });
      if (measured.cpu() < best.cpu()) best = measured;
      extra = Memory("VmHWM:") - before;
      result_bytes = 0;
      for (const PartBytes& part : merged->Ledger()) result_bytes += part.bytes;
    }
    const auto per_row = [&](double value) { return value / static_cast<double>(rows); };
    std::printf(
        "merge %-12s %8lu rows: CPU %5.0f ns a row (%4.0f of them in the kernel), wall %5.0f ns a row (%.0f ms), result %4.0f B "
        "a row, peak %4.0f B a row "
        "above what was there\n",
        name, rows, per_row(best.cpu() * 1e9), per_row(best.kernel * 1e9), per_row(best.wall * 1e9), best.wall * 1e3,
        per_row(static_cast<double>(result_bytes)), per_row(static_cast<double>(extra) * 1024));
    std::fflush(stdout);
    Cancel(inputs, best.wall);
  }

  // How long a merge goes on after it is cancelled, at most, over some moments of it.
  void Cancel(const std::vector<MergeInput>& inputs, double wall) {
    constexpr int kTimes = 10;
    double longest = 0;
    for (int i = 0; i < kTimes; ++i) {
      const double end = Seconds(CLOCK_MONOTONIC) + wall * i / kTimes;
      const auto merged =
          MergeSegments(inputs, {.threads = threads_, .cancelled = [&] { return Seconds(CLOCK_MONOTONIC) > end; }});
      if (!merged.ok()) longest = std::max(longest, Seconds(CLOCK_MONOTONIC) - end);
    }
    std::printf("  ended at most %.0f ms after it was cancelled\n", longest * 1e3);
    std::fflush(stdout);
  }

 private:
  const std::uint32_t threads_;
  const std::shared_ptr<RecordDictionaries> dictionaries_ = NewRecordDictionaries();
  Clients clients_;
  std::uint64_t next_ = 0;
};

}  // namespace
}  // namespace clientele

int main(int argc, char** argv) {
  clientele::Bench bench(argc > 1 ? static_cast<std::uint32_t>(std::atoi(argv[1])) : 1);
  const std::string_view only = argc > 2 ? argv[2] : "";
  if (only.empty() || only == "seal") bench.SealSmall(8'192);
  if (only.empty() || only == "small") bench.Merge("4 x 8k", {8'192, 8'192, 8'192, 8'192}, 9);
  if (only.empty() || only == "middle") bench.Merge("4 x 128k", {131'072, 131'072, 131'072, 131'072}, 3);
  if (only.empty() || only == "large") bench.Merge("1M + 4 x 64k", {1'000'000, 65'536, 65'536, 65'536, 65'536}, 3);
}
