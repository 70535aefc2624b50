// A thread that runs functions for others, one after the other.
//
// For what a thread of low priority does under a lock that others wait for. Where all cores are busy it may be kept off them for
// tens of milliseconds in the middle, and with it all who wait (priority inversion: Lampson and Redell, Experience with Processes
// and Monitors in Mesa, 1980). A thread cannot raise its own priority without a privilege, but one that never lowered it can do
// the step.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <absl/functional/function_ref.h>

namespace clientele {

// Thread-safe.
class SerialExecutor {
 public:
  SerialExecutor() : thread_([this] { Work(); }) {}  // Of the calling thread's priority.
  ~SerialExecutor();                                 // Nobody may be in Run.

  // Runs `function` on the thread of this, and returns when it is done. It must not throw, nor call Run. Some 20 us beside it.
  void Run(absl::FunctionRef<void()> function);

 private:
  struct Task {
    absl::FunctionRef<void()> function;
    bool is_done = false;
  };

  void Work();

  // std::mutex, not Abseil's: see server/worker_pool.h.
  std::mutex mutex_;
  std::condition_variable work_, done_;
  std::deque<Task*> waiting_;  // Guarded by mutex_, as is stopping_ and Task::is_done.
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace clientele
