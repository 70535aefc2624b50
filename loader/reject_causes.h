// What the rejects of a load have in common: a count for each pair of place (indices left out) and expectation. Memory is bounded
// against input that is wrong in ever new ways: the rarest causes are then thrown together. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

namespace clientele {

struct RejectCause {
  std::string place;  // "/users/*/email", a column's name, or empty for the whole record.
  std::string expected;
  std::uint64_t count = 0;

  bool operator==(const RejectCause&) const = default;
};

class RejectCauses {
 public:
  static constexpr std::size_t kCausesMax = 500;

  void Add(std::string_view pointer, std::string_view expected);
  void Merge(const RejectCauses& other);

  std::vector<RejectCause> Sorted() const;              // Most frequent first.
  std::uint64_t other_count() const { return other_; }  // Rejects whose cause is not among them.

 private:
  void AddCount(const std::string& key, std::uint64_t count);

  absl::flat_hash_map<std::string, std::uint64_t> counts_;  // By place, a NUL, and what was expected.
  std::uint64_t other_ = 0;
};

}  // namespace clientele
