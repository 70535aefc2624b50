#include "index/live_text.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "index/gram_planes.h"

namespace clientele {
namespace {

constexpr std::uint32_t kCountedTexts = 1'024;
constexpr std::size_t kNeedleGramsMax = 64;

bool HoldsSeparator(std::string_view text) {
  return text.find(kItemSeparator) != text.npos || text.find(kValueSeparator) != text.npos;
}

}  // namespace

LiveTexts::LiveTexts() : text_(kSearchPaddingBytes, kItemSeparator) {}

void LiveTexts::Append(std::string_view text) {
  assert(text.find(kItemSeparator) == text.npos);
  // The new text and its separator take the place of padding, which then is filled up.
  const std::size_t begin = text_.size() - kSearchPaddingBytes;
  text_.append(text.size() + 1, kItemSeparator);
  text.copy(text_.data() + begin, text.size());

  const std::uint32_t block = size_ / kItemsPerBlock;
  if (size_ % kItemsPerBlock == 0) block_starts_.push_back(begin);
  if (size_ % (64 * kItemsPerBlock) == 0) planes_.push_back(std::make_unique<Planes>());
  Planes& planes = *planes_.back();
  const std::uint64_t bit = std::uint64_t{1} << (block % 64);
  const char* const at = text_.data() + begin;
  ForEachGram(at, at + text.size() + 1, [&](std::uint32_t bucket) { planes[bucket % kPlanes] |= bit; });
  if (size_ < kCountedTexts) {
    for (const char c : text) ++byte_counts_[static_cast<std::uint8_t>(c)];
  }
  ++size_;
}

void LiveTexts::NarrowBlocks(std::string_view needle, std::span<std::uint64_t> blocks) const {
  // Grams are loaded 4 bytes at a time, also the last one of 3.
  char copy[kNeedleGramsMax + 4] = {};
  const std::size_t size = needle.copy(copy, kNeedleGramsMax);
  std::array<std::uint32_t, 2 * kNeedleGramsMax> buckets;
  std::size_t count = 0;
  ForEachGramOfValue(copy, copy + size, [&](std::uint32_t bucket) { buckets[count++] = bucket % kPlanes; });
  for (std::size_t group = 0; group < blocks.size(); ++group) {
    const std::size_t blocks_here = group * 64 < block_count() ? block_count() - group * 64 : 0;
    if (blocks_here < 64) blocks[group] &= (std::uint64_t{1} << blocks_here) - 1;
    for (std::size_t i = 0; i < count && blocks[group] != 0; ++i) blocks[group] &= (*planes_[group])[buckets[i]];
  }
}

void LiveTexts::Search(std::string_view needle_text, std::span<const std::uint64_t> blocks,
                       absl::FunctionRef<void(std::uint32_t block, std::uint64_t mask)> on_block) const {
  assert(!needle_text.empty());
  if (HoldsSeparator(needle_text)) return;
  const Needle needle(needle_text, byte_counts_);
  const char* const text = text_.data();
  const auto wanted = [&](std::uint32_t block) { return (blocks[block / 64] >> (block % 64)) & 1; };
  for (std::uint32_t first = 0; first < block_count(); ++first) {
    if (blocks[first / 64] >> (first % 64) == 0) {
      first |= 63;
      continue;
    }
    if (!wanted(first)) continue;
    std::uint32_t last = first + 1;
    while (last < block_count() && wanted(last)) ++last;
    const char* const end = last < block_starts_.size() ? text + block_starts_[last] : text + text_.size() - kSearchPaddingBytes;
    ScanItems(needle, text + block_starts_[first], end,
              [&](std::uint32_t block, std::uint64_t mask) { on_block(first + block, mask); });
    first = last;  // Which is not wanted, if there is one.
  }
}

std::uint64_t LiveTexts::bytes() const {
  return text_.capacity() + block_starts_.capacity() * sizeof(std::uint64_t) + planes_.size() * sizeof(Planes);
}

}  // namespace clientele
