#include "index/sort_order.h"

#include <algorithm>
#include <bit>

#include "index/parallel.h"

namespace clientele {
namespace {

// Below this many rows a histogram over the matches finds any page faster than planes could.
constexpr std::uint32_t kRowsForPlanes = 1u << 17;

std::uint32_t PlaneShift(std::uint32_t rows) {
  return static_cast<std::uint32_t>(std::bit_width(rows - 1)) - SortOrder::kPlanesMax;
}

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
  plane_shift_ = PlaneShift(rows);
  for (HugeArray<std::uint64_t>& plane : planes_) plane = HugeArray<std::uint64_t>::Uninitialized(words);
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

std::string SortOrder::Problem(std::uint32_t rows) const {
  if (row_at_.size() != rows || position_of_.size() != rows || keyed_count_ > rows) return "another number of rows";
  if (std::string problem = group_starts_.Problem(rows); !problem.empty()) return problem;
  if (rows > 0 && !group_starts_[0]) return "a first position that starts no group";
  if (keyed_count_ < rows && !group_starts_[keyed_count_]) return "rows without a key that start no group";
  const std::uint32_t words = (rows + 63) / 64;
  if (std::ranges::any_of(planes_, [&](const auto& plane) { return plane.size() != (planes_[0].empty() ? 0 : words); }))
    return "rank bit planes of another size";
  if (plane_count() > 0 && (rows < kRowsForPlanes || plane_shift_ != PlaneShift(rows))) return "rank bit planes of another scale";
  for (const auto* numbers : {&row_at_, &position_of_}) {
    std::uint32_t largest = 0;
    for (const std::uint32_t number : *numbers) largest = std::max(largest, number);
    if (rows > 0 && largest >= rows) return "a row or position past the last";
  }
  return {};
}

}  // namespace clientele
