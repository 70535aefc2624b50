#include "index/folded_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>

#include "index/parallel.h"

namespace clientele {
namespace {

constexpr std::size_t kBuildGrainBlocks = 256;
constexpr std::uint64_t kCountedBytes = 1 << 20;

// A search takes this many blocks at a time through the signature, so that what is left of them fits a small buffer.
constexpr std::uint32_t kWindowBlocks = 1 << 15;
constexpr std::uint32_t kTileBlocks = 512;

// Fewer blocks left than this part of a window are scanned one by one; else reading on is faster than jumping.
constexpr std::uint64_t kJumpPart = 3;

// For estimates: so many stretches of so many words are looked at.
constexpr std::size_t kEstimateStretches = 16;
constexpr std::size_t kEstimateWords = 8;
constexpr std::size_t kEstimatePlanes = 6;
constexpr std::uint64_t kFewBlocks = 64;  // Not worth knowing better.

constexpr std::uint64_t kPrefetchBytesMax = 4'096;

bool HoldsSeparator(std::string_view text) {
  return text.find(kItemSeparator) != text.npos || text.find(kValueSeparator) != text.npos;
}

// Clears the bits outside [first, last) of words that start with bit 0.
void KeepRange(std::span<std::uint64_t> words, std::uint32_t first, std::uint32_t last) {
  for (std::uint32_t word = 0; word < words.size(); ++word) {
    const std::uint32_t begin = word * 64;
    if (first >= begin + 64 || last <= begin)
      words[word] = 0;
    else {
      if (first > begin) words[word] &= ~std::uint64_t{0} << (first - begin);
      if (last < begin + 64) words[word] &= (std::uint64_t{1} << (last - begin)) - 1;
    }
  }
}

std::uint64_t CountBits(std::span<const std::uint64_t> words) {
  std::uint64_t count = 0;
  for (const std::uint64_t word : words) count += static_cast<std::uint64_t>(std::popcount(word));
  return count;
}

ByteCounts CountBytes(std::span<const char> text) {
  ByteCounts counts{};
  const std::size_t stretch = 4'096;
  const std::size_t stretches = text.size() <= kCountedBytes ? 1 : kCountedBytes / stretch;
  for (std::size_t i = 0; i < stretches; ++i) {
    const std::size_t begin = text.size() * i / stretches;
    const std::size_t end = stretches == 1 ? text.size() : begin + stretch;
    for (std::size_t at = begin; at < end; ++at) ++counts[static_cast<std::uint8_t>(text[at])];
  }
  return counts;
}

// Blocks [first, last) as they lie in memory.
void ScanRun(const Needle& needle, std::uint32_t first_block, const char* begin, const char* end, FoldedText::OnBlock on_block,
             TextSearchStats& stats) {
  stats.bytes_scanned += static_cast<std::uint64_t>(end - begin);
  ScanItems(needle, begin, end, [=](std::uint32_t block, std::uint64_t mask) { on_block(first_block + block, mask); });
}

// Scans scattered blocks, in batches whose places are looked up all at once. The bytes of a block are fetched while the ones
// before it are scanned, each time as many as a block has on average: a loop as long as the block at hand would be predicted
// wrongly nearly always, and hold up all that could have been done ahead. Measured: 425 ns a block of addresses became 240.
class ScatteredScan {
 public:
  ScatteredScan(const Needle& needle, const char* text, const std::uint64_t* block_starts, std::uint64_t prefetch_bytes,
                FoldedText::OnBlock on_block, TextSearchStats& stats)
      : needle_(needle),
        text_(text),
        block_starts_(block_starts),
        prefetch_bytes_(prefetch_bytes),
        on_block_(on_block),
        stats_(stats) {}

  // Blocks come in ascending order; what follows on another is scanned in one go with it.
  void Add(std::uint32_t block) {
    ++stats_.blocks_scanned;
    if (count_ > 0 && runs_[count_ - 1].last == block) {
      ++runs_[count_ - 1].last;
      return;
    }
    if (count_ == kBatchRuns) Flush();
    runs_[count_++] = {block, block + 1, nullptr, nullptr};
  }

