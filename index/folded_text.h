// Case-folded texts, one item each, made to answer "which items contain this text" without reading most of them.
//
// Items are stored in blocks of 64: their bytes, separated by 0xFF (which no UTF-8 text contains), in one run. Beside them a
// bit-sliced block signature: a plane holds one bit per block, set when some item of the block contains a gram (3 or 4 bytes)
// that hashes to that plane. A search ANDs the planes of the needle's grams (the rarest few) and scans only the blocks that
// remain, with SIMD; grams that occur nearly everywhere have no plane. A needle shorter than a gram scans every block.
// Source: signature files in bit-sliced form, as in BitFunnel (Goodwin et al., SIGIR 2017), with blocks of items as documents.
//
// An item may hold several values, joined by 0xFE: no needle matches across them. Immutable once built; thread-safe.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <absl/functional/function_ref.h>

#include "index/block_signature.h"
#include "index/huge_array.h"
#include "index/text_search.h"

namespace clientele {

// What a search did, for --explain and for tests that assert which plan ran.
struct TextSearchStats {
  bool used_signature = false;
  std::uint64_t blocks_scanned = 0;
  std::uint64_t blocks_total = 0;
  std::uint64_t bytes_scanned = 0;
};

class FoldedText {
 public:
  using OnBlock = absl::FunctionRef<void(std::uint32_t block, std::uint64_t mask)>;

  FoldedText() = default;

  // Builds from `item_count` items of folded UTF-8; `text_of(i)` is called from several threads at once, twice per item, and must
  // give the same view each time. The views are copied; `texts_copied` is called when they are no longer needed, so that the
  // caller can free them before the signature takes memory. O(bytes), on all cores.
  static FoldedText Build(std::uint32_t item_count, absl::FunctionRef<std::string_view(std::uint32_t)> text_of,
                          absl::FunctionRef<void()> texts_copied);
  static FoldedText Build(std::uint32_t item_count, absl::FunctionRef<std::string_view(std::uint32_t)> text_of) {
    return Build(item_count, text_of, [] {});
  }

  std::uint32_t size() const { return item_count_; }

  // All items in order, each with a kItemSeparator behind it; valid as long as this object. For reading all of them. O(1).
  std::string_view AllItems() const {
    return item_count_ == 0 ? std::string_view() : std::string_view(text_.data(), block_starts_[block_count()]);
  }

  // Bytes of one item; valid as long as this object. O(block).
  std::string_view Item(std::uint32_t item) const;
  void PrefetchItem(std::uint32_t item) const;  // Starts fetching what Item reads first.

  // How an item compares with a text without separators, byte by byte, where items are distinct and ascend. Most are told apart
  // by the first items of their block and the next, which takes a tenth of Item.
  std::strong_ordering CompareAscending(std::uint32_t item, std::string_view text) const;

  // Calls `on_block(block, mask)` for each block with a matching item, ascending; bit i of `mask` is item block*64 + i.
  // `needle` is folded UTF-8; one with a separator byte matches nothing. The empty needle matches every item (also one that
  // joins no value: callers mask those).
  void FindContaining(std::string_view needle, OnBlock on_block, TextSearchStats* stats = nullptr) const;

  // The same for blocks [first_block, last_block) only, so that a caller may split a large search over threads.
  void FindContaining(std::string_view needle, std::uint32_t first_block, std::uint32_t last_block, OnBlock on_block,
                      TextSearchStats* stats = nullptr) const;
  std::uint32_t block_count() const { return item_count_ / kItemsPerBlock + (item_count_ % kItemsPerBlock != 0); }

  // About how many blocks a search for `needle` would scan, rather too many than too few: counted in a sample of the planes;
  // block_count() when the signature cannot help. For the planner. O(needle), a few microseconds.
  std::uint64_t EstimateBlocks(std::string_view needle) const;

  // False: no item contains the needle, as the signature of few texts (up to 32,768) tells at once. O(needle), about 0.1 us.
  bool MayContain(std::string_view needle) const { return item_count_ > 0 && signature_.MayContain(needle); }

  bool ItemContains(std::uint32_t item, std::string_view needle) const;  // O(block), about 50 ns.

  std::uint64_t text_bytes() const { return text_.bytes() + block_starts_.bytes(); }  // With separators and the block directory.
  std::uint64_t signature_bytes() const { return signature_.bytes(); }

  // Names the parts to a snapshot's writer or reader (index/snapshot_sections.h).
  template <class Sections, class Self>
  static void List(Sections& sections, Self& self) {
    sections.Number(self.item_count_);
    sections.Number(self.prefetch_bytes_);
    sections.Number(self.byte_counts_);
    sections.Cold("text", self.text_);
    sections.Cold("block_starts", self.block_starts_);
    sections.Nested("signature", self.signature_);
  }

  // What keeps these from being `items` items; empty when nothing does. The texts themselves are not looked at. O(blocks).
  std::string Problem(std::uint32_t items) const;

 private:
  // Items are counted from the end of their block that is nearer.
  bool IsNearerBack(std::uint32_t item) const { return item / kItemsPerBlock > 0 && ItemsBehind(item) < item % kItemsPerBlock; }
  std::uint32_t ItemsBehind(std::uint32_t item) const {  // In its block, itself included.
    return std::min(item_count_ - item / kItemsPerBlock * kItemsPerBlock, kItemsPerBlock) - item % kItemsPerBlock;
  }
  std::strong_ordering CompareFirst(std::uint32_t block, std::string_view text) const;
  const char* BlockBegin(std::uint32_t block) const { return text_.data() + block_starts_.data()[block]; }
  void ScanBlocks(const Needle& needle, std::uint32_t first, std::uint32_t last, OnBlock on_block, TextSearchStats& stats) const;
  void SearchWindow(const Needle& needle, const BlockSignature::Planes& planes, std::uint32_t window, std::uint32_t first_block,
                    std::uint32_t last_block, OnBlock on_block, TextSearchStats& stats) const;

  std::uint32_t item_count_ = 0;
  HugeArray<char> text_;                   // Items with their separators, then padding.
  HugeArray<std::uint64_t> block_starts_;  // One more than there are blocks.
  std::uint64_t prefetch_bytes_ = 0;       // Of a block that will be scanned soon.
  ByteCounts byte_counts_{};               // In a sample of the text.
  BlockSignature signature_;
};

}  // namespace clientele
