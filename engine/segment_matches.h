// The filters of a query, evaluated over one segment.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <absl/container/fixed_array.h>
#include <absl/status/statusor.h>

#include "engine/execute.h"
#include "engine/match_set.h"
#include "engine/small_segment_filter.h"
#include "engine/snapshot.h"

namespace clientele {

struct SegmentMatches {
  std::uint64_t count = 0;
  std::shared_ptr<const MatchSet> matches;  // Null when only the count was wanted and it was stored.
};

// One query's filters, for one segment after the other. Query, segments, options and explanation, which is added to, outlive it,
// views the matches.
class SegmentFilter {
 public:
  SegmentFilter(const Query& query, std::span<const SegmentView> views, bool count_only, const ExecuteOptions& options,
                Explain& explain);

  // Of views[number], if it is known already: then that is all there is to do for this segment. Null else.
  SmallSegmentMatches* Known(std::size_t number) {
    return number > 0 && small_[number - 1].is_known ? &small_[number - 1].matches : nullptr;
  }

  // Of views[number]. Errors as ExecutePage.
  absl::StatusOr<SegmentMatches> Filter(std::size_t number);

 private:
  struct Small {
    bool is_taken = false;  // Takes the small filter, and the query fits it.
    bool is_known = false;
    SmallSegmentMatches matches;
  };

  bool TakesSmallFilter(const SegmentView& view) const;
  void FilterSmallSegments();

  const Query& query_;
  const std::span<const SegmentView> views_;
  const bool count_only_;
  const ExecuteOptions& options_;
  Explain& explain_;
  AllNamedIds named_ids_;             // In the first segment; empty when they were not looked up for all segments.
  absl::FixedArray<Small, 4> small_;  // Of all segments but the first.
};

}  // namespace clientele
