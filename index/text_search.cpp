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

constexpr std::size_t kAnchorReach = 32;  // The other anchors are at most so far from the rarest one.
constexpr std::size_t kChunkBytes = 64;

// Reads of a chunk at the last byte, at the anchors' distance, stay within the padding.
static_assert(kChunkBytes + 2 * kAnchorReach <= kSearchPaddingBytes);

std::uint64_t LoadWord(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Rarest byte first, then by place.
std::array<std::uint32_t, Needle::kAnchors> RarestPlaces(std::string_view text, const ByteCounts& counts) {
  const auto rarer = [&](std::size_t a, std::size_t b) {
    const std::uint32_t count_a = counts[static_cast<std::uint8_t>(text[a])],
                        count_b = counts[static_cast<std::uint8_t>(text[b])];
    return count_a != count_b ? count_a < count_b : a < b;
  };
  std::size_t rarest = 0;
  for (std::size_t i = 1; i < text.size(); ++i) rarest = rarer(i, rarest) ? i : rarest;
  // The places near the rarest one.
  std::array<std::uint32_t, 2 * kAnchorReach + 1> near{};
  std::size_t near_count = 0;
  const std::size_t end = std::min(text.size(), rarest + kAnchorReach + 1);
  for (std::size_t i = rarest - std::min(rarest, kAnchorReach); i < end; ++i) near[near_count++] = static_cast<std::uint32_t>(i);
  const std::size_t wanted = std::min(near_count, Needle::kAnchors);
  std::partial_sort(near.begin(), near.begin() + wanted, near.begin() + near_count, rarer);
  std::array<std::uint32_t, Needle::kAnchors> places;
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = near[std::min(i, wanted - 1)];  // Short needles compare some twice.
  std::sort(places.begin(), places.end());
  return places;
}

}  // namespace

Needle::Needle(std::string_view needle, const ByteCounts& counts) : text(needle) {
  assert(!text.empty());
  std::memcpy(&head, text.data(), std::min(text.size(), sizeof head));
  head_mask = text.size() >= sizeof head ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * text.size())) - 1;
  anchors = RarestPlaces(text, counts);
}

namespace {

char AnchorByte(const Needle& needle, std::size_t i) {
  return needle.text[needle.anchors[i]];
}
std::size_t AnchorDistance(const Needle& needle, std::size_t i) {
  return needle.anchors[i] - needle.anchors[0];
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
  std::uint64_t candidates;  // All anchors fit.
  std::uint64_t separators;
};

// The chunks of each level are classes with the same members. They are plain inline, not always_inline: the loops below are
// templates without a target of their own, and become part of a function that has one before these do.

class BaselineChunk {
 public:
  explicit BaselineChunk(const Needle& needle)
      : first_(_mm_set1_epi8(AnchorByte(needle, 0))),
        second_(_mm_set1_epi8(AnchorByte(needle, 1))),
        third_(_mm_set1_epi8(AnchorByte(needle, 2))),
        fourth_(_mm_set1_epi8(AnchorByte(needle, 3))),
        to_second_(AnchorDistance(needle, 1)),
        to_third_(AnchorDistance(needle, 2)),
        to_fourth_(AnchorDistance(needle, 3)) {}

  ChunkMasks Load(const char* at) const {
    ChunkMasks masks{0, 0};
    for (int part = 0; part < 4; ++part) {
      const char* const here = at + 16 * part;
      const __m128i bytes = LoadBytes(here);
      const __m128i two_fit = _mm_and_si128(_mm_cmpeq_epi8(bytes, first_), _mm_cmpeq_epi8(LoadBytes(here + to_second_), second_));
      const __m128i others_fit = _mm_and_si128(_mm_cmpeq_epi8(LoadBytes(here + to_third_), third_),
                                               _mm_cmpeq_epi8(LoadBytes(here + to_fourth_), fourth_));
      const __m128i fits = _mm_and_si128(two_fit, others_fit);
      masks.candidates |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(fits))} << (16 * part);
      masks.separators |= Separators(bytes) << (16 * part);
    }
    return masks;
  }

  // The number of bits set. Without an instruction for it the compiler would call a function that looks bytes up in a table.
  static std::uint32_t Count(std::uint64_t bits) {
    bits -= (bits >> 1) & 0x5555555555555555;
    bits = (bits & 0x3333333333333333) + ((bits >> 2) & 0x3333333333333333);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F;
    return static_cast<std::uint32_t>((bits * 0x0101010101010101) >> 56);
  }

  // The bits of `bits` at the places of `places`, moved together.
  static std::uint64_t Extract(std::uint64_t bits, std::uint64_t places) {
    std::uint64_t extracted = 0;
    for (bits &= places; bits != 0; bits &= bits - 1) {
      extracted |= std::uint64_t{1} << Count(places & ((bits & -bits) - 1));
    }
    return extracted;
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

  __m128i first_, second_, third_, fourth_;
  std::size_t to_second_, to_third_, to_fourth_;  // Distances from the first anchor.
};

