#include "index/page_recycling.h"

#include <cstdint>
#include <utility>

#include <catch2/catch.hpp>

#include "index/huge_array.h"

namespace clientele {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

HugeArray<std::uint64_t> Filled(std::size_t size, std::uint64_t value) {
  auto array = HugeArray<std::uint64_t>::Uninitialized(size);
  for (std::uint64_t& element : array) element = value;
  return array;
}

TEST_CASE("without anyone who recycles, freed arrays are not kept", "[index][page_recycling]") {
  Filled(1'000'000, 7);
  CHECK(TakeRecycled(4096) == nullptr);
}

TEST_CASE("a freed array's memory is the next one's, in parts that do not overlap", "[index][page_recycling]") {
  const PageRecycling recycling;
  auto first = Filled(4 * kHugePage / 8, 1);
  const auto* const begin = first.data();
  const auto* const end = begin + first.bytes() / 8;
  first = {};
  auto a = Filled(200'000, 2);
  auto b = Filled(300'000, 3);
  const auto inside = [&](const HugeArray<std::uint64_t>& array) {
    return array.data() >= begin && array.data() + array.bytes() / 8 <= end;
  };
  CHECK(inside(a));
  CHECK(inside(b));
  for (const std::uint64_t element : a) REQUIRE(element == 2);
  for (const std::uint64_t element : b) REQUIRE(element == 3);
  CHECK(reinterpret_cast<std::uintptr_t>(b.data()) % kHugePage == 0);
}

TEST_CASE("an array that asks for zeros gets zeros, recycled or not", "[index][page_recycling]") {
  const PageRecycling recycling;
  const auto* const old = Filled(400'000, ~std::uint64_t{0}).data();
  const auto zeroed = HugeArray<std::uint64_t>::Zeroed(400'000);
  CHECK(zeroed.data() == old);
  for (const std::uint64_t element : zeroed) REQUIRE(element == 0);
}

TEST_CASE("an array larger than every kept piece is made of their huge pages", "[index][page_recycling]") {
  const PageRecycling recycling;
  { const auto one = Filled(2 * kHugePage / 8, 7), another = Filled(2 * kHugePage / 8, 7); }
  const std::size_t page = kHugePage / 8;
  auto larger = HugeArray<std::uint64_t>::Uninitialized(4 * page + 1'000);
#ifdef NDEBUG
  for (const std::size_t i : {std::size_t{0}, page, 2 * page, 3 * page}) CHECK(larger[i] == 7);
  CHECK(larger[4 * page] == 0);  // All that there was is used up.
#endif
  for (std::size_t i = 0; i < larger.size(); ++i) larger[i] = i;
  for (std::size_t i = 0; i < larger.size(); ++i) REQUIRE(larger[i] == i);
  larger = {};  // A piece of several mappings, which is used again as any other.
  const auto next = Filled(5 * page, 3);
  for (const std::uint64_t element : next) REQUIRE(element == 3);
  const auto zeroed = HugeArray<std::uint64_t>::Zeroed(6 * page);
  for (const std::uint64_t element : zeroed) REQUIRE(element == 0);
}

TEST_CASE("what does not fit into the kept memory is new, and as much is given back", "[index][page_recycling]") {
  const PageRecycling recycling;
  Filled(200'000, 1);
  const auto larger = Filled(2'000'000, 2);
  CHECK(TakeRecycled(4096) == nullptr);  // Nothing is kept any more.
  for (const std::uint64_t element : larger) REQUIRE(element == 2);
}

TEST_CASE("arrays may be freed after the recycling that they were made under", "[index][page_recycling]") {
  HugeArray<std::uint64_t> kept;
  {
    const PageRecycling recycling;
    Filled(500'000, 1);
    kept = Filled(200'000, 9);
  }
  CHECK(TakeRecycled(4096) == nullptr);
  for (const std::uint64_t element : kept) REQUIRE(element == 9);
}

}  // namespace
}  // namespace clientele
