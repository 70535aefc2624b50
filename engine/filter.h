// Evaluates the conjuncts of a query into the set of matching rows.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include <absl/status/statusor.h>

#include "engine/conjunct.h"
#include "engine/execute.h"
#include "engine/match_set.h"
#include "engine/parallelism.h"

namespace clientele {

struct FilterTask {
  const Segment* segment;
  Conjuncts conjuncts;                     // As ResolveConjuncts gives them.
  const Tombstones* tombstones = nullptr;  // Rows that count as absent; null when there are none. Outlives the matches.
  Parallelism parallelism = Parallelism::kWhenBig;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

struct FilterCost {
  FilterPlan plan = FilterPlan::kAll;
  std::uint64_t rows_touched = 0, chunks_touched = 0, text_blocks_scanned = 0;
  bool went_parallel = false;
};

// Evaluates in this order: text searches that are sure to be short become row lists; a short row list is probed against
// everything else; otherwise containers are intersected chunk by chunk; then ranges, long text searches and exclusions narrow the
// result, each by whichever way reads less. DeadlineExceeded when time ran out in between.
absl::StatusOr<MatchSet> EvaluateFilter(FilterTask task, FilterCost& cost);

}  // namespace clientele
