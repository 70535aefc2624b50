// One sort order over all rows of a segment: the rows by ascending key, equal keys by ascending client id, rows without a key
// last. Both directions of the mapping are kept, the boundaries between groups of equal keys, and the top bits of every row's
// position as bitmaps (rank bit planes), from which the start of a deep page is found without looking at single rows.
// Immutable: any number of threads may read it. About 9 bytes a row.
// Source of the planes: bit-sliced indices (O'Neil and Quass, SIGMOD 1997).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "index/huge_array.h"
#include "index/ranked_bits.h"

namespace clientele {

class SortOrder {
 public:
  static constexpr std::uint32_t kPlanesMax = 7;

  SortOrder() = default;

  // `row_at` is a permutation of the rows; `group_starts` has a bit set at each position whose key differs from the one before;
  // positions from `keyed_count` on are the rows without a key and count as one last group. O(rows), on all cores.
  SortOrder(HugeArray<std::uint32_t> row_at, std::vector<std::uint64_t> group_starts, std::uint32_t keyed_count,
            bool with_planes);

  std::uint32_t row_count() const { return static_cast<std::uint32_t>(row_at_.size()); }
  std::uint32_t keyed_count() const { return keyed_count_; }  // Rows that have a key.

  const std::uint32_t* row_at() const { return row_at_.data(); }            // Row at each position.
  const std::uint32_t* position_of() const { return position_of_.data(); }  // Position of each row.

  // Groups of equal keys, numbered in order from 0; the rows without a key are the last group, if there are any.
  const RankedBits& group_starts() const { return group_starts_; }
  std::uint32_t group_count() const { return group_starts_.count(); }
  std::uint32_t GroupAt(std::uint32_t position) const { return group_starts_.Rank(position + 1) - 1; }  // O(1).
  std::uint32_t GroupBegin(std::uint32_t group) const { return group_starts_.Select(group); }  // row_count() past the last.
  bool all_distinct() const { return group_starts_.count() == row_count(); }

  // Plane 0 is the most significant bit of position >> plane_shift(). Empty when built without planes or for few rows.
  std::uint32_t plane_count() const { return planes_[0].empty() ? 0 : kPlanesMax; }
  std::uint32_t plane_shift() const { return plane_shift_; }
  const std::uint64_t* plane(std::uint32_t index) const { return planes_[index].data(); }  // One bit a row.

  std::uint64_t bytes() const;

  // Names the parts to a snapshot's writer or reader (index/snapshot_sections.h).
  template <class Sections, class Self>
  static void List(Sections& sections, Self& self) {
    sections.Number(self.keyed_count_);
    sections.Number(self.plane_shift_);
    sections.Hot("row_at", self.row_at_);
    sections.Hot("position_of", self.position_of_);
    sections.Nested("group_starts", self.group_starts_);
    for (auto& plane : self.planes_) sections.Hot("planes", plane);
  }

  // What keeps this from being an order of `rows` rows; empty when nothing does that can be seen from each array alone: that the
  // two directions agree is not checked. O(rows), sequentially.
  std::string Problem(std::uint32_t rows) const;

 private:
  void BuildPlanes();

  std::uint32_t keyed_count_ = 0;
  HugeArray<std::uint32_t> row_at_, position_of_;
  RankedBits group_starts_;
  std::uint32_t plane_shift_ = 0;
  std::array<HugeArray<std::uint64_t>, kPlanesMax> planes_;  // All empty, or none.
};

}  // namespace clientele
