#include "engine/position_scan.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "index/vector_level.h"

namespace clientele {

TEST_CASE("scans find the positions whose rows have their bit, in both directions and at every vector level",
          "[engine][position_scan]") {
  const auto level = GENERATE(VectorLevel::kBaseline, VectorLevel::kAvx2, VectorLevel::kAvx512);
  if (level > MachineVectorLevel()) return;
  const ScopedVectorLevel scoped(level);
  const auto rows = GENERATE(1u, 15u, 16u, 17u, 64u, 1'000u);
  const auto one_in = GENERATE(1u, 3u, 100u, 100'000u);
  std::mt19937 random(rows + one_in);
  std::vector<std::uint32_t> row_at(rows);
  std::iota(row_at.begin(), row_at.end(), 0);
  std::ranges::shuffle(row_at, random);
  std::vector<std::uint64_t> bits((rows + 63) / 64);
  // In all blocks of rows, or in some only.
  const auto blocks_of = GENERATE(0u, 2u, 5u);
  MatchBlocks blocks{.shift = blocks_of == 2 ? 1u : 7u};
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::uint32_t block = row >> blocks.shift;
    if (random() % one_in != 0 || (blocks_of > 0 && block % blocks_of != 1)) continue;
    bits[row / 64] |= std::uint64_t{1} << (row % 64);
    blocks.bits[block / 32] |= 1u << (block % 32);
  }
  const MatchBlocks* const given = blocks_of > 0 ? &blocks : nullptr;
  for (const std::uint32_t first : {0u, rows / 3, rows - 1}) {
    for (const std::uint32_t last : {first, rows - rows / 4, rows}) {
      if (last < first) continue;
      std::vector<std::uint32_t> expected;
      for (std::uint32_t p = first; p < last; ++p) {
        if ((bits[row_at[p] / 64] >> (row_at[p] % 64)) & 1) expected.push_back(p);
      }
      for (const std::size_t wanted : {std::size_t{1}, std::size_t{5}, std::size_t{5'000}}) {
        CAPTURE(Name(level), rows, one_in, blocks_of, first, last, wanted);
        const auto check = [&](bool down, PositionScan scan, std::vector<std::uint32_t> found) {
          REQUIRE(scan.found <= wanted + kScanStep - 1);
          REQUIRE((scan.found >= wanted || scan.passed == last - first));
          // All of what was passed.
          std::vector<std::uint32_t> passed;
          for (const std::uint32_t p : expected) {
            if (down ? p >= last - scan.passed : p < first + scan.passed) passed.push_back(p);
          }
          if (down) std::ranges::reverse(passed);
          found.resize(scan.found);
          REQUIRE(found == passed);
        };
        std::vector<std::uint32_t> found(wanted + kScanStep - 1);
        const PositionScan up = ScanUp(row_at.data(), first, last, bits.data(), given, found.data(), wanted);
        check(false, up, found);
        const PositionScan down = ScanDown(row_at.data(), first, last, bits.data(), given, found.data(), wanted);
        check(true, down, found);
      }
    }
  }
}

}  // namespace clientele
