#include "engine/order_walk.h"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/match_set.h"

namespace clientele {

TEST_CASE("walks know the few chunks that hold matches, however many chunks there are", "[engine][order_walk]") {
  const std::uint32_t chunks = GENERATE(1u, 2u, 3u, 153u, 511u, 512u, 513u, 1'500u);
  const std::uint32_t row_count = chunks * kChunkRows - 100;
  const std::uint32_t step = GENERATE(1u, 2u, 3u, 40u);
  CAPTURE(chunks, step);
  RowBitmap bits(row_count);
  std::vector<bool> held(chunks);
  for (std::uint32_t chunk = 1; chunk < chunks; chunk += step) {
    bits.Set(chunk * kChunkRows + chunk % 1'000);
    held[chunk] = true;
  }
  const auto blocks = FewBlocks(bits, row_count);
  REQUIRE(blocks.has_value() == (chunks == 1 || step > 1 || chunks == 2));
  if (!blocks) return;
  std::uint32_t told = 0;
  for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) {
    const std::uint32_t block = (chunk * kChunkRows) >> blocks->shift;
    REQUIRE(block < 512);
    const bool may_hold = ((blocks->bits[block / 32] >> (block % 32)) & 1) != 0;
    if (held[chunk]) CHECK(may_hold);
    told += !may_hold;
  }
  if (chunks <= 512) CHECK(told == static_cast<std::uint32_t>(std::ranges::count(held, false)));
  if (step == 40 && chunks > 40) CHECK(told > chunks / 2);
}

}  // namespace clientele
