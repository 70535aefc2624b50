// The background of a live set: small segments become larger ones, segments in memory become files, and what files hold leaves
// the log. Two threads of low priority, one for merges that take a second and one for those that take longer, so that small
// segments do not pile up behind a large merge. Each merge runs on its thread alone: two cores' worth at most, whatever the
// machine.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>

#include "engine/live_store.h"
#include "engine/merge_policy.h"
#include "engine/serial_executor.h"
#include "engine/set_state.h"

namespace clientele {

struct MaintenanceOptions {
  MergePolicyOptions policy;
  // Merges of so many living rows are large.
  std::uint64_t large_rows = 400'000;
  // Rows in the log from which on everything in memory becomes a file, so that a restart stays quick.
  std::uint64_t log_rows_max = 150'000;
  // Told what could not be done (a full disk, say), from any thread.
  std::function<void(const absl::Status&)> on_problem = {};
  // For tests, to act at a merge's most delicate moment: called on its thread when the result is there, and all that is left to
  // do is the step in which writers wait and it takes its inputs' place. No lock is held.
  std::function<void()> before_replacing = {};
};

struct MaintenanceFigures {
  std::uint64_t merges = 0, merged_rows = 0, files_written = 0, bytes_written = 0, failures = 0;
  double merging_seconds = 0;
};

// Thread-safe.
class SegmentMaintenance {
 public:
  // State and store outlive this.
  SegmentMaintenance(SetState& state, LiveStore& store, MaintenanceOptions options);
  ~SegmentMaintenance();  // Merges under way are given up.

  void Wake();  // After a change of the set.

  // Waits until there are fewer segments than this, for at most a few seconds: writers that outrun the merges are held up here.
  void WaitForFewerSegments(std::size_t segments_max);

  // Everything that is in memory now becomes a file, and leaves the log. For tests and for stopping. Errors as the store's.
  absl::Status Flush();
  // Runs merges on this thread until there is nothing to do.
  absl::Status Settle();

  MaintenanceFigures figures() const;

 private:
  struct Job {
    std::vector<SetSegment> inputs;  // As they were when the merge began.
    bool to_file = false;
  };

  void Run(std::uint64_t rows_min, std::uint64_t rows_max);
  void WithSet(absl::FunctionRef<void()> step);
  std::optional<Job> TakeJob(std::uint64_t rows_min, std::uint64_t rows_max, bool flush_now);
  std::optional<Job> ChooseJob(std::uint64_t rows_min, std::uint64_t rows_max, bool flush_now);
  absl::Status Do(const Job& job);
  absl::Status Register(const Job& job, const SetSegment& merged, const SegmentFile* file);
  absl::Status DropCovered();
  SegmentChange Covered(const Job* job);
  absl::Status Tell(const SegmentChange& change);
  void EndJob(const Job& job);
  bool FreeRetired();
  bool LogIsLong() const;

  SetState& state_;
  LiveStore& store_;
  const MaintenanceOptions options_;

  std::uint64_t covered_through_ = 0;  // Log groups up to this one were dropped. Guarded by state_.writing().
  std::mutex mutex_;
  std::condition_variable wake_, fewer_, ended_;
  std::atomic<bool> stopping_ = false;
  std::uint64_t changes_ = 0;  // Guarded by mutex_.
  mutable std::mutex figures_mutex_;
  MaintenanceFigures figures_;  // Guarded by figures_mutex_.
  // Segments that were merged away and live tables that were sealed, until no query has them any more: giving back gigabytes
  // takes the system a tenth of a second, which is nothing for a query's thread to do.
  std::mutex retired_mutex_;
  std::vector<std::shared_ptr<const void>> retired_;  // Guarded by retired_mutex_.
  SerialExecutor prompt_;                             // Of usual priority, for what is done while writers or readers wait.
  std::array<std::thread, 2> threads_;
};

}  // namespace clientele
