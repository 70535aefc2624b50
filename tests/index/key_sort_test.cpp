#include "index/key_sort.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

// Items numbered by position, sorted, must be what a stable sort of the standard library makes of them.
void CheckSorted(const std::vector<std::int64_t>& keys) {
  std::vector<KeyedItem> expected;
  for (std::uint32_t i = 0; i < keys.size(); ++i) expected.push_back({keys[i], i});
  auto items = HugeArray<KeyedItem>::CopyOf(expected);
  std::ranges::stable_sort(expected, {}, &KeyedItem::key);
  SortByKey(items);
  REQUIRE(std::ranges::equal(items, expected));
}

TEST_CASE("sorting by key is the standard library's stable sort", "[index][key_sort]") {
  std::mt19937_64 random(3);
  const std::size_t count = GENERATE(0, 1, 2, 100, 70'000, 300'000);
  // All bits differ, only low ones, only some in the middle, and few distinct keys.
  for (const std::uint64_t mask : {~std::uint64_t{0}, std::uint64_t{0xFFF}, std::uint64_t{0xFF'FF00'0000}, std::uint64_t{3}}) {
    CAPTURE(count, mask);
    std::vector<std::int64_t> keys(count);
    for (std::int64_t& key : keys) key = static_cast<std::int64_t>(random() & mask);
    CheckSorted(keys);
    std::ranges::sort(keys);
    CheckSorted(keys);
    std::ranges::reverse(keys);
    CheckSorted(keys);
  }
}

TEST_CASE("the smallest and the largest key are the first and the last", "[index][key_sort]") {
  constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min(),
                         kLargest = std::numeric_limits<std::int64_t>::max();
  CheckSorted({0, kLargest, -1, kSmallest, 1, kLargest, kSmallest});
}

}  // namespace
}  // namespace clientele
