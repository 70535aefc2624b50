// Finding where a deep page starts without visiting what lies before it: the matches are counted per bucket of positions, either
// by a histogram over them or by descending the order's bit planes.
#include <algorithm>
#include <bit>

#include "engine/bit_kernels.h"
#include "engine/order_walk.h"
#include "engine/ordered_rows.h"
#include "engine/position_histogram.h"

namespace clientele {
namespace {

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

// Plane by plane, keeps the half of the candidates that holds the wanted one; only chunks with candidates are read.
Bucket SelectByPlanes(const SortOrder& order, const RowBitmap& bits, std::uint64_t count, std::uint64_t index) {
  const std::uint32_t rows = order.row_count();
  const std::size_t last_word = (rows + 63) / 64;
  RowBitmap candidates(rows);
  const RowBitmap* source = &bits;
  std::uint64_t before = 0, inside = count;
  std::uint32_t bucket = 0;
  std::vector<std::uint64_t> ones_of_chunk(bits.chunk_count());
  for (std::uint32_t plane = 0; plane < order.plane_count(); ++plane) {
    std::uint64_t ones = 0;
    const auto words_of = [&](std::uint32_t chunk) {
      return std::min<std::size_t>(kChunkWords, last_word - std::size_t{chunk} * kChunkWords);
    };
    for (std::uint32_t chunk = 0; chunk < bits.chunk_count(); ++chunk) {
      if (source->ChunkCountOf(chunk) == 0) continue;
      ones += ones_of_chunk[chunk] =
          AndPopCount(source->chunk(chunk), order.plane(plane) + std::size_t{chunk} * kChunkWords, words_of(chunk));
    }
    const std::uint64_t zeros = inside - ones;
    const bool upper = index >= zeros;
    for (std::uint32_t chunk = 0; chunk < bits.chunk_count(); ++chunk) {
      const std::uint32_t here = source->ChunkCountOf(chunk);
      if (here == 0) continue;
      const std::uint64_t* plane_words = order.plane(plane) + std::size_t{chunk} * kChunkWords;
      const std::uint64_t kept = upper ? AndCount(source->chunk(chunk), plane_words, candidates.chunk(chunk), words_of(chunk))
                                       : AndNotCount(source->chunk(chunk), plane_words, candidates.chunk(chunk), words_of(chunk));
      candidates.SetChunkCount(chunk, static_cast<std::uint32_t>(kept));
    }
    source = &candidates;
    bucket = bucket << 1 | (upper ? 1u : 0u);
    inside = upper ? ones : zeros;
    if (upper) {
      before += zeros;
      index -= zeros;
    }
  }
  const std::uint64_t end = std::min<std::uint64_t>(rows, std::uint64_t{bucket + 1} << order.plane_shift());
  return {bucket << order.plane_shift(), static_cast<std::uint32_t>(end), before, inside};
}

std::uint64_t CountMatches(const SortOrder& order, const RowBitmap& bits, std::uint32_t begin, std::uint32_t end) {
  std::uint64_t count = 0;
  for (std::uint32_t position = begin; position < end; ++position) count += bits.Test(order.row_at()[position]);
  return count;
}

}  // namespace

std::unique_ptr<OrderedRows> SelectThenWalkRows(const OrderTask& task, OrderPlan plan) {
  const ResolvedKey& key = task.keys[0];
  const SortOrder& order = *key.order;
  const RowBitmap& bits = *task.matches->bits;
  const std::uint64_t count = task.matches->count;
  const std::uint64_t index = key.descending ? count - 1 - task.offset : task.offset;
  const Bucket bucket =
      plan == OrderPlan::kBitPlanes ? SelectByPlanes(order, bits, count, index) : SelectByHistogram(order, bits, index);
  std::uint64_t touched = plan == OrderPlan::kBitPlanes ? 0 : count;

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

}  // namespace clientele
