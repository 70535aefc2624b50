#include "engine/text_filter.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "index/parallel.h"

namespace clientele {
namespace {

constexpr double kNanosecondsPerByte = 0.07, kNanosecondsPerBlock = 20;
constexpr double kParallelFrom = 1'000'000;  // Nanoseconds of work that are worth waking other threads.
constexpr std::uint32_t kBlocksPerTask = 8192;

struct BlockMatch {
  std::uint32_t block;
  std::uint64_t mask;
};

std::vector<BlockMatch> FindBlocks(const Conjunct& conjunct, Parallelism parallelism, TextFilterCost& cost) {
  std::vector<BlockMatch> found;
  const auto search = [&](std::uint32_t first, std::uint32_t last, std::vector<BlockMatch>& out, TextSearchStats& stats) {
    conjunct.texts->FindContaining(
        conjunct.needle, first, last,
        [&](std::uint32_t block, std::uint64_t mask) {
          out.push_back({block, mask});
        },
        &stats);
  };
  const std::uint32_t blocks = conjunct.texts->block_count();
  const bool always = parallelism == Parallelism::kAlways;
  const bool big = SearchCost(conjunct) >= kParallelFrom && blocks > kBlocksPerTask;
  if (parallelism == Parallelism::kNever || !(big || always) || blocks == 0) {
    TextSearchStats stats;
    search(0, blocks, found, stats);
    cost.blocks_scanned += stats.blocks_scanned;
    return found;
  }
  const std::uint32_t blocks_per_task = big ? kBlocksPerTask : (blocks + 2) / 3;
  const std::uint32_t tasks = (blocks + blocks_per_task - 1) / blocks_per_task;
  std::vector<std::vector<BlockMatch>> parts(tasks);
  std::vector<TextSearchStats> stats(tasks);
  ParallelFor(tasks, [&](std::size_t task_number) {
    const auto task = static_cast<std::uint32_t>(task_number);
    search(task * blocks_per_task, std::min(blocks, (task + 1) * blocks_per_task), parts[task], stats[task]);
  });
  for (std::uint32_t task = 0; task < tasks; ++task) {
    found.insert(found.end(), parts[task].begin(), parts[task].end());
    cost.blocks_scanned += stats[task].blocks_scanned;
  }
  cost.went_parallel = true;
  return found;
}

// Calls visit(first, last) for the positions of each matching group of the order.
template <class Visit>
void ForEachGroup(const SortOrder& order, const std::vector<BlockMatch>& found, Visit visit) {
  const RankedBits& starts = order.group_starts();
  for (const BlockMatch& match : found) {
    std::uint32_t group = match.block * kItemsPerBlock;
    std::uint32_t begin = order.GroupBegin(group);
    for (std::uint64_t mask = match.mask; mask != 0; mask >>= 1, ++group) {
      // Groups that do not match are stepped over one by one: they are mostly single rows, so this stays within a few words.
      const std::uint32_t end = starts.Next(begin + 1);
      if (mask & 1) visit(begin, end);
      begin = end;
    }
  }
}

template <class Visit>
void ForEachMatchingRow(const Conjunct& conjunct, const std::vector<BlockMatch>& found, Visit visit) {
  if (conjunct.order != nullptr) {
    const std::uint32_t* row_at = conjunct.order->row_at();
    ForEachGroup(*conjunct.order, found, [&](std::uint32_t begin, std::uint32_t end) {
      for (std::uint32_t position = begin; position < end; ++position) visit(row_at[position]);
    });
    return;
  }
  for (const BlockMatch& match : found) {
    for (std::uint64_t mask = match.mask; mask != 0; mask &= mask - 1) {
      visit(match.block * kItemsPerBlock + static_cast<std::uint32_t>(std::countr_zero(mask)));
    }
  }
}

}  // namespace

double SearchCost(const Conjunct& conjunct) {
  const double blocks = std::max(1.0, static_cast<double>(conjunct.texts->block_count()));
  const double bytes_per_block = static_cast<double>(conjunct.texts->text_bytes()) / blocks;
  return static_cast<double>(conjunct.text_blocks) * (kNanosecondsPerBlock + bytes_per_block * kNanosecondsPerByte);
}

MatchSet SearchText(const Conjunct& conjunct, std::uint32_t row_count, Parallelism parallelism, TextFilterCost& cost) {
  const std::vector<BlockMatch> found = FindBlocks(conjunct, parallelism, cost);
  const std::uint32_t listed_max = std::max(64u, row_count / 1024);
  std::uint64_t items = 0;
  for (const BlockMatch& match : found) items += static_cast<std::uint64_t>(std::popcount(match.mask));
  MatchSet matches;
  if (items <= listed_max) {
    matches.form = MatchSet::Form::kRows;
    ForEachMatchingRow(conjunct, found, [&](std::uint32_t row) { matches.rows.push_back(row); });
    matches.count = matches.rows.size();
    if (matches.count <= listed_max) {
      std::ranges::sort(matches.rows);
      return matches;
    }
  }
  // Many rows, be it of few texts.
  matches.form = MatchSet::Form::kBits;
  matches.bits = std::make_unique<RowBitmap>(row_count);
  if (!matches.rows.empty()) {
    for (const std::uint32_t row : std::exchange(matches.rows, {})) matches.bits->Set(row);
    return matches;
  }
  ForEachMatchingRow(conjunct, found, [&](std::uint32_t row) { matches.bits->Set(row); });
  matches.count = matches.bits->Count();
  return matches;
}

}  // namespace clientele
