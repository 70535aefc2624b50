// Threads for what would hold up an event loop: expensive queries and pieces of streams. First come, first served.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/functional/any_invocable.h>
#include <absl/synchronization/mutex.h>

namespace clientele {

// Plain threads, not a oneTBB arena: oneTBB counts its workers process-wide and may give an arena one, or none, while a large
// query of another caller runs; here the system shares the cores between all that wait. Queries may use oneTBB inside.
// Thread-safe.
class WorkerPool {
 public:
  using Job = absl::AnyInvocable<void()>;  // Must not throw.

  WorkerPool(std::uint32_t threads, std::size_t max_waiting);
  ~WorkerPool();

  bool TrySubmit(Job job);  // False, and nothing done, when `max_waiting` jobs wait already.
  void Submit(Job job);     // For the continuation of what was let in before.
  void Stop();              // Waits for running jobs; drops those that wait. No jobs are taken afterwards.

 private:
  void Run();

  const std::size_t max_waiting_;
  absl::Mutex mutex_;
  std::deque<Job> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace clientele
