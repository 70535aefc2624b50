#include "loader/line_map.h"

#include <algorithm>
#include <utility>

namespace clientele {

std::uint32_t SkippedLines::Before(std::uint32_t index) const {
  const auto behind = std::ranges::upper_bound(runs_, index, {}, &Run::records_before);
  return behind == runs_.begin() ? 0 : std::prev(behind)->skipped;
}

void LineMap::AddBlock(std::uint64_t sequence, std::uint32_t file, std::uint64_t first_line, SkippedLines skipped) {
  const std::lock_guard lock(mutex_);
  blocks_.emplace(sequence, BlockLines{file, first_line, std::move(skipped)});
}

LineMap::Place LineMap::Find(std::uint64_t sequence, std::uint32_t index) const {
  const std::lock_guard lock(mutex_);
  const auto found = blocks_.find(sequence);
  if (found == blocks_.end()) return {.file = 0, .line = 0};
  const BlockLines& block = found->second;
  return {.file = block.file, .line = block.first_line + index + block.skipped.Before(index)};
}

}  // namespace clientele
