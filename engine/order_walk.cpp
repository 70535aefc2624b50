#include "engine/order_walk.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace clientele {

std::optional<MatchBlocks> FewBlocks(const RowBitmap& bits, std::uint32_t row_count) {
  MatchBlocks blocks;
  const std::uint32_t most = 32 * static_cast<std::uint32_t>(blocks.bits.size());
  std::uint32_t chunks_per_block_log2 = 0;
  while ((bits.chunk_count() - 1) >> chunks_per_block_log2 >= most) ++chunks_per_block_log2;
  blocks.shift = static_cast<std::uint32_t>(std::countr_zero(kChunkRows)) + chunks_per_block_log2;
  std::uint32_t rows = 0;
  for (std::uint32_t chunk = 0; chunk < bits.chunk_count(); ++chunk) {
    if (bits.ChunkCountOf(chunk) == 0) continue;
    rows += bits.WordsInChunk(chunk) * 64;
    const std::uint32_t block = chunk >> chunks_per_block_log2;
    blocks.bits[block / 32] |= 1u << (block % 32);
  }
  if (rows > row_count / 2) return std::nullopt;
  return blocks;
}

OrderWalk::OrderWalk(OrderTask task, std::uint32_t start, std::uint64_t skip)
    : task_(std::move(task)),
      order_(*task_.keys[0].order),
      descending_(task_.keys[0].descending),
      whole_positions_(task_.keys.size() == 1 && !descending_),
      words_(task_.matches->form == MatchSet::Form::kBits ? task_.matches->bits->words() : nullptr),
      dead_(task_.matches->dead),
      blocks_(words_ == nullptr ? std::nullopt : FewBlocks(*task_.matches->bits, order_.row_count())),
      cursor_(start),
      skip_(skip),
      left_(task_.limit) {}

std::size_t OrderWalk::Next(std::span<std::uint32_t> rows) {
  rows = rows.first(static_cast<std::size_t>(std::min<std::uint64_t>(rows.size(), left_)));
  std::size_t filled = TakeCollected(rows);
  while (filled < rows.size()) {
    const std::size_t count = descending_ ? Walk<true>(rows.subspan(filled)) : Walk<false>(rows.subspan(filled));
    if (count == 0) break;
    filled += count;
  }
  left_ -= filled;
  return filled;
}

std::size_t OrderWalk::TakeCollected(std::span<std::uint32_t> rows) {
  const std::size_t count = std::min(rows.size(), group_.size() - group_next_);
  std::copy_n(group_.begin() + static_cast<std::ptrdiff_t>(group_next_), count, rows.begin());
  group_next_ += count;
  return count;
}

// Takes matches until `rows` is full or the order ends; 0 only at the end. Ties are looked for around matches only: most
// positions do not match, and testing them is all that a walk should cost.
template <bool kDescending>
std::size_t OrderWalk::Walk(std::span<std::uint32_t> rows) {
  std::size_t filled = 0;
  std::uint32_t position;
  while (filled < rows.size() && FindMatch<kDescending>(position, skip_ + rows.size() - filled)) {
    if (!whole_positions_ && !IsAlone<kDescending>(position)) {
      CollectGroup<kDescending>(position);
      filled += TakeCollected(rows.subspan(filled));
    } else if (skip_ > 0) {
      --skip_;
    } else {
      rows[filled++] = order_.row_at()[position];
    }
  }
  return filled;
}

// The next position whose row matches. Of those behind it, about `wanted` will be asked for.
template <bool kDescending>
bool OrderWalk::FindMatch(std::uint32_t& position, std::uint64_t wanted) {
  if (found_next_ == found_count_ && !Scan<kDescending>(wanted)) return false;
  position = found_[found_next_++];
  return true;
}

