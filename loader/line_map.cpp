#include "loader/line_map.h"

#include <algorithm>
#include <utility>

namespace clientele {

std::uint32_t SkippedLines::Before(std::uint32_t index) const {
  const auto behind = std::ranges::upper_bound(runs_, index, {}, &Run::records_before);
  return behind == runs_.begin() ? 0 : std::prev(behind)->skipped;
}

void LineMap::AddBlock(std::uint64_t sequence, const Place& first, SkippedLines skipped) {
  const std::lock_guard lock(mutex_);
  blocks_.emplace(sequence, BlockLines{first, std::move(skipped)});
}

LineMap::Place LineMap::Find(std::uint64_t sequence, std::uint32_t index) const {
  const std::lock_guard lock(mutex_);
  const auto found = blocks_.find(sequence);
  if (found == blocks_.end()) return {.file = 0, .line = 0};
  const BlockLines& block = found->second;
  return {.file = block.first.file,
          .line = block.first.line + index + block.skipped.Before(index),
          .is_element = block.first.is_element};
}

}  // namespace clientele
