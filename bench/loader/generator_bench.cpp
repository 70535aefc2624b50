// How many client records does one core make, and does a client's place in the set matter? It should not. Bytes are JSON.
#include <string>

#include <benchmark/benchmark.h>

#include "loader/generator.h"

namespace clientele {
namespace {

void BM_AppendClient(benchmark::State& state) {
  constexpr std::uint64_t kClients = 10'000'000;
  const Generator generator(7, kClients);
  const auto stride = static_cast<std::uint64_t>(state.range(0));
  std::string out;
  std::uint64_t index = 0, bytes = 0;
  for (auto _ : state) {
    generator.AppendClient(index, out);
    index = (index + stride) % kClients;
    if (out.size() > (1u << 20)) {
      bytes += out.size();
      out.clear();
    }
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes + out.size()));
}
BENCHMARK(BM_AppendClient)->ArgName("stride")->Arg(1)->Arg(999'983);

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
