#include "engine/order_walk.h"

#include <algorithm>

namespace clientele {
namespace {

// Groups are collected until this many rows are at hand, so that their handling is paid for by many.
constexpr std::size_t kCollectRows = 256;

}  // namespace

OrderWalk::OrderWalk(OrderTask task, std::uint32_t start, std::uint64_t skip)
    : task_(std::move(task)),
      order_(*task_.keys[0].order),
      descending_(task_.keys[0].descending),
      whole_positions_(task_.keys.size() == 1 && !descending_),
      words_(task_.matches->form == MatchSet::Form::kBits ? task_.matches->bits->words() : nullptr),
      cursor_(start),
      skip_(skip),
      left_(task_.limit) {}

std::size_t OrderWalk::Next(std::span<std::uint32_t> rows) {
  rows = rows.first(static_cast<std::size_t>(std::min<std::uint64_t>(rows.size(), left_)));
  std::size_t filled = 0;
  if (whole_positions_) {
    filled = WalkPositions(rows);
  } else {
    while (filled < rows.size()) {
      if (group_next_ == group_.size()) {
        group_.clear();
        group_next_ = 0;
        const std::size_t want = std::min(kCollectRows, rows.size() - filled);
        std::uint32_t begin, end;
        while (group_.size() < want && NextGroup(begin, end)) CollectGroup(begin, end);
        if (group_.empty()) break;
      }
      const std::size_t count = std::min(rows.size() - filled, group_.size() - group_next_);
      std::copy_n(group_.begin() + static_cast<std::ptrdiff_t>(group_next_), count,
                  rows.begin() + static_cast<std::ptrdiff_t>(filled));
      group_next_ += count;
      filled += count;
    }
  }
  left_ -= filled;
  return filled;
}

std::size_t OrderWalk::WalkPositions(std::span<std::uint32_t> rows) {
  const std::uint32_t* row_at = order_.row_at();
  const std::uint32_t end = order_.row_count();
  const std::uint32_t begin = cursor_;
  std::size_t filled = 0;
  while (filled < rows.size() && cursor_ < end) {
    const std::uint32_t row = row_at[cursor_++];
    if (!Match(row)) continue;
    if (skip_ > 0) {
      --skip_;
      continue;
    }
    rows[filled++] = row;
  }
  rows_touched += cursor_ - begin;
  return filled;
}

bool OrderWalk::NextGroup(std::uint32_t& begin, std::uint32_t& end) {
  const RankedBits& starts = order_.group_starts();
  if (descending_) {
    if (cursor_ == 0) return false;
    end = cursor_;
    begin = starts[end - 1] ? end - 1 : starts.Previous(end - 1);
    cursor_ = begin;
  } else {
    if (cursor_ == order_.row_count()) return false;
    begin = cursor_;
    end = starts.Next(begin + 1);
    cursor_ = end;
  }
  return true;
}

void OrderWalk::CollectGroup(std::uint32_t begin, std::uint32_t end) {
  const std::uint32_t* row_at = order_.row_at();
  rows_touched += end - begin;
  if (end - begin == 1) {
    if (!Match(row_at[begin])) return;
    if (skip_ > 0)
      --skip_;
    else
      group_.push_back(row_at[begin]);
    return;
  }
  const std::size_t old_size = group_.size();
  for (std::uint32_t position = begin; position < end; ++position) {
    if (Match(row_at[position])) group_.push_back(row_at[position]);
  }
  const std::uint64_t matched = group_.size() - old_size;
  if (skip_ >= matched) {
    skip_ -= matched;
    group_.resize(old_size);
    return;
  }
  const auto first = group_.begin() + static_cast<std::ptrdiff_t>(old_size);
  if (task_.keys.size() > 1 && matched > 1) std::sort(first, group_.end(), RowLess(*task_.segment, task_.keys.subspan(1)));
  group_.erase(first, first + static_cast<std::ptrdiff_t>(skip_));
  skip_ = 0;
}

std::unique_ptr<OrderedRows> WalkRows(const OrderTask& task) {
  const SortOrder& order = *task.keys[0].order;
  const std::uint32_t rows = order.row_count();
  const bool descending = task.keys[0].descending;
  if (task.matches->form != MatchSet::Form::kAll) return std::make_unique<OrderWalk>(task, descending ? rows : 0, task.offset);

  // Every client matches: the offset is a position, and its group's boundary is where to start.
  const auto offset = static_cast<std::uint32_t>(task.offset);
  if (descending) {
    const std::uint32_t end = order.group_starts().Next(rows - offset);
    return std::make_unique<OrderWalk>(task, end, offset - (rows - end));
  }
  const std::uint32_t begin = task.keys.size() == 1 ? offset : order.group_starts().Previous(offset);
  return std::make_unique<OrderWalk>(task, begin, offset - begin);
}

}  // namespace clientele
