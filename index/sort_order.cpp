#include "index/sort_order.h"

#include <bit>

#include "index/parallel.h"

namespace clientele {
namespace {

// Below this many rows a histogram over the matches finds any page faster than planes could.
constexpr std::uint32_t kRowsForPlanes = 1u << 17;

}  // namespace

SortOrder::SortOrder(HugeArray<std::uint32_t> row_at, std::vector<std::uint64_t> group_starts, std::uint32_t keyed_count,
                     bool with_planes)
    : keyed_count_(keyed_count),
      row_at_(std::move(row_at)),
      position_of_(HugeArray<std::uint32_t>::Uninitialized(row_at_.size())) {
  const std::uint32_t rows = row_count();
  group_starts.resize(rows / 64 + 1);
  group_starts.back() &= (std::uint64_t{1} << (rows % 64)) - 1;
  if (keyed_count < rows) group_starts[keyed_count / 64] |= std::uint64_t{1} << (keyed_count % 64);
  group_starts_ = RankedBits(std::move(group_starts), rows);
  ParallelRanges(0, rows, 1u << 16, [&](std::size_t first, std::size_t last) {
    for (std::size_t position = first; position < last; ++position)
      position_of_[row_at_[position]] = static_cast<std::uint32_t>(position);
  });
  if (with_planes && rows >= kRowsForPlanes) BuildPlanes();
}

void SortOrder::BuildPlanes() {
  const std::uint32_t rows = row_count();
  const std::uint32_t words = (rows + 63) / 64;
  plane_shift_ = static_cast<std::uint32_t>(std::bit_width(rows - 1)) - kPlanesMax;
  for (std::uint32_t plane = 0; plane < kPlanesMax; ++plane) planes_.push_back(HugeArray<std::uint64_t>::Uninitialized(words));
  ParallelRanges(0, words, 1024, [&](std::size_t first_word, std::size_t last_word) {
    for (auto word = static_cast<std::uint32_t>(first_word); word < last_word; ++word) {
      std::uint64_t bits[kPlanesMax] = {};
      const std::uint32_t last = std::min(rows, (word + 1) * 64);
      for (std::uint32_t row = word * 64; row < last; ++row) {
        const std::uint64_t bucket = position_of_[row] >> plane_shift_;
        for (std::uint32_t plane = 0; plane < kPlanesMax; ++plane) {
          bits[plane] |= ((bucket >> (kPlanesMax - 1 - plane)) & 1) << (row % 64);
        }
      }
      for (std::uint32_t plane = 0; plane < kPlanesMax; ++plane) planes_[plane][word] = bits[plane];
    }
  });
}

std::uint64_t SortOrder::bytes() const {
  std::uint64_t bytes = row_at_.bytes() + position_of_.bytes() + group_starts_.bytes();
  for (const auto& plane : planes_) bytes += plane.bytes();
  return bytes;
}

}  // namespace clientele
