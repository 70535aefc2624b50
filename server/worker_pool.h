// Threads for what would hold up an event loop: expensive queries and pieces of streams. First come, first served.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include <absl/functional/any_invocable.h>

namespace clientele {

// Plain threads, not a oneTBB arena: oneTBB counts its workers process-wide and may give an arena one, or none, while a large
// query of another caller runs; here the system shares the cores between all that wait. Queries may use oneTBB inside.
// Thread-safe.
class WorkerPool {
 public:
  using Job = absl::AnyInvocable<void()>;  // Must not throw.

  // `niceness` is added to that of its threads; `name` must outlive them.
  WorkerPool(std::uint32_t threads, std::size_t max_waiting, int niceness = 0, const char* name = "worker");
  ~WorkerPool();

  bool TrySubmit(Job job);  // False, and nothing done, when `max_waiting` jobs wait already.
  void Submit(Job job);     // For the continuation of what was let in before.
  void Stop();              // Waits for running jobs; drops those that wait. No jobs are taken afterwards.

 private:
  void Run(int niceness, const char* name);

  const std::size_t max_waiting_;
  // std::mutex, not Abseil's: ThreadSanitizer sees what the system's pthreads do, but not into an Abseil built without it.
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Job> waiting_;  // Guarded by mutex_, as is stopping_.
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace clientele
