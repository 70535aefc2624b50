#include "engine/segment_maintenance.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <absl/cleanup/cleanup.h>

#include "index/merge_segments.h"
#include "index/snapshot_writer.h"
#include "index/thread_name.h"
#include "index/thread_priority.h"
#include "index/tombstone_bytes.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kRetryAfter = std::chrono::seconds(2);
constexpr auto kFreeEvery = std::chrono::milliseconds(200);
constexpr auto kHoldUpMax = std::chrono::seconds(5);
constexpr auto kLookAgain = std::chrono::milliseconds(20);
constexpr int kNiceness = 10;  // Queries and writes come first.

std::vector<std::shared_ptr<const Segment>> SegmentsOf(const std::vector<SetSegment>& inputs) {
  std::vector<std::shared_ptr<const Segment>> segments;
  for (const SetSegment& input : inputs) segments.push_back(input.segment);
  return segments;
}

}  // namespace

SegmentMaintenance::SegmentMaintenance(SetState& state, LiveStore& store, MaintenanceOptions options)
    : state_(state), store_(store), options_(std::move(options)) {
  threads_[0] = std::thread([this] { Run(0, options_.large_rows); });
  threads_[1] = std::thread([this] { Run(options_.large_rows, std::numeric_limits<std::uint64_t>::max()); });
}

SegmentMaintenance::~SegmentMaintenance() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  fewer_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void SegmentMaintenance::Wake() {
  {
    const std::lock_guard lock(mutex_);
    ++changes_;
  }
  wake_.notify_all();
}

void SegmentMaintenance::WaitForFewerSegments(std::size_t segments_max) {
  const auto few = [&] {
    const std::lock_guard writing(state_.writing());
    return state_.segments().size() < segments_max;
  };
  const auto until = Clock::now() + kHoldUpMax;
  std::unique_lock lock(mutex_);
  while (!stopping_ && Clock::now() < until) {
    lock.unlock();
    if (few()) return;
    lock.lock();
    fewer_.wait_for(lock, std::chrono::milliseconds(20));
  }
}

void SegmentMaintenance::Run(std::uint64_t rows_min, std::uint64_t rows_max) {
  NameThread(rows_min == 0 ? "merge small" : "merge large");
  LowerThreadPriority(kNiceness);
  std::uint64_t seen = 0;
  bool has_retired = false;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      const auto is_due = [&] { return stopping_ || changes_ != seen; };
      if (has_retired)
        wake_.wait_for(lock, kFreeEvery, is_due);
      else
        wake_.wait(lock, is_due);
      if (stopping_) return;
      seen = changes_;
    }
    while (!stopping_) {
      absl::Status status;
      FreeRetired();
      const std::optional<Job> job = TakeJob(rows_min, rows_max, rows_min == 0 && LogIsLong());
      if (job)
        status = Do(*job);
      else if (rows_min == 0 && LogIsLong())
        status = DropCovered();
      if (!status.ok() && !absl::IsCancelled(status)) {
        {
          const std::lock_guard lock(figures_mutex_);
          ++figures_.failures;
        }
        if (options_.on_problem) options_.on_problem(status);
        if (!store_.failure().ok()) return;  // Final: nothing can be registered any more.
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, kRetryAfter, [&] { return stopping_.load(); });
      }
      if (!job) break;
    }
    has_retired = FreeRetired();
  }
}

bool SegmentMaintenance::LogIsLong() const {
  return store_.figures().log_rows > options_.log_rows_max;
}

void SegmentMaintenance::WithSet(absl::FunctionRef<void()> step) {
  prompt_.Run([&] {
    const std::lock_guard writing(state_.writing());
    step();
  });
}

std::optional<SegmentMaintenance::Job> SegmentMaintenance::TakeJob(std::uint64_t rows_min, std::uint64_t rows_max,
                                                                   bool flush_now) {
  std::optional<Job> job;
  WithSet([&] { job = ChooseJob(rows_min, rows_max, flush_now); });
  return job;
}

