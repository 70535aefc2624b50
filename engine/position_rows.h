// Matches whose positions in the first key's order are known and sorted, given out from any of them on: what a merge takes a row
// or two of. Ties are looked at as far as rows are asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/ordered_rows.h"

namespace clientele {

// `positions` are those of all matches in the order of task.keys[0], ascending whatever the key's direction; they outlive the
// rows. `from` counts matches in the answer's order and begins a group of equal first keys; `skip` rows from there on are left
// out. task.offset plays no part.
std::unique_ptr<OrderedRows> PositionRows(const OrderTask& task, std::span<const std::uint32_t> positions, std::uint64_t from,
                                          std::uint64_t skip);

// The same of positions that the rows keep, of some matches in a row: all that may be asked for, in groups that are whole.
std::unique_ptr<OrderedRows> PositionRows(const OrderTask& task, std::vector<std::uint32_t>&& positions, std::uint64_t from,
                                          std::uint64_t skip);

}  // namespace clientele
