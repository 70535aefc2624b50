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
  CLIENTELE_AVX512 static std::uint32_t MatchesOfStep(const std::uint32_t* rows, const std::uint64_t* bits) {
    return MatchesOf(_mm512_loadu_si512(rows), bits);
  }
  // A gather of 16 half words, each rotated so that its row's bit comes last.
  CLIENTELE_AVX512 static std::uint32_t MatchesOf(__m512i row, const std::uint64_t* bits) {
    const __m512i halves = _mm512_i32gather_epi32(_mm512_srli_epi32(row, 5), bits, 4);
    return _mm512_test_epi32_mask(_mm512_rorv_epi32(halves, row), _mm512_set1_epi32(1));
  }
};

struct Task {
  const std::uint32_t* row_at;
  std::uint32_t first, last;
  const std::uint64_t* bits;
  const MatchBlocks* blocks;
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

// Rows of blocks without matches are sifted out first, 16 at a time; the bitmap is asked for 16 at a time of those that are left.
// These wait in registers: loads of what was just stored in pieces would have to wait for the stores.
template <bool kDown>
CLIENTELE_AVX512 PositionScan ScanBlocksAvx512(const Task& task) {
  const __m512i blocks = _mm512_load_si512(task.blocks->bits.data());
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(task.blocks->shift));
  const __m512i ascending = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i lanes = kDown ? _mm512_sub_epi32(_mm512_set1_epi32(15), ascending) : ascending;  // In the order of the scan.
  constexpr std::uint32_t kAll = 0xFFFF;
  // Rows to ask for in the lowest lanes, in the order of the scan, and their positions.
  __m512i rows = _mm512_setzero_si512(), positions = rows;
  std::uint32_t waiting = 0;
  PositionScan scan;
  const std::uint32_t size = task.last - task.first;
  while (scan.passed < size && scan.found < task.wanted) {
    const std::uint32_t step = std::min(kScanStep, size - scan.passed);
    const std::uint32_t at = kDown ? task.last - scan.passed - step : task.first + scan.passed;
    const std::uint32_t loaded = (1u << step) - 1;
    __m512i row = _mm512_maskz_loadu_epi32(static_cast<__mmask16>(loaded), task.row_at + at);
    if constexpr (kDown) row = _mm512_permutexvar_epi32(lanes, row);
    const __m512i block = _mm512_srl_epi32(row, shift);
    const __m512i bits_of_block = _mm512_permutexvar_epi32(_mm512_srli_epi32(block, 5), blocks);
    const __mmask16 held = _mm512_mask_test_epi32_mask(static_cast<__mmask16>(kDown ? loaded << (kScanStep - step) : loaded),
                                                       _mm512_rorv_epi32(bits_of_block, block), _mm512_set1_epi32(1));
    const __m512i held_rows = _mm512_maskz_compress_epi32(held, row);
    const __m512i position = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(at)), lanes);
    const __m512i held_positions = _mm512_maskz_compress_epi32(held, position);
    const auto free_lanes = static_cast<__mmask16>(kAll << waiting);
    const auto without_lane = static_cast<__mmask16>(kAll << (kScanStep - waiting));
    rows = _mm512_mask_expand_epi32(rows, free_lanes, held_rows);
    positions = _mm512_mask_expand_epi32(positions, free_lanes, held_positions);
    waiting += static_cast<std::uint32_t>(std::popcount(std::uint32_t{held}));
    scan.passed += step;
    if (waiting < kScanStep && scan.passed < size) continue;
    for (;;) {
      const std::uint32_t asked = std::min(waiting, kScanStep);
      const std::uint32_t matches = Avx512::MatchesOf(rows, task.bits) & ((1u << asked) - 1);
      _mm512_storeu_si512(task.found + scan.found, _mm512_maskz_compress_epi32(static_cast<__mmask16>(matches), positions));
      scan.found += static_cast<std::size_t>(std::popcount(matches));
      rows = _mm512_maskz_compress_epi32(without_lane, held_rows);
      positions = _mm512_maskz_compress_epi32(without_lane, held_positions);
      waiting -= asked;
      if (waiting == 0 || scan.passed < size || scan.found >= task.wanted) break;
    }
  }
  if (waiting > 0) {  // What has not been asked for is not passed.
    const auto next = static_cast<std::uint32_t>(_mm512_cvtsi512_si32(positions));
    scan.passed = kDown ? task.last - 1 - next : next - task.first;
  }
  return scan;
}

template <bool kDown>
CLIENTELE_AVX512 PositionScan ScanAvx512(const Task& task) {
  return Scan<Avx512, kDown>(task);
}

template <bool kDown>
PositionScan ScanAtActiveLevel(const Task& task) {
  if (task.blocks != nullptr && ActiveVectorLevel() == VectorLevel::kAvx512) return ScanBlocksAvx512<kDown>(task);
  return ActiveVectorLevel() == VectorLevel::kAvx512 ? ScanAvx512<kDown>(task) : Scan<Baseline, kDown>(task);
}

}  // namespace

PositionScan ScanUp(const std::uint32_t* row_at, std::uint32_t first, std::uint32_t last, const std::uint64_t* bits,
                    const MatchBlocks* blocks, std::uint32_t* found, std::size_t wanted) {
  return ScanAtActiveLevel<false>({row_at, first, last, bits, blocks, found, wanted});
}

PositionScan ScanDown(const std::uint32_t* row_at, std::uint32_t first, std::uint32_t last, const std::uint64_t* bits,
                      const MatchBlocks* blocks, std::uint32_t* found, std::size_t wanted) {
  return ScanAtActiveLevel<true>({row_at, first, last, bits, blocks, found, wanted});
}

}  // namespace clientele
