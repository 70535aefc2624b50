// Finding where a deep page starts without visiting what lies before it: by counting the matches per bucket of positions, or by
// descending the order's bit planes.
#include <algorithm>

#include "engine/order_walk.h"
#include "engine/ordered_rows.h"
#include "engine/position_histogram.h"
#include "engine/position_rows.h"
#include "engine/position_window.h"

namespace clientele {
namespace {

// Longer pages are walked.
constexpr std::uint64_t kListedRows = 1'000;

// A range of positions that holds the wanted match, and how many matches lie in it and before it.
struct Bucket {
  std::uint32_t begin, end;
  std::uint64_t before, inside;
};

// `index` counts matches by ascending position.
Bucket SelectByHistogram(const SortOrder& order, const RowBitmap& bits, std::uint64_t index) {
  const PositionHistogram histogram(order, bits);
  const std::span<const std::uint32_t> counts = histogram.counts();
  std::uint64_t before = 0;
  std::uint32_t bucket = 0;
  while (before + counts[bucket] <= index) before += counts[bucket++];
  const std::uint64_t end = std::min<std::uint64_t>(order.row_count(), std::uint64_t{bucket + 1} << histogram.shift());
  return {bucket << histogram.shift(), static_cast<std::uint32_t>(end), before, counts[bucket]};
}

std::uint64_t CountMatches(const SortOrder& order, const RowBitmap& bits, std::uint32_t begin, std::uint32_t end) {
  std::uint64_t count = 0;
  for (std::uint32_t position = begin; position < end; ++position) count += bits.Test(order.row_at()[position]);
  return count;
}

// The bucket that holds match number `index`, and a walk from there.
std::unique_ptr<OrderedRows> WalkFromBucket(const OrderTask& task, std::uint64_t index) {
  const ResolvedKey& key = task.keys[0];
  const SortOrder& order = *key.order;
  const RowBitmap& bits = *task.matches->bits;
  const std::uint64_t count = task.matches->count;
  const Bucket bucket = SelectByHistogram(order, bits, index);
  std::uint64_t touched = count;
  std::unique_ptr<OrderWalk> walk;
  if (key.descending) {
    // Start behind the bucket, at the end of the group that reaches over its end.
    const std::uint32_t start = order.group_starts().Next(bucket.end);
    const std::uint64_t after = count - bucket.before - bucket.inside - CountMatches(order, bits, bucket.end, start);
    touched += start - bucket.end;
    walk = std::make_unique<OrderWalk>(task, start, task.offset - after);
  } else {
    const std::uint32_t start = task.keys.size() == 1 ? bucket.begin : order.group_starts().Previous(bucket.begin);
    const std::uint64_t before = bucket.before - CountMatches(order, bits, start, bucket.begin);
    touched += bucket.begin - start;
    walk = std::make_unique<OrderWalk>(task, start, task.offset - before);
  }
  walk->rows_touched = touched;
  return walk;
}

// The page's matches by bit planes; of a page of many rows only the first, and a walk from there.
std::unique_ptr<OrderedRows> RowsByPlanes(const OrderTask& task, std::uint64_t index) {
  const ResolvedKey& key = task.keys[0];
  const SortOrder& order = *key.order;
  const RowBitmap& bits = *task.matches->bits;
  const bool is_long = task.limit > kListedRows;
  const auto at = static_cast<std::uint32_t>(index);
  const auto others = static_cast<std::uint32_t>(is_long ? 0 : std::min(task.limit, task.matches->count - task.offset) - 1);
  const std::uint32_t first = key.descending ? at - others : at, last = key.descending ? at : at + others;
  PositionWindow window = WindowByPlanes(order, bits, first, last);
  const WindowRange groups = TakeRange(window, first, last, key.descending || task.keys.size() > 1, order, bits);
  // Matches of the page's first group that stand before the page.
  const std::uint32_t skip = key.descending ? window.CountBefore(groups.end) - 1 - at : at - window.CountBefore(groups.begin);
  const std::uint64_t touched = window.positions.size();
  std::unique_ptr<OrderedRows> rows;
  if (is_long) {
    rows = std::make_unique<OrderWalk>(task, key.descending ? groups.end : groups.begin, skip);
  } else {
    const std::uint32_t from =
        key.descending ? window.behind() - window.CountBefore(groups.end) : window.CountBefore(groups.begin) - window.before;
    rows = PositionRows(task, std::move(window.positions), from, skip);
  }
  rows->rows_touched = touched;
  return rows;
}

}  // namespace

std::unique_ptr<OrderedRows> SelectThenWalkRows(const OrderTask& task, OrderPlan plan) {
  const std::uint64_t index = task.keys[0].descending ? task.matches->count - 1 - task.offset : task.offset;
  return plan == OrderPlan::kBitPlanes ? RowsByPlanes(task, index) : WalkFromBucket(task, index);
}

}  // namespace clientele
