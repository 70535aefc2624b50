// What does a page cost under each order plan, by share of matching rows and offset? The planner's cost rule
// (engine/order_plan.cpp) is fitted to these: the cheapest plan of each line should be the one that it picks ("picked").
#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include <benchmark/benchmark.h>

#include "engine/order_plan.h"
#include "index/segment.h"

namespace clientele {
namespace {

HugeArray<std::uint32_t> RandomPermutation(std::uint32_t rows, std::uint32_t seed) {
  auto permutation = HugeArray<std::uint32_t>::Uninitialized(rows);
  std::iota(permutation.begin(), permutation.end(), 0u);
  std::shuffle(permutation.begin(), permutation.end(), std::mt19937(seed));
  return permutation;
}

// A segment that has nothing but an id order and a created_at order, both unrelated to the row order.
const Segment& OrderOnlySegment(std::uint32_t rows) {
  static std::map<std::uint32_t, std::unique_ptr<Segment>> segments;
  auto& segment = segments[rows];
  if (segment == nullptr) {
    Segment::Parts parts;
    parts.row_count = rows;
    const auto order = [&](std::uint32_t seed) {
      return SortOrder(RandomPermutation(rows, seed), std::vector<std::uint64_t>(rows / 64 + 1, ~std::uint64_t{0}), rows, true);
    };
    parts.fields[static_cast<std::size_t>(Field::kId)].order = order(1);
    parts.fields[static_cast<std::size_t>(Field::kCreatedAt)].order = order(2);
    segment = std::make_unique<Segment>(std::move(parts));
  }
  return *segment;
}

std::shared_ptr<const MatchSet> RandomMatches(std::uint32_t rows, double share) {
  auto matches = std::make_shared<MatchSet>();
  matches->form = MatchSet::Form::kBits;
  matches->bits = std::make_unique<RowBitmap>(rows);
  std::mt19937 random(3);
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (static_cast<double>(random()) < share * 4294967296.0) matches->bits->Set(row);
  }
  matches->count = matches->bits->Count();
  return matches;
}

void BM_Page(benchmark::State& state) {
  const auto rows = static_cast<std::uint32_t>(state.range(0));
  const double share = static_cast<double>(state.range(1)) / 1e6;
  const Segment& segment = OrderOnlySegment(rows);
  const auto matches = RandomMatches(rows, share);
  std::vector<ResolvedKey> keys{{Field::kCreatedAt, &segment.field(Field::kCreatedAt).order, false}};
  const std::uint64_t offset = matches->count * static_cast<std::uint64_t>(state.range(2)) / 1000;
  if (matches->count < offset + 50) return state.SkipWithError("too few matches for a page");
  const OrderTask task{&segment, matches, keys, offset, 50};
  const auto plan = static_cast<OrderPlan>(state.range(3));
  std::uint32_t page[50];
  for (auto _ : state) {
    const auto rows_in_order = StartOrder(task, plan);
    benchmark::DoNotOptimize(rows_in_order->Next(page));
  }
  const bool picked = ChooseOrderPlan(task, OrderPlan::kNone) == plan;
  state.SetLabel(std::string(OrderPlanName(plan)) + (picked ? "  <- picked" : ""));
}
BENCHMARK(BM_Page)
    ->ArgNames({"rows", "matches_ppm", "offset_per_mille", "plan"})
    ->ArgsProduct({{1'000'000, 10'000'000},
                   {100, 1'000, 10'000, 100'000, 500'000},
                   {0, 10, 400},
                   {static_cast<int>(OrderPlan::kWalk), static_cast<int>(OrderPlan::kGather),
                    static_cast<int>(OrderPlan::kHistogram), static_cast<int>(OrderPlan::kBitPlanes)}})
    ->Unit(benchmark::kMicrosecond)
    ->MinTime(0.05);

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
