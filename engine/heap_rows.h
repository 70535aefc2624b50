// Matches that are put in order only as far as they are asked for: what a merge takes a row or two of.
// Source: R. Paredes and G. Navarro, "Optimal incremental sorting" (2006), with a binary heap.
#pragma once

#include <memory>

#include "engine/ordered_rows.h"

namespace clientele {

// From the first match on; `task.offset` must be 0. O(matches), some nanoseconds each, and O(log matches) for each row that is
// taken.
std::unique_ptr<OrderedRows> HeapRows(const OrderTask& task);

}  // namespace clientele
