#include "engine/current_version.h"

#include <utility>

namespace clientele {
namespace {

// Longer pages take all live rows that match, in order. Pages that begin deeper are found by selection over all sources, which
// needs all live rows that match but puts few in order.
constexpr std::uint64_t kLongPage = 1'000, kDeepOffset = 200;

std::uint64_t WantedRows(const Query& query) {
  if (!query.limit || *query.limit > kLongPage) return kAllRows;
  if (*query.limit == 0) return 0;
  return query.offset > kDeepOffset ? kAllUnordered : query.offset + *query.limit;
}

}  // namespace

Snapshot CurrentVersion::Take(const Query& query) const {
  Snapshot snapshot;
  const std::uint64_t wanted = WantedRows(query);
  const std::shared_lock lock(lock_);
  snapshot.epoch = epoch_;
  snapshot.sealed = sealed_;
  if (live_->size() == 0) return snapshot;
  auto matches = std::make_shared<LiveMatches>();
  matches->answer = AnswerLive(*live_, query, wanted);
  matches->clients = live_->size();
  matches->pin = live_;
  snapshot.live = std::move(matches);
  return snapshot;
}

CurrentVersion::Looked CurrentVersion::Look(std::int64_t id) const {
  const std::shared_lock lock(lock_);
  return {.row = live_->Find(id), .live = live_, .sealed = sealed_};
}

std::shared_ptr<const SealedVersion> CurrentVersion::sealed() const {
  const std::shared_lock lock(lock_);
  return sealed_;
}

std::uint64_t CurrentVersion::client_count() const {
  const std::shared_lock lock(lock_);
  return sealed_->client_count() + live_->size();
}

std::uint32_t CurrentVersion::live_rows() const {
  const std::shared_lock lock(lock_);
  return live_->size();
}

std::uint64_t CurrentVersion::epoch() const {
  const std::shared_lock lock(lock_);
  return epoch_;
}

}  // namespace clientele
