#include "index/text_search.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include <immintrin.h>

#include "index/vector_level.h"

namespace clientele {

static_assert(std::endian::native == std::endian::little);

namespace {

constexpr std::size_t kAnchorDistanceMax = 32;
constexpr std::size_t kChunkBytes = 64;

// Reads of a chunk at the last byte, at the anchors' distance, and of a needle's head stay within the padding.
static_assert(kChunkBytes + kAnchorDistanceMax <= kSearchPaddingBytes);

std::uint64_t LoadWord(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

std::size_t RarestPlace(std::string_view text, std::size_t begin, std::size_t end, std::size_t except, const ByteCounts& counts) {
  std::size_t rarest = begin == except ? begin + 1 : begin;
  for (std::size_t i = rarest + 1; i < end; ++i) {
    if (i != except && counts[static_cast<std::uint8_t>(text[i])] < counts[static_cast<std::uint8_t>(text[rarest])]) rarest = i;
  }
  return rarest;
}

}  // namespace

Needle::Needle(std::string_view needle, const ByteCounts& counts) : text(needle) {
  assert(!text.empty());
  std::memcpy(&head, text.data(), std::min(text.size(), sizeof head));
  head_mask = text.size() >= sizeof head ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * text.size())) - 1;
  if (text.size() == 1) return;
  const std::size_t one = RarestPlace(text, 0, text.size(), text.size(), counts);
  const std::size_t lowest = one > kAnchorDistanceMax ? one - kAnchorDistanceMax : 0;
  const std::size_t other = RarestPlace(text, lowest, std::min(text.size(), one + kAnchorDistanceMax + 1), one, counts);
  anchor = std::min(one, other);
  anchor_distance = std::max(one, other) - anchor;
}

namespace {

char FirstAnchor(const Needle& needle) {
  return needle.text[needle.anchor];
}
char SecondAnchor(const Needle& needle) {
  return needle.text[needle.anchor + needle.anchor_distance];
}

// Whether the needle stands at `at`, given that its anchors do.
inline bool StandsAt(const Needle& needle, const char* at, const char* end) {
  constexpr std::size_t kHead = sizeof needle.head;
  if (((LoadWord(at) ^ needle.head) & needle.head_mask) != 0) return false;
  if (needle.text.size() <= kHead) return true;  // It cannot reach beyond `end`: a separator stands before that.
  return static_cast<std::size_t>(end - at) >= needle.text.size() &&
         std::memcmp(at + kHead, needle.text.data() + kHead, needle.text.size() - kHead) == 0;
}

// Where in 64 bytes something stands: bit i for byte i.
struct ChunkMasks {
  std::uint64_t candidates;  // Both anchors fit.
  std::uint64_t separators;
};

// The chunks of each level are classes with the same two members. They are plain inline, not always_inline: the loops below are
// templates without a target of their own, and become part of a function that has one before these do.

class BaselineChunk {
 public:
  explicit BaselineChunk(const Needle& needle)
      : first_(_mm_set1_epi8(FirstAnchor(needle))),
        second_(_mm_set1_epi8(SecondAnchor(needle))),
        distance_(needle.anchor_distance) {}

  ChunkMasks Load(const char* at) const {
    ChunkMasks masks{0, 0};
    for (int part = 0; part < 4; ++part) {
      const __m128i bytes = LoadBytes(at + 16 * part);
      const __m128i fits =
          _mm_and_si128(_mm_cmpeq_epi8(bytes, first_), _mm_cmpeq_epi8(LoadBytes(at + distance_ + 16 * part), second_));
      masks.candidates |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(fits))} << (16 * part);
      masks.separators |= Separators(bytes) << (16 * part);
    }
    return masks;
  }

  static std::uint64_t SeparatorsAt(const char* at) {
    return Separators(LoadBytes(at)) | Separators(LoadBytes(at + 16)) << 16 | Separators(LoadBytes(at + 32)) << 32 |
           Separators(LoadBytes(at + 48)) << 48;
  }

 private:
  static __m128i LoadBytes(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
  static std::uint64_t Separators(__m128i bytes) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(kItemSeparator))));
  }

  __m128i first_, second_;
  std::size_t distance_;
};

class Avx2Chunk {
 public:
  [[gnu::target(CLIENTELE_TARGET_AVX2)]] explicit Avx2Chunk(const Needle& needle)
      : first_(_mm256_set1_epi8(FirstAnchor(needle))),
        second_(_mm256_set1_epi8(SecondAnchor(needle))),
        distance_(needle.anchor_distance) {}