// state_.writing() is held.
std::optional<SegmentMaintenance::Job> SegmentMaintenance::ChooseJob(std::uint64_t rows_min, std::uint64_t rows_max,
                                                                     bool flush_now) {
  // Rows that stay in the live table for long keep the log from being dropped.
  if (flush_now && state_.live_rows() > 0) state_.SealLive();
  {
    const std::lock_guard lock(retired_mutex_);
    for (auto& table : state_.TakeRetired()) retired_.push_back(std::move(table));
  }
  std::vector<SetSegment>& segments = state_.segments();
  std::vector<MergeCandidate> candidates;
  for (const SetSegment& one : segments) {
    candidates.push_back(
        {.rows = one.segment->row_count(), .dead = one.tombstones->count(), .is_file = one.number != 0, .is_busy = one.is_busy});
  }
  MergeChoice choice = ChooseMerge(candidates, options_.policy, rows_min, rows_max, flush_now);
  if (choice.inputs.empty()) return std::nullopt;
  if (choice.flush && !flush_now && state_.live_rows() > 0) {
    // Live rows that are older than what becomes a file would keep all of it in the log: they go with it.
    const bool is_older = std::ranges::any_of(
        choice.inputs, [&](std::size_t input) { return state_.live_first_sequence() < segments[input].sequences.last; });
    if (is_older) {
      state_.SealLive();
      choice.inputs.push_back(segments.size() - 1);
    }
  }
  Job job;
  job.to_file = choice.flush;
  for (const std::size_t input : choice.inputs) {
    job.to_file |= segments[input].number != 0;
    job.inputs.push_back(segments[input]);
    segments[input].is_busy = true;
  }
  return job;
}

absl::Status SegmentMaintenance::Do(const Job& job) {
  const absl::Cleanup end = [&] { EndJob(job); };
  const auto began = Clock::now();
  std::vector<MergeInput> inputs;
  std::vector<std::shared_ptr<const Tombstones>> since;
  SetSegment merged;
  merged.sequences = {std::numeric_limits<std::uint64_t>::max(), 0};
  for (const SetSegment& input : job.inputs) {
    inputs.push_back({input.segment, input.tombstones});
    since.push_back(input.tombstones);
    merged.sequences.first = std::min(merged.sequences.first, input.sequences.first);
    merged.sequences.last = std::max(merged.sequences.last, input.sequences.last);
  }
  auto segment = MergeSegments(
      inputs,
      {.threads = 1, .cancelled = [this] { return stopping_.load(); }, .progress = {}, .dictionaries = state_.dictionaries()});
  if (!segment.ok()) return segment.status();
  merged.segment = *std::move(segment);
  merged.tombstones = Tombstones::None(*merged.segment);

  SegmentFile file;
  const bool has_file = job.to_file && merged.segment->row_count() > 0;
  if (has_file) {
    auto written = WriteSegmentFile(*merged.segment, store_.folder(), store_.NewSegmentName());
    if (!written.ok()) return written.status();
    file = *std::move(written);
    merged.number = LiveSegment{.file = file}.number();
    merged.sequences = {};
  }

  const std::vector<std::shared_ptr<const Segment>> segments = SegmentsOf(job.inputs);
  const auto catch_up = [&] {
    std::vector<SetSegment> now;
    WithSet([&] { now = state_.Now(segments); });
    SetState::CatchUp(now, since, merged);
  };
  // Most of what died meanwhile is found while writers go on; little is left for the time in which they wait.
  catch_up();
  catch_up();
  if (options_.before_replacing) options_.before_replacing();
  absl::Status registered;
  WithSet([&] {
    SetState::CatchUp(state_.Now(segments), since, merged);
    if (job.to_file) {
      registered = Register(job, merged, has_file ? &file : nullptr);
      merged.kept = merged.tombstones;
    }
    if (registered.ok()) {
      {
        const std::lock_guard lock(retired_mutex_);
        retired_.insert(retired_.end(), segments.begin(), segments.end());
      }
      state_.Replace(segments, merged);
    }
  });
  if (!registered.ok()) return registered;  // What becomes of the file is the store's to say.
  fewer_.notify_all();
  const std::lock_guard lock(figures_mutex_);
  ++figures_.merges;
  figures_.merged_rows += merged.segment->row_count();
  figures_.files_written += has_file;
  figures_.bytes_written += file.bytes;
  figures_.merging_seconds += std::chrono::duration<double>(Clock::now() - began).count();
  return absl::OkStatus();
}

// Tells the store of the new file, and which log groups are in files now. state_.writing() is held.
absl::Status SegmentMaintenance::Register(const Job& job, const SetSegment& merged, const SegmentFile* file) {
  SegmentChange change = Covered(&job);
  if (file != nullptr) change.added.push_back({.file = *file, .tombstones = TombstoneBytes(*merged.tombstones)});
  for (const SetSegment& input : job.inputs) {
    if (input.number != 0) change.removed.push_back(input.number);
  }
  return Tell(change);
}

