#include "loader/value_counts.h"

#include <algorithm>

#include <xxhash.h>

#include "index/absl_view.h"

namespace clientele {

void ValueCounts::Add(std::string_view value) {
  const auto is_sampled = [this](std::uint64_t hash) { return (hash & ((std::uint64_t{1} << level_) - 1)) == 0; };
  const std::uint64_t hash = XXH3_64bits(value.data(), value.size());
  if (is_sampled(hash)) hashes_.insert(hash);
  while (hashes_.size() > kHashesMax) {
    ++level_;
    absl::erase_if(hashes_, [&](std::uint64_t kept) { return !is_sampled(kept); });
  }
  const bool fits = value.size() <= kValueBytesMax;
  const auto found = fits ? counts_.find(AbslView(value)) : counts_.end();
  if (found != counts_.end()) {
    ++found->second;
  } else if (fits && counts_.size() < kValuesMax) {
    counts_.emplace(std::string(value), 1);
  } else {
    overflowed_ = true;
  }
}

std::vector<std::pair<std::string, std::uint64_t>> ValueCounts::MostFrequent(std::size_t count) const {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts_.begin(), counts_.end());
  std::ranges::sort(sorted,
                    [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
  sorted.resize(std::min(sorted.size(), count));
  return sorted;
}

}  // namespace clientele
