#include "index/nearest_name.h"

#include <algorithm>
#include <array>
#include <limits>

#include <absl/strings/ascii.h>

namespace clientele {
namespace {

constexpr std::size_t kLengthMax = 64;
constexpr std::size_t kPrefixMin = 3;  // Shorter common beginnings say nothing.

bool SameLetter(char a, char b) {
  return absl::ascii_tolower(a) == absl::ascii_tolower(b);
}

std::size_t Distance(std::string_view a, std::string_view b) {
  // Three rows of the dynamic programming table are enough: a swap looks back two.
  std::array<std::array<std::size_t, kLengthMax + 1>, 3> rows;
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i - 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = above[j - 1] + (SameLetter(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({substitution, above[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && SameLetter(a[i - 1], b[j - 2]) && SameLetter(a[i - 2], b[j - 1]);
      if (swapped) row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

// Whether the shorter text begins the longer one.
bool OneBeginsTheOther(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  return common >= kPrefixMin && std::equal(a.begin(), a.begin() + common, b.begin(), SameLetter);
}

}  // namespace

std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates) {
  name = name.substr(0, kLengthMax);
  std::string_view nearest;
  std::size_t nearest_distance = std::numeric_limits<std::size_t>::max();
  for (const std::string_view candidate : candidates) {
    std::size_t distance = Distance(name, candidate.substr(0, kLengthMax));
    // By edits alone "country" would be nearer to "connect" than to "country_code".
    if (OneBeginsTheOther(name, candidate)) distance = std::min(distance, std::size_t{2});
    if (distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest;
}

}  // namespace clientele
