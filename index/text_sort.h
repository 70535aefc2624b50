// Sorting many texts for the sort orders: the permutation of 0..n-1 in byte order, and where texts differ.
//
// Each text is cached as 7 bytes and the number of bytes that follow (at most 8) in one integer, so that embedded NULs and
// ends compare right. Sampled splitters part the texts into a few thousand buckets (a frequent text gets a bucket of its own),
// each bucket is radix sorted by its integers, and equal ones are refined by their next bytes.
// Source: super scalar sample sort (Sanders and Winkel, ESA 2004) over caching MSD string sorting (Ng and Kakehi, 2007).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <absl/functional/function_ref.h>

#include "index/huge_array.h"

namespace clientele {

struct SortedTexts {
  HugeArray<std::uint32_t> order;  // order[p]: the text at position p, ascending as memcmp, a prefix first; ties by number.
  std::vector<std::uint64_t> group_starts;  // Bit p % 64 of word p / 64: order[p] differs from order[p - 1]; set for p = 0.
  std::uint32_t group_count = 0;            // Number of distinct texts.

  bool StartsGroup(std::uint32_t position) const { return (group_starts[position / 64] >> (position % 64)) & 1; }
};

// Sorts texts 0 .. n-1. `text_of` is called from several threads at once, several times per text, and must give the same view
// each time, into memory that stays where it is; it may hold any bytes. Uses all cores and about 18 bytes per text beside the
// result. O(n log n + bytes that tell the texts apart).
SortedTexts SortTexts(std::uint32_t n, absl::FunctionRef<std::string_view(std::uint32_t)> text_of);

}  // namespace clientele
