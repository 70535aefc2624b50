#include "engine/position_rows.h"

#include <algorithm>
#include <utility>

#include "engine/rows_by_group.h"

namespace clientele {
namespace {

class Rows final : public RowsByGroup {
 public:
  Rows(const OrderTask& task, std::vector<std::uint32_t>&& positions, std::uint64_t from, std::uint64_t skip)
      : Rows(task, std::span<const std::uint32_t>(), from, skip) {
    owned_ = std::move(positions);
    positions_ = owned_;
  }
  Rows(const OrderTask& task, std::span<const std::uint32_t> positions, std::uint64_t from, std::uint64_t skip)
      : RowsByGroup(skip, task.limit),
        order_(*task.keys[0].order),
        less_(*task.segment, task.keys),
        positions_(positions),
        descending_(task.keys[0].descending),
        decided_(!descending_ && task.keys.size() == 1),
        next_(from) {}

 private:
  std::uint32_t At(std::uint64_t index) const { return positions_[descending_ ? positions_.size() - 1 - index : index]; }

  // The next match, and where the first key does not decide, those that share it.
  bool TakeGroup(Group& group) override {
    if (next_ == positions_.size()) return false;
    const RankedBits& starts = order_.group_starts();
    const std::uint32_t position = At(next_++);
    group.push_back(order_.row_at()[position]);
    ++rows_touched;
    if (decided_) return true;
    while (next_ < positions_.size()) {
      const std::uint32_t other = At(next_);
      const auto [first, last] = std::minmax(position, other);
      if (starts.Next(first + 1) <= last) break;
      group.push_back(order_.row_at()[other]);
      ++rows_touched;
      ++next_;
    }
    if (group.size() > 1) std::ranges::sort(group, [this](std::uint32_t a, std::uint32_t b) { return less_(b, a); });
    return true;
  }

  const SortOrder& order_;
  const RowLess less_;
  std::vector<std::uint32_t> owned_;
  std::span<const std::uint32_t> positions_;
  const bool descending_;
  const bool decided_;  // Positions decide alone: ids ascend within a group.
  std::uint64_t next_;
};

}  // namespace

std::unique_ptr<OrderedRows> PositionRows(const OrderTask& task, std::span<const std::uint32_t> positions, std::uint64_t from,
                                          std::uint64_t skip) {
  return std::make_unique<Rows>(task, positions, from, skip);
}
std::unique_ptr<OrderedRows> PositionRows(const OrderTask& task, std::vector<std::uint32_t>&& positions, std::uint64_t from,
                                          std::uint64_t skip) {
  return std::make_unique<Rows>(task, std::move(positions), from, skip);
}

}  // namespace clientele
