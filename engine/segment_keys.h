// Sort keys of a segment's rows as values, for comparing rows of different segments.
#pragma once

#include <cstdint>
#include <span>

#include "engine/sort_key_value.h"
#include "index/segment.h"

namespace clientele {

// The key of a row in a field that has an order or words. Texts are views into the segment. O(1), a text about 100 ns.
SortKeyValue SegmentKey(const Segment& segment, Field field, std::uint32_t row);

// The keys of many rows in a field whose keys are numbers, side by side; at least as many `numbers` as rows.
void SegmentNumbers(const Segment& segment, Field field, std::span<const std::uint32_t> rows, std::span<std::int64_t> numbers);

// Starts fetching what SegmentKey reads last. The field has an order.
void PrefetchSegmentKey(const Segment& segment, Field field, std::uint32_t row);

// The key at a position of the field's order. The same cost.
SortKeyValue SegmentKeyAt(const Segment& segment, Field field, std::uint32_t position);

// How the key at a position compares with another. O(1), a text mostly some 20 ns.
std::strong_ordering CompareKeyAt(const Segment& segment, Field field, std::uint32_t position, const SortKeyValue& key);

// First position in the field's order, among [first, last), whose key is not less (`behind`: is greater) than `key`; `last` when
// there is none. O(log (last - first)) keys.
std::uint32_t BoundOfKey(const Segment& segment, Field field, const SortKeyValue& key, bool behind, std::uint32_t first,
                         std::uint32_t last);

// The same in the whole order, looked for from position `guess` on, in steps that double. O(log (distance)) keys.
// Source: J. Bentley and A. Yao, "An almost optimal algorithm for unbounded searching" (1976).
std::uint32_t BoundOfKeyNear(const Segment& segment, Field field, const SortKeyValue& key, bool behind, std::uint32_t guess);

}  // namespace clientele
