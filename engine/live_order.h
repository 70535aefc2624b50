// The order of live rows: the value of each sort key, and the first rows of a selection by walking an index or by selecting.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <absl/functional/function_ref.h>

#include "engine/query.h"
#include "engine/sort_key_value.h"
#include "index/live_table.h"

namespace clientele {

// A row's value of a sort key. O(1).
SortKeyValue LiveKey(const LiveRow& row, Field key);

// Whether `a` comes before `b` in the order of these keys, ties by ascending id. Ids must differ.
bool LiveRowLess(const LiveRow& a, const LiveRow& b, std::span<const OrderKey> order_by);

// A key as a number: of two clients, the one with the smaller number comes first in the answer. Equal numbers of texts tell
// nothing: these begin with the same eight bytes. Not for words.
std::uint64_t FirstKeyNumber(const SortKeyValue& value, const OrderKey& key);

// The rows of these slots as they stand, and for each a number that is smaller the earlier it comes: FirstKeyNumber of the first
// key, and where that is a word, which many rows share, the start of the second one's behind it. Equal numbers tell nothing. A
// few nanoseconds a row: rows themselves are not read.
void TakeUnordered(const LiveTable& table, std::span<const OrderKey> order_by, std::span<const std::uint32_t> slots,
                   std::vector<const LiveRow*>& rows, std::vector<std::uint64_t>& numbers);

// The first `wanted` of `slots` in the order of the keys. Reorders `slots`. About 10 ns a slot, and the time of sorting `wanted`.
std::vector<const LiveRow*> SelectFirst(const LiveTable& table, std::span<const OrderKey> order_by, std::uint64_t wanted,
                                        std::vector<std::uint32_t>& slots);

// The first `wanted` (at least 1) of the table's current rows that pass `test`, of which there are at least so many, by a walk of
// the first key's index; nullopt when it would have to look at more than `visits_max` rows. `visits` is increased by those looked
// at.
std::optional<std::vector<const LiveRow*>> WalkFirst(const LiveTable& table, std::span<const OrderKey> order_by,
                                                     std::uint64_t wanted, std::uint64_t visits_max,
                                                     absl::FunctionRef<bool(std::uint32_t slot)> test, std::uint64_t& visits);

}  // namespace clientele
