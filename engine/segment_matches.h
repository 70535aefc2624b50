// The filters of a query, evaluated over one segment.
#pragma once

#include <cstdint>
#include <memory>

#include <absl/status/statusor.h>

#include "engine/execute.h"
#include "engine/match_set.h"

namespace clientele {

struct SegmentMatches {
  std::uint64_t count = 0;
  std::shared_ptr<const MatchSet> matches;  // Null when only the count was wanted and it was stored.
};

// `explain` is added to: one segment after the other. Errors as ExecutePage. The view outlives the matches.
absl::StatusOr<SegmentMatches> FilterSegment(const SegmentView& view, const Query& query, bool count_only,
                                             const ExecuteOptions& options, Explain& explain);

}  // namespace clientele
