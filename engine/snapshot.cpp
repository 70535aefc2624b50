#include "engine/snapshot.h"

#include <utility>

namespace clientele {

SealedVersion::SealedVersion(std::vector<SegmentView> segments) : segments_(std::move(segments)) {
  for (SegmentView& view : segments_) {
    view.first_row = row_count_;
    row_count_ += view.segment->row_count();
    client_count_ += view.segment->row_count() - (view.tombstones == nullptr ? 0 : view.tombstones->count());
  }
}

Snapshot SnapshotOf(std::shared_ptr<const Segment> segment, std::uint64_t epoch) {
  std::vector<SegmentView> segments(1);
  segments[0].segment = std::move(segment);
  return {.epoch = epoch, .sealed = std::make_shared<const SealedVersion>(std::move(segments)), .live = nullptr};
}

}  // namespace clientele
