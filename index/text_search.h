// Substring search over stretches of items: which items contain a needle. Items end with 0xFF and are counted on the way, so one
// pass over the bytes gives the answer as one bit per item.
//
// Four bytes of the needle, the rarest ones, are compared at 16 to 64 places at once; only where all fit the whole needle is
// compared. Source: the generic SIMD algorithm of Mula ("SIMD-friendly algorithms for substring searching", 2016), with four
// chosen bytes instead of the outer two: in texts of few letters two fit so often by chance that most time went into looking,
// and needles of up to four bytes need no look at all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <absl/functional/function_ref.h>

namespace clientele {

inline constexpr char kItemSeparator = '\xFF';   // After each item; no UTF-8 text contains it.
inline constexpr char kValueSeparator = '\xFE';  // Between the values of one item; neither does this one occur in UTF-8.
inline constexpr std::uint32_t kItemsPerBlock = 64;

// Readable bytes that must follow whatever is scanned.
inline constexpr std::size_t kSearchPaddingBytes = 128;

// How often each byte occurs in the texts, by any measure.
using ByteCounts = std::array<std::uint32_t, 256>;

// A needle made ready. Views its text, which must outlive it.
struct Needle {
  // `text` is not empty. `counts` only decide which bytes are compared first. O(text).
  Needle(std::string_view text, const ByteCounts& counts);

  std::string_view text;
  std::uint64_t head = 0, head_mask = 0;  // The first 8 bytes, and which of their bits there are.
  static constexpr std::size_t kAnchors = 4;
  std::array<std::uint32_t, kAnchors> anchors{};  // Places of the compared bytes in the text, ascending.
};

// Calls `on_block(block, mask)` for each block of 64 items with a match, ascending, counted from `begin`; bit i: its item i.
// `begin` is the start of an item and `end` is just behind a separator. O(bytes); about 10 GB/s and more.
void ScanItems(const Needle& needle, const char* begin, const char* end,
               absl::FunctionRef<void(std::uint32_t block, std::uint64_t mask)> on_block);

// The place behind the `count`th separator from `begin` on; `end` when there are fewer.
const char* SkipItems(const char* begin, const char* end, std::uint32_t count);

// The start of the `count`th item from `end` back, at least 1; `begin` when there are fewer. `begin` is the start of an item, and
// the 64 bytes before it may be read and end with a separator.
const char* SkipItemsBack(const char* begin, const char* end, std::uint32_t count);

}  // namespace clientele
