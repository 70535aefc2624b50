// The version of a live set that reads begin with: sealed segments with their tombstones, and the live table, changed together.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "engine/query.h"
#include "engine/snapshot.h"
#include "engine/turnstile_lock.h"
#include "index/live_table.h"

namespace clientele {

// Thread-safe. Readers hold the lock while they look at the live table, some microseconds; a writer while it changes the version
// with few live rows, or none: everything that takes long is made before.
class CurrentVersion {
 public:
  CurrentVersion(std::shared_ptr<const SealedVersion> sealed, std::shared_ptr<LiveTable> live)
      : sealed_(std::move(sealed)), live_(std::move(live)) {}

  // The version as this query sees it.
  Snapshot Take(const Query& query) const;

  // What a lookup by id needs: the live row or null, and what it and the sealed part are kept by.
  struct Looked {
    const LiveRow* row = nullptr;
    std::shared_ptr<const LiveTable> live;
    std::shared_ptr<const SealedVersion> sealed;
  };
  Looked Look(std::int64_t id) const;

  std::shared_ptr<const SealedVersion> sealed() const;
  std::uint64_t client_count() const;
  std::uint32_t live_rows() const;
  std::uint64_t epoch() const;

  // Makes `sealed` current, and `change(table)` is done to the live table, in one step. Keep it short: readers wait.
  template <class Change>
  void Publish(std::shared_ptr<const SealedVersion> sealed, Change change) {
    {
      const std::unique_lock lock(lock_);
      std::swap(sealed_, sealed);
      change(*live_);
      ++epoch_;
    }  // What was current is let go of without the lock.
  }
  // The same with another live table.
  void PublishTable(std::shared_ptr<const SealedVersion> sealed, std::shared_ptr<LiveTable> live) {
    const std::unique_lock lock(lock_);
    std::swap(sealed_, sealed);
    std::swap(live_, live);
    ++epoch_;
  }

 private:
  mutable TurnstileLock lock_;
  std::shared_ptr<const SealedVersion> sealed_;  // Guarded by lock_, as is all below.
  std::shared_ptr<LiveTable> live_;
  std::uint64_t epoch_ = 1;
};

}  // namespace clientele
