// bench/index/text_sort_bench.cpp: what does sorting cost per text, for distinct emails, repeated companies and names? All cores.
#include <benchmark/benchmark.h>

#include "bench/index/sample_texts.h"
#include "index/text_sort.h"

namespace clientele {
namespace {

void SortAll(benchmark::State& state, std::string (SampleTexts::*make)()) {
  SampleTexts samples(7);
  TextPool texts;
  for (std::int64_t i = 0; i < state.range(0); ++i) texts.Add((samples.*make)());
  std::uint32_t groups = 0;
  for (auto _ : state) {
    groups = SortTexts(texts.size(), [&](std::uint32_t i) { return texts[i]; }).group_count;
    benchmark::DoNotOptimize(groups);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["distinct"] = groups;
}

void BM_SortEmails(benchmark::State& state) {
  SortAll(state, &SampleTexts::Email);
}
void BM_SortCompanies(benchmark::State& state) {
  SortAll(state, &SampleTexts::Company);
}
void BM_SortNames(benchmark::State& state) {
  SortAll(state, &SampleTexts::Name);
}
BENCHMARK(BM_SortEmails)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_SortCompanies)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_SortNames)->Arg(10'000'000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
