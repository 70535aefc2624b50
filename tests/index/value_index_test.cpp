#include "index/value_index.h"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

using namespace clientele;

namespace {

// Value of each row, and the index built from it. Value 9 stands for "none".
struct World {
  std::vector<std::uint32_t> codes;
  ValueIndex index;

  explicit World(std::vector<std::uint32_t> values) : codes(std::move(values)) {
    index = ValueIndex::Build(static_cast<std::uint32_t>(codes.size()), 9,
                              [&](std::uint32_t first, std::uint32_t last, ValueEntries& out) {
                                for (std::uint32_t row = first; row < last; ++row) {
                                  if (codes[row] < 9) out.Add(row, codes[row]);
                                }
                              });
  }
};

// Three chunks in which every kind of container occurs.
World MixedWorld() {
  std::vector<std::uint32_t> codes(2 * kChunkRows + 1000, 9);
  std::mt19937 random(1);
  std::fill(codes.begin(), codes.begin() + kChunkRows, 0);                        // Full chunk.
  std::fill(codes.begin() + kChunkRows, codes.begin() + kChunkRows + 30'000, 1);  // One run.
  for (std::uint32_t i = kChunkRows + 30'000; i < 2 * kChunkRows; ++i) codes[i] = random() % 100 == 0 ? 2 : 3;
  for (std::uint32_t i = 2 * kChunkRows; i < codes.size(); ++i) codes[i] = i % 3 == 0 ? 4 : 0;
  for (const std::uint32_t rare : {70u, 90'000u, 131'999u}) codes[rare] = 5;
  return World(std::move(codes));
}

}  // namespace

TEST_CASE("a value index holds exactly what its rows hold", "[index][value_index]") {
  const World world = MixedWorld();
  for (std::uint32_t code = 0; code < 9; ++code) {
    CAPTURE(code);
    CHECK(world.index.Cardinality(code) == static_cast<std::uint32_t>(std::ranges::count(world.codes, code)));
    std::uint32_t wrong = 0;
    for (std::uint32_t row = 0; row < world.codes.size(); ++row)
      wrong += world.index.Holds(row, code) != (world.codes[row] == code);
    CHECK(wrong == 0);
  }
  CHECK_FALSE(world.index.Holds(0, 1000));
  CHECK(world.index.Cardinality(1000) == 0);
}

TEST_CASE("containers take the form that fits their rows", "[index][value_index]") {
  const World world = MixedWorld();
  CHECK(world.index.Chunk(0, 0).kind == ContainerKind::kRuns);  // Full but for the rare row.
  CHECK(world.index.Chunk(1, 1).kind == ContainerKind::kRuns);
  CHECK(world.index.Chunk(1, 0).kind == ContainerKind::kEmpty);
  CHECK(world.index.Chunk(2, 1).kind == ContainerKind::kArray);
  CHECK(world.index.Chunk(3, 1).kind == ContainerKind::kBitmap);
  REQUIRE(world.index.IsPostingList(5));
  CHECK(std::ranges::equal(world.index.PostingList(5), std::vector<std::uint32_t>{70, 90'000, 131'999}));
  const World full(std::vector<std::uint32_t>(kChunkRows + 5, 7));
  CHECK(full.index.Chunk(7, 0).kind == ContainerKind::kFull);
  CHECK(full.index.Chunk(7, 1).kind == ContainerKind::kFull);
}

TEST_CASE("a row may hold several values, and there may be no rows at all", "[index][value_index]") {
  const auto twice = ValueIndex::Build(100, 2, [](std::uint32_t first, std::uint32_t last, ValueEntries& out) {
    for (std::uint32_t row = first; row < last; ++row) out.Add(row, 0), out.Add(row, 1);
  });
  CHECK(twice.Cardinality(0) == 100);
  CHECK(twice.Cardinality(1) == 100);
  const auto none = ValueIndex::Build(0, 3, [](std::uint32_t, std::uint32_t, ValueEntries&) {});
  CHECK(none.Cardinality(2) == 0);
}

TEST_CASE("more values than a chunk has rows are grouped all the same", "[index][value_index]") {
  const std::uint32_t rows = 80'000;
  const auto index = ValueIndex::Build(rows, rows, [](std::uint32_t first, std::uint32_t last, ValueEntries& out) {
    for (std::uint32_t row = first; row < last; ++row) out.Add(row, (row * 7919u) % 80'000u);
  });
  for (std::uint32_t row = 0; row < rows; row += 977) {
    const auto list = index.PostingList((row * 7919u) % 80'000u);
    REQUIRE(std::ranges::equal(list, std::vector<std::uint32_t>{row}));
  }
}
