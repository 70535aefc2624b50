// Walking a sort order from any group boundary, keeping the rows that match.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/ordered_rows.h"
#include "engine/position_scan.h"

namespace clientele {

// The chunks that hold matches, of a segment with `row_count` rows; nothing when they are more than half of it: then a walk gains
// nothing by telling them from others. From 512 chunks on, several share a block. O(chunks).
std::optional<MatchBlocks> FewBlocks(const RowBitmap& bits, std::uint32_t row_count);

class OrderWalk final : public OrderedRows {
 public:
  // Ascending: `start` is the first position to look at; descending: the position behind the first. With more than one key, or
  // descending, it must be a group boundary. The first `skip` matches from there are left out.
  OrderWalk(OrderTask task, std::uint32_t start, std::uint64_t skip);

  std::size_t Next(std::span<std::uint32_t> rows) override;

 private:
  bool Match(std::uint32_t row) const {
    if (words_ != nullptr) return (words_[row / 64] >> (row % 64)) & 1;
    return dead_ == nullptr || !dead_->Test(row);
  }
  std::size_t TakeCollected(std::span<std::uint32_t> rows);
  template <bool kDescending>
  std::size_t Walk(std::span<std::uint32_t> rows);
  template <bool kDescending>
  bool FindMatch(std::uint32_t& position, std::uint64_t wanted);
  template <bool kDescending>
  bool Scan(std::uint64_t wanted);
  template <bool kDescending>
  bool IsAlone(std::uint32_t position) const;
  template <bool kDescending>
  void CollectGroup(std::uint32_t position);

  const OrderTask task_;
  const SortOrder& order_;
  const bool descending_, whole_positions_;  // whole_positions_: one ascending key, so positions need no grouping.
  const std::uint64_t* const words_;         // The match bitmap, null when every row matches but those of dead_.
  const Tombstones* const dead_;
  const std::optional<MatchBlocks> blocks_;  // Where matches are, if that is in few chunks.
  std::uint32_t cursor_;                     // Where to look for further matches.
  static constexpr std::size_t kFoundMax = 64;
  std::array<std::uint32_t, kFoundMax + kScanStep - 1> found_;  // Positions of matches before the cursor, from found_next_ on.
  std::size_t found_next_ = 0, found_count_ = 0;
  std::uint64_t skip_;
  std::uint64_t left_;                // Rows still to give out.
  std::vector<std::uint32_t> group_;  // Rows of collected groups, in answer order, from group_next_ on.
  std::size_t group_next_ = 0;
};

}  // namespace clientele
