#include "index/block_signature.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include <emmintrin.h>
#include <tbb/enumerable_thread_specific.h>

#include "index/parallel.h"
#include "index/text_search.h"
#include "index/vector_level.h"

namespace clientele {
namespace {

// Planes are written and read a cache line at a time: the bits of 512 blocks, which make a tile.
constexpr std::size_t kTileWords = 8;
constexpr std::size_t kTileBlocks = kTileWords * 64;

constexpr std::size_t kBlocksMin = 64;  // With fewer blocks a scan of all takes some microseconds.
constexpr std::size_t kNeedleBytesMax = 256;

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

// Makes the bits of one tile. Grams mark bytes first, as stores of bytes neither wait for each other nor read; the marks of 64
// blocks, packed to bits, are transposed into a word per plane; 8 of these words are written together as a cache line.
class BlockSignature::TileWriter {
 public:
  explicit TileWriter(std::uint32_t planes) : planes_(planes), marks_(planes + 16), rows_(planes), lines_(planes) {}

  void Write(const GramPlanes& grams, std::span<const char> text, std::span<const std::uint64_t> block_starts, std::size_t tile,
             std::size_t words_per_plane, std::uint64_t* out) {
    const std::size_t blocks = block_starts.size() - 1;
    for (std::size_t word = 0; word < kTileWords; ++word) {
      const std::size_t first = tile * kTileBlocks + word * 64;
      for (std::size_t i = 0; i < 64; ++i) {
        if (first + i < blocks)
          MarkGrams(grams, text.data() + block_starts[first + i], text.data() + block_starts[first + i + 1]);
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
  void MarkGrams(const GramPlanes& grams, const char* begin, const char* end) {
    std::uint8_t* const marks = marks_.data();
    // Marks of grams without a plane go behind the others: that is cheaper than a branch.
    ForEachGram(begin, end, [&grams, marks](std::uint32_t bucket) { marks[grams.PlaneOf(bucket)] = 0x80; });
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
  signature.grams_ = GramPlanes::FromSample(text, block_starts);
  const std::uint32_t planes = signature.grams_.plane_count();
  if (planes == 0) return signature;

  const std::size_t tiles = (blocks + kTileBlocks - 1) / kTileBlocks;
  signature.words_per_plane_ = tiles * kTileWords;
  signature.planes_ = HugeArray<std::uint64_t>::Uninitialized(signature.words_per_plane_ * planes);
  tbb::enumerable_thread_specific<TileWriter> writers(planes);
  ParallelFor(tiles, [&](std::size_t tile) {
    writers.local().Write(signature.grams_, text, block_starts, tile, signature.words_per_plane_, signature.planes_.data());
  });

  signature.plane_blocks_ = HugeArray<std::uint32_t>::Uninitialized(planes);
  ParallelFor(planes, [&](std::size_t plane) {
    std::uint32_t set = 0;
    for (std::size_t word = 0; word < signature.words_per_plane_; ++word) {
      set += static_cast<std::uint32_t>(std::popcount(signature.PlaneWords(static_cast<std::uint32_t>(plane))[word]));
    }
    signature.plane_blocks_[plane] = set;
  });
  return signature;
}

std::string BlockSignature::Problem(std::uint32_t blocks) const {
  if (std::string problem = grams_.Problem(plane_count()); !problem.empty()) return problem;
  const std::size_t tiles = (std::size_t{blocks} + kTileBlocks - 1) / kTileBlocks;
  const bool sized = plane_count() == 0 ? words_per_plane_ == 0 : words_per_plane_ == tiles * kTileWords;
  return sized && planes_.size() == words_per_plane_ * plane_count() ? "" : "planes of another size";
}

BlockSignature::Planes BlockSignature::PlanesFor(std::string_view needle) const {
  Planes planes;
  if (plane_blocks_.empty()) return planes;
  // Grams are loaded 4 bytes at a time, also the last one of 3.
  char copy[kNeedleBytesMax + 4] = {};
  const std::size_t size = std::min(needle.size(), kNeedleBytesMax);
  std::memcpy(copy, needle.data(), size);

  // Count and number of a plane in one integer, which sorts them as wanted.
  std::array<std::uint64_t, 2 * kNeedleBytesMax> all;
  std::size_t count = 0;
  ForEachGramOfValue(copy, copy + size, [&](std::uint32_t bucket) {
    const std::uint32_t plane = grams_.PlaneOf(bucket);
    if (plane < plane_count()) all[count++] = std::uint64_t{plane_blocks_[plane]} << 32 | plane;
  });
  std::sort(all.begin(), all.begin() + count);
  count = static_cast<std::size_t>(std::unique(all.begin(), all.begin() + count) - all.begin());
  planes.size = std::min(count, Planes::kMax);
  for (std::size_t i = 0; i < planes.size; ++i) planes.numbers[i] = static_cast<std::uint32_t>(all[i]);
  return planes;
}

bool BlockSignature::MayContain(std::string_view needle) const {
  // Grams that stand far apart say more than neighbours do, which mostly come together: first every 16th, then those between.
  constexpr std::size_t kGramsMax = 32, kTogether = 6, kWordsMax = 8 * kTileWords;
  constexpr auto kOrder = [] {
    std::array<std::uint8_t, kGramsMax> order{};
    for (unsigned i = 0; i < kGramsMax; ++i)
      order[i] = static_cast<std::uint8_t>((i & 1) << 4 | (i & 2) << 2 | (i & 4) | (i & 8) >> 2 | (i & 16) >> 4);
    return order;
  }();
  if (plane_blocks_.empty() || words_per_plane_ > kWordsMax || needle.size() < 3) return true;
  // Of a needle of 3 bytes its one gram of 3; of others those of 4, which tell more.
  char copy[kGramsMax + 4] = {};
  const std::size_t size = needle.copy(copy, kGramsMax + 3);
  const std::size_t grams = size == 3 ? 1 : size - 3;
  std::array<std::uint64_t, kWordsMax> left;
  std::fill_n(left.begin(), words_per_plane_, ~std::uint64_t{0});
  for (std::size_t next = 0; next < kGramsMax;) {
    // Some at a time, so that no look into a table waits for what the one before it finds.
    std::array<const std::uint64_t*, kTogether> planes;
    std::size_t count = 0;
    for (; next < kGramsMax && count < kTogether; ++next) {
      if (kOrder[next] >= grams) continue;
      std::uint32_t gram;
      std::memcpy(&gram, copy + kOrder[next], sizeof gram);
      const std::uint32_t plane = grams_.PlaneOf(GramBucket(size == 3 ? gram << 8 : gram));
      if (plane < plane_count()) planes[count++] = PlaneWords(plane);
    }
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < words_per_plane_; ++i) {
      std::uint64_t word = left[i];
      for (std::size_t plane = 0; plane < count; ++plane) word &= planes[plane][i];
      left[i] = word;
      any |= word;
    }
    if (any == 0) return false;
  }
  return true;
}

namespace {

using PlaneList = std::span<const std::uint64_t* const>;

constexpr std::size_t kTogetherMax = 4;
constexpr std::size_t kBatchWords = 512;

// ANDs the first `together` (1 .. 4) planes over all words, so that each word is written once, and the others only where
// something is left. At most kBatchWords words.
[[gnu::always_inline]] inline std::uint64_t AndPlanes(PlaneList planes, std::size_t together, std::span<std::uint64_t> words) {
  const std::uint64_t* const a = planes[0];
  const std::uint64_t* const b = planes[std::min<std::size_t>(1, together - 1)];
  const std::uint64_t* const c = planes[std::min<std::size_t>(2, together - 1)];
  const std::uint64_t* const d = planes[together - 1];
  std::uint64_t* const out = words.data();
  std::array<std::uint16_t, kBatchWords> nonzero;
  std::size_t nonzero_count = 0;
  std::uint64_t left = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    out[i] = a[i] & b[i] & c[i] & d[i];
    nonzero.data()[nonzero_count] = static_cast<std::uint16_t>(i);
    nonzero_count += out[i] != 0;
    left += static_cast<std::uint64_t>(__builtin_popcountll(out[i]));
  }
  std::size_t useless = 0;
  for (std::size_t next = together; next < planes.size() && left > 0; ++next) {
    const std::uint64_t* const plane = planes[next];
    const std::uint64_t before = left;
    const std::size_t count = nonzero_count;
    left = nonzero_count = 0;
    for (std::size_t n = 0; n < count; ++n) {
      const std::uint16_t i = nonzero.data()[n];
      out[i] &= plane[i];
      nonzero.data()[nonzero_count] = i;
      nonzero_count += out[i] != 0;
      left += static_cast<std::uint64_t>(__builtin_popcountll(out[i]));
    }
    // Two planes in a row that took away next to nothing: what is left has the needle, or is like what has.
    useless = (before - left) * 32 < before ? useless + 1 : 0;
    if (useless == 2) break;
  }
  return left;
}

std::uint64_t AndPlanesBaseline(PlaneList planes, std::size_t together, std::span<std::uint64_t> words) {
  return AndPlanes(planes, together, words);
}
[[gnu::target(CLIENTELE_TARGET_AVX2)]] std::uint64_t AndPlanesAvx2(PlaneList planes, std::size_t together,
                                                                   std::span<std::uint64_t> words) {
  return AndPlanes(planes, together, words);
}

}  // namespace

std::uint64_t BlockSignature::Narrow(const Planes& planes, std::size_t first_word, std::span<std::uint64_t> words) const {
  assert(planes.size > 0 && first_word + words.size() <= words_per_plane_);
  // So many planes are read in full that about one word in ten has something left; the rest of the planes is only probed there.
  std::size_t together = 0;
  double bits_left = 64;
  while (together < std::min(planes.size, kTogetherMax) && bits_left > 0.1) {
    bits_left *= static_cast<double>(plane_blocks_[planes.numbers[together++]]) / (static_cast<double>(words_per_plane_) * 64);
  }
  std::uint64_t left = 0;
  for (std::size_t begin = 0; begin < words.size(); begin += kBatchWords) {
    std::array<const std::uint64_t*, Planes::kMax> starts;
    for (std::size_t i = 0; i < planes.size; ++i) starts[i] = PlaneWords(planes.numbers[i]) + first_word + begin;
    const PlaneList list(starts.data(), planes.size);
    const std::span<std::uint64_t> batch = words.subspan(begin, std::min(kBatchWords, words.size() - begin));
    left += ActiveVectorLevel() == VectorLevel::kBaseline ? AndPlanesBaseline(list, together, batch)
                                                          : AndPlanesAvx2(list, together, batch);
  }
  return left;
}

}  // namespace clientele
