// Rows that are in order already, given out piece by piece.
#pragma once

#include <memory>
#include <vector>

#include "engine/ordered_rows.h"

namespace clientele {

std::unique_ptr<OrderedRows> MakeSortedRows(std::vector<std::uint32_t> rows);

}  // namespace clientele
