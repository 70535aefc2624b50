#include <algorithm>
#include <functional>

#include "engine/ordered_rows.h"
#include "engine/sorted_rows.h"

namespace clientele {
namespace {

// Positions are fetched so many rows ahead: each is a cache miss, and nothing else is waited for.
constexpr std::size_t kPositionsAhead = 16;

// Moves what stands at [offset, offset + limit) in order there and sorts it.
template <class T, class Before>
void SortSlice(std::vector<T>& items, std::size_t offset, std::size_t limit, Before before) {
  const auto begin = items.begin() + static_cast<std::ptrdiff_t>(offset);
  const auto end = begin + static_cast<std::ptrdiff_t>(limit);
  if (begin != items.begin()) std::nth_element(items.begin(), begin, items.end(), before);
  if (end != items.end()) std::nth_element(begin, end, items.end(), before);
  std::sort(begin, end, before);
}

// A row at its place in the first key's order, as one number: what comes first in the answer is smaller, but for ties.
struct PlacedRow {
  std::uint64_t packed;
  std::uint32_t row() const { return static_cast<std::uint32_t>(packed); }
  std::uint32_t place() const { return static_cast<std::uint32_t>(packed >> 32); }
  bool operator<(const PlacedRow& other) const { return packed < other.packed; }
};

// The place of a position, and the position of a place: the distance from the end that comes first.
std::uint32_t Mirrored(const ResolvedKey& key, std::uint32_t position) {
  return key.descending ? key.order->row_count() - 1 - position : position;
}

std::vector<PlacedRow> PlaceRows(const ResolvedKey& key, const std::vector<std::uint32_t>& rows) {
  const std::uint32_t* const position_of = key.order->position_of();
  std::vector<PlacedRow> placed(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kPositionsAhead < rows.size()) __builtin_prefetch(position_of + rows[i + kPositionsAhead]);
    placed[i].packed = std::uint64_t{Mirrored(key, position_of[rows[i]])} << 32 | rows[i];
  }
  return placed;
}

// The `count` smallest, in no order. When they are few among many, nearly all others cost one comparison that is foreseen.
std::vector<PlacedRow> Smallest(std::vector<PlacedRow> items, std::size_t count) {
  if (count >= items.size() / 4) {
    std::nth_element(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count - 1), items.end());
    items.resize(count);
    return items;
  }
  std::vector<PlacedRow> kept;
  kept.reserve(2 * count);
  PlacedRow limit{~std::uint64_t{0}};
  for (const PlacedRow item : items) {
    if (!(item < limit)) continue;
    kept.push_back(item);
    if (kept.size() < 2 * count) continue;
    const auto last = kept.begin() + static_cast<std::ptrdiff_t>(count - 1);
    std::nth_element(kept.begin(), last, kept.end());
    limit = *last;
    kept.resize(count);
  }
  const auto last = kept.begin() + static_cast<std::ptrdiff_t>(count - 1);
  std::nth_element(kept.begin(), last, kept.end());
  kept.resize(count);
  return kept;
}

// First and last place of the group of equal keys that a place belongs to.
struct Group {
  std::uint32_t first, last;
};
Group GroupOf(const ResolvedKey& key, std::uint32_t place) {
  const std::uint32_t position = Mirrored(key, place);
  const std::uint32_t begin = key.order->group_starts().Previous(position);
  const std::uint32_t last = key.order->group_starts().Next(position + 1) - 1;
  if (key.descending) return {Mirrored(key, last), Mirrored(key, begin)};
  return {begin, last};
}

// Keeps the rows whose place lies in the groups of equal keys that the page touches, and lessens `offset` by those that stand
// before: only these need more than one look at an index, however many there are.
void KeepPageGroups(const ResolvedKey& key, std::uint64_t& offset, std::uint64_t limit, std::vector<std::uint32_t>& rows) {
  std::vector<PlacedRow> placed = PlaceRows(key, rows);
  std::vector<PlacedRow> first = Smallest(placed, static_cast<std::size_t>(offset + limit));
  const PlacedRow last = *std::max_element(first.begin(), first.end());
  const auto begin = first.begin() + static_cast<std::ptrdiff_t>(offset);
  std::nth_element(first.begin(), begin, first.end());
  const std::uint32_t first_place = GroupOf(key, begin->place()).first;
  const std::uint32_t last_place = GroupOf(key, last.place()).last;
  rows.clear();
  for (const PlacedRow item : placed) {
    offset -= item.place() < first_place;
    if (item.place() - first_place <= last_place - first_place) rows.push_back(item.row());
  }
}

// One ascending order decides alone: its positions have ids as tie-break already.
std::vector<std::uint32_t> PageByPosition(const OrderTask& task, const std::vector<std::uint32_t>& rows) {
  std::vector<PlacedRow> placed = PlaceRows(task.keys[0], rows);
  placed = Smallest(std::move(placed), static_cast<std::size_t>(task.offset + task.limit));
  SortSlice(placed, task.offset, task.limit, std::less<PlacedRow>());
  std::vector<std::uint32_t> page(task.limit);
  std::transform(placed.begin() + static_cast<std::ptrdiff_t>(task.offset), placed.end(), page.begin(),
                 [](const PlacedRow& item) { return item.row(); });
  return page;
}

// Two ranks packed, so that nearly every comparison is one of integers.
struct Candidate {
  std::uint64_t key;
  std::uint32_t row;
};

std::vector<std::uint32_t> PageByRanks(const OrderTask& task, std::uint64_t offset, const std::vector<std::uint32_t>& rows) {
  const RowLess less(*task.segment, task.keys);
  std::vector<Candidate> candidates(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t row = rows[i];
    const std::uint32_t second = task.keys.size() > 1 ? task.keys[1].RankOf(row) : less.id_position()[row];
    candidates[i] = {std::uint64_t{task.keys[0].RankOf(row)} << 32 | second, row};
  }
  const bool packed_decides = task.keys.size() == 1;
  SortSlice(candidates, offset, task.limit, [&](const Candidate& a, const Candidate& b) {
    if (a.key != b.key || packed_decides) return a.key < b.key;
    return less(a.row, b.row);
  });
  std::vector<std::uint32_t> page(task.limit);
  std::transform(candidates.begin() + static_cast<std::ptrdiff_t>(offset),
                 candidates.begin() + static_cast<std::ptrdiff_t>(offset + task.limit), page.begin(),
                 [](const Candidate& candidate) { return candidate.row; });
  return page;
}

}  // namespace

std::unique_ptr<OrderedRows> GatherRows(const OrderTask& task) {
  std::vector<std::uint32_t> rows;
  rows.reserve(task.matches->count);
  AppendRows(*task.matches, rows);
  const std::size_t gathered = rows.size();
  const ResolvedKey& key = task.keys[0];
  std::uint64_t offset = task.offset;
  std::vector<std::uint32_t> page;
  if (task.keys.size() == 1 && !key.is_word() && !key.descending) {
    page = PageByPosition(task, rows);
  } else {
    if (!key.is_word() && task.limit < rows.size()) KeepPageGroups(key, offset, task.limit, rows);
    page = PageByRanks(task, offset, rows);
  }
  auto sorted = MakeSortedRows(std::move(page));
  sorted->rows_touched = gathered;
  return sorted;
}

}  // namespace clientele
