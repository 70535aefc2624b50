// A readers-writer lock under which a writer waits only for the readers that are inside when it comes: later readers line up
// behind it, for as long as it holds the lock. With a plain std::shared_mutex, readers that keep coming can starve a writer.
// Source: the "no-starve" readers-writers solution of Downey, The Little Book of Semaphores (2008), section 4.2.5.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace clientele {

// For std::shared_lock and std::unique_lock.
class TurnstileLock {
 public:
  void lock() {
    turnstile_.lock();
    readers_.lock();
  }
  void unlock() {
    readers_.unlock();
    turnstile_.unlock();
  }
  void lock_shared() {
    const std::lock_guard pass(turnstile_);
    readers_.lock_shared();
  }
  void unlock_shared() { readers_.unlock_shared(); }

 private:
  // std's, not Abseil's: see server/worker_pool.h.
  std::mutex turnstile_;
  std::shared_mutex readers_;
};

}  // namespace clientele
