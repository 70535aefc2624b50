// The version of a live set that reads begin with: sealed segments with their tombstones, and the live table, changed together.
//
// It is kept twice, and readers are sent to one of the two while a writer changes the other: so they never wait, also when the
// writer is kept off the cores in the middle, and a reader that is kept off them only holds up the writer. What is changed twice
// is the live table, which has few rows; the sealed part is a pointer.
// Source: the left-right technique (Ramalhete and Correia, Left-Right: A Concurrency Control Technique with Wait-Free Population
// Oblivious Reads, 2013), with a lock that is only tried in place of its counters.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <utility>

#include "engine/query.h"
#include "engine/snapshot.h"
#include "index/live_table.h"

namespace clientele {

// A client as a write left it.
struct ClientChange {
  std::int64_t id = 0;
  LiveRowPtr row;  // Null: it is gone.
};

// Readers: any number of threads. Writers: one at a time.
class CurrentVersion {
 public:
  // `twin` is another table with the same rows; without it there is nothing to publish.
  CurrentVersion(std::shared_ptr<const SealedVersion> sealed, std::shared_ptr<LiveTable> live,
                 std::shared_ptr<LiveTable> twin = nullptr);

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

  // Makes `sealed` current, and puts the changes into the live table, in one step; distinct clients, whose rows are taken. Waits
  // for readers that look at live tables, some microseconds. Costs twice what LiveTable does for the changes.
  void Publish(const std::shared_ptr<const SealedVersion>& sealed, std::span<ClientChange> changes);
  // The same in two steps: after the first, readers see the changes; Finish brings the table that they left up to date. Before
  // the next change it must have been called. It does nothing when it has been.
  void PublishFirst(const std::shared_ptr<const SealedVersion>& sealed, std::span<ClientChange> changes);
  void Finish();
  // The same with other live tables, of the same rows.
  void PublishTables(const std::shared_ptr<const SealedVersion>& sealed, std::shared_ptr<LiveTable> live,
                     std::shared_ptr<LiveTable> twin);

 private:
  struct Side {
    mutable std::shared_mutex in_use;             // Readers only try it: who fails is at the wrong side.
    std::shared_ptr<const SealedVersion> sealed;  // Guarded by in_use, as is all below.
    std::shared_ptr<LiveTable> live;
    std::uint64_t epoch = 1;
  };

  // What `read(side)` returns for the current side.
  template <class Function>
  auto Read(Function read) const {
    while (true) {
      const unsigned number = current_.load();
      const Side& side = sides_[number];
      const std::shared_lock lock(side.in_use, std::try_to_lock);
      // While it was not locked, it may have become the other side, and may be ahead of the current one.
      if (lock.owns_lock() && current_.load() == number) return read(side);
    }
  }

  // Calls change(side) for the side that no reader is sent to.
  template <class Function>
  void ChangeOther(Function change);

  std::array<Side, 2> sides_;
  std::vector<ClientChange> unfinished_;  // What Finish is to do to the other side,
  bool is_unfinished_ = false;            // if anything.
  std::atomic<unsigned> current_ = 0;     // Changed by the writer, which then waits for the readers of the side that it leaves.
};

}  // namespace clientele
