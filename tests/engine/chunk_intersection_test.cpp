#include "engine/chunk_intersection.h"

#include <bit>
#include <random>

#include <catch2/catch.hpp>

#include "engine/bit_kernels.h"
#include "index/vector_level.h"

using namespace clientele;

namespace {

constexpr std::uint32_t kRows = kChunkRows - 100;  // A last chunk that is not whole.

// A set of rows held as one container of the wanted kind.
struct Holder {
  std::vector<bool> rows = std::vector<bool>(kChunkRows);
  std::vector<std::uint16_t> array;
  std::vector<RowRun> runs;
  std::vector<std::uint64_t> words = std::vector<std::uint64_t>(kChunkWords);
  Container container;

  Holder(ContainerKind kind, std::mt19937& random) {
    switch (kind) {
      case ContainerKind::kEmpty: break;
      case ContainerKind::kFull: std::fill_n(rows.begin(), kRows, true); break;
      case ContainerKind::kArray:
        for (int i = 0; i < 400; ++i) rows[random() % kRows] = true;
        break;
      case ContainerKind::kRuns:
        for (int i = 0; i < 20; ++i) {
          const auto first = static_cast<std::uint32_t>(random() % (kRows - 5000)),
                     length = static_cast<std::uint32_t>(random() % 5000);
          std::fill_n(rows.begin() + first, length + 1, true);
        }
        break;
      case ContainerKind::kBitmap:
        for (std::uint32_t i = 0; i < kRows; ++i) rows[i] = random() % 3 != 0;
        break;
    }
    std::uint32_t cardinality = 0;
    for (std::uint32_t i = 0; i < kRows; ++i) {
      if (!rows[i]) continue;
      ++cardinality;
      array.push_back(static_cast<std::uint16_t>(i));
      words[i / 64] |= std::uint64_t{1} << (i % 64);
      if (i > 0 && rows[i - 1])
        runs.back().last = static_cast<std::uint16_t>(i);
      else
        runs.push_back({static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(i)});
    }
    container = {kind, cardinality, static_cast<std::uint32_t>(runs.size()), nullptr};
    if (kind == ContainerKind::kArray) container.data = array.data();
    if (kind == ContainerKind::kRuns) container.data = runs.data();
    if (kind == ContainerKind::kBitmap) container.data = words.data();
  }
};

constexpr ContainerKind kKinds[] = {ContainerKind::kFull, ContainerKind::kRuns, ContainerKind::kArray, ContainerKind::kBitmap};

}  // namespace

TEST_CASE("every mix of container kinds intersects like sets of rows, dead ones left out", "[engine][chunk]") {
  const auto level = GENERATE(VectorLevel::kBaseline, VectorLevel::kAvx2, VectorLevel::kAvx512);
  if (level > MachineVectorLevel()) return;
  const ScopedVectorLevel scoped(level);
  const bool has_dead = GENERATE(false, true);
  std::mt19937 random(7);
  std::vector<std::uint64_t> dead(kChunkWords);
  if (has_dead) {
    for (std::size_t row = 0; row < kRows; row += 1 + random() % 9) dead[row / 64] |= std::uint64_t{1} << (row % 64);
  }
  for (int mix = 0; mix < 4 * 4 * 4; ++mix) {
    CAPTURE(mix, Name(level), has_dead);
    const Holder a(kKinds[mix % 4], random), b(kKinds[mix / 4 % 4], random), c(kKinds[mix / 16], random);
    std::vector<Container> operands;
    for (const Holder* holder : {&a, &b, &c}) {
      if (holder->container.kind != ContainerKind::kFull) operands.push_back(holder->container);  // Callers drop them.
    }
    std::vector<std::uint64_t> out(kChunkWords);
    ChunkScratch scratch;
    const std::uint32_t count = IntersectChunk(operands, kRows, scratch, out.data(), has_dead ? dead.data() : nullptr);
    std::uint32_t expected = 0, wrong = 0;
    for (std::uint32_t row = 0; row < kChunkRows; ++row) {
      const bool is_dead = ((dead[row / 64] >> (row % 64)) & 1) != 0;
      const bool wanted = a.rows[row] && b.rows[row] && c.rows[row] && !is_dead;
      expected += wanted;
      wrong += wanted != ((out[row / 64] >> (row % 64)) & 1);
    }
    REQUIRE(wrong == 0);
    REQUIRE(count == expected);
  }
}

TEST_CASE("an empty container empties the intersection", "[engine][chunk]") {
  std::mt19937 random(3);
  const Holder empty(ContainerKind::kEmpty, random), bitmap(ContainerKind::kBitmap, random);
  std::vector<std::uint64_t> out(kChunkWords);
  ChunkScratch scratch;
  CHECK(IntersectChunk(std::vector{bitmap.container, empty.container}, kRows, scratch, out.data()) == 0);
  CHECK(PopCount(out.data(), kChunkWords) == 0);
}

TEST_CASE("a union holds each row once, of containers and posting lists alike", "[engine][chunk]") {
  const std::uint32_t rows = 2 * kChunkRows + 77;
  const auto value_of = [](std::uint32_t row) {
    return row % 50 == 0 ? 3u : row < 1000 ? 0u : row % 2 == 0 ? 1u : row % 9'973 == 1 ? 4u : 2u;
  };
  const ValueIndex index = ValueIndex::Build(rows, 5, [&](std::uint32_t first, std::uint32_t last, ValueEntries& out) {
    for (std::uint32_t row = first; row < last; ++row) out.Add(row, value_of(row));
  });
  REQUIRE(index.IsPostingList(4));
  const std::vector<std::uint32_t> codes{0, 3, 4};
  std::vector<std::uint64_t> words;
  for (std::uint32_t chunk = 0; chunk < 3; ++chunk) {
    const Container joined = UnionOfChunk(index, codes, chunk, words);
    std::uint32_t expected = 0;
    for (std::uint32_t row = 0; row < RowsInChunk(chunk, rows); ++row) {
      const std::uint32_t value = value_of(chunk * kChunkRows + row);
      const bool wanted = value == 0 || value == 3 || value == 4;
      expected += wanted;
      REQUIRE(Contains(joined, static_cast<std::uint16_t>(row)) == wanted);
    }
    CHECK(joined.cardinality == expected);
  }
}