// Drops log groups all of whose rows are in files or dead, when no merge is needed for it.
absl::Status SegmentMaintenance::DropCovered() {
  absl::Status status;
  WithSet([&] {
    const SegmentChange change = Covered(nullptr);
    if (!change.covered.empty() && change.covered.back().last > covered_through_) status = Tell(change);
  });
  return status;
}

// The log groups before the first one of which a row is in memory only, and what the files' tombstones have to be for that, and
// for a new file.
// state_.writing() is held.
SegmentChange SegmentMaintenance::Covered(const Job* job) {
  SegmentChange change;
  const auto is_input = [&](const SetSegment& one) {
    return job != nullptr && std::ranges::find(job->inputs, one.segment, &SetSegment::segment) != job->inputs.end();
  };
  std::uint64_t first_needed = state_.last_sequence() + 1;
  if (state_.live_rows() > 0) first_needed = std::min(first_needed, state_.live_first_sequence());
  for (const SetSegment& one : state_.segments()) {
    if (one.number == 0 && !is_input(one)) first_needed = std::min(first_needed, one.sequences.first);
  }
  if (first_needed > 1) change.covered.push_back({1, first_needed - 1});
  // A new file says of its clients that they are in it: all other files must say that they are not, also while the log still
  // does.
  if (job == nullptr && change.covered.empty()) return change;
  for (SetSegment& one : state_.segments()) {
    if (one.number == 0 || is_input(one) || one.kept == one.tombstones) continue;
    change.masked.push_back({.number = one.number, .tombstones = TombstoneBytes(*one.tombstones)});
  }
  return change;
}

// Makes the change durable, and remembers what the store knows now. state_.writing() is held.
absl::Status SegmentMaintenance::Tell(const SegmentChange& change) {
  if (absl::Status status = store_.ReplaceSegments(change); !status.ok()) return status;
  if (!change.covered.empty()) covered_through_ = change.covered.back().last;
  for (SetSegment& one : state_.segments()) {
    if (std::ranges::find(change.masked, one.number, &SegmentChange::Masked::number) != change.masked.end())
      one.kept = one.tombstones;
  }
  return absl::OkStatus();
}

// Lets go of what is retired and nobody else has; whether there is more.
bool SegmentMaintenance::FreeRetired() {
  std::vector<std::shared_ptr<const void>> unused;
  const std::lock_guard lock(retired_mutex_);
  std::erase_if(retired_, [&](std::shared_ptr<const void>& one) {
    const bool is_last = one.use_count() == 1;  // Nobody can get it from anywhere any more.
    if (is_last) unused.push_back(std::move(one));
    return is_last;
  });
  return !retired_.empty();
}

void SegmentMaintenance::EndJob(const Job& job) {
  WithSet([&] {
    for (SetSegment& one : state_.segments()) {
      if (std::ranges::find(job.inputs, one.segment, &SetSegment::segment) != job.inputs.end()) one.is_busy = false;
    }
  });
  ended_.notify_all();
}

absl::Status SegmentMaintenance::Flush() {
  std::uint64_t last = 0;
  WithSet([&] { last = state_.last_sequence(); });
  while (true) {
    const auto job = TakeJob(0, std::numeric_limits<std::uint64_t>::max(), true);
    if (job) {
      if (absl::Status status = Do(*job); !status.ok()) return status;
    }
    if (absl::Status status = DropCovered(); !status.ok()) return status;
    bool is_done = false;
    WithSet([&] { is_done = covered_through_ >= last; });
    if (is_done) return absl::OkStatus();
    if (job) continue;
    // The rest is being merged by another thread.
    std::unique_lock lock(mutex_);
    if (stopping_) return absl::CancelledError("the set is being closed");
    ended_.wait_for(lock, kLookAgain);
  }
}

absl::Status SegmentMaintenance::Settle() {
  while (const auto job = TakeJob(0, std::numeric_limits<std::uint64_t>::max(), false)) {
    if (absl::Status status = Do(*job); !status.ok()) return status;
  }
  return absl::OkStatus();
}

MaintenanceFigures SegmentMaintenance::figures() const {
  const std::lock_guard lock(figures_mutex_);
  return figures_;
}

}  // namespace clientele
