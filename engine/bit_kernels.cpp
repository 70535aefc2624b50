#include "engine/bit_kernels.h"

#include <bit>

#include <immintrin.h>

#include "index/vector_level.h"

// GCC 12 takes the undefined pass-through operands inside its own AVX-512 intrinsics for uninitialised reads (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

// One body per loop, compiled for two instruction sets with per-function target attributes: global -m flags would leak wide
// instructions into inline functions that the linker shares between files.
#define CLIENTELE_INLINE static inline __attribute__((always_inline))
#define CLIENTELE_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt,lzcnt"), optimize("O3")))
#define CLIENTELE_AVX512 __attribute__((target("avx2,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq")))

namespace clientele {
namespace {

using Words = const std::uint64_t*;

struct Operands {
  const Words* kept;
  std::size_t count;  // Of `kept`.
  Words removed;      // May be null.
  std::size_t first;  // Word of each.
};

CLIENTELE_INLINE std::uint64_t PopCountBody(Words a, std::size_t words) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < words; ++i) count += static_cast<std::uint64_t>(__builtin_popcountll(a[i]));
  return count;
}
template <bool kNegate>
CLIENTELE_INLINE std::uint64_t AndCountBody(Words a, Words b, std::uint64_t* out, std::size_t words) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < words; ++i) {
    const std::uint64_t both = a[i] & (kNegate ? ~b[i] : b[i]);
    out[i] = both;
    count += static_cast<std::uint64_t>(__builtin_popcountll(both));
  }
  return count;
}
// Eight words at a time, so that the loops over them become vector instructions.
CLIENTELE_INLINE std::uint64_t IntersectCountBody(const Operands& operands, std::uint64_t* out, std::size_t words) {
  constexpr std::size_t kStep = 8;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < words; i += kStep) {
    const std::size_t step = words - i < kStep ? words - i : kStep;
    std::uint64_t left[kStep] = {};
    const auto take = [&](Words from, auto combine) {
      if (step == kStep) {
        for (std::size_t j = 0; j < kStep; ++j) left[j] = combine(left[j], from[j]);
      } else {
        for (std::size_t j = 0; j < step; ++j) left[j] = combine(left[j], from[j]);
      }
    };
    take(operands.kept[0] + operands.first + i, [](std::uint64_t, std::uint64_t b) { return b; });
    for (std::size_t k = 1; k < operands.count; ++k)
      take(operands.kept[k] + operands.first + i, [](std::uint64_t a, std::uint64_t b) { return a & b; });
    if (operands.removed != nullptr)
      take(operands.removed + operands.first + i, [](std::uint64_t a, std::uint64_t b) { return a & ~b; });
    for (std::size_t j = 0; j < kStep; ++j) count += static_cast<std::uint64_t>(__builtin_popcountll(left[j]));
    if (out == nullptr) continue;
    for (std::size_t j = 0; j < step; ++j) out[operands.first + i + j] = left[j];
  }
  return count;
}
CLIENTELE_INLINE std::uint64_t AndPopCountBody(Words a, Words b, std::size_t words) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < words; ++i) count += static_cast<std::uint64_t>(__builtin_popcountll(a[i] & b[i]));
  return count;
}

struct Kernels {
  std::uint64_t (*pop_count)(Words, std::size_t);
  std::uint64_t (*and_count)(Words, Words, std::uint64_t*, std::size_t);
  std::uint64_t (*and_not_count)(Words, Words, std::uint64_t*, std::size_t);
  std::uint64_t (*intersect_count)(const Operands&, std::uint64_t*, std::size_t);
  std::uint64_t (*and_pop_count)(Words, Words, std::size_t);
  std::uint64_t (*keep_in_range)(const std::uint32_t*, std::uint32_t, std::uint32_t, std::uint64_t*, std::size_t);
  std::uint64_t (*keep_in_range_64)(const std::int64_t*, std::int64_t, std::int64_t, std::uint64_t*, std::size_t);
};