  [[gnu::target(CLIENTELE_TARGET_AVX2)]] inline ChunkMasks Load(const char* at) const {
    const __m256i low = LoadBytes(at), high = LoadBytes(at + 32);
    const __m256i low_fits =
        _mm256_and_si256(_mm256_cmpeq_epi8(low, first_), _mm256_cmpeq_epi8(LoadBytes(at + distance_), second_));
    const __m256i high_fits =
        _mm256_and_si256(_mm256_cmpeq_epi8(high, first_), _mm256_cmpeq_epi8(LoadBytes(at + distance_ + 32), second_));
    return {Bits(low_fits) | Bits(high_fits) << 32, Separators(low) | Separators(high) << 32};
  }

  [[gnu::target(CLIENTELE_TARGET_AVX2)]] static inline std::uint64_t SeparatorsAt(const char* at) {
    return Separators(LoadBytes(at)) | Separators(LoadBytes(at + 32)) << 32;
  }

 private:
  [[gnu::target(CLIENTELE_TARGET_AVX2)]] static inline __m256i LoadBytes(const char* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  }
  [[gnu::target(CLIENTELE_TARGET_AVX2)]] static inline std::uint64_t Bits(__m256i bytes) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
  }
  [[gnu::target(CLIENTELE_TARGET_AVX2)]] static inline std::uint64_t Separators(__m256i bytes) {
    return Bits(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(kItemSeparator)));
  }

  __m256i first_, second_;
  std::size_t distance_;
};

class Avx512Chunk {
 public:
  [[gnu::target(CLIENTELE_TARGET_AVX512)]] explicit Avx512Chunk(const Needle& needle)
      : first_(_mm512_set1_epi8(FirstAnchor(needle))),
        second_(_mm512_set1_epi8(SecondAnchor(needle))),
        distance_(needle.anchor_distance) {}

  [[gnu::target(CLIENTELE_TARGET_AVX512)]] inline ChunkMasks Load(const char* at) const {
    const __m512i bytes = _mm512_loadu_si512(at);
    const __mmask64 fits = _mm512_cmpeq_epi8_mask(bytes, first_);
    return {_mm512_mask_cmpeq_epi8_mask(fits, _mm512_loadu_si512(at + distance_), second_),
            _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(kItemSeparator))};
  }

  [[gnu::target(CLIENTELE_TARGET_AVX512)]] static inline std::uint64_t SeparatorsAt(const char* at) {
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(at), _mm512_set1_epi8(kItemSeparator));
  }

 private:
  __m512i first_, second_;
  std::size_t distance_;
};

// Counts items into blocks and collects the matches of the current one.
class BlockCursor {
 public:
  explicit BlockCursor(absl::FunctionRef<void(std::uint32_t, std::uint64_t)> on_block) : on_block_(on_block) {}

  // Goes on by so many items, at most 64.
  [[gnu::always_inline]] void Pass(int items) {
    item_ += items;
    if (item_ >= static_cast<int>(kItemsPerBlock)) NextBlock();
  }

  // The item that is so many items ahead matches; ascending within a chunk.
  [[gnu::always_inline]] void Match(int items_ahead) {
    if (item_ + items_ahead >= static_cast<int>(kItemsPerBlock)) NextBlock();
    mask_ |= std::uint64_t{1} << (item_ + items_ahead);
  }

  void Finish() {
    if (mask_ != 0) on_block_(block_, mask_);
  }

 private:
  [[gnu::always_inline]] void NextBlock() {
    if (mask_ != 0) on_block_(block_, mask_);
    mask_ = 0;
    ++block_;
    item_ -= static_cast<int>(kItemsPerBlock);  // May be negative until the rest of the chunk's items has been passed.
  }

  absl::FunctionRef<void(std::uint32_t, std::uint64_t)> on_block_;
  std::uint64_t mask_ = 0;
  std::uint32_t block_ = 0;
  int item_ = 0;
};

// All places below the lowest `count` < 64 bits.
std::uint64_t LowBits(std::size_t count) {
  return (std::uint64_t{1} << count) - 1;
}

