#include "index/folded_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

namespace clientele {
namespace {

constexpr std::size_t kBuildGrainBlocks = 256;
constexpr std::uint64_t kCountedBytes = 1 << 20;

// A search takes this many blocks at a time through the signature, so that what is left of them fits a small buffer.
constexpr std::uint32_t kWindowBlocks = 1 << 15;
constexpr std::uint32_t kWindowWords = kWindowBlocks / 64;

// Fewer blocks left than this part of a window are scanned one by one; else reading on is faster than jumping.
constexpr std::uint64_t kJumpPart = 3;

// For estimates: so many stretches of so many words are looked at.
constexpr std::size_t kEstimateStretches = 16;
constexpr std::size_t kEstimateWords = 8;

// Of a stretch of blocks that will be scanned soon, so much is fetched ahead; the machine's own prefetcher sees to the rest.
constexpr std::uint64_t kPrefetchBytesMax = 4'096;
constexpr std::size_t kPrefetchRuns = 2;

// Blocks [first, last) that all remain.
struct BlockRun {
  std::uint32_t first, last;
};

// Walks the stretches of set bits.
class BlockRuns {
 public:
  explicit BlockRuns(std::span<const std::uint64_t> words) : words_(words) {}

  // The next stretch, or an empty one at the end.
  BlockRun Next() {
    const std::uint32_t first = Find(0);
    at_ = first;
    return {first, at_ = Find(~std::uint64_t{0})};
  }

 private:
  // The first bit from `at_` on that is set (`flip` 0) or not set (`flip` all ones), or the end.
  std::uint32_t Find(std::uint64_t flip) const {
    std::size_t word = at_ / 64;
    if (word >= words_.size()) return at_;
    std::uint64_t bits = (words_[word] ^ flip) & (~std::uint64_t{0} << (at_ % 64));
    while (bits == 0) {
      if (++word == words_.size()) return static_cast<std::uint32_t>(word * 64);
      bits = words_[word] ^ flip;
    }
    return static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(bits));
  }

  std::span<const std::uint64_t> words_;
  std::uint32_t at_ = 0;
};

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

}  // namespace

FoldedText FoldedText::Build(std::uint32_t item_count, absl::FunctionRef<std::string_view(std::uint32_t)> text_of) {
  FoldedText built;
  if (item_count == 0) return built;
  built.item_count_ = item_count;
  const std::uint32_t blocks = built.block_count();
  const auto items_end = [&](std::size_t block) { return std::min<std::uint64_t>(item_count, (block + 1) * kItemsPerBlock); };
  const auto for_each_block = [&](auto on_block) {
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, blocks, kBuildGrainBlocks), [&](const auto& range) {
      for (std::size_t block = range.begin(); block < range.end(); ++block) on_block(block);
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
  const std::span<const char> text(built.text_.data(), text_bytes);
  built.byte_counts_ = CountBytes(text);
  built.signature_ = BlockSignature::Build(text, built.block_starts_.span());
  return built;
}

std::string_view FoldedText::Item(std::uint32_t item) const {
  assert(item < item_count_);
  const std::uint32_t block = item / kItemsPerBlock;
  const char* const begin = SkipItems(BlockBegin(block), BlockBegin(block + 1), item % kItemsPerBlock);
  const char* const end = SkipItems(begin, BlockBegin(block + 1), 1);
  return {begin, static_cast<std::size_t>(end - begin) - 1};
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
    if (planes.size == 0) {
      ScanBlocks(needle, first_block, last_block, on_block, stats);
    } else {
      std::array<std::uint64_t, kWindowWords> buffer;
      for (std::uint32_t window = first_block / 512 * 512; window < last_block; window += kWindowBlocks) {
        const std::uint32_t first = std::max(window, first_block), last = std::min(window + kWindowBlocks, last_block);
        const std::span<std::uint64_t> words(buffer.data(), (last - window + 511) / 512 * 8);
        std::uint64_t left = signature_.Narrow(planes, window / 64, words);
        if (first != window || last != window + kWindowBlocks) {
          KeepRange(words, first - window, last - window);
          left = CountBits(words);
        }
        if (left * kJumpPart > last - first) {
          ScanBlocks(needle, first, last, on_block, stats);
        } else {
          stats.used_signature = true;
          ScanCandidates(needle, words, window, on_block, stats);
        }
      }
    }
  }
  if (stats_out != nullptr) *stats_out = stats;
}

void FoldedText::ScanBlocks(const Needle& needle, std::uint32_t first, std::uint32_t last, OnBlock on_block,
                            TextSearchStats& stats) const {
  stats.blocks_scanned += last - first;
  stats.bytes_scanned += static_cast<std::uint64_t>(BlockBegin(last) - BlockBegin(first));
  ScanItems(needle, BlockBegin(first), BlockBegin(last),
            [&](std::uint32_t block, std::uint64_t mask) { on_block(first + block, mask); });
}

void FoldedText::ScanCandidates(const Needle& needle, std::span<const std::uint64_t> words, std::uint32_t first_block,
                                OnBlock on_block, TextSearchStats& stats) const {
  BlockRuns runs(words);
  // The runs ahead, fetched already: a block's bytes come from memory while those before it are scanned.
  std::array<BlockRun, kPrefetchRuns> ahead;
  const auto next_run = [&] {
    BlockRun run = runs.Next();
    if (run.first == run.last) return run;
    run.first += first_block;
    run.last += first_block;
    const char* const begin = BlockBegin(run.first);
    const auto bytes = std::min<std::uint64_t>(kPrefetchBytesMax, static_cast<std::uint64_t>(BlockBegin(run.last) - begin));
    for (std::uint64_t at = 0; at < bytes; at += 64) __builtin_prefetch(begin + at);
    return run;
  };
  for (BlockRun& run : ahead) run = next_run();
  for (std::size_t turn = 0; ahead[turn].first != ahead[turn].last; turn = (turn + 1) % kPrefetchRuns) {
    const BlockRun run = ahead[turn];
    ahead[turn] = next_run();
    ScanBlocks(needle, run.first, run.last, on_block, stats);
  }
}

std::uint64_t FoldedText::EstimateBlocks(std::string_view needle) const {
  if (needle.empty() || HoldsSeparator(needle)) return 0;  // Nothing has to be scanned for these.
  const BlockSignature::Planes planes = signature_.PlanesFor(needle);
  if (planes.size == 0) return block_count();
  std::array<std::uint64_t, kEstimateWords> words;
  const std::size_t stretches = signature_.word_count() / kEstimateWords;
  const std::size_t sampled = std::min(stretches, kEstimateStretches);
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < sampled; ++i) {
    found += signature_.Narrow(planes, (2 * i + 1) * stretches / (2 * sampled) * kEstimateWords, words);
  }
  // One more, so that what a small sample does not meet is not taken for impossible.
  const std::uint64_t scaled = sampled == stretches ? found : (found + 1) * stretches / sampled;
  const std::uint64_t estimate = std::min<std::uint64_t>(scaled, signature_.BlocksOf(planes.numbers[0]));
  return estimate * kJumpPart > block_count() ? block_count() : estimate;
}

}  // namespace clientele
