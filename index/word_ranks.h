// The order of words: the contract sorts words by the alphabet, while they are stored by their place in the schema.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace clientele {

// For each word its place among all of them in the alphabet's order. O(words^2), for tables made once.
inline std::vector<std::uint8_t> WordRanks(std::span<const std::string_view> words) {
  std::vector<std::uint8_t> ranks;
  for (const std::string_view word : words) {
    std::uint8_t rank = 0;
    for (const std::string_view other : words) rank = static_cast<std::uint8_t>(rank + (other < word));
    ranks.push_back(rank);
  }
  return ranks;
}

}  // namespace clientele
