// The rows of a small segment that fulfil a query's rarest condition, tested against all else: the way of
// engine/small_segment_filter.h for a condition that few rows fulfil.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/id_set.h"
#include "engine/match_set.h"
#include "engine/small_segment_filter.h"
#include "engine/small_segment_terms.h"

namespace clientele {

// More matches than these are kept as bits: a walk in some order then meets one of them soon.
inline constexpr std::uint32_t kSmallListMax = 64;

// Looking an id up in the segment takes as long as asking for so many rows whether theirs is excluded.
inline constexpr std::uint32_t kRowsPerLookup = 4;

// To be used once. Views what it is given.
class SmallSegmentCandidates {
 public:
  static constexpr std::uint32_t kMax = 512;

  // `dead`: null when there are none.
  SmallSegmentCandidates(std::span<const SmallSegmentTerm> terms, std::span<const IdSet> excluded_ids, const Segment& segment,
                         const Tombstones* dead, bool count_only)
      : terms_(terms),
        excluded_ids_(excluded_ids),
        segment_(segment),
        dead_(dead),
        count_only_(count_only),
        rows_(segment.row_count()) {}

  // `rarest` is one of the terms; at most kMax rows fulfil it. O(these rows x conditions).
  SmallSegmentMatches From(const SmallSegmentTerm& rarest);

 private:
  std::shared_ptr<const MatchSet> Matches();
  std::span<std::uint32_t> Rows() { return std::span(candidates_).first(count_); }
  void Take(std::span<const std::uint32_t> rows);
  void Take(const ValueIndex& values, std::uint32_t code);
  template <class Keep>
  void KeepIf(Keep keep);
  void KeepHeld(const SmallSegmentTerm& term);
  void KeepHeldByValue(const ValueIndex& values, std::uint32_t code);
  void KeepOtherIds(const IdSet& excluded);

  const std::span<const SmallSegmentTerm> terms_;
  const std::span<const IdSet> excluded_ids_;
  const Segment& segment_;
  const Tombstones* const dead_;
  const bool count_only_;
  const std::uint32_t rows_;
  std::uint32_t count_ = 0;
  bool are_ascending_ = false;
  std::array<std::uint32_t, kMax> candidates_;  // The first `count_`; not cleared.
};

}  // namespace clientele
