#include "index/block_signature.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <emmintrin.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include "index/text_search.h"
#include "index/vector_level.h"

namespace clientele {
namespace {

// Planes are written and read a cache line at a time: the bits of 512 blocks, which make a tile.
constexpr std::size_t kTileWords = 8;
constexpr std::size_t kTileBlocks = kTileWords * 64;

constexpr std::size_t kBlocksMin = 64;  // With fewer blocks a scan of all takes some microseconds.
constexpr std::size_t kSampleBlocksMax = 2'048;
constexpr std::uint64_t kSampleBytesMax = 16u << 20;
constexpr double kPlanesPerGram = 2.8;  // 1 - exp(-1 / 2.8) = 30 % of the bits set.
constexpr double kPlanesPerByte = 2.6;  // At most: a third of the text's size.
constexpr std::size_t kPlanesMax = 1 << 16;
constexpr std::size_t kNeedleBytesMax = 256;

// Hash of a gram of 4 bytes, or of 3 bytes in the upper three; its upper bits are good.
std::uint32_t HashGram(std::uint32_t gram) {
  gram *= 0x9E3779B1u;
  gram ^= gram >> 15;
  return gram * 0x85EBCA77u;
}

std::uint32_t PlaneOf(std::uint32_t hash, std::uint32_t planes) {
  return static_cast<std::uint32_t>((std::uint64_t{hash} * planes) >> 32);
}
std::uint32_t BucketOf(std::uint32_t hash) {
  return hash >> 16;
}

std::uint32_t LoadGram(const char* at) {
  std::uint32_t gram;
  std::memcpy(&gram, at, sizeof gram);
  return gram;
}

// The first byte from `at` on that separates values or items; there is one.
const char* FindSeparator(const char* at) {
  const __m128i lowest = _mm_set1_epi8(kValueSeparator);
  while (true) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const int found = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(bytes, lowest), bytes));
    if (found != 0) return at + std::countr_zero(static_cast<std::uint32_t>(found));
    at += 16;
  }
}

// Calls `on_hash` with the hashes of the grams of one value. At least 4 bytes behind it are readable.
template <class OnHash>
void ForEachGramOfValue(const char* at, const char* end, OnHash on_hash) {
  for (; end - at >= 4; ++at) {
    const std::uint32_t gram = LoadGram(at);
    on_hash(HashGram(gram << 8));
    on_hash(HashGram(gram));
  }
  if (end - at == 3) on_hash(HashGram(LoadGram(at) << 8));
}

// The same for a block, which ends with a separator.
template <class OnHash>
void ForEachGram(const char* at, const char* end, OnHash on_hash) {
  while (at < end) {
    const char* const value_end = FindSeparator(at);
    ForEachGramOfValue(at, value_end, on_hash);
    at = value_end + 1;
  }
}

bool Contains(std::span<const std::uint64_t> bits, std::uint32_t i) {
  return (bits[i / 64] >> (i % 64)) & 1;
}

// Transposes 64 x 64 bits: bit j of row i becomes bit i of row j. Source: Warren, Hacker's Delight, section 7-3.
void Transpose(std::array<std::uint64_t, 64>& rows) {
  std::uint64_t mask = 0x00000000FFFFFFFF;
  for (std::size_t width = 32; width != 0; width /= 2, mask ^= mask << width) {
    for (std::size_t i = 0; i < 64; i = (i + width + 1) & ~width) {
      const std::uint64_t moved = ((rows[i] >> width) ^ rows[i + width]) & mask;
      rows[i] ^= moved << width;
      rows[i + width] ^= moved;
    }
  }
}

}  // namespace

// What a sample of the blocks says about their grams.
struct BlockSignature::Sample {
  double grams_per_block = 0;  // Distinct ones with a plane, over blocks with any.
  double bytes_per_block = 0;  // Over the same blocks.
  LeftOut left_out{};