class Avx2Chunk {
 public:
  [[gnu::target(CLIENTELE_TARGET_AVX2)]] explicit Avx2Chunk(const Needle& needle)
      : first_(_mm256_set1_epi8(AnchorByte(needle, 0))),
        second_(_mm256_set1_epi8(AnchorByte(needle, 1))),
        third_(_mm256_set1_epi8(AnchorByte(needle, 2))),
        fourth_(_mm256_set1_epi8(AnchorByte(needle, 3))),
        to_second_(AnchorDistance(needle, 1)),
        to_third_(AnchorDistance(needle, 2)),
        to_fourth_(AnchorDistance(needle, 3)) {}

  [[gnu::target(CLIENTELE_TARGET_AVX2)]] inline ChunkMasks Load(const char* at) const {
    const __m256i low = LoadBytes(at), high = LoadBytes(at + 32);
    return {Bits(Fits(low, at)) | Bits(Fits(high, at + 32)) << 32, Separators(low) | Separators(high) << 32};
  }

  [[gnu::target(CLIENTELE_TARGET_AVX2)]] static inline std::uint32_t Count(std::uint64_t bits) {
    return static_cast<std::uint32_t>(_mm_popcnt_u64(bits));
  }

  [[gnu::target(CLIENTELE_TARGET_AVX2)]] static inline std::uint64_t Extract(std::uint64_t bits, std::uint64_t places) {
    return _pext_u64(bits, places);
  }

  [[gnu::target(CLIENTELE_TARGET_AVX2)]] static inline std::uint64_t SeparatorsAt(const char* at) {
    return Separators(LoadBytes(at)) | Separators(LoadBytes(at + 32)) << 32;
  }

 private:
  [[gnu::target(CLIENTELE_TARGET_AVX2)]] static inline __m256i LoadBytes(const char* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  }
  [[gnu::target(CLIENTELE_TARGET_AVX2)]] inline __m256i Fits(__m256i bytes, const char* at) const {
    const __m256i two_fit =
        _mm256_and_si256(_mm256_cmpeq_epi8(bytes, first_), _mm256_cmpeq_epi8(LoadBytes(at + to_second_), second_));
    const __m256i others_fit = _mm256_and_si256(_mm256_cmpeq_epi8(LoadBytes(at + to_third_), third_),
                                                _mm256_cmpeq_epi8(LoadBytes(at + to_fourth_), fourth_));
    return _mm256_and_si256(two_fit, others_fit);
  }
  [[gnu::target(CLIENTELE_TARGET_AVX2)]] static inline std::uint64_t Bits(__m256i bytes) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
  }
  [[gnu::target(CLIENTELE_TARGET_AVX2)]] static inline std::uint64_t Separators(__m256i bytes) {
    return Bits(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(kItemSeparator)));
  }

  __m256i first_, second_, third_, fourth_;
  std::size_t to_second_, to_third_, to_fourth_;  // Distances from the first anchor.
};

class Avx512Chunk {
 public:
  [[gnu::target(CLIENTELE_TARGET_AVX512)]] explicit Avx512Chunk(const Needle& needle)
      : first_(_mm512_set1_epi8(AnchorByte(needle, 0))),
        second_(_mm512_set1_epi8(AnchorByte(needle, 1))),
        third_(_mm512_set1_epi8(AnchorByte(needle, 2))),
        fourth_(_mm512_set1_epi8(AnchorByte(needle, 3))),
        to_second_(AnchorDistance(needle, 1)),
        to_third_(AnchorDistance(needle, 2)),
        to_fourth_(AnchorDistance(needle, 3)) {}