// Finds the matches that follow, at least one; false at the end. The cursor moves behind them.
template <bool kDescending>
bool OrderWalk::Scan(std::uint64_t wanted) {
  found_next_ = found_count_ = 0;
  const std::uint32_t* const row_at = order_.row_at();
  const std::uint32_t end = kDescending ? 0 : order_.row_count();
  const std::uint32_t begin = cursor_;
  if (words_ != nullptr) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, kFoundMax));
    const MatchBlocks* const blocks = blocks_ ? &*blocks_ : nullptr;
    const PositionScan scan = kDescending ? ScanDown(row_at, end, cursor_, words_, blocks, found_.data(), most)
                                          : ScanUp(row_at, cursor_, end, words_, blocks, found_.data(), most);
    found_count_ = scan.found;
    cursor_ = kDescending ? cursor_ - scan.passed : cursor_ + scan.passed;
  } else {
    while (found_count_ == 0 && cursor_ != end) {
      const std::uint32_t position = kDescending ? --cursor_ : cursor_++;
      if (dead_ == nullptr || !dead_->Test(row_at[position])) found_[found_count_++] = position;
    }
  }
  rows_touched += kDescending ? begin - cursor_ : cursor_ - begin;
  return found_count_ > 0;
}

// Whether no position still ahead has the same key.
template <bool kDescending>
bool OrderWalk::IsAlone(std::uint32_t position) const {
  const RankedBits& starts = order_.group_starts();
  return kDescending ? starts[position] : position + 1 == order_.row_count() || starts[position + 1];
}

// Collects the matches of the group whose first match in walking direction is at `position`, in answer order, less what is to be
// skipped; the cursor moves behind the group.
template <bool kDescending>
void OrderWalk::CollectGroup(std::uint32_t position) {
  const std::uint32_t begin = kDescending ? order_.group_starts().Previous(position) : position;
  const std::uint32_t end = kDescending ? position + 1 : order_.group_starts().Next(position + 1);
  cursor_ = kDescending ? std::min(cursor_, begin) : std::max(cursor_, end);
  while (found_next_ < found_count_ && begin <= found_[found_next_] && found_[found_next_] < end) ++found_next_;
  rows_touched += end - begin;
  group_.clear();
  group_next_ = 0;
  for (std::uint32_t p = begin; p < end; ++p) {
    if (Match(order_.row_at()[p])) group_.push_back(order_.row_at()[p]);
  }
  if (skip_ >= group_.size()) {
    skip_ -= group_.size();
    group_.clear();
    return;
  }
  if (task_.keys.size() > 1) std::sort(group_.begin(), group_.end(), RowLess(*task_.segment, task_.keys.subspan(1)));
  group_next_ = static_cast<std::size_t>(std::exchange(skip_, 0));
}

std::unique_ptr<OrderedRows> WalkRows(const OrderTask& task) {
  const SortOrder& order = *task.keys[0].order;
  const std::uint32_t rows = order.row_count();
  const bool descending = task.keys[0].descending;
  if (task.matches->form != MatchSet::Form::kAll) return std::make_unique<OrderWalk>(task, descending ? rows : 0, task.offset);

  // Every client matches, or every living one: the offset is a position but for the dead, and its group's boundary is where to
  // start.
  const ResolvedKey& key = task.keys[0];
  const Tombstones* const dead = task.matches->dead;
  const auto dead_before = [&](std::uint32_t position) {
    return dead == nullptr ? 0 : dead->CountBefore(order, key.field, position);
  };
  const auto offset = static_cast<std::uint32_t>(task.offset);
  const auto position_of_living = [&](std::uint32_t living) {
    return dead == nullptr ? living : dead->PositionOfLiving(order, key.field, living);
  };
  if (descending) {
    const auto living = static_cast<std::uint32_t>(task.matches->count);
    const std::uint32_t end = order.group_starts().Next(position_of_living(living - 1 - offset) + 1);
    const std::uint32_t passed = living - (end - dead_before(end));
    return std::make_unique<OrderWalk>(task, end, offset - passed);
  }
  const std::uint32_t position = position_of_living(offset);
  const std::uint32_t begin = task.keys.size() == 1 ? position : order.group_starts().Previous(position);
  return std::make_unique<OrderWalk>(task, begin, offset - (begin - dead_before(begin)));
}

}  // namespace clientele
