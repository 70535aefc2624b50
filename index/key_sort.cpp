#include "index/key_sort.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>
#include <vector>

#include "index/parallel.h"

namespace clientele {
namespace {

constexpr std::size_t kDigits = 256;
constexpr std::size_t kItemsPerPart = std::size_t{1} << 16;  // At least, so that counting does not outweigh them.

using Counts = std::array<std::uint32_t, kDigits>;

// In the order of the signed keys.
std::size_t Digit(std::int64_t key, unsigned shift) {
  return (static_cast<std::uint64_t>(key) ^ std::uint64_t{1} << 63) >> shift & (kDigits - 1);
}

struct Parts {
  std::size_t items, count;

  explicit Parts(std::size_t item_count)
      : items(item_count), count(std::clamp(item_count / kItemsPerPart, std::size_t{1}, 4 * ParallelWidth())) {}
  std::size_t Begin(std::size_t part) const { return items * part / count; }

  template <class Visit>
  void ForEach(Visit visit) const {
    ParallelFor(count, [&](std::size_t part) { visit(part, Begin(part), Begin(part + 1)); });
  }
};

// One pass: a stable distribution by one digit.
void Distribute(const Parts& parts, const KeyedItem* from, KeyedItem* to, unsigned shift, std::vector<Counts>& next) {
  parts.ForEach([&](std::size_t part, std::size_t begin, std::size_t end) {
    Counts counts{};
    for (std::size_t i = begin; i < end; ++i) ++counts[Digit(from[i].key, shift)];
    next[part] = counts;
  });
  std::uint32_t position = 0;
  for (std::size_t digit = 0; digit < kDigits; ++digit) {
    for (Counts& counts : next) position += std::exchange(counts[digit], position);
  }
  parts.ForEach([&](std::size_t part, std::size_t begin, std::size_t end) {
    Counts positions = next[part];
    for (std::size_t i = begin; i < end; ++i) to[positions[Digit(from[i].key, shift)]++] = from[i];
  });
}

}  // namespace

void SortByKey(HugeArray<KeyedItem>& items) {
  if (items.empty()) return;
  const Parts parts(items.size());
  std::atomic<std::uint64_t> differing = 0;
  std::atomic<bool> sorted = true;
  parts.ForEach([&](std::size_t, std::size_t begin, std::size_t end) {
    std::uint64_t bits = 0;
    bool ascending = true;
    for (std::size_t i = std::max<std::size_t>(begin, 1); i < end; ++i) {
      bits |= static_cast<std::uint64_t>(items[i].key ^ items[0].key);
      ascending = ascending && items[i - 1].key <= items[i].key;
    }
    differing |= bits;
    if (!ascending) sorted = false;
  });
  if (sorted) return;
  auto other = HugeArray<KeyedItem>::Uninitialized(items.size());
  std::vector<Counts> next(parts.count);
  for (unsigned shift = 0; shift < 64; shift += 8) {
    if ((differing >> shift & (kDigits - 1)) == 0) continue;
    Distribute(parts, items.data(), other.data(), shift, next);
    std::swap(items, other);
  }
}

}  // namespace clientele
