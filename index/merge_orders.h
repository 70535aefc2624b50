// Merges the sort orders of several segments: each is sorted already, so their groups of equal keys are taken in turn, and the
// rows of one key by ascending id. Keys themselves are compared: numbers, or folded texts.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "index/huge_array.h"
#include "index/schema.h"
#include "index/sort_order.h"

namespace clientele {

struct MergedRows;

// The living rows by key, those without a key last; groups as SortOrder takes them.
struct MergedOrder {
  HugeArray<std::uint32_t> at;  // Rows of the merged segment, or old numbers.
  std::vector<std::uint64_t> group_starts;
  std::uint32_t keyed_count = 0;
};
struct MergedKeys {
  MergedOrder order;
  std::vector<std::int64_t> keys;  // Of each group that has one, ascending.
};
struct MergedTexts {
  MergedOrder order;
  HugeArray<std::string_view> texts;  // Of each group that has one, ascending; they lie in the sources.
};

// What stands at each position: the new row, or, while rows are not ordered yet, the old number.
enum class OrderOf { kRows, kOldNumbers };

// The order of a field that has keys; throws DamagedInput. O(rows x sources); beside the result 8 bytes for each distinct key.
MergedKeys MergeKeyOrder(const MergedRows& rows, Field field, OrderOf what);

// The order of a text field: the same, with 16 bytes for each distinct text.
MergedTexts MergeTextOrder(const MergedRows& rows, Field field);

}  // namespace clientele