  Sample(std::span<const char> text, std::span<const std::uint64_t> block_starts) {
    const std::size_t blocks = block_starts.size() - 1;
    const std::uint64_t mean_bytes = text.size() / blocks + 1;
    const std::size_t wanted = std::clamp<std::uint64_t>(kSampleBytesMax / mean_bytes, 16, kSampleBlocksMax);
    const std::size_t step = std::max<std::size_t>(1, blocks / wanted);
    std::vector<std::uint16_t> blocks_with(kBuckets, 0);
    std::vector<std::uint16_t> last_seen(kBuckets, 0);  // Number of the last sampled block with a gram of the bucket, from 1.
    std::uint16_t sampled = 0;
    for (std::size_t block = step / 2; block < blocks && sampled < 2 * kSampleBlocksMax; block += step) {
      if (block_starts[block + 1] - block_starts[block] <= kItemsPerBlock) continue;  // Nothing but separators.
      ++sampled;
      bytes_per_block += static_cast<double>(block_starts[block + 1] - block_starts[block]);
      ForEachGram(text.data() + block_starts[block], text.data() + block_starts[block + 1], [&](std::uint32_t hash) {
        const std::uint32_t bucket = BucketOf(hash);
        blocks_with[bucket] = static_cast<std::uint16_t>(blocks_with[bucket] + (last_seen[bucket] != sampled));
        last_seen[bucket] = sampled;
      });
    }
    if (sampled == 0) return;
    bytes_per_block /= sampled;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      if (2 * blocks_with[bucket] > sampled)
        left_out[bucket / 64] |= std::uint64_t{1} << (bucket % 64);
      else
        grams_per_block += static_cast<double>(blocks_with[bucket]) / sampled;
    }
  }

  // 0 when there is nothing to tell blocks apart by.
  std::uint32_t PlaneCount() const {
    const double planes = std::min(grams_per_block * kPlanesPerGram, bytes_per_block * kPlanesPerByte);
    return static_cast<std::uint32_t>(std::min(kPlanesMax, static_cast<std::size_t>(planes + 63) / 64 * 64));
  }
};

// Makes the bits of one tile. Grams mark bytes first, as stores of bytes neither wait for each other nor read; the marks of 64
// blocks, packed to bits, are transposed into a word per plane; 8 of these words are written together as a cache line.
class BlockSignature::TileWriter {
 public:
  explicit TileWriter(std::uint32_t planes) : planes_(planes), marks_(planes + 16), rows_(planes), lines_(planes) {}

  void Write(const LeftOut& left_out, std::span<const char> text, std::span<const std::uint64_t> block_starts, std::size_t tile,
             std::size_t words_per_plane, std::uint64_t* out) {
    const std::size_t blocks = block_starts.size() - 1;
    for (std::size_t word = 0; word < kTileWords; ++word) {
      const std::size_t first = tile * kTileBlocks + word * 64;
      for (std::size_t i = 0; i < 64; ++i) {
        if (first + i < blocks)
          MarkGrams(left_out, text.data() + block_starts[first + i], text.data() + block_starts[first + i + 1]);
        PackMarks(i);
      }
      for (std::size_t group = 0; group < planes_ / 64; ++group) {
        std::array<std::uint64_t, 64> bits;
        for (std::size_t i = 0; i < 64; ++i) bits[i] = rows_[i * (planes_ / 64) + group];
        Transpose(bits);
        for (std::size_t i = 0; i < 64; ++i) lines_[group * 64 + i][word] = bits[i];
      }
    }
    for (std::size_t plane = 0; plane < planes_; ++plane) {
      std::memcpy(out + plane * words_per_plane + tile * kTileWords, lines_[plane].data(), sizeof lines_[plane]);
    }
  }

 private:
  void MarkGrams(const LeftOut& left_out, const char* begin, const char* end) {
    std::uint8_t* const marks = marks_.data();
    const std::uint64_t* const left_out_bits = left_out.data();
    const std::uint32_t planes = planes_;
    ForEachGram(begin, end, [=](std::uint32_t hash) {
      const std::uint32_t bucket = BucketOf(hash);
      const bool is_left_out = (left_out_bits[bucket / 64] >> (bucket % 64)) & 1;
      // Marks of grams without a plane go behind the others: that is cheaper than a branch.
      marks[is_left_out ? planes : PlaneOf(hash, planes)] = 0x80;
    });
  }

  // Moves the marks to row `i` as bits and clears them. Row i has planes_ / 64 words.
  void PackMarks(std::size_t i) {
    char* const row = reinterpret_cast<char*>(rows_.data() + i * (planes_ / 64));
    for (std::size_t plane = 0; plane < planes_; plane += 16) {
      __m128i* const marks = reinterpret_cast<__m128i*>(marks_.data() + plane);
      const auto bits = static_cast<std::uint16_t>(_mm_movemask_epi8(_mm_loadu_si128(marks)));
      std::memcpy(row + plane / 8, &bits, sizeof bits);
      _mm_storeu_si128(marks, _mm_setzero_si128());
    }
  }

  std::uint32_t planes_;  // A multiple of 64.
  std::vector<std::uint8_t> marks_;
  std::vector<std::uint64_t> rows_;
  std::vector<std::array<std::uint64_t, kTileWords>> lines_;
};

