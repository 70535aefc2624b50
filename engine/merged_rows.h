// The matches of several sources as one order: what a query over several segments and live rows answers with.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/merge_source.h"

namespace clientele {

struct MergeTask {
  std::vector<std::unique_ptr<MergeSource>> sources;
  std::vector<OrderKey> keys;  // Most significant first; ties by id ascending.
  std::uint64_t offset = 0;    // Below the sum of the sources' counts.
  std::uint64_t limit = 0;     // At least 1, at most what there is from there on.
};

struct MergedRows {
  std::unique_ptr<OrderedRows> rows;  // As rows of the snapshot.
  MergePlan plan;
};

// Rows [offset, offset + limit) of all sources' matches. The merge costs about 0.1 us a row and source; finding a deep page
// O(log matches) searches in each source. `force` is taken where it is possible; kNone forces nothing.
MergedRows MergeRows(MergeTask task, MergePlan force = MergePlan::kNone);

}  // namespace clientele
