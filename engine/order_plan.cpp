#include "engine/order_plan.h"

#include <algorithm>
#include <cmath>

namespace clientele {
namespace {

// Nanoseconds; measured at 1M and 10M rows by bench/engine/order_bench (docs/architecture.md).
constexpr double kGatherBase = 800, kGatherPerMatch = 8, kSortPerRowAndLevel = 3;
constexpr double kHistogramBase = 3'000, kHistogramPerMatch = 1.3, kScanPerRow = 0.004;
constexpr double kPlanesBase = 5'000, kPlanesPerRow = 0.04, kListPerRow = 30;

double SortCost(double rows) {
  return rows * std::log2(rows + 1) * kSortPerRowAndLevel;
}

bool Possible(const OrderTask& task, OrderPlan plan) {
  const ResolvedKey& key = task.keys[0];
  const MatchSet::Form form = task.matches->form;
  switch (plan) {
    case OrderPlan::kNone:
    case OrderPlan::kMerge: return false;
    case OrderPlan::kGather: return true;
    case OrderPlan::kArithmetic: return !key.is_word() && form == MatchSet::Form::kAll;
    case OrderPlan::kWalk: return !key.is_word() && form == MatchSet::Form::kBits;
    case OrderPlan::kHistogram: return !key.is_word() && form == MatchSet::Form::kBits;
    case OrderPlan::kBitPlanes: return !key.is_word() && form == MatchSet::Form::kBits && key.order->plane_count() > 0;
    case OrderPlan::kValueGroups: return key.is_word() && form != MatchSet::Form::kRows;
  }
  return false;
}

double Cost(const OrderTask& task, OrderPlan plan) {
  const auto rows = static_cast<double>(task.segment->row_count());
  const auto matches = static_cast<double>(task.matches->count);
  const auto limit = static_cast<double>(task.limit);
  const double positions_per_match = rows / matches;
  const double scan = rows * kScanPerRow;
  const double walked = positions_per_match * WalkPerPosition(task.segment->row_count());  // From a match to the next.
  switch (plan) {
    case OrderPlan::kWalk: return (static_cast<double>(task.offset) + limit) * walked;
    case OrderPlan::kGather: return kGatherBase + scan + matches * kGatherPerMatch + SortCost(limit);
    case OrderPlan::kHistogram: return HistogramCost(*task.keys[0].order, *task.matches->bits) + limit * walked;
    case OrderPlan::kBitPlanes: return PlanesCost(*task.matches->bits) + limit * kListPerRow;
    // Each group's rows are intersected, then ordered by a plan of its own.
    case OrderPlan::kValueGroups: return kHistogramBase + rows * kPlanesPerRow + matches * kHistogramPerMatch;
    case OrderPlan::kArithmetic:
    case OrderPlan::kMerge:
    case OrderPlan::kNone: return 0;
  }
  return 0;
}

}  // namespace

double HistogramCost(const SortOrder& order, const RowBitmap& bits) {
  const auto rows = static_cast<double>(order.row_count()), matches = static_cast<double>(bits.Count());
  const double to_match = std::min(rows / 2048, 1024.0) * WalkPerPosition(order.row_count());  // From its bucket's edge.
  return kHistogramBase + rows * kScanPerRow + matches * kHistogramPerMatch + to_match;
}

// Only chunks that hold matches are read.
double PlanesCost(const RowBitmap& bits) {
  std::uint32_t chunks = 0;
  for (std::uint32_t chunk = 0; chunk < bits.chunk_count(); ++chunk) chunks += bits.ChunkCountOf(chunk) > 0;
  return kPlanesBase + chunks * kChunkRows * kPlanesPerRow;
}

double OrderCost(const OrderTask& task, OrderPlan plan) {
  return Cost(task, plan);
}

OrderPlan ChooseOrderPlan(const OrderTask& task, OrderPlan force) {
  if (Possible(task, force)) return force;
  if (task.matches->form == MatchSet::Form::kRows) return OrderPlan::kGather;
  // Few matches of a word key are sorted faster than each group is intersected.
  if (task.keys[0].is_word()) return Cost(task, OrderPlan::kGather) < 100'000 ? OrderPlan::kGather : OrderPlan::kValueGroups;
  if (task.matches->form == MatchSet::Form::kAll) return OrderPlan::kArithmetic;
  OrderPlan best = OrderPlan::kGather;
  for (const OrderPlan plan : {OrderPlan::kWalk, OrderPlan::kHistogram, OrderPlan::kBitPlanes}) {
    if (Possible(task, plan) && Cost(task, plan) < Cost(task, best)) best = plan;
  }
  return best;
}

std::unique_ptr<OrderedRows> StartOrder(const OrderTask& task, OrderPlan plan) {
  switch (plan) {
    case OrderPlan::kMerge:
    case OrderPlan::kNone: return nullptr;
    case OrderPlan::kGather: return GatherRows(task);
    case OrderPlan::kArithmetic:
    case OrderPlan::kWalk: return WalkRows(task);
    case OrderPlan::kHistogram:
    case OrderPlan::kBitPlanes: return SelectThenWalkRows(task, plan);
    case OrderPlan::kValueGroups: return ValueGroupRows(task);
  }
  return nullptr;
}

}  // namespace clientele
