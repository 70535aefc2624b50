// The matches of one segment by their position in a sort order: how many stand before a position, and where the n-th one is,
// without putting them in order. What finding a deep page over several segments is made of.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/match_set.h"
#include "index/sort_order.h"

namespace clientele {

// One thread, as the matches are. The order outlives it.
class RankedMatches {
 public:
  // O(matches): a short list is sorted, of others the matches are counted per bucket of positions. Nothing when every row
  // matches.
  RankedMatches(const SortOrder& order, Field field, std::shared_ptr<const MatchSet> matches);

  std::uint32_t count() const { return static_cast<std::uint32_t>(matches_->count); }

  // Matches at positions before `position`. O(a bucket's positions), a microsecond or two; less near what was asked last.
  std::uint32_t CountBefore(std::uint32_t position);

  // Position of match number `index` (by position), which there must be. The same cost.
  std::uint32_t PositionOf(std::uint32_t index);

  // The positions of `wanted` matches (as far as there are so many) from position `from` on, `descending`: before it, ascending;
  // there may be more of them, and groups of equal keys are whole. Of matches that were counted by bucket. O(matches).
  std::vector<std::uint32_t> PositionsFrom(std::uint32_t from, std::uint64_t wanted, bool descending);
  bool has_buckets() const { return !before_.empty(); }

  // The positions of all matches, ascending, when they are so few that they were sorted.
  const std::vector<std::uint32_t>* sorted_positions() const { return is_sorted_ ? &positions_ : nullptr; }
  const std::shared_ptr<const MatchSet>& matches() const { return matches_; }

 private:
  static constexpr std::uint32_t kAlwaysSorted = 64;      // Matches.
  static constexpr std::uint32_t kRowsPerSorted = 4'096;  // Rows a match from which walking from match to match is slower.
  static constexpr std::uint32_t kNearPositions = 1'024;  // Fewer are counted faster than a bucket's.

  // So many matches stand before a position.
  struct Place {
    std::uint32_t position, before;
  };

  void SortPositions();
  void CountBuckets();
  bool Matches(std::uint32_t position) const;
  Place Count(Place from, std::uint32_t position) const;
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
};

}  // namespace clientele