namespace baseline {
std::uint64_t PopCount(Words a, std::size_t n) {
  return PopCountBody(a, n);
}
std::uint64_t AndCount(Words a, Words b, std::uint64_t* out, std::size_t n) {
  return AndCountBody<false>(a, b, out, n);
}
std::uint64_t AndNotCount(Words a, Words b, std::uint64_t* out, std::size_t n) {
  return AndCountBody<true>(a, b, out, n);
}
std::uint64_t IntersectCount(const Operands& operands, std::uint64_t* out, std::size_t n) {
  return IntersectCountBody(operands, out, n);
}
std::uint64_t AndPopCount(Words a, Words b, std::size_t n) {
  return AndPopCountBody(a, b, n);
}
std::uint64_t KeepInRange(const std::uint32_t* values, std::uint32_t first, std::uint32_t width, std::uint64_t* out,
                          std::size_t words) {
  std::uint64_t count = 0;
  for (std::size_t w = 0; w < words; ++w) {
    if (out[w] == 0) continue;
    std::uint64_t inside = 0;
    for (std::size_t i = 0; i < 64; ++i) inside |= std::uint64_t{values[w * 64 + i] - first < width} << i;
    out[w] &= inside;
    count += static_cast<std::uint64_t>(std::popcount(out[w]));
  }
  return count;
}
std::uint64_t KeepInRange64(const std::int64_t* values, std::int64_t first, std::int64_t last, std::uint64_t* out,
                            std::size_t words) {
  std::uint64_t count = 0;
  for (std::size_t w = 0; w < words; ++w) {
    if (out[w] == 0) continue;
    std::uint64_t inside = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::int64_t value = values[w * 64 + i];
      inside |= static_cast<std::uint64_t>((value >= first) & (value <= last)) << i;
    }
    out[w] &= inside;
    count += static_cast<std::uint64_t>(std::popcount(out[w]));
  }
  return count;
}
constexpr Kernels kKernels{PopCount, AndCount, AndNotCount, IntersectCount, AndPopCount, KeepInRange, KeepInRange64};
}  // namespace baseline

namespace avx2 {
CLIENTELE_AVX2 std::uint64_t PopCount(Words a, std::size_t n) {
  return PopCountBody(a, n);
}
CLIENTELE_AVX2 std::uint64_t AndCount(Words a, Words b, std::uint64_t* out, std::size_t n) {
  return AndCountBody<false>(a, b, out, n);
}
CLIENTELE_AVX2 std::uint64_t AndNotCount(Words a, Words b, std::uint64_t* out, std::size_t n) {
  return AndCountBody<true>(a, b, out, n);
}
CLIENTELE_AVX2 std::uint64_t IntersectCount(const Operands& operands, std::uint64_t* out, std::size_t n) {
  return IntersectCountBody(operands, out, n);
}
CLIENTELE_AVX2 std::uint64_t AndPopCount(Words a, Words b, std::size_t n) {
  return AndPopCountBody(a, b, n);
}
CLIENTELE_AVX2 std::uint64_t KeepInRange(const std::uint32_t* values, std::uint32_t first, std::uint32_t width,
                                         std::uint64_t* out, std::size_t words) {
  // AVX2 compares signed only: moving both sides by 2^31 keeps the order.
  const __m256i base = _mm256_set1_epi32(static_cast<int>(first));
  const __m256i flip = _mm256_set1_epi32(INT32_MIN);
  const __m256i limit = _mm256_set1_epi32(static_cast<int>(width ^ 0x80000000u));
  std::uint64_t count = 0;
  for (std::size_t w = 0; w < words; ++w) {
    if (out[w] == 0) continue;
    std::uint64_t inside = 0;
    for (unsigned i = 0; i < 64; i += 8) {
      const __m256i value = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + w * 64 + i));
      const __m256i less = _mm256_cmpgt_epi32(limit, _mm256_xor_si256(_mm256_sub_epi32(value, base), flip));
      inside |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(less)))) << i;
    }
    out[w] &= inside;
    count += static_cast<std::uint64_t>(__builtin_popcountll(out[w]));
  }
  return count;
}
CLIENTELE_AVX2 std::uint64_t KeepInRange64(const std::int64_t* values, std::int64_t first, std::int64_t last, std::uint64_t* out,
                                           std::size_t words) {
  const __m256i least = _mm256_set1_epi64x(first), most = _mm256_set1_epi64x(last);
  std::uint64_t count = 0;
  for (std::size_t w = 0; w < words; ++w) {
    if (out[w] == 0) continue;
    std::uint64_t outside = 0;
    for (unsigned i = 0; i < 64; i += 4) {
      const __m256i value = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + w * 64 + i));
      const __m256i beyond = _mm256_or_si256(_mm256_cmpgt_epi64(least, value), _mm256_cmpgt_epi64(value, most));
      outside |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(beyond)))) << i;
    }
    out[w] &= ~outside;
    count += static_cast<std::uint64_t>(__builtin_popcountll(out[w]));
  }
  return count;
}
constexpr Kernels kKernels{PopCount, AndCount, AndNotCount, IntersectCount, AndPopCount, KeepInRange, KeepInRange64};
}  // namespace avx2

