#include "engine/merge_policy.h"

#include <algorithm>
#include <map>

namespace clientele {
namespace {

std::uint64_t Living(const MergeCandidate& candidate) {
  return candidate.rows - candidate.dead;
}

// Tiers of living rows: below file_rows x width, below that x width, ...
std::uint32_t TierOf(std::uint64_t rows, const MergePolicyOptions& options) {
  std::uint32_t tier = 0;
  for (std::uint64_t bound = options.file_rows * options.tier_width; rows >= bound; bound *= options.tier_width) ++tier;
  return tier;
}

MergeChoice Choice(std::span<const MergeCandidate> candidates, std::vector<std::size_t> inputs, bool flush) {
  MergeChoice choice{.inputs = std::move(inputs), .living_rows = 0, .flush = flush};
  for (const std::size_t input : choice.inputs) choice.living_rows += Living(candidates[input]);
  return choice;
}

// Those of the segments in memory that are merged in memory: the smaller ones, up to the first that is larger than all of them
// together, which would be copied for little. Half of them at least, and two: a merge of one would leave as many as before, and
// be chosen again for ever.
std::vector<std::size_t> SmallerOf(std::span<const MergeCandidate> candidates, std::vector<std::size_t> memory) {
  std::ranges::stable_sort(memory, {}, [&](std::size_t i) { return Living(candidates[i]); });
  std::uint64_t rows = 0;
  std::size_t count = 0;
  for (; count < memory.size(); ++count) {
    const std::uint64_t own = Living(candidates[memory[count]]);
    if (count >= 2 && 2 * count >= memory.size() && own > rows) break;
    rows += own;
  }
  memory.resize(count);
  return memory;
}

}  // namespace

MergeChoice ChooseMerge(std::span<const MergeCandidate> candidates, const MergePolicyOptions& options, std::uint64_t rows_min,
                        std::uint64_t rows_max, bool flush_now) {
  const auto fits = [&](const MergeChoice& choice) {
    return !choice.inputs.empty() && choice.living_rows >= rows_min && choice.living_rows < rows_max;
  };
  // What keeps the log from growing comes first.
  std::vector<std::size_t> memory;
  std::uint64_t memory_rows = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].is_file || candidates[i].is_busy) continue;
    memory.push_back(i);
    memory_rows += Living(candidates[i]);
  }
  const bool flush = flush_now || memory_rows >= options.file_rows;
  if (!memory.empty() && (flush || memory.size() >= options.memory_segments_max)) {
    if (!flush) memory = SmallerOf(candidates, std::move(memory));
    if (MergeChoice choice = Choice(candidates, std::move(memory), flush); fits(choice)) return choice;
  }
  // Then the smallest full tier, which is the cheapest way to fewer segments.
  std::map<std::uint32_t, std::vector<std::size_t>> tiers;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].is_file && !candidates[i].is_busy) tiers[TierOf(Living(candidates[i]), options)].push_back(i);
  }
  for (auto& [tier, members] : tiers) {
    if (members.size() < options.tier_width) continue;
    if (MergeChoice choice = Choice(candidates, std::move(members), false); fits(choice)) return choice;
  }
  // Then the file with the greatest share of dead rows.
  MergeChoice worst;
  double worst_share = options.dead_share_max;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const MergeCandidate& candidate = candidates[i];
    if (!candidate.is_file || candidate.is_busy || candidate.rows == 0) continue;
    const double share = static_cast<double>(candidate.dead) / static_cast<double>(candidate.rows);
    MergeChoice choice = Choice(candidates, {i}, false);
    if (share <= worst_share || !fits(choice)) continue;
    worst_share = share;
    worst = std::move(choice);
  }
  return worst;
}

}  // namespace clientele
