#include "server/worker_pool.h"

#include <utility>

#include "index/thread_name.h"
#include "index/thread_priority.h"

namespace clientele {

WorkerPool::WorkerPool(std::uint32_t threads, std::size_t max_waiting, int niceness, const char* name)
    : max_waiting_(max_waiting) {
  threads_.reserve(threads);
  for (std::uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this, niceness, name] { Run(niceness, name); });
}

WorkerPool::~WorkerPool() {
  Stop();
}

bool WorkerPool::TrySubmit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= max_waiting_) return false;
    waiting_.push_back(std::move(job));
  }
  work_.notify_one();
  return true;
}

void WorkerPool::Submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    waiting_.push_back(std::move(job));
  }
  work_.notify_one();
}

void WorkerPool::Stop() {
  std::deque<Job> dropped;  // Destroyed outside the lock: a job may hold the last handle to much.
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  work_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::Run(int niceness, const char* name) {
  NameThread(name);
  if (niceness > 0) LowerThreadPriority(niceness);
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    job();
  }
}

}  // namespace clientele
