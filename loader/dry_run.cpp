#include "loader/dry_run.h"

#include <algorithm>
#include <tuple>

namespace clientele {

absl::Status DryRunSink::IdWorker::EndBlock(std::uint64_t sequence, std::uint64_t /*buffer_bytes*/) {
  const std::lock_guard lock(sink_.mutex_);
  for (std::uint32_t i = 0; i < ids_.size(); ++i) sink_.places_.push_back({ids_[i], static_cast<std::uint32_t>(sequence), i});
  ids_.clear();
  return absl::OkStatus();
}

std::vector<DuplicateId> DryRunSink::TakeDuplicates() {
  const std::lock_guard lock(mutex_);
  std::ranges::sort(places_);
  std::vector<DuplicateId> duplicates;
  for (std::size_t i = 1; i < places_.size(); ++i) {
    const Place& place = places_[i];
    if (place.id == places_[i - 1].id) duplicates.push_back({place.id, place.sequence, place.index, {}});
  }
  std::ranges::sort(duplicates, {},
                    [](const DuplicateId& duplicate) { return std::pair(duplicate.sequence, duplicate.index_in_batch); });
  places_ = {};
  return duplicates;
}

}  // namespace clientele
