#include "loader/reject_causes.h"

#include <algorithm>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

constexpr std::size_t kPartBytesMax = 300;  // Of a place or an expectation.

// "/users/0/email" -> "/users/*/email".
std::string WithoutIndices(std::string_view pointer) {
  std::string place;
  while (!pointer.empty() && place.size() < kPartBytesMax) {
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const std::string_view part = pointer.substr(0, end);
    const bool is_index =
        part.size() > 1 && part[0] == '/' && std::ranges::all_of(part.substr(1), [](char c) { return c >= '0' && c <= '9'; });
    place += is_index ? "/*" : part;
    pointer.remove_prefix(end);
  }
  return place;
}

}  // namespace

void RejectCauses::Add(std::string_view pointer, std::string_view expected) {
  AddCount(absl::StrCat(WithoutIndices(pointer), absl::string_view("\0", 1), AbslView(expected.substr(0, kPartBytesMax))), 1);
}

void RejectCauses::Merge(const RejectCauses& other) {
  for (const auto& [key, count] : other.counts_) AddCount(key, count);
  other_ += other.other_;
}

void RejectCauses::AddCount(const std::string& key, std::uint64_t count) {
  counts_[key] += count;
  if (counts_.size() < 2 * kCausesMax) return;
  // The rarer half goes, so that a cause that is frequent stays whenever it first shows.
  std::vector<std::uint64_t> sorted;
  for (const auto& entry : counts_) sorted.push_back(entry.second);
  std::ranges::nth_element(sorted, sorted.begin() + kCausesMax, std::ranges::greater{});
  const std::uint64_t kept_from = sorted[kCausesMax];
  std::size_t surplus = counts_.size() - kCausesMax;
  for (auto entry = counts_.begin(); entry != counts_.end();) {
    if (surplus > 0 && entry->second <= kept_from) {
      other_ += entry->second;
      --surplus;
      counts_.erase(entry++);
    } else {
      ++entry;
    }
  }
}

std::vector<RejectCause> RejectCauses::Sorted() const {
  std::vector<RejectCause> causes;
  for (const auto& [key, count] : counts_) {
    const std::size_t split = key.find('\0');
    causes.push_back({key.substr(0, split), key.substr(split + 1), count});
  }
  std::ranges::sort(causes, [](const RejectCause& a, const RejectCause& b) {
    return a.count != b.count ? a.count > b.count : std::tie(a.place, a.expected) < std::tie(b.place, b.expected);
  });
  return causes;
}

}  // namespace clientele
