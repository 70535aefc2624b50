// How many matches stand in each bucket of positions of an order: what finding a page deep within them begins with.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "engine/match_set.h"
#include "index/sort_order.h"

namespace clientele {

// Buckets of positions as wide as a power of two: 64 at least, and as many buckets as fit into the array at most.
class PositionHistogram {
 public:
  static constexpr std::uint32_t kBucketsMax = 1'024, kNarrowest = 64;

  // O(matches): a nanosecond or two for each, as neighbouring rows often are neighbours in the order as well.
  PositionHistogram(const SortOrder& order, const RowBitmap& bits)
      : shift_(std::max(WidthOf(order.row_count() - 1), WidthOf(kNarrowest * kBucketsMax - 1)) - WidthOf(kBucketsMax - 1)),
        buckets_(((order.row_count() - 1) >> shift_) + 1) {
    std::fill_n(counts_.begin(), buckets_, 0);
    ForEachRow(bits, [counts = counts_.data(), position_of = order.position_of(), shift = shift_](std::uint32_t row) {
      ++counts[position_of[row] >> shift];
    });
  }

  std::uint32_t shift() const { return shift_; }  // A position's bucket is `position >> shift()`.
  std::span<const std::uint32_t> counts() const { return std::span(counts_).first(buckets_); }

 private:
  static constexpr std::uint32_t WidthOf(std::uint32_t value) { return static_cast<std::uint32_t>(std::bit_width(value)); }

  std::uint32_t shift_, buckets_;
  std::array<std::uint32_t, kBucketsMax> counts_;  // Only the first buckets_ are set.
};

}  // namespace clientele