BlockSignature BlockSignature::Build(std::span<const char> text, std::span<const std::uint64_t> block_starts) {
  BlockSignature signature;
  const std::size_t blocks = block_starts.empty() ? 0 : block_starts.size() - 1;
  if (blocks < kBlocksMin) return signature;
  const Sample sample(text, block_starts);
  const std::uint32_t planes = sample.PlaneCount();
  if (planes == 0) return signature;

  const std::size_t tiles = (blocks + kTileBlocks - 1) / kTileBlocks;
  signature.left_out_ = sample.left_out;
  signature.words_per_plane_ = tiles * kTileWords;
  signature.planes_ = HugeArray<std::uint64_t>::Uninitialized(signature.words_per_plane_ * planes);
  tbb::enumerable_thread_specific<TileWriter> writers(planes);
  tbb::parallel_for(std::size_t{0}, tiles, [&](std::size_t tile) {
    writers.local().Write(signature.left_out_, text, block_starts, tile, signature.words_per_plane_, signature.planes_.data());
  });

  signature.plane_blocks_.resize(planes);
  tbb::parallel_for(std::uint32_t{0}, planes, [&](std::uint32_t plane) {
    std::uint32_t set = 0;
    for (std::size_t word = 0; word < signature.words_per_plane_; ++word) {
      set += static_cast<std::uint32_t>(std::popcount(signature.PlaneWords(plane)[word]));
    }
    signature.plane_blocks_[plane] = set;
  });
  return signature;
}

BlockSignature::Planes BlockSignature::PlanesFor(std::string_view needle) const {
  Planes planes;
  if (plane_blocks_.empty()) return planes;
  // Grams are loaded 4 bytes at a time, also the last one of 3.
  char copy[kNeedleBytesMax + 4] = {};
  const std::size_t size = std::min(needle.size(), kNeedleBytesMax);
  std::memcpy(copy, needle.data(), size);

  std::array<std::uint32_t, 2 * kNeedleBytesMax> all;
  std::size_t count = 0;
  ForEachGramOfValue(copy, copy + size, [&](std::uint32_t hash) {
    if (!Contains(left_out_, BucketOf(hash))) all[count++] = PlaneOf(hash, plane_count());
  });
  const auto rarer = [&](std::uint32_t a, std::uint32_t b) {
    return plane_blocks_[a] != plane_blocks_[b] ? plane_blocks_[a] < plane_blocks_[b] : a < b;
  };
  std::sort(all.begin(), all.begin() + count, rarer);
  count = static_cast<std::size_t>(std::unique(all.begin(), all.begin() + count) - all.begin());
  planes.size = std::min(count, Planes::kMax);
  std::copy_n(all.begin(), planes.size, planes.numbers.begin());
  return planes;
}

namespace {

using PlaneList = std::span<const std::uint64_t* const>;

constexpr std::size_t kFirstPlanes = 4;

// The work of Narrow; `words` is a multiple of kTileWords long.
[[gnu::always_inline]] inline std::uint64_t AndPlanes(PlaneList planes, std::span<std::uint64_t> words) {
  // The first planes are read together, so that words are written once.
  const std::size_t together = std::min(planes.size(), kFirstPlanes);
  const std::uint64_t* const a = planes[0];
  const std::uint64_t* const b = planes[std::min<std::size_t>(1, together - 1)];
  const std::uint64_t* const c = planes[std::min<std::size_t>(2, together - 1)];
  const std::uint64_t* const d = planes[std::min<std::size_t>(3, together - 1)];
  std::uint64_t left = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = a[i] & b[i] & c[i] & d[i];
    left += static_cast<std::uint64_t>(__builtin_popcountll(words[i]));
  }
  std::size_t useless = 0;
  for (std::size_t next = together; next < planes.size() && left > 0; ++next) {
    const std::uint64_t before = left;
    left = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == 0) continue;
      words[i] &= planes[next][i];
      left += static_cast<std::uint64_t>(__builtin_popcountll(words[i]));
    }
    // Two planes in a row that took away next to nothing: what is left has the needle, or is like what has.
    useless = (before - left) * 32 < before ? useless + 1 : 0;
    if (useless == 2) break;
  }
  return left;
}

std::uint64_t AndPlanesBaseline(PlaneList planes, std::span<std::uint64_t> words) {
  return AndPlanes(planes, words);
}
[[gnu::target(CLIENTELE_TARGET_AVX2)]] std::uint64_t AndPlanesAvx2(PlaneList planes, std::span<std::uint64_t> words) {
  return AndPlanes(planes, words);
}

}  // namespace

std::uint64_t BlockSignature::Narrow(const Planes& planes, std::size_t first_word, std::span<std::uint64_t> words) const {
  assert(planes.size > 0 && first_word + words.size() <= words_per_plane_);
  std::array<const std::uint64_t*, Planes::kMax> starts;
  for (std::size_t i = 0; i < planes.size; ++i) starts[i] = PlaneWords(planes.numbers[i]) + first_word;
  const PlaneList list(starts.data(), planes.size);
  return ActiveVectorLevel() == VectorLevel::kBaseline ? AndPlanesBaseline(list, words) : AndPlanesAvx2(list, words);
}

}  // namespace clientele
