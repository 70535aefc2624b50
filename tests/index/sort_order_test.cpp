#include "index/sort_order.h"

#include <algorithm>
#include <numeric>
#include <random>

#include <catch2/catch.hpp>

#include "index/sorted_values.h"

using namespace clientele;

namespace {

// A random permutation in groups of up to `group_max`, the last `keyless` rows without a key.
SortOrder RandomOrder(std::uint32_t rows, std::uint32_t group_max, std::uint32_t keyless, bool planes) {
  std::mt19937 random(rows);
  auto row_at = HugeArray<std::uint32_t>::Uninitialized(rows);
  std::iota(row_at.begin(), row_at.end(), 0u);
  std::shuffle(row_at.begin(), row_at.end(), random);
  std::vector<std::uint64_t> starts(rows / 64 + 1);
  for (std::uint32_t position = 0; position < rows - keyless; position += 1 + static_cast<std::uint32_t>(random()) % group_max) {
    starts[position / 64] |= std::uint64_t{1} << (position % 64);
  }
  return SortOrder(std::move(row_at), std::move(starts), rows - keyless, planes);
}

}  // namespace

TEST_CASE("positions are the inverse of the permutation", "[index][sort_order]") {
  const SortOrder order = RandomOrder(1000, 4, 10, false);
  for (std::uint32_t position = 0; position < 1000; ++position)
    REQUIRE(order.position_of()[order.row_at()[position]] == position);
}

TEST_CASE("rows without a key are the last group", "[index][sort_order]") {
  const SortOrder order = RandomOrder(1000, 4, 10, false);
  CHECK(order.GroupAt(999) == order.group_count() - 1);
  CHECK(order.GroupBegin(order.group_count() - 1) == 990);
  CHECK(order.GroupBegin(order.group_count()) == 1000);
  CHECK_FALSE(order.all_distinct());
  CHECK(RandomOrder(1000, 1, 0, false).all_distinct());
}

TEST_CASE("rank bit planes spell the top bits of each row's position", "[index][sort_order]") {
  const std::uint32_t rows = 200'003;
  const SortOrder order = RandomOrder(rows, 3, 0, true);
  REQUIRE(order.plane_count() == SortOrder::kPlanesMax);
  for (std::uint32_t row = 0; row < rows; row += 97) {
    std::uint32_t bucket = 0;
    for (std::uint32_t plane = 0; plane < order.plane_count(); ++plane) {
      bucket = bucket << 1 | (order.plane(plane)[row / 64] >> (row % 64) & 1);
    }
    REQUIRE(bucket == order.position_of()[row] >> order.plane_shift());
  }
}

TEST_CASE("few rows have no planes", "[index][sort_order]") {
  CHECK(RandomOrder(1000, 3, 0, true).plane_count() == 0);
}

TEST_CASE("SortedValues gives back what it was made of, narrow or wide", "[index][sorted_values]") {
  const std::vector<std::int64_t> values =
      GENERATE(std::vector<std::int64_t>{}, std::vector<std::int64_t>{7}, std::vector<std::int64_t>{-5, 0, 4'000'000'000},
               std::vector<std::int64_t>{INT64_MIN + 1, -1, 0, INT64_MAX},              // Distances beyond 32 and 63 bits.
               std::vector<std::int64_t>{1'000'000, 3'000'000, 5'000'000'000'000'000},  // Whole seconds, beyond 32 bits of them.
               std::vector<std::int64_t>{500'000, 1'000'500'000, 1'700'000'000'500'000},  // Whole seconds apart.
               std::vector<std::int64_t>{500'000, 1'000'500'001, 1'700'000'000'500'000});
  const SortedValues sorted(values);
  REQUIRE(sorted.size() == values.size());
  for (std::uint32_t i = 0; i < values.size(); ++i) CHECK(sorted[i] == values[i]);
  for (const std::int64_t probe :
       {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{7}, std::int64_t{3'000'000}, INT64_MAX}) {
    CHECK(sorted.LowerBound(probe) == std::ranges::lower_bound(values, probe) - values.begin());
  }
}

TEST_CASE("many values are looked up as one by one", "[index][sorted_values]") {
  const std::uint32_t size = GENERATE(0u, 1u, 2u, 3u, 63u, 64u, 65u, 1000u);
  // Kept as they are, as whole seconds, and wide.
  const std::int64_t unit = GENERATE(1, 10'000'000'000, 10'000'000'001);
  std::vector<std::int64_t> values(size);
  for (std::uint32_t i = 0; i < size; ++i) values[i] = (3 * std::int64_t{i} - 100) * unit;
  const SortedValues sorted(values);
  std::vector<std::int64_t> probes{INT64_MIN, INT64_MAX, 0};
  for (std::int64_t probe = -105; probe < 3 * std::int64_t{size} - 90; ++probe) {
    for (const std::int64_t off : {-1, 0, 1}) probes.push_back(probe * unit + off);
  }
  std::ranges::reverse(probes);
  std::vector<std::uint32_t> positions(probes.size());
  sorted.LowerBounds(probes, positions);
  for (std::size_t i = 0; i < probes.size(); ++i) CHECK(positions[i] == sorted.LowerBound(probes[i]));
}

TEST_CASE("OrderedBits orders integers as the doubles were ordered", "[index][sorted_values]") {
  const std::vector<double> ascending{-1e308, -2.5, -2.0, -1e-300, 0.0, 1e-300, 1.0, 1.5, 1e308};
  for (std::size_t i = 1; i < ascending.size(); ++i) CHECK(OrderedBits(ascending[i - 1]) < OrderedBits(ascending[i]));
  CHECK(OrderedBits(-0.0) == OrderedBits(0.0));
}
