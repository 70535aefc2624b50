#include "index/hash_postings.h"

#include <algorithm>

#include <xxhash.h>

#include "index/parallel.h"

namespace clientele {
namespace {

std::uint64_t Key(const HashPostings::Entry& entry) {
  return std::uint64_t{entry.hash} << 32 | entry.row;
}

}  // namespace

HashPostings::HashPostings(HugeArray<Entry> entries) : entries_(std::move(entries)) {
  ParallelSort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return Key(a) < Key(b); });
}

std::uint32_t HashPostings::Hash(std::string_view text) {
  return static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size()));
}

std::string HashPostings::Problem(std::uint32_t rows) const {
  if (std::ranges::any_of(entries_, [&](const Entry& entry) { return entry.row >= rows; })) return "a row past the last";
  return std::ranges::is_sorted(entries_, std::ranges::less_equal{}, Key) ? "" : "hashes that do not ascend";
}

std::span<const HashPostings::Entry> HashPostings::Find(std::uint32_t hash) const {
  // Not equal_range, whose result type clang 14, which builds the fuzzers, cannot compile.
  const std::span<const Entry> entries = entries_.span();
  const auto first = std::ranges::lower_bound(entries, hash, {}, &Entry::hash);
  return {first, std::ranges::upper_bound(first, entries.end(), hash, {}, &Entry::hash)};
}

}  // namespace clientele