template <class Chunk>
[[gnu::always_inline]] inline void ScanChunksOf(const Needle& needle, const char* const begin, const char* const end,
                                                absl::FunctionRef<void(std::uint32_t, std::uint64_t)> on_block) {
  const Chunk chunk(needle);
  const bool anchors_are_all = needle.text.size() <= 2;
  BlockCursor cursor(on_block);
  for (const char* at = begin; at < end; at += kChunkBytes) {
    auto [candidates, separators] = chunk.Load(at);
    if (static_cast<std::size_t>(end - at) < kChunkBytes) {
      candidates &= LowBits(static_cast<std::size_t>(end - at));
      separators &= LowBits(static_cast<std::size_t>(end - at));
    }
    while (candidates != 0) {
      const int place = std::countr_zero(candidates);
      const char* const anchor = at + place;
      const bool matches = anchors_are_all || (static_cast<std::size_t>(anchor - begin) >= needle.anchor &&
                                               StandsAt(needle, anchor - needle.anchor, end));
      if (!matches) {
        candidates &= candidates - 1;
        continue;
      }
      cursor.Match(__builtin_popcountll(separators & LowBits(static_cast<std::size_t>(place))));
      // One match an item: go on behind its end.
      const std::uint64_t later_separators = separators & ~LowBits(static_cast<std::size_t>(place));
      candidates &= later_separators == 0 ? 0 : ~LowBits(static_cast<std::size_t>(std::countr_zero(later_separators)));
    }
    cursor.Pass(__builtin_popcountll(separators));
  }
  cursor.Finish();
}

template <class Chunk>
[[gnu::always_inline]] inline const char* SkipChunksOf(const char* begin, const char* end, std::uint32_t count) {
  if (count == 0) return begin;
  for (const char* at = begin; at < end; at += kChunkBytes) {
    std::uint64_t separators = Chunk::SeparatorsAt(at);
    const auto here = static_cast<std::uint32_t>(__builtin_popcountll(separators));
    if (here < count) {
      count -= here;
      continue;
    }
    for (; count > 1; --count) separators &= separators - 1;
    return std::min(end, at + std::countr_zero(separators) + 1);
  }
  return end;
}

using OnBlock = absl::FunctionRef<void(std::uint32_t, std::uint64_t)>;

void ScanBaseline(const Needle& needle, const char* begin, const char* end, OnBlock on_block) {
  ScanChunksOf<BaselineChunk>(needle, begin, end, on_block);
}
[[gnu::target(CLIENTELE_TARGET_AVX2)]] void ScanAvx2(const Needle& needle, const char* begin, const char* end, OnBlock on_block) {
  ScanChunksOf<Avx2Chunk>(needle, begin, end, on_block);
}
[[gnu::target(CLIENTELE_TARGET_AVX512)]] void ScanAvx512(const Needle& needle, const char* begin, const char* end,
                                                         OnBlock on_block) {
  ScanChunksOf<Avx512Chunk>(needle, begin, end, on_block);
}

const char* SkipBaseline(const char* begin, const char* end, std::uint32_t count) {
  return SkipChunksOf<BaselineChunk>(begin, end, count);
}
[[gnu::target(CLIENTELE_TARGET_AVX2)]] const char* SkipAvx2(const char* begin, const char* end, std::uint32_t count) {
  return SkipChunksOf<Avx2Chunk>(begin, end, count);
}
[[gnu::target(CLIENTELE_TARGET_AVX512)]] const char* SkipAvx512(const char* begin, const char* end, std::uint32_t count) {
  return SkipChunksOf<Avx512Chunk>(begin, end, count);
}

}  // namespace

void ScanItems(const Needle& needle, const char* begin, const char* end, OnBlock on_block) {
  switch (ActiveVectorLevel()) {
    case VectorLevel::kAvx512: return ScanAvx512(needle, begin, end, on_block);
    case VectorLevel::kAvx2: return ScanAvx2(needle, begin, end, on_block);
    case VectorLevel::kBaseline: return ScanBaseline(needle, begin, end, on_block);
  }
}

const char* SkipItems(const char* begin, const char* end, std::uint32_t count) {
  switch (ActiveVectorLevel()) {
    case VectorLevel::kAvx512: return SkipAvx512(begin, end, count);
    case VectorLevel::kAvx2: return SkipAvx2(begin, end, count);
    case VectorLevel::kBaseline: return SkipBaseline(begin, end, count);
  }
  return end;
}

}  // namespace clientele