  [[gnu::target(CLIENTELE_TARGET_AVX512)]] inline ChunkMasks Load(const char* at) const {
    const __m512i bytes = _mm512_loadu_si512(at);
    const __mmask64 first_fits = _mm512_cmpeq_epi8_mask(bytes, first_);
    const __mmask64 two_fit = _mm512_mask_cmpeq_epi8_mask(first_fits, _mm512_loadu_si512(at + to_second_), second_);
    const __mmask64 three_fit = _mm512_mask_cmpeq_epi8_mask(two_fit, _mm512_loadu_si512(at + to_third_), third_);
    return {_mm512_mask_cmpeq_epi8_mask(three_fit, _mm512_loadu_si512(at + to_fourth_), fourth_),
            _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(kItemSeparator))};
  }

  [[gnu::target(CLIENTELE_TARGET_AVX512)]] static inline std::uint32_t Count(std::uint64_t bits) {
    return static_cast<std::uint32_t>(_mm_popcnt_u64(bits));
  }

  [[gnu::target(CLIENTELE_TARGET_AVX512)]] static inline std::uint64_t Extract(std::uint64_t bits, std::uint64_t places) {
    return _pext_u64(bits, places);
  }

  [[gnu::target(CLIENTELE_TARGET_AVX512)]] static inline std::uint64_t SeparatorsAt(const char* at) {
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(at), _mm512_set1_epi8(kItemSeparator));
  }

 private:
  __m512i first_, second_, third_, fourth_;
  std::size_t to_second_, to_third_, to_fourth_;  // Distances from the first anchor.
};

// Collects one bit per item into blocks.
class BlockCursor {
 public:
  explicit BlockCursor(absl::FunctionRef<void(std::uint32_t, std::uint64_t)> on_block) : on_block_(on_block) {}

  // So many items without a match, at most 64.
  [[gnu::always_inline]] void Pass(std::uint32_t items) {
    item_ += items;
    if (item_ >= kItemsPerBlock) NextBlock(0);
  }

  // So many items, at most 64; bit i: the i-th of them matches.
  [[gnu::always_inline]] void Add(std::uint64_t matches, std::uint32_t items) {
    mask_ |= matches << item_;
    const std::uint32_t begin = item_;
    item_ += items;
    if (item_ >= kItemsPerBlock) NextBlock((matches >> 1) >> (kItemsPerBlock - 1 - begin));
  }

  // Whether so many items match that looking for stretches without a match costs more than it saves: at half and half, every
  // second guess of the branch predictor is wrong.
  bool dense() const { return dense_; }

  void Finish() const {
    if (mask_ != 0) on_block_(block_, mask_);
  }

 private:
  static constexpr int kDenseMatches = 6;

  [[gnu::always_inline]] void NextBlock(std::uint64_t mask) {
    if (mask_ != 0) on_block_(block_, mask_);
    dense_ = __builtin_popcountll(mask_) >= kDenseMatches;
    mask_ = mask;
    ++block_;
    item_ -= kItemsPerBlock;
  }

  absl::FunctionRef<void(std::uint32_t, std::uint64_t)> on_block_;
  std::uint64_t mask_ = 0;
  std::uint32_t block_ = 0;
  std::uint32_t item_ = 0;  // Below kItemsPerBlock between calls.
  bool dense_ = false;
};

// The lowest `count` < 64 bits.
std::uint64_t LowBits(std::size_t count) {
  return (std::uint64_t{1} << count) - 1;
}

// The candidates at whose place the whole needle stands. `begin` and `end` bound what is scanned.
[[gnu::always_inline]] inline std::uint64_t Verified(const Needle& needle, std::uint64_t candidates, const char* at,
                                                     const char* begin, const char* end) {
  std::uint64_t verified = 0;
  for (; candidates != 0; candidates &= candidates - 1) {
    const char* const anchor = at + std::countr_zero(candidates);
    if (static_cast<std::size_t>(anchor - begin) < needle.anchors[0]) continue;
    if (StandsAt(needle, anchor - needle.anchors[0], end)) verified |= candidates & -candidates;
  }
  return verified;
}

