// The filters of a query, evaluated over one segment.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <absl/status/statusor.h>

#include "engine/execute.h"
#include "engine/match_set.h"
#include "engine/small_segment_filter.h"

namespace clientele {

struct SegmentMatches {
  std::uint64_t count = 0;
  std::shared_ptr<const MatchSet> matches;  // Null when only the count was wanted and it was stored.
};

// One query's filters, for one segment after the other. Query, options and explanation, which is added to, outlive it, views the
// matches.
class SegmentFilter {
 public:
  SegmentFilter(const Query& query, bool count_only, const ExecuteOptions& options, Explain& explain)
      : query_(query), count_only_(count_only), options_(options), explain_(explain) {}

  // Errors as ExecutePage.
  absl::StatusOr<SegmentMatches> Filter(const SegmentView& view);

 private:
  bool TakesSmallFilter(const SegmentView& view);

  const Query& query_;
  const bool count_only_;
  const ExecuteOptions& options_;
  Explain& explain_;
  std::optional<SmallSegmentFilter> small_;  // Made for the first segment that takes it,
  bool may_be_small_ = true;                 // if the query fits.
};

}  // namespace clientele
