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

// Buckets of positions as wide as a power of two: 1,024 of them at most, but none narrower than 64 positions nor, as far as there
// may be 8,192 of them, wider than 2,048. What is looked for within a bucket is found by looking at its positions.
class PositionHistogram {
 public:
  static constexpr std::uint32_t kBucketsMax = 8'192;

  // O(matches): a nanosecond or two for each, as neighbouring rows often are neighbours in the order as well.
  PositionHistogram(const SortOrder& order, const RowBitmap& bits)
      : shift_(ShiftFor(order.row_count())), buckets_(((order.row_count() - 1) >> shift_) + 1) {
    std::fill_n(counts_.begin(), buckets_, 0);
    ForEachRow(bits, [counts = counts_.data(), position_of = order.position_of(), shift = shift_](std::uint32_t row) {
      ++counts[position_of[row] >> shift];
    });
  }

  std::uint32_t shift() const { return shift_; }  // A position's bucket is `position >> shift()`.
  std::span<const std::uint32_t> counts() const { return std::span(counts_).first(buckets_); }

 private:
  static std::uint32_t ShiftFor(std::uint32_t rows) {
    constexpr int kNarrowest = 6, kWide = 11, kUsualBuckets = 10;
    const int width = std::bit_width(rows - 1);  // Of positions, in bits.
    const int shift = std::min(std::max(width - kUsualBuckets, kNarrowest), kWide);
    return static_cast<std::uint32_t>(std::max(shift, width - static_cast<int>(std::bit_width(kBucketsMax - 1))));
  }

  std::uint32_t shift_, buckets_;
  std::array<std::uint32_t, kBucketsMax> counts_;  // Only the first buckets_ are set.
};

}  // namespace clientele
