// Picks how an answer is put in order, by cost: matches, rows, offset and limit are all known exactly by then.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "engine/ordered_rows.h"

namespace clientele {

// What a walk in a sort order takes for each position that it passes, in nanoseconds, about: each asks the bitmap for a row
// anywhere in it, which the nearest caches hold less of the more rows there are. Found by the classes that choose between a walk
// and something else (bench/list_queries), where plans cost the same. Where matches are in few chunks it takes less
// (MatchBlocks).
inline double WalkPerPosition(std::uint64_t rows) {
  return std::min(0.5 + 3.5e-8 * static_cast<double>(rows), 1.0);
}

// The cheapest plan for the task. `force` is taken instead where it is possible for these matches and keys; kNone forces nothing.
OrderPlan ChooseOrderPlan(const OrderTask& task, OrderPlan force);

// What the plan costs for the task, in nanoseconds, about.
double OrderCost(const OrderTask& task, OrderPlan plan);

// What finding a match by its number costs among these, in nanoseconds, about: by counting all of them, and by bit planes.
double HistogramCost(const SortOrder& order, const RowBitmap& bits);
double PlanesCost(const RowBitmap& bits);

// Starts the plan (which ChooseOrderPlan gave for the same task).
std::unique_ptr<OrderedRows> StartOrder(const OrderTask& task, OrderPlan plan);

}  // namespace clientele
