// Turns collected batches into a segment: drops repeated ids, chooses the order of the rows, and builds every index in bulk.
#pragma once

#include <vector>

#include "index/segment_builder.h"
#include "index/segment_columns.h"

namespace clientele {

// `batches` in input order, none empty; their arenas are freed on the way. Runs on all cores; not to be called from within a
// parallel loop.
SealResult SealBatches(SegmentShared& shared, std::vector<KeptBatch> batches, const SealProgress& progress);

}  // namespace clientele
