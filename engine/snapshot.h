// All that a query may look at: one version of the clients. Immutable, so a copy keeps it alive and any thread may read it.
//
// Rows of a snapshot are numbered through: those of its segments one after the other, then its live rows.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/live_answer.h"
#include "index/segment.h"
#include "index/tombstones.h"

namespace clientele {

struct SegmentView {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<const Tombstones> tombstones;  // Null when none of its rows is dead.
  std::uint32_t first_row = 0;                   // Number of its row 0 in the snapshot.

  const Tombstones* dead() const { return tombstones == nullptr || tombstones->count() == 0 ? nullptr : tombstones.get(); }
};

// The sealed part of a version.
class SealedVersion {
 public:
  SealedVersion() = default;
  explicit SealedVersion(std::vector<SegmentView> segments);  // Numbers their rows; the largest segment should come first.

  const std::vector<SegmentView>& segments() const { return segments_; }
  std::uint32_t row_count() const { return row_count_; }        // Dead rows included.
  std::uint64_t client_count() const { return client_count_; }  // Without them.

 private:
  std::vector<SegmentView> segments_;
  std::uint32_t row_count_ = 0;
  std::uint64_t client_count_ = 0;
};

// The live rows of a version that match the query for which the snapshot was taken.
struct LiveMatches {
  LiveAnswer answer;
  std::uint64_t clients = 0;        // All live rows, those that do not match included.
  std::shared_ptr<const void> pin;  // Keeps the rows.
};

struct Snapshot {
  std::uint64_t epoch = 0;  // Advanced by each publish.
  std::shared_ptr<const SealedVersion> sealed;
  std::shared_ptr<const LiveMatches> live;  // Null for clients that are never written.
};

// A snapshot of one segment that never changes.
Snapshot SnapshotOf(std::shared_ptr<const Segment> segment, std::uint64_t epoch = 1);

// The segment of such a snapshot.
inline const std::shared_ptr<const Segment>& OnlySegment(const Snapshot& snapshot) {
  return snapshot.sealed->segments().front().segment;
}

}  // namespace clientele