namespace avx512 {
// Loads the last, partial vector of an array with zeros behind it.
CLIENTELE_AVX512 inline __m512i LoadTail(Words a, std::size_t left) {
  return _mm512_maskz_loadu_epi64(static_cast<__mmask8>((1u << left) - 1), a);
}
template <class Combine>
CLIENTELE_AVX512 inline std::uint64_t CountBody(Words a, Words b, std::uint64_t* out, std::size_t n, Combine combine) {
  __m512i counts = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m512i both = combine(_mm512_loadu_si512(a + i), _mm512_loadu_si512(b + i));
    if (out != nullptr) _mm512_storeu_si512(out + i, both);
    counts = _mm512_add_epi64(counts, _mm512_popcnt_epi64(both));
  }
  if (i < n) {
    const __m512i both = combine(LoadTail(a + i, n - i), LoadTail(b + i, n - i));
    if (out != nullptr) _mm512_mask_storeu_epi64(out + i, static_cast<__mmask8>((1u << (n - i)) - 1), both);
    counts = _mm512_add_epi64(counts, _mm512_popcnt_epi64(both));
  }
  return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(counts));
}
struct And {
  CLIENTELE_AVX512 __m512i operator()(__m512i a, __m512i b) const { return _mm512_and_si512(a, b); }
};
struct AndNot {
  CLIENTELE_AVX512 __m512i operator()(__m512i a, __m512i b) const { return _mm512_andnot_si512(b, a); }
};
CLIENTELE_AVX512 std::uint64_t PopCount(Words a, std::size_t n) {
  return CountBody(a, a, nullptr, n, And{});
}
CLIENTELE_AVX512 std::uint64_t AndCount(Words a, Words b, std::uint64_t* out, std::size_t n) {
  return CountBody(a, b, out, n, And{});
}
CLIENTELE_AVX512 std::uint64_t AndNotCount(Words a, Words b, std::uint64_t* out, std::size_t n) {
  return CountBody(a, b, out, n, AndNot{});
}
// kCount: of operands; 0: as many as there are. The first three are variables: as far as the compiler knows, what is stored to
// `out` may change pointers in memory, which would be loaded again for each vector.
template <std::size_t kCount, bool kRemoves>
CLIENTELE_AVX512 inline std::uint64_t IntersectCountOf(const Operands& operands, std::uint64_t* out, std::size_t n) {
  const std::size_t end = operands.first + n;
  const Words first = operands.kept[0], second = kCount == 1 ? nullptr : operands.kept[1];
  const Words third = kCount == 1 || kCount == 2 ? nullptr : operands.kept[2], removed = operands.removed;
  __m512i counts = _mm512_setzero_si512();
  std::size_t i = operands.first;
  for (; i + 8 <= end; i += 8) {
    __m512i left = _mm512_loadu_si512(first + i);
    if (kCount != 1) left = _mm512_and_si512(left, _mm512_loadu_si512(second + i));
    if (kCount != 1 && kCount != 2) left = _mm512_and_si512(left, _mm512_loadu_si512(third + i));
    if (kCount == 0) {
      for (std::size_t k = 3; k < operands.count; ++k) left = _mm512_and_si512(left, _mm512_loadu_si512(operands.kept[k] + i));
    }
    if (kRemoves) left = _mm512_andnot_si512(_mm512_loadu_si512(removed + i), left);
    if (out != nullptr) _mm512_storeu_si512(out + i, left);
    counts = _mm512_add_epi64(counts, _mm512_popcnt_epi64(left));
  }
  if (i < end) {
    __m512i left = LoadTail(first + i, end - i);
    for (std::size_t k = 1; k < operands.count; ++k) left = _mm512_and_si512(left, LoadTail(operands.kept[k] + i, end - i));
    if (kRemoves) left = _mm512_andnot_si512(LoadTail(removed + i, end - i), left);
    if (out != nullptr) _mm512_mask_storeu_epi64(out + i, static_cast<__mmask8>((1u << (end - i)) - 1), left);
    counts = _mm512_add_epi64(counts, _mm512_popcnt_epi64(left));
  }
  return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(counts));
}
template <bool kRemoves>
CLIENTELE_AVX512 inline std::uint64_t IntersectCountBy(const Operands& operands, std::uint64_t* out, std::size_t n) {
  switch (operands.count) {
    case 1: return IntersectCountOf<1, kRemoves>(operands, out, n);
    case 2: return IntersectCountOf<2, kRemoves>(operands, out, n);
    case 3: return IntersectCountOf<3, kRemoves>(operands, out, n);
    default: return IntersectCountOf<0, kRemoves>(operands, out, n);
  }
}
CLIENTELE_AVX512 std::uint64_t IntersectCount(const Operands& operands, std::uint64_t* out, std::size_t n) {
  return operands.removed != nullptr ? IntersectCountBy<true>(operands, out, n) : IntersectCountBy<false>(operands, out, n);
}
CLIENTELE_AVX512 std::uint64_t AndPopCount(Words a, Words b, std::size_t n) {
  return CountBody(a, b, nullptr, n, And{});
}
CLIENTELE_AVX512 std::uint64_t KeepInRange(const std::uint32_t* values, std::uint32_t first, std::uint32_t width,
                                           std::uint64_t* out, std::size_t words) {
  const __m512i base = _mm512_set1_epi32(static_cast<int>(first));
  const __m512i limit = _mm512_set1_epi32(static_cast<int>(width));
  std::uint64_t count = 0;
  for (std::size_t w = 0; w < words; ++w) {
    if (out[w] == 0) continue;
    std::uint64_t inside = 0;
    for (unsigned i = 0; i < 64; i += 16) {
      const __m512i value = _mm512_loadu_si512(values + w * 64 + i);
      inside |= static_cast<std::uint64_t>(_mm512_cmplt_epu32_mask(_mm512_sub_epi32(value, base), limit)) << i;
    }
    out[w] &= inside;
    count += static_cast<std::uint64_t>(__builtin_popcountll(out[w]));
  }
  return count;
}
CLIENTELE_AVX512 std::uint64_t KeepInRange64(const std::int64_t* values, std::int64_t first, std::int64_t last,
                                             std::uint64_t* out, std::size_t words) {
  const __m512i least = _mm512_set1_epi64(first), most = _mm512_set1_epi64(last);
  std::uint64_t count = 0;
  for (std::size_t w = 0; w < words; ++w) {
    if (out[w] == 0) continue;
    std::uint64_t inside = 0;
    for (unsigned i = 0; i < 64; i += 8) {
      const __m512i value = _mm512_loadu_si512(values + w * 64 + i);
      const __mmask8 kept = _mm512_mask_cmple_epi64_mask(_mm512_cmpge_epi64_mask(value, least), value, most);
      inside |= static_cast<std::uint64_t>(kept) << i;
    }
    out[w] &= inside;
    count += static_cast<std::uint64_t>(__builtin_popcountll(out[w]));
  }
  return count;
}
constexpr Kernels kKernels{PopCount, AndCount, AndNotCount, IntersectCount, AndPopCount, KeepInRange, KeepInRange64};
}  // namespace avx512

