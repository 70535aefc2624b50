// The matches of one segment by their position in a sort order: how many stand before a position, and where the n-th one is,
// without putting them in order. What finding a deep page over several segments is made of.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/match_set.h"
#include "engine/position_window.h"
#include "index/sort_order.h"

namespace clientele {

// One thread, as the matches are. The order outlives it.
class RankedMatches {
 public:
  // A short list is sorted, O(matches); others are looked up by bit planes, or, where that takes longer, or often, counted per
  // bucket of positions, O(matches). Nothing when every row matches.
  RankedMatches(const SortOrder& order, Field field, std::shared_ptr<const MatchSet> matches);
  // What that and a first look takes, in nanoseconds, about.
  static double Cost(const SortOrder& order, const MatchSet& matches);

  std::uint32_t count() const { return static_cast<std::uint32_t>(matches_->count); }

  // Matches at positions before `position`. Where they are counted O(a bucket's positions), a microsecond or two; by bit planes
  // five and up; less near what was asked last.
  std::uint32_t CountBefore(std::uint32_t position);

  // Position of match number `index` (by position), which there must be. The same cost.
  std::uint32_t PositionOf(std::uint32_t index);

  struct Place {
    std::uint32_t position, before;  // So many matches stand before it.
  };
  // A position in front of match number `index`, or, with `behind`, behind it, and at most a few matches away from it: what of
  // counted matches is known without a look at single ones.
  Place PlaceNear(std::uint32_t index, bool behind);

  // The positions of `wanted` matches (as far as there are so many) from position `from` on, `descending`: before it, ascending;
  // there may be more of them; with `whole_groups` those of equal keys are all there. `from` begins a group. Of matches that are
  // counted by bucket O(matches), of those by_planes() O(wanted) beside a look at these; of no others.
  std::vector<std::uint32_t> PositionsFrom(std::uint32_t from, std::uint64_t wanted, bool descending, bool whole_groups);
  bool has_buckets() const { return !before_.empty(); }
  bool by_planes() const { return by_planes_; }

  // The positions of all matches, ascending, when they are so few that they were sorted.
  const std::vector<std::uint32_t>* sorted_positions() const { return is_sorted_ ? &positions_ : nullptr; }
  const std::shared_ptr<const MatchSet>& matches() const { return matches_; }

 private:
  static constexpr std::uint32_t kAlwaysSorted = 64;      // Matches.
  static constexpr std::uint32_t kRowsPerSorted = 4'096;  // Rows a match from which walking from match to match is slower.
  static constexpr std::uint32_t kNearPositions = 1'024;  // Fewer are counted faster than a bucket's.
  static constexpr std::uint32_t kNearMatches = 64;       // So many around one that is wanted may be wanted next.
  static constexpr std::uint32_t kDescentsMax = 3;        // Then they are counted.
  static constexpr std::uint32_t kFew = 16;               // Matches of a bucket whose edge is near to each of them.

  static bool AreSorted(const SortOrder& order, const MatchSet& matches) {
    return matches.count <= std::max(kAlwaysSorted, order.row_count() / kRowsPerSorted);
  }
  static bool ArePlanesCheaper(const SortOrder& order, const RowBitmap& bits);
  void SortPositions();
  void CountBuckets();
  void CountBucketsOnce();
  bool IsInWindow(std::uint32_t index) const { return index - window_.before < window_.positions.size(); }
  std::uint32_t PositionFarAway(std::uint32_t index);
  std::vector<std::uint32_t> PositionsByPlanes(std::uint32_t from, std::uint64_t wanted, bool descending, bool whole_groups);
  bool Matches(std::uint32_t position) const;
  Place Count(Place from, std::uint32_t position) const;
  std::uint32_t BucketOf(std::uint32_t index) const;
  std::uint32_t CountByBuckets(std::uint32_t position) const;
  std::uint32_t PositionByBuckets(std::uint32_t index) const;

  const SortOrder& order_;
  const Field field_;
  std::shared_ptr<const MatchSet> matches_;  // kAll or kBits, unless sorted.
  bool is_sorted_ = false;
  std::vector<std::uint32_t> positions_;
  std::uint32_t shift_ = 0;
  std::vector<std::uint32_t> before_;  // Matches before each bucket, and one more.
  Place last_{0, 0};                   // What was found last.
  bool by_planes_ = false;
  PositionWindow window_;  // What was found last by planes; empty before.
  std::uint32_t descents_ = 0;
};

}  // namespace clientele
