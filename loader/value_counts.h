// Which values a member has, how often, and how many different ones, in bounded memory. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

namespace clientele {

class ValueCounts {
 public:
  static constexpr std::size_t kValuesMax = 4'096;    // Counted one by one; those that come later are not.
  static constexpr std::size_t kValueBytesMax = 200;  // Longer ones only count as different.
  static constexpr std::size_t kHashesMax = 16'384;

  void Add(std::string_view value);

  // How many different values there were: exact up to kHashesMax, from there on estimated within a few per cent.
  // Source: Wegman's adaptive sampling (Flajolet, 1990): of the hashes, those whose lowest bits are zero, ever more bits.
  std::uint64_t distinct() const { return static_cast<std::uint64_t>(hashes_.size()) << level_; }
  bool distinct_is_exact() const { return level_ == 0; }

  // The most frequent values first, at most `count`; ties in the order of their bytes.
  std::vector<std::pair<std::string, std::uint64_t>> MostFrequent(std::size_t count) const;
  bool every_value_counted() const { return !overflowed_; }

 private:
  absl::flat_hash_map<std::string, std::uint64_t> counts_;
  absl::flat_hash_set<std::uint64_t> hashes_;
  unsigned level_ = 0;
  bool overflowed_ = false;
};

}  // namespace clientele
