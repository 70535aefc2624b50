// Asks the engine and the oracle the same and says where they differ.
#pragma once

#include <cstdint>
#include <string>

#include "engine/execute.h"
#include "engine/oracle.h"

namespace clientele {

// How the engine is asked.
struct AskOptions {
  bool stream = false;               // RowStream instead of ExecutePage; always so for a query without a limit.
  std::uint32_t stream_batch = 100;  // Rows asked for at a time.
  bool twin = false;                 // A second stream of the same query is read in turn with the first: both must be right.
  std::uint32_t threads = 0;
  OrderPlan force_order = OrderPlan::kNone;
  MergePlan force_merge = MergePlan::kNone;
  bool render = false;  // Also render the rows, their ids alone and whole, and read the ids back.
};

// Empty when the count and the ids in order are the oracle's; otherwise what differs, with all that is needed to see it again.
// `explain` is filled with what the engine did.
std::string Difference(const Oracle& oracle, const Snapshot& snapshot, const Query& query, const AskOptions& options,
                       Explain& explain);

// The same for a query that differs, after leaving out each predicate, sort key and number that the difference does not need.
std::string SmallestDifference(const Oracle& oracle, const Snapshot& snapshot, Query query, const AskOptions& options);

}  // namespace clientele
