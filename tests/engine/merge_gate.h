// Holds merges up at the moment before they take their inputs' place (MaintenanceOptions::before_replacing), until a test has
// done what is to happen meanwhile. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <stdexcept>

namespace clientele {

class MergeGate {
 public:
  // Called by merges. Those that come while the gate is open pass.
  void Pass() {
    std::unique_lock lock(mutex_);
    if (!is_closed_) return;
    const std::uint64_t mine = ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !is_closed_ || let_pass_.contains(mine); });
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  void Open() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = false;
    }
    changed_.notify_all();
  }

  // Until so many merges in all have come to the closed gate. Throws when they do not.
  void WaitFor(std::uint64_t merges) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::minutes(1), [&] { return arrived_ >= merges; }))
      throw std::runtime_error("no merge came");
  }
  // The merge that comes to the closed gate as this one, from 1, or is there already, goes on.
  void LetPass(std::uint64_t merge) {
    {
      const std::lock_guard lock(mutex_);
      let_pass_.insert(merge);
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_closed_ = false;
  std::uint64_t arrived_ = 0;
  std::set<std::uint64_t> let_pass_;
};

}  // namespace clientele
