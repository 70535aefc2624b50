// The filters of a query over a segment of at most one chunk of rows. What engine/filter.h prepares for large segments takes
// about a microsecond, more than most of the answer of a small one: here conditions are resolved to views of what is stored, a
// condition that no row fulfils ends it at once, and rows or bits are intersected on the stack.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/match_set.h"
#include "engine/query.h"
#include "engine/snapshot.h"

namespace clientele {

// Whether all conditions of the query can be evaluated so: all but texts that are searched for parts or looked up by hash.
bool FitsOneChunkFilter(const Query& query);

struct OneChunkMatches {
  std::uint32_t count = 0;                  // Without dead rows.
  std::uint64_t rows_touched = 0;           // Looked at one by one.
  std::shared_ptr<const MatchSet> matches;  // Null when there are none, or only the count was wanted.
};

// The query fits, and the segment has at most kChunkRows rows. O(rows of the rarest condition x conditions) when these are at
// most 512, else O(rows / 64 x conditions); ranges O(log rows) or O(rows) more.
OneChunkMatches FilterOneChunk(const SegmentView& view, const Query& query, bool count_only);

}  // namespace clientele
