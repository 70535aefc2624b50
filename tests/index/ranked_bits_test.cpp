#include "index/ranked_bits.h"

#include <random>

#include <catch2/catch.hpp>

using clientele::RankedBits;

namespace {

struct Naive {
  std::vector<bool> bits;
  RankedBits Build() const {
    std::vector<std::uint64_t> words(bits.size() / 64 + 1);
    for (std::size_t i = 0; i < bits.size(); ++i) words[i / 64] |= std::uint64_t{bits[i]} << (i % 64);
    return RankedBits(std::move(words), static_cast<std::uint32_t>(bits.size()));
  }
};

}  // namespace

TEST_CASE("RankedBits agrees with counting bit by bit", "[index][ranked_bits]") {
  const auto size = GENERATE(1u, 63u, 64u, 65u, 511u, 512u, 513u, 5000u);
  const auto per_mille = GENERATE(0, 5, 500, 1000);
  std::mt19937 random(size + static_cast<unsigned>(per_mille));
  Naive naive;
  for (unsigned i = 0; i < size; ++i) naive.bits.push_back(static_cast<int>(random() % 1000) < per_mille);
  const RankedBits bits = naive.Build();
  std::uint32_t rank = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    REQUIRE(bits.Rank(i) == rank);
    if (naive.bits[i]) {
      REQUIRE(bits.Select(rank) == i);
      ++rank;
    }
    std::uint32_t next = i;
    while (next < size && !naive.bits[next]) ++next;
    REQUIRE(bits.Next(i) == next);
    if (rank > 0) {
      std::uint32_t previous = i;
      while (!naive.bits[previous]) --previous;
      REQUIRE(bits.Previous(i) == previous);
    }
  }
  CHECK(bits.Rank(size) == rank);
  CHECK(bits.count() == rank);
  CHECK(bits.Select(rank) == size);
  CHECK(bits.Next(size) == size);
}
