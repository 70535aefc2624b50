#include "index/column_arena.h"

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

TEST_CASE("columns in an arena are apart, aligned and stay as they were written", "[index][column_arena]") {
  ColumnArena arena;
  std::mt19937 random(5);
  std::vector<std::span<std::uint8_t>> bytes;
  std::vector<std::span<std::int64_t>> words;
  std::size_t total = 0;
  for (std::uint8_t i = 0; i < 200; ++i) {
    // From nothing to more than a block, until blocks have their largest size.
    const std::size_t count = random() % (i % 20 == 0 ? 3'000'000 : 100'000);
    bytes.push_back(arena.Allocate<std::uint8_t>(count));
    words.push_back(arena.Allocate<std::int64_t>(count / 8));
    REQUIRE(bytes.back().size() == count);
    REQUIRE(words.back().size() == count / 8);
    REQUIRE(reinterpret_cast<std::uintptr_t>(words.back().data()) % alignof(std::int64_t) == 0);
    for (std::uint8_t& byte : bytes.back()) byte = i;
    for (std::int64_t& word : words.back()) word = -1 - i;
    total += count;
  }
  REQUIRE(total > 10'000'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const std::uint8_t byte : bytes[i]) REQUIRE(byte == i);
    for (const std::int64_t word : words[i]) REQUIRE(word == -1 - static_cast<std::int64_t>(i));
  }
}

TEST_CASE("a freed arena begins anew", "[index][column_arena]") {
  ColumnArena arena;
  arena.Allocate<std::uint32_t>(5'000'000);
  arena.Free();
  const std::span<std::uint32_t> column = arena.Allocate<std::uint32_t>(3);
  column[2] = 9;
  CHECK(column[2] == 9);
  CHECK(arena.Allocate<std::uint32_t>(0).empty());
}

}  // namespace
}  // namespace clientele
