// Live rows twice: a row is one allocation whose views point into itself, so a copy is its bytes with the views moved along.
#pragma once

#include "index/live_row.h"

namespace clientele {

// A row of its own. O(bytes), one allocation; thread-safe.
LiveRowPtr CopyOf(const LiveRow& row);

}  // namespace clientele
