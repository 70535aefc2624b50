// The filters of a query over a segment of few chunks of rows. What engine/filter.h prepares for large segments takes about a
// microsecond, more than most of the answer of a small one: here conditions are resolved to views of what is stored, a condition
// that no row fulfils ends it at once, and rows or bits are intersected on the stack, chunk by chunk.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/match_set.h"
#include "engine/small_segment_conditions.h"
#include "engine/small_segment_terms.h"
#include "engine/snapshot.h"

namespace clientele {

// Larger segments gain nothing by it: the work on their bits is what counts there.
inline constexpr std::uint32_t kSmallSegmentRows = 4 * kChunkRows;

struct SmallSegmentMatches {
  std::uint32_t count = 0;                  // Without dead rows.
  std::uint64_t rows_touched = 0;           // Looked at one by one.
  std::shared_ptr<const MatchSet> matches;  // Null when there are none, or only the count was wanted.
};

// The terms are of these conditions and of the view's segment, which has at most kSmallSegmentRows rows. O(rows of the rarest
// condition x conditions) when these are at most 512, else O(rows / 64 x conditions); ranges O(rows) more. Thread-safe.
SmallSegmentMatches FilterSmallSegment(const SmallSegmentConditions& conditions, const SmallSegmentTerms& terms,
                                       const SegmentView& view, bool count_only);

}  // namespace clientele
