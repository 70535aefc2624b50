#include "index/column_arena.h"

#include <algorithm>

#include "index/huge_mapping.h"

namespace clientele {
namespace {

constexpr std::size_t kFirstBlockBytes = std::size_t{4} << 10;
constexpr std::size_t kHugeFromBytes = std::size_t{512} << 10;
constexpr std::size_t kLargestBlockBytes = 8 * kHugePageBytes;

// Few batches take little. From half a megabyte on blocks are whole huge pages, later several, so that what each of them leaves
// unused at its end stays a small part.
std::size_t NextBlockBytes(std::size_t held, std::size_t wanted) {
  if (std::max(held, wanted) < kHugeFromBytes) return std::max({held, wanted, kFirstBlockBytes});
  const std::size_t bytes = std::max(std::min(held / 8, kLargestBlockBytes), wanted);
  return (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
}

}  // namespace

std::byte* ColumnArena::AllocateBytes(std::size_t bytes) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (blocks_.empty() || blocks_.back().size() - used_ < bytes) {
    using Block = HugeArray<std::byte>;
    const std::size_t block_bytes = NextBlockBytes(block_bytes_, bytes + Block::kPaddingBytes);
    blocks_.push_back(Block::Uninitialized(block_bytes - Block::kPaddingBytes));
    block_bytes_ += block_bytes;
    used_ = 0;
  }
  std::byte* const at = blocks_.back().data() + used_;
  used_ += bytes;
  return at;
}

void ColumnArena::Free() {
  *this = {};
}

}  // namespace clientele
