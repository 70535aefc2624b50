// One text of every row of a live table, for contains-search: FoldedText that grows.
//
// The texts stand one behind the other by slot, in blocks of 64, and are scanned with SIMD (index/text_search.h). A signature
// tells which blocks may hold a needle: for each of 4,096 buckets of grams and each block one bit, set when the block has such
// a gram. It is like index/block_signature.h, but grows by single texts: grams hash to planes without a table that would have to
// be learnt from a sample, and the planes of 64 blocks lie together, one word each, so that they never move.
//
// Texts of rows that are no longer current stay: callers mask them. Externally synchronised, as its table.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/functional/function_ref.h>

#include "index/text_search.h"

namespace clientele {

class LiveTexts {
 public:
  LiveTexts();

  // The text of the next slot, folded; lists joined by kValueSeparator. Amortised O(text), about 2 ns a byte.
  void Append(std::string_view text);

  std::uint32_t size() const { return size_; }
  std::uint32_t block_count() const { return (size_ + kItemsPerBlock - 1) / kItemsPerBlock; }

  // Clears bit b of `blocks` where block b cannot hold the needle; there is a bit for each block at least. O(needle + blocks /
  // 8).
  void NarrowBlocks(std::string_view needle, std::span<std::uint64_t> blocks) const;

  // Calls `on_block(block, mask)` for those blocks of `blocks` in which a text contains the needle, ascending; bit i of `mask`:
  // slot block * 64 + i. The needle is folded and not empty; one with a separator byte is in no text.
  // O(bytes of these blocks), about 150 ns a block of addresses.
  void Search(std::string_view needle, std::span<const std::uint64_t> blocks,
              absl::FunctionRef<void(std::uint32_t block, std::uint64_t mask)> on_block) const;

  std::uint64_t text_bytes() const { return text_.size(); }
  std::uint64_t bytes() const;  // Of memory.

 private:
  static constexpr std::uint32_t kPlanes = 4'096;
  using Planes = std::array<std::uint64_t, kPlanes>;  // Of 64 blocks: bit b of word p: block b has a gram of bucket p.

  std::uint32_t size_ = 0;
  std::string text_;                         // Each text and a separator behind it, then padding that may be read.
  std::vector<std::uint64_t> block_starts_;  // In `text_`.
  std::vector<std::unique_ptr<Planes>> planes_;
  ByteCounts byte_counts_{};  // In the first texts.
};

}  // namespace clientele