  void Flush() {
    for (std::size_t i = 0; i < count_; ++i) {
      runs_[i].begin = text_ + block_starts_[runs_[i].first];
      runs_[i].end = text_ + block_starts_[runs_[i].last];
    }
    for (std::size_t i = 0; i < std::min(count_, kRunsAhead); ++i) Prefetch(runs_[i].begin);
    for (std::size_t i = 0; i < count_; ++i) {
      Prefetch(runs_[std::min(i + kRunsAhead, count_ - 1)].begin);
      ScanRun(needle_, runs_[i].first, runs_[i].begin, runs_[i].end, on_block_, stats_);
    }
    count_ = 0;
  }

 private:
  static constexpr std::size_t kBatchRuns = 128, kRunsAhead = 3;

  // Blocks [first, last), which are all wanted, and their bytes.
  struct BlockRun {
    std::uint32_t first, last;
    const char *begin, *end;
  };

  void Prefetch(const char* block) const {
    for (std::uint64_t at = 0; at < prefetch_bytes_; at += 64) __builtin_prefetch(block + at);
  }

  const Needle& needle_;
  const char* text_;
  const std::uint64_t* block_starts_;
  std::uint64_t prefetch_bytes_;
  FoldedText::OnBlock on_block_;
  TextSearchStats& stats_;
  std::array<BlockRun, kBatchRuns> runs_;
  std::size_t count_ = 0;
};

}  // namespace

FoldedText FoldedText::Build(std::uint32_t item_count, absl::FunctionRef<std::string_view(std::uint32_t)> text_of,
                             absl::FunctionRef<void()> texts_copied) {
  FoldedText built;
  if (item_count == 0) {
    texts_copied();
    return built;
  }
  built.item_count_ = item_count;
  const std::uint32_t blocks = built.block_count();
  const auto items_end = [&](std::size_t block) { return std::min<std::uint64_t>(item_count, (block + 1) * kItemsPerBlock); };
  const auto for_each_block = [&](auto on_block) {
    ParallelRanges(0, blocks, kBuildGrainBlocks, [&](std::size_t first, std::size_t last) {
      for (std::size_t block = first; block < last; ++block) on_block(block);
    });
  };

  built.block_starts_ = HugeArray<std::uint64_t>::Uninitialized(std::size_t{blocks} + 1);
  std::uint64_t* const starts = built.block_starts_.data();
  for_each_block([&](std::size_t block) {
    std::uint64_t bytes = 0;
    for (std::uint64_t item = block * kItemsPerBlock; item < items_end(block); ++item) {
      bytes += text_of(static_cast<std::uint32_t>(item)).size() + 1;
    }
    starts[block + 1] = bytes;
  });
  starts[0] = 0;
  for (std::size_t block = 0; block < blocks; ++block) starts[block + 1] += starts[block];

  const std::uint64_t text_bytes = starts[blocks];
  built.text_ = HugeArray<char>::Uninitialized(text_bytes + kSearchPaddingBytes);
  std::memset(built.text_.data() + text_bytes, kItemSeparator, kSearchPaddingBytes);
  for_each_block([&](std::size_t block) {
    char* to = built.text_.data() + starts[block];
    for (std::uint64_t item = block * kItemsPerBlock; item < items_end(block); ++item) {
      const std::string_view text = text_of(static_cast<std::uint32_t>(item));
      assert(text.find(kItemSeparator) == text.npos);
      if (!text.empty()) std::memcpy(to, text.data(), text.size());
      to += text.size();
      *to++ = kItemSeparator;
    }
  });
  texts_copied();
  const std::span<const char> text(built.text_.data(), text_bytes);
  built.byte_counts_ = CountBytes(text);
  built.prefetch_bytes_ = std::min(kPrefetchBytesMax, text_bytes / blocks + 64);
  built.signature_ = BlockSignature::Build(text, built.block_starts_.span());
  return built;
}

std::string FoldedText::Problem(std::uint32_t items) const {
  if (item_count_ != items) return "another number of texts";
  if (items == 0) return text_.empty() && block_starts_.empty() ? signature_.Problem(0) : "texts of no item";
  if (prefetch_bytes_ > kPrefetchBytesMax) return "blocks of another length";
  if (block_starts_.size() != std::size_t{block_count()} + 1 || block_starts_[0] != 0) return "another number of blocks";
  // A block has a separator after each item, the last one at its end.
  for (std::uint32_t block = 0; block < block_count(); ++block) {
    const std::uint32_t here = std::min(kItemsPerBlock, items - block * kItemsPerBlock);
    const std::uint64_t begin = block_starts_[block], end = block_starts_[block + 1];
    if (end < begin || end - begin < here || end > text_.size() || text_[end - 1] != kItemSeparator) return "blocks out of order";
  }
  if (text_.size() != block_starts_[block_count()] + kSearchPaddingBytes) return "texts of another length";
  const auto padding = text_.span().last(kSearchPaddingBytes);
  if (!std::ranges::all_of(padding, [](char c) { return c == kItemSeparator; })) return "texts without an end";
  return signature_.Problem(block_count());
}

std::string_view FoldedText::Item(std::uint32_t item) const {
  assert(item < item_count_);
  const std::uint32_t block = item / kItemsPerBlock;
  const char* const block_begin = BlockBegin(block);
  const char* const block_end = BlockBegin(block + 1);
  const char* const begin = IsNearerBack(item) ? SkipItemsBack(block_begin, block_end, ItemsBehind(item))
                                               : SkipItems(block_begin, block_end, item % kItemsPerBlock);
  const char* const end = SkipItems(begin, block_end, 1);
  if (begin == end) return {};  // A file's block with too few items: only their number of bytes is checked.
  return {begin, static_cast<std::size_t>(end - begin) - 1};
}

std::strong_ordering FoldedText::CompareAscending(std::uint32_t item, std::string_view text) const {
  assert(item < item_count_);
  const std::uint32_t block = item / kItemsPerBlock;
  const auto first = CompareFirst(block, text);
  if (item % kItemsPerBlock == 0) return first;
  if (first >= 0) return std::strong_ordering::greater;
  if (block + 1 < block_count() && CompareFirst(block + 1, text) <= 0) return std::strong_ordering::less;
  return Item(item) <=> text;
}

// How the block's first item compares with a text.
std::strong_ordering FoldedText::CompareFirst(std::uint32_t block, std::string_view text) const {
  const char* const first = BlockBegin(block);
  const std::size_t left =
      static_cast<std::size_t>(text_.data() + text_.size() - first);  // More than its bytes: padding follows.
  std::size_t same = 0;
  while (same < text.size() && same < left && first[same] == text[same]) ++same;
  if (same == left || first[same] == kItemSeparator)
    return same == text.size() ? std::strong_ordering::equal : std::strong_ordering::less;
  if (same == text.size()) return std::strong_ordering::greater;
  return static_cast<unsigned char>(first[same]) <=> static_cast<unsigned char>(text[same]);
}

void FoldedText::PrefetchItem(std::uint32_t item) const {
  constexpr std::ptrdiff_t kLine = 64, kLines = 4;
  const std::uint32_t block = item / kItemsPerBlock;
  const bool back = IsNearerBack(item);
  const char* const from = back ? BlockBegin(block + 1) - 1 : BlockBegin(block);
  for (std::ptrdiff_t line = 0; line < kLines; ++line) __builtin_prefetch(back ? from - line * kLine : from + line * kLine);
}

bool FoldedText::ItemContains(std::uint32_t item, std::string_view needle) const {
  return !HoldsSeparator(needle) && Item(item).find(needle) != std::string_view::npos;
}

void FoldedText::FindContaining(std::string_view needle, OnBlock on_block, TextSearchStats* stats) const {
  FindContaining(needle, 0, block_count(), on_block, stats);
}

void FoldedText::FindContaining(std::string_view needle_text, std::uint32_t first_block, std::uint32_t last_block,
                                OnBlock on_block, TextSearchStats* stats_out) const {
  assert(first_block <= last_block && last_block <= block_count());
  TextSearchStats stats;
  stats.blocks_total = last_block - first_block;
  if (needle_text.empty()) {
    for (std::uint32_t block = first_block; block < last_block; ++block) {
      const std::uint32_t items = std::min(kItemsPerBlock, item_count_ - block * kItemsPerBlock);
      on_block(block, ~std::uint64_t{0} >> (kItemsPerBlock - items));
    }
  } else if (!HoldsSeparator(needle_text) && first_block < last_block) {
    const Needle needle(needle_text, byte_counts_);
    const BlockSignature::Planes planes = signature_.PlanesFor(needle_text);
    if (planes.size == 0) ScanBlocks(needle, first_block, last_block, on_block, stats);
    // Windows start where the signature can be read from: at whole tiles.
    for (std::uint32_t window = first_block / kTileBlocks * kTileBlocks; planes.size > 0 && window < last_block;
         window += kWindowBlocks) {
      SearchWindow(needle, planes, window, first_block, last_block, on_block, stats);
    }
  }
  if (stats_out != nullptr) *stats_out = stats;
}

void FoldedText::ScanBlocks(const Needle& needle, std::uint32_t first, std::uint32_t last, OnBlock on_block,
                            TextSearchStats& stats) const {
  stats.blocks_scanned += last - first;
  ScanRun(needle, first, BlockBegin(first), BlockBegin(last), on_block, stats);
}

void FoldedText::SearchWindow(const Needle& needle, const BlockSignature::Planes& planes, std::uint32_t window,
                              std::uint32_t first_block, std::uint32_t last_block, OnBlock on_block,
                              TextSearchStats& stats) const {
  const std::uint32_t first = std::max(window, first_block), last = std::min(window + kWindowBlocks, last_block);
  std::array<std::uint64_t, kWindowBlocks / 64> buffer;
  const std::span<std::uint64_t> words(buffer.data(), (last - window + kTileBlocks - 1) / kTileBlocks * (kTileBlocks / 64));
  std::uint64_t left = signature_.Narrow(planes, window / 64, words);
  if (first != window || last != window + kWindowBlocks) {
    KeepRange(words, first - window, last - window);
    left = CountBits(words);
  }
  if (left * kJumpPart > last - first) return ScanBlocks(needle, first, last, on_block, stats);
  stats.used_signature = true;
  ScatteredScan scan(needle, text_.data(), block_starts_.data(), prefetch_bytes_, on_block, stats);
  for (std::uint32_t word = 0; word < words.size(); ++word) {
    for (std::uint64_t bits = words[word]; bits != 0; bits &= bits - 1) {
      scan.Add(window + word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
    }
  }
  scan.Flush();
}

std::uint64_t FoldedText::EstimateBlocks(std::string_view needle) const {
  if (needle.empty() || HoldsSeparator(needle)) return 0;  // Nothing has to be scanned for these.
  BlockSignature::Planes planes = signature_.PlanesFor(needle);
  if (planes.size == 0) return block_count();
  const std::uint64_t most = signature_.BlocksOf(planes.numbers[0]);
  if (most <= kFewBlocks) return most;
  planes.size = std::min(planes.size, kEstimatePlanes);
  std::array<std::uint64_t, kEstimateWords> words;
  const std::size_t stretches = signature_.word_count() / kEstimateWords;
  const std::size_t sampled = std::min(stretches, kEstimateStretches);
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < sampled; ++i) {
    found += signature_.Narrow(planes, (2 * i + 1) * stretches / (2 * sampled) * kEstimateWords, words);
  }
  // One more, so that what a small sample does not meet is not taken for impossible.
  const std::uint64_t scaled = sampled == stretches ? found : (found + 1) * stretches / sampled;
  const std::uint64_t estimate = std::min(scaled, most);
  return estimate * kJumpPart > block_count() ? block_count() : estimate;
}

}  // namespace clientele
