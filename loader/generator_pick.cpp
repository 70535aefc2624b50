#include "loader/generator_pick.h"

#include <cassert>
#include <numeric>

namespace clientele {

WeightedPick::WeightedPick(std::span<const std::uint32_t> weights) : slots_(weights.size()) {
  const std::uint64_t total = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  assert(total > 0 && total < (std::uint64_t{1} << 32));
  std::vector<std::uint64_t> share(weights.size());  // In units where a full slot is `total`.
  std::vector<std::uint32_t> poor, rich;
  for (std::uint32_t i = 0; i < weights.size(); ++i) {
    share[i] = weights[i] * static_cast<std::uint64_t>(weights.size());
    (share[i] < total ? poor : rich).push_back(i);
  }
  while (!poor.empty() && !rich.empty()) {
    const std::uint32_t taker = poor.back();
    const std::uint32_t giver = rich.back();
    poor.pop_back();
    slots_[taker] = {static_cast<std::uint32_t>((share[taker] << 32) / total), giver};
    share[giver] -= total - share[taker];
    if (share[giver] < total) {
      rich.pop_back();
      poor.push_back(giver);
    }
  }
  for (const std::uint32_t full : rich) slots_[full] = {UINT32_MAX, full};
  for (const std::uint32_t full : poor) slots_[full] = {UINT32_MAX, full};
}

WeightedPick WeightedPick::Zipf(std::uint32_t count, std::uint32_t flatness) {
  std::vector<std::uint32_t> weights(count);
  for (std::uint32_t i = 0; i < count; ++i) weights[i] = 100'000'000 / (i + 1 + flatness);
  return WeightedPick(weights);
}

}  // namespace clientele
