#include "engine/position_scan.h"

#include <algorithm>
#include <bit>

#include <immintrin.h>

#include "index/vector_level.h"

// GCC 12 takes the undefined pass-through operands inside its own AVX-512 intrinsics for uninitialised reads (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#define CLIENTELE_AVX512 __attribute__((target("avx512f")))

namespace clientele {
namespace {

// Bit i: whether rows[i] matches. Without branches: the loads of a step wait for none of the others.
inline std::uint32_t MatchesOf(const std::uint32_t* rows, std::uint32_t count, const std::uint64_t* bits) {
  std::uint32_t matches = 0;
  for (std::uint32_t i = 0; i < count; ++i)
    matches |= static_cast<std::uint32_t>((bits[rows[i] / 64] >> (rows[i] % 64)) & 1) << i;
  return matches;
}

struct Baseline {
  static std::uint32_t MatchesOfStep(const std::uint32_t* rows, const std::uint64_t* bits) {
    return MatchesOf(rows, kScanStep, bits);
  }
};

struct Avx512 {
  // A gather of 16 half words, each shifted so that its row's bit comes last.
  CLIENTELE_AVX512 static std::uint32_t MatchesOfStep(const std::uint32_t* rows, const std::uint64_t* bits) {
    const __m512i row = _mm512_loadu_si512(rows);
    const __m512i halves = _mm512_i32gather_epi32(_mm512_srli_epi32(row, 5), bits, 4);
    const __m512i shifted = _mm512_srlv_epi32(halves, _mm512_and_si512(row, _mm512_set1_epi32(31)));
    return _mm512_test_epi32_mask(shifted, _mm512_set1_epi32(1));
  }
};

struct Task {
  const std::uint32_t* row_at;
  std::uint32_t first, last;
  const std::uint64_t* bits;
  std::uint32_t* found;
  std::size_t wanted;
};

template <class Level, bool kDown>
__attribute__((always_inline)) inline PositionScan Scan(const Task& task) {
  PositionScan scan;
  std::uint32_t left = task.last - task.first;
  while (left > 0 && scan.found < task.wanted) {
    const std::uint32_t step = std::min(kScanStep, left);
    const std::uint32_t at = kDown ? task.first + left - step : task.last - left;
    const std::uint32_t* const rows = task.row_at + at;
    std::uint32_t matches = step == kScanStep ? Level::MatchesOfStep(rows, task.bits) : MatchesOf(rows, step, task.bits);
    while (matches != 0) {
      const int next = kDown ? 31 - std::countl_zero(matches) : std::countr_zero(matches);
      task.found[scan.found++] = at + static_cast<std::uint32_t>(next);
      matches ^= std::uint32_t{1} << next;
    }
    left -= step;
  }
  scan.passed = task.last - task.first - left;
  return scan;
}

template <bool kDown>
CLIENTELE_AVX512 PositionScan ScanAvx512(const Task& task) {
  return Scan<Avx512, kDown>(task);
}

template <bool kDown>
PositionScan ScanAtActiveLevel(const Task& task) {
  return ActiveVectorLevel() == VectorLevel::kAvx512 ? ScanAvx512<kDown>(task) : Scan<Baseline, kDown>(task);
}

}  // namespace

PositionScan ScanUp(const std::uint32_t* row_at, std::uint32_t first, std::uint32_t last, const std::uint64_t* bits,
                    std::uint32_t* found, std::size_t wanted) {
  return ScanAtActiveLevel<false>({row_at, first, last, bits, found, wanted});
}

PositionScan ScanDown(const std::uint32_t* row_at, std::uint32_t first, std::uint32_t last, const std::uint64_t* bits,
                      std::uint32_t* found, std::size_t wanted) {
  return ScanAtActiveLevel<true>({row_at, first, last, bits, found, wanted});
}

}  // namespace clientele
