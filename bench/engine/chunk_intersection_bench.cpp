// What does intersecting one chunk of 65,536 rows cost, by the kinds of its containers? Typed containers are worth their code
// only if runs and arrays are far below bitmaps.
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/bit_kernels.h"
#include "engine/chunk_intersection.h"

namespace clientele {
namespace {

std::vector<std::uint64_t> RandomBitmap(std::uint32_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> words(kChunkWords);
  for (auto& word : words) word = random();
  return words;
}

Container BitmapOf(const std::vector<std::uint64_t>& words) {
  return {ContainerKind::kBitmap, static_cast<std::uint32_t>(PopCount(words.data(), words.size())), 0, words.data()};
}

void BM_IntersectBitmaps(benchmark::State& state) {
  std::vector<std::vector<std::uint64_t>> bitmaps;
  std::vector<Container> operands;
  for (std::uint32_t i = 0; i < state.range(0); ++i) bitmaps.push_back(RandomBitmap(i));
  for (const auto& words : bitmaps) operands.push_back(BitmapOf(words));
  std::vector<std::uint64_t> out(kChunkWords);
  ChunkScratch scratch;
  for (auto _ : state) benchmark::DoNotOptimize(IntersectChunk(operands, kChunkRows, scratch, out.data()));
  state.SetItemsProcessed(state.iterations() * kChunkRows);
}
BENCHMARK(BM_IntersectBitmaps)->ArgName("bitmaps")->Arg(2)->Arg(3)->Arg(5);

void BM_IntersectRunsWithBitmap(benchmark::State& state) {
  const auto words = RandomBitmap(1);
  std::vector<RowRun> runs;
  const auto run_count = static_cast<std::uint32_t>(state.range(0));
  for (std::uint32_t i = 0; i < run_count; ++i) {
    const std::uint32_t first = i * (kChunkRows / run_count);
    runs.push_back({static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(first + kChunkRows / run_count / 8)});
  }
  const std::vector<Container> operands{BitmapOf(words), {ContainerKind::kRuns, kChunkRows / 8, run_count, runs.data()}};
  std::vector<std::uint64_t> out(kChunkWords);
  ChunkScratch scratch;
  for (auto _ : state) {
    benchmark::DoNotOptimize(IntersectChunk(operands, kChunkRows, scratch, out.data()));
    std::fill(out.begin(), out.end(), 0);  // Timed too, as the evaluator clears what a query wrote.
  }
  state.SetItemsProcessed(state.iterations() * kChunkRows);
}
BENCHMARK(BM_IntersectRunsWithBitmap)->ArgName("runs")->Arg(1)->Arg(8)->Arg(64);

void BM_IntersectArrayWithBitmaps(benchmark::State& state) {
  const auto first = RandomBitmap(1), second = RandomBitmap(2);
  std::vector<std::uint16_t> rows;
  for (std::uint32_t i = 0; i < state.range(0); ++i) rows.push_back(static_cast<std::uint16_t>(i * 120 + 7));
  const std::vector<Container> operands{
      BitmapOf(first), BitmapOf(second), {ContainerKind::kArray, static_cast<std::uint32_t>(rows.size()), 0, rows.data()}};
  std::vector<std::uint64_t> out(kChunkWords);
  ChunkScratch scratch;
  for (auto _ : state) {
    benchmark::DoNotOptimize(IntersectChunk(operands, kChunkRows, scratch, out.data()));
    std::fill(out.begin(), out.end(), 0);
  }
  state.SetItemsProcessed(state.iterations() * kChunkRows);
}
BENCHMARK(BM_IntersectArrayWithBitmaps)->ArgName("array_rows")->Arg(16)->Arg(128)->Arg(512);

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
