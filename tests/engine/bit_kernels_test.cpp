#include "engine/bit_kernels.h"

#include <bit>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

#include "index/vector_level.h"

using namespace clientele;

TEST_CASE("bit kernels agree with word by word at every vector level", "[engine][bit_kernels]") {
  const auto level = GENERATE(VectorLevel::kBaseline, VectorLevel::kAvx2, VectorLevel::kAvx512);
  if (level > MachineVectorLevel()) return;
  const ScopedVectorLevel scoped(level);
  const auto words = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{9}, std::size_t{1024});
  CAPTURE(Name(level), words);
  std::mt19937_64 random(words);
  std::vector<std::uint64_t> a(words), b(words), out(words);
  for (auto& word : a) word = random();
  for (auto& word : b) word = random() & random();
  std::uint64_t both = 0, only_a = 0, all_a = 0;
  for (std::size_t i = 0; i < words; ++i) {
    both += static_cast<std::uint64_t>(std::popcount(a[i] & b[i]));
    only_a += static_cast<std::uint64_t>(std::popcount(a[i] & ~b[i]));
    all_a += static_cast<std::uint64_t>(std::popcount(a[i]));
  }
  CHECK(PopCount(a.data(), words) == all_a);
  CHECK(AndPopCount(a.data(), b.data(), words) == both);
  CHECK(AndCount(a.data(), b.data(), out.data(), words) == both);
  for (std::size_t i = 0; i < words; ++i) REQUIRE(out[i] == (a[i] & b[i]));
  CHECK(AndNotCount(a.data(), b.data(), out.data(), words) == only_a);
  for (std::size_t i = 0; i < words; ++i) REQUIRE(out[i] == (a[i] & ~b[i]));
}

TEST_CASE("bitmaps are intersected at once, from a word on, at every vector level", "[engine][bit_kernels]") {
  const auto level = GENERATE(VectorLevel::kBaseline, VectorLevel::kAvx2, VectorLevel::kAvx512);
  if (level > MachineVectorLevel()) return;
  const ScopedVectorLevel scoped(level);
  const auto words = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{9}, std::size_t{1024});
  const auto operand_count = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{5});
  const bool removes = GENERATE(false, true);
  const auto first = GENERATE(std::size_t{0}, std::size_t{3});
  CAPTURE(Name(level), words, operand_count, removes, first);
  std::mt19937_64 random(words);
  const auto noise = [&](std::uint64_t more) {
    std::vector<std::uint64_t> bits(first + words + 1);
    for (auto& word : bits) word = random() | more * random();
    return bits;
  };
  std::vector<std::vector<std::uint64_t>> operands;
  std::vector<const std::uint64_t*> pointers;
  for (std::size_t i = 0; i < operand_count; ++i) pointers.push_back(operands.emplace_back(noise(1)).data());
  const std::vector<std::uint64_t> removed = noise(0);
  std::vector<std::uint64_t> expected = noise(0);
  std::vector<std::uint64_t> out = expected;
  std::uint64_t count = 0;
  for (std::size_t i = first; i < first + words; ++i) {
    expected[i] = removes ? ~removed[i] : ~std::uint64_t{0};
    for (const auto& operand : operands) expected[i] &= operand[i];
    count += static_cast<std::uint64_t>(std::popcount(expected[i]));
  }
  CHECK(IntersectCount(pointers, removes ? removed.data() : nullptr, out.data(), first, words) == count);
  CHECK(out == expected);
  CHECK(IntersectCount(pointers, removes ? removed.data() : nullptr, nullptr, first, words) == count);
  // In place.
  expected.swap(out);
  CHECK(IntersectCount(pointers, removes ? removed.data() : nullptr, operands[0].data(), first, words) == count);
  for (std::size_t i = first; i < first + words; ++i) REQUIRE(operands[0][i] == expected[i]);
}

TEST_CASE("KeepInRange keeps the first and leaves out the last, also above 2^31", "[engine][bit_kernels]") {
  const auto level = GENERATE(VectorLevel::kBaseline, VectorLevel::kAvx2, VectorLevel::kAvx512);
  if (level > MachineVectorLevel()) return;
  const ScopedVectorLevel scoped(level);
  const auto first = GENERATE(0u, 5u, 0x7FFF'FFF0u, 0xFFFF'0000u);
  const std::uint32_t last = first + 1000;
  std::mt19937 random(first);
  std::vector<std::uint32_t> values(64 * 5);
  for (auto& value : values) value = static_cast<std::uint32_t>(first + random() % 2000 - 500);
  values[0] = first, values[1] = last, values[2] = last - 1;
  std::vector<std::uint64_t> bits{~0ull, 0, 0xF0F0F0F0F0F0F0F0ull, 1, ~0ull};
  const std::vector<std::uint64_t> before = bits;
  const std::uint64_t count = KeepInRange(values.data(), first, last, bits.data(), bits.size());
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool wanted = (before[i / 64] >> (i % 64) & 1) && first <= values[i] && values[i] < last;
    expected += wanted;
    REQUIRE((bits[i / 64] >> (i % 64) & 1) == wanted);
  }
  CHECK(count == expected);
}

TEST_CASE("KeepInRange of 64-bit values keeps both ends, of either sign", "[engine][bit_kernels]") {
  const auto level = GENERATE(VectorLevel::kBaseline, VectorLevel::kAvx2, VectorLevel::kAvx512);
  if (level > MachineVectorLevel()) return;
  const ScopedVectorLevel scoped(level);
  static constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(),
                                kMost = std::numeric_limits<std::int64_t>::max();
  using Range = std::pair<std::int64_t, std::int64_t>;
  const auto [first, last] =
      GENERATE(Range{kLeast, kMost}, Range{kLeast, -7}, Range{-500, 500}, Range{7, kMost}, Range{7, 7}, Range{8, 7});
  std::mt19937_64 random(11);
  std::vector<std::int64_t> values(64 * 5);
  for (auto& value : values) {
    const auto any = static_cast<std::int64_t>(random());
    value = random() % 3 == 0 ? any : any % 1'000;
  }
  values[0] = first, values[1] = last, values[2] = kLeast, values[3] = kMost, values[4] = 7;
  std::vector<std::uint64_t> bits{~0ull, 0, 0xF0F0F0F0F0F0F0F0ull, 1, ~0ull};
  const std::vector<std::uint64_t> before = bits;
  const std::uint64_t count = KeepInRange(values.data(), first, last, bits.data(), bits.size());
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool wanted = (before[i / 64] >> (i % 64) & 1) && first <= values[i] && values[i] <= last;
    expected += wanted;
    REQUIRE((bits[i / 64] >> (i % 64) & 1) == wanted);
  }
  CHECK(count == expected);
}
