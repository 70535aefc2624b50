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

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/functional/function_ref.h>

namespace clientele {

inline constexpr char kItemSeparator = '\xFF';
inline constexpr char kValueSeparator = '\xFE';  // Between the values of one item.
inline constexpr std::uint32_t kItemsPerBlock = 64;

// What a search did, for --explain and for tests that assert which plan ran.
struct TextSearchStats {
  bool used_signature = false;
  std::uint64_t blocks_scanned = 0;
  std::uint64_t blocks_total = 0;
  std::uint64_t bytes_scanned = 0;
};

class FoldedText {
 public:
  FoldedText() = default;

  // Builds from `item_count` items; `text_of(i)` is called from several threads at once, possibly twice per item, and must give
  // the same view each time. The views are copied. O(bytes), on all cores.
  static FoldedText Build(std::uint32_t item_count, absl::FunctionRef<std::string_view(std::uint32_t)> text_of);

  std::uint32_t size() const { return item_count_; }

  // Bytes of one item; valid as long as this object. O(block).
  std::string_view Item(std::uint32_t item) const;

  // Calls `on_block(block, mask)` for each block with a matching item, ascending; bit i of `mask` is item block*64 + i.
  // `needle` is folded UTF-8. The empty needle matches every item (also one that joins no value: callers mask those).
  void FindContaining(std::string_view needle, absl::FunctionRef<void(std::uint32_t block, std::uint64_t mask)> on_block,
                      TextSearchStats* stats = nullptr) const;

  // The same for blocks [first_block, last_block) only, so that a caller may split a large search over threads.
  void FindContaining(std::string_view needle, std::uint32_t first_block, std::uint32_t last_block,
                      absl::FunctionRef<void(std::uint32_t block, std::uint64_t mask)> on_block, TextSearchStats* stats = nullptr) const;
  std::uint32_t block_count() const { return (item_count_ + kItemsPerBlock - 1) / kItemsPerBlock; }

  // Upper bound on the blocks that a search for `needle` would scan, from the planes' stored counts; block_count() when the
  // signature cannot help. O(needle). For the planner.
  std::uint64_t EstimateBlocks(std::string_view needle) const;

  bool ItemContains(std::uint32_t item, std::string_view needle) const;

  std::uint64_t text_bytes() const;       // Folded bytes with separators and the block directory.
  std::uint64_t signature_bytes() const;

 private:
  std::uint32_t item_count_ = 0;
};

}  // namespace clientele
