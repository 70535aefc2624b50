#include "server/worker_pool.h"

#include <utility>

namespace clientele {

WorkerPool::WorkerPool(std::uint32_t threads, std::size_t max_waiting) : max_waiting_(max_waiting) {
  threads_.reserve(threads);
  for (std::uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

WorkerPool::~WorkerPool() {
  Stop();
}

bool WorkerPool::TrySubmit(Job job) {
  const absl::MutexLock lock(&mutex_);
  if (stopping_ || waiting_.size() >= max_waiting_) return false;
  waiting_.push_back(std::move(job));
  return true;
}

void WorkerPool::Submit(Job job) {
  const absl::MutexLock lock(&mutex_);
  if (!stopping_) waiting_.push_back(std::move(job));
}

void WorkerPool::Stop() {
  std::deque<Job> dropped;  // Destroyed outside the lock: a job may hold the last handle to much.
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::Run() {
  const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !waiting_.empty(); };
  while (true) {
    Job job;
    {
      const absl::MutexLock lock(&mutex_, absl::Condition(&has_work));
      if (waiting_.empty()) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    job();
  }
}

}  // namespace clientele
