// What all threads of one server share. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "server/api_keys.h"
#include "server/list_service.h"
#include "server/server_options.h"
#include "server/worker_pool.h"
#include "server/write_service.h"

namespace clientele {

// Counts what may exist only so many times; a slot gives itself back.
class SlotCounter {
 public:
  explicit SlotCounter(std::size_t slots) : slots_(slots) {}

  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(counter_, other.counter_);
      return *this;
    }
    ~Slot() {
      if (counter_ != nullptr) counter_->taken_.fetch_sub(1, std::memory_order_relaxed);
    }
    explicit operator bool() const { return counter_ != nullptr; }

   private:
    friend class SlotCounter;
    explicit Slot(SlotCounter* counter) : counter_(counter) {}
    SlotCounter* counter_ = nullptr;
  };

  Slot TryTake() {  // False when all are taken.
    if (taken_.fetch_add(1, std::memory_order_relaxed) < slots_) return Slot(this);
    taken_.fetch_sub(1, std::memory_order_relaxed);
    return Slot();
  }
  std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  const std::size_t slots_;
  std::atomic<std::size_t> taken_{0};
};

struct Services {
  std::shared_ptr<const ListService> lists;  // Null until the clients are loaded.
  std::shared_ptr<WriteService> writes;      // Null when nothing can be written.
};

// The current answer to "what are the clients": set seldom, read by every request without a lock.
class PublishedService {
 public:
  void Set(Services services) {
    const std::lock_guard lock(mutex_);
    services_ = std::move(services);
    version_.fetch_add(1, std::memory_order_release);
  }

  // Brings a reader's own copy up to date; `version` is the reader's, 0 at first.
  void Refresh(Services& services, std::uint64_t& version) const {
    if (version_.load(std::memory_order_acquire) == version) return;
    const std::lock_guard lock(mutex_);
    services = services_;
    version = version_.load(std::memory_order_relaxed);
  }

 private:
  mutable std::mutex mutex_;
  Services services_;  // Guarded by mutex_.
  std::atomic<std::uint64_t> version_{0};
};

struct ServerShared {
  ServerShared(const ServerOptions& server_options, std::optional<ApiKeys> api_keys)
      : options(server_options),
        keys(std::move(api_keys)),
        connections(server_options.max_connections),
        streams(server_options.max_streams),
        bulks(server_options.max_bulks),
        polling_loops(server_options.io_threads / 2),
        pool(server_options.io_threads, server_options.max_waiting),
        bulk_pool(server_options.io_threads, server_options.max_bulks, kBulkNiceness, "bulk") {}

  static constexpr int kBulkNiceness = 5;

  const ServerOptions options;        // With `io_threads` resolved.
  const std::optional<ApiKeys> keys;  // None: everybody may do everything.
  PublishedService published;
  SlotCounter connections, streams, bulks;
  SlotCounter polling_loops;               // At most half of them at a time, as a sleeping client must be woken on some core.
  std::atomic<std::uint64_t> requests{0};  // Answered so far; brought up to date now and then.
  // Last: their jobs use what stands above. Bulk requests have threads of their own, on which the others have precedence: their
  // jobs take tens of milliseconds, for which no query should wait.
  WorkerPool pool, bulk_pool;
};

}  // namespace clientele