template <class Chunk>
[[gnu::always_inline]] inline void ScanChunksOf(const Needle& needle, const char* const begin, const char* const end,
                                                absl::FunctionRef<void(std::uint32_t, std::uint64_t)> on_block) {
  const Chunk chunk(needle);
  const bool anchors_are_all = needle.text.size() <= Needle::kAnchors;
  BlockCursor cursor(on_block);
  bool item_matches = false;  // Whether the item that goes on into this chunk has a match before it.
  for (const char* at = begin; at < end; at += kChunkBytes) {
    auto [matches, separators] = chunk.Load(at);
    if (static_cast<std::size_t>(end - at) < kChunkBytes) {
      matches &= LowBits(static_cast<std::size_t>(end - at));
      separators &= LowBits(static_cast<std::size_t>(end - at));
    }
    if (!anchors_are_all) matches = Verified(needle, matches, at, begin, end);
    const std::uint32_t items = Chunk::Count(separators);
    if (!cursor.dense() && matches == 0 && !item_matches) {
      cursor.Pass(items);
      continue;
    }
    // Adding ones to all bytes of an item carries into its separator exactly when there is a match among them. The carry stops
    // there, as separators are zero on both sides.
    std::uint64_t sum;
    const bool overflows = __builtin_add_overflow(matches, ~separators, &sum);
    item_matches = __builtin_add_overflow(sum, std::uint64_t{item_matches}, &sum) || overflows;
    cursor.Add(Chunk::Extract(sum & separators, separators), items);
  }
  cursor.Finish();
}

template <class Chunk>
[[gnu::always_inline]] inline const char* SkipChunksOf(const char* begin, const char* end, std::uint32_t count) {
  if (count == 0) return begin;
  for (const char* at = begin; at < end; at += kChunkBytes) {
    std::uint64_t separators = Chunk::SeparatorsAt(at);
    const std::uint32_t here = Chunk::Count(separators);
    if (here < count) {
      count -= here;
      continue;
    }
    for (; count > 1; --count) separators &= separators - 1;
    return std::min(end, at + std::countr_zero(separators) + 1);
  }
  return end;
}

template <class Chunk>
[[gnu::always_inline]] inline const char* SkipChunksBackOf(const char* begin, const char* end, std::uint32_t count) {
  ++count;  // The separator in front of the item.
  for (const char* at = end; at > begin;) {
    at -= kChunkBytes;
    std::uint64_t separators = Chunk::SeparatorsAt(at);
    const std::uint32_t here = Chunk::Count(separators);
    if (here < count) {
      count -= here;
      continue;
    }
    for (std::uint32_t before = here - count; before > 0; --before) separators &= separators - 1;
    return std::max(begin, at + std::countr_zero(separators) + 1);
  }
  return begin;
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

const char* SkipBackBaseline(const char* begin, const char* end, std::uint32_t count) {
  return SkipChunksBackOf<BaselineChunk>(begin, end, count);
}
[[gnu::target(CLIENTELE_TARGET_AVX2)]] const char* SkipBackAvx2(const char* begin, const char* end, std::uint32_t count) {
  return SkipChunksBackOf<Avx2Chunk>(begin, end, count);
}
[[gnu::target(CLIENTELE_TARGET_AVX512)]] const char* SkipBackAvx512(const char* begin, const char* end, std::uint32_t count) {
  return SkipChunksBackOf<Avx512Chunk>(begin, end, count);
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

const char* SkipItemsBack(const char* begin, const char* end, std::uint32_t count) {
  switch (ActiveVectorLevel()) {
    case VectorLevel::kAvx512: return SkipBackAvx512(begin, end, count);
    case VectorLevel::kAvx2: return SkipBackAvx2(begin, end, count);
    case VectorLevel::kBaseline: return SkipBackBaseline(begin, end, count);
  }
  return begin;
}

}  // namespace clientele
