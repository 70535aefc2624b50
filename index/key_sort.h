// Sorting by 64-bit keys: what the sort orders of ids, times and numbers, and the order of the rows, are made by.
#pragma once

#include <cstdint>

#include "index/huge_array.h"

namespace clientele {

// A key and whose it is.
struct KeyedItem {
  std::int64_t key;
  std::uint32_t item;
  bool operator==(const KeyedItem&) const = default;
};

// Sorts by key, keeping the order of equal ones. Uses all cores and as much memory again. O(items) for each byte in which keys
// differ; O(items) when they are sorted already. Source: least-significant-digit radix sort, each pass split among the cores
// by positions, as in Satish et al., "Fast sort on CPUs and GPUs", SIGMOD 2010.
void SortByKey(HugeArray<KeyedItem>& items);

}  // namespace clientele