// Looked up at each call, so that tests can take every level in turn; next to a chunk's words it costs nothing.
const Kernels& Active() {
  static const bool counts_in_vectors = __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512dq");
  switch (ActiveVectorLevel()) {
    case VectorLevel::kAvx512: return counts_in_vectors ? avx512::kKernels : avx2::kKernels;
    case VectorLevel::kAvx2: return avx2::kKernels;
    case VectorLevel::kBaseline: return baseline::kKernels;
  }
  return baseline::kKernels;
}

}  // namespace

std::uint64_t PopCount(Words a, std::size_t words) {
  return Active().pop_count(a, words);
}
std::uint64_t AndCount(Words a, Words b, std::uint64_t* out, std::size_t words) {
  return Active().and_count(a, b, out, words);
}
std::uint64_t AndNotCount(Words a, Words b, std::uint64_t* out, std::size_t words) {
  return Active().and_not_count(a, b, out, words);
}
std::uint64_t IntersectCount(std::span<const Words> operands, Words removed, std::uint64_t* out, std::size_t first,
                             std::size_t words) {
  if (operands.size() == 2 && removed == nullptr) {
    if (out == nullptr) return AndPopCount(operands[0] + first, operands[1] + first, words);
    return AndCount(operands[0] + first, operands[1] + first, out + first, words);
  }
  return Active().intersect_count({operands.data(), operands.size(), removed, first}, out, words);
}
std::uint64_t AndPopCount(Words a, Words b, std::size_t words) {
  return Active().and_pop_count(a, b, words);
}

void OrInto(Words a, std::uint64_t* out, std::size_t words) {
  for (std::size_t i = 0; i < words; ++i) out[i] |= a[i];
}

std::uint64_t KeepInRange(const std::uint32_t* values, std::uint32_t first, std::uint32_t last, std::uint64_t* out,
                          std::size_t words) {
  return Active().keep_in_range(values, first, last - first, out, words);
}
std::uint64_t KeepInRange(const std::int64_t* values, std::int64_t first, std::int64_t last, std::uint64_t* out,
                          std::size_t words) {
  return Active().keep_in_range_64(values, first, last, out, words);
}

}  // namespace clientele
