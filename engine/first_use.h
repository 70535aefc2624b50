// What a query needs of a segment that was opened lazily, required before anything of it is read.
#pragma once

#include <absl/status/status.h>

#include "engine/query.h"
#include "index/segment.h"

namespace clientele {

// Requires every part that filtering and ordering read. DataLoss names what is damaged; the query must not run then. Records of
// the page are required when its rows are known. O(size of the parts) the first time, a few loads later. Thread-safe.
absl::Status RequireForQuery(const Segment& segment, const Query& query);

// Whether that would be OK at once, records aside.
bool IsKnownGood(const Segment& segment, const Query& query);

}  // namespace clientele
