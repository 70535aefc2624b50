#include "engine/current_version.h"

#include <cassert>
#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

#include "index/live_row_copy.h"

namespace clientele {
namespace {

// Longer pages take all live rows that match, in order. Pages that begin deeper are found by selection over all sources, which
// needs all live rows that match but puts few in order.
constexpr std::uint64_t kLongPage = 1'000, kDeepOffset = 200;

// So many times as many sealed clients as live rows are many.
constexpr std::uint64_t kManySealed = 8;

std::uint64_t WantedRows(const Query& query) {
  if (!query.limit || *query.limit > kLongPage) return kAllRows;
  if (*query.limit == 0) return 0;
  return query.offset > kDeepOffset ? kAllUnordered : query.offset + *query.limit;
}

// A step of a hundred microseconds or two. A query that waits for this core comes between two steps: the scheduler leaves it
// behind a thread that has just begun, also when another core has nothing to do. No reader waits for the end of the change.
constexpr std::size_t kChangesPerTurn = 16;

void Change(LiveTable& live, std::span<ClientChange> changes) {
  std::size_t in_turn = 0;
  for (ClientChange& change : changes) {
    if (in_turn++ == kChangesPerTurn) {
      std::this_thread::yield();
      in_turn = 1;
    }
    if (change.row != nullptr)
      live.Insert(std::move(change.row));
    else
      live.Erase(change.id);
  }
  live.CatchUpSorted();
}

}  // namespace

CurrentVersion::CurrentVersion(std::shared_ptr<const SealedVersion> sealed, std::shared_ptr<LiveTable> live,
                               std::shared_ptr<LiveTable> twin) {
  sides_[0].sealed = sides_[1].sealed = std::move(sealed);
  sides_[0].live = std::move(live);
  sides_[1].live = std::move(twin);
}

Snapshot CurrentVersion::Take(const Query& query) const {
  const std::uint64_t wanted = WantedRows(query);
  return Read([&](const Side& side) {
    Snapshot snapshot;
    snapshot.epoch = side.epoch;
    snapshot.sealed = side.sealed;
    if (side.live->size() == 0) return snapshot;
    auto matches = std::make_shared<LiveMatches>();
    // Beside many sealed clients few of the live rows are on a page.
    const bool is_beside_many = side.sealed->client_count() / kManySealed >= side.live->size();
    matches->answer = AnswerLive(*side.live, query, wanted, is_beside_many ? FewMatches::kAsTheyCome : FewMatches::kInOrder);
    matches->clients = side.live->size();
    if (wanted > 0) matches->pin = side.live;  // Else there are no rows to be kept.
    snapshot.live = std::move(matches);
    return snapshot;
  });
}

CurrentVersion::Looked CurrentVersion::Look(std::int64_t id) const {
  return Read([&](const Side& side) { return Looked{.row = side.live->Find(id), .live = side.live, .sealed = side.sealed}; });
}

std::shared_ptr<const SealedVersion> CurrentVersion::sealed() const {
  return Read([](const Side& side) { return side.sealed; });
}

std::uint64_t CurrentVersion::client_count() const {
  return Read([](const Side& side) { return side.sealed->client_count() + side.live->size(); });
}

std::uint32_t CurrentVersion::live_rows() const {
  return Read([](const Side& side) { return side.live->size(); });
}

std::uint64_t CurrentVersion::epoch() const {
  return Read([](const Side& side) { return side.epoch; });
}

template <class Function>
void CurrentVersion::ChangeOther(Function change) {
  Side& side = sides_[1 - current_.load()];
  const std::unique_lock lock(side.in_use);
  change(side);
  ++side.epoch;
}

void CurrentVersion::PublishFirst(const std::shared_ptr<const SealedVersion>& sealed, std::span<ClientChange> changes) {
  assert(!is_unfinished_);
  unfinished_.reserve(changes.size());
  for (const ClientChange& change : changes) {
    unfinished_.push_back({.id = change.id, .row = change.row == nullptr ? nullptr : CopyOf(*change.row)});
  }
  std::shared_ptr<const SealedVersion> left;  // Let go of without the lock.
  ChangeOther([&](Side& side) {
    left = std::exchange(side.sealed, sealed);
    Change(*side.live, changes);
  });
  is_unfinished_ = true;
  current_.store(1 - current_.load());
}

void CurrentVersion::Finish() {
  if (!is_unfinished_) return;
  const std::shared_ptr<const SealedVersion> sealed = sides_[current_.load()].sealed;  // Only changed by this thread.
  std::shared_ptr<const SealedVersion> left;
  // Readers come to the other side; those that are still at this one leave it, and ChangeOther waits for them.
  ChangeOther([&](Side& side) {
    left = std::exchange(side.sealed, sealed);
    Change(*side.live, unfinished_);
  });
  unfinished_.clear();
  is_unfinished_ = false;
}

void CurrentVersion::Publish(const std::shared_ptr<const SealedVersion>& sealed, std::span<ClientChange> changes) {
  PublishFirst(sealed, changes);
  Finish();
}

void CurrentVersion::PublishTables(const std::shared_ptr<const SealedVersion>& sealed, std::shared_ptr<LiveTable> live,
                                   std::shared_ptr<LiveTable> twin) {
  assert(!is_unfinished_);
  std::shared_ptr<const SealedVersion> left_version;
  std::vector<std::shared_ptr<LiveTable>> left_tables;
  for (std::shared_ptr<LiveTable>* const fresh : {&live, &twin}) {
    ChangeOther([&](Side& side) {
      left_version = std::exchange(side.sealed, sealed);
      left_tables.push_back(std::exchange(side.live, std::move(*fresh)));
    });
    if (fresh == &live) current_.store(1 - current_.load());
  }
}

}  // namespace clientele
