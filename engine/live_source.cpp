#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include <absl/container/inlined_vector.h>

#include "engine/live_order.h"
#include "engine/merge_source.h"
#include "engine/sorted_rows.h"

namespace clientele {
namespace {

// A row of the answer with its first key as a number (FirstKeyNumber).
struct Entry {
  std::uint64_t first_key;
  std::uint32_t row;  // Index into the answer's rows.
};

// Rows in no order, put in order as they are taken: of the live rows that match, few are on a page.
class Heap final : public OrderedRows {
 public:
  // `heap` has the numbers of the first key; the first `skip` rows are left out.
  Heap(const LiveAnswer& answer, std::vector<Entry> heap, std::span<const OrderKey> keys, std::uint64_t skip, std::uint64_t limit)
      : answer_(answer), heap_(std::move(heap)), keys_(keys.begin(), keys.end()), left_(limit) {
    const auto behind = [this](const Entry& a, const Entry& b) { return Behind(a, b); };
    std::make_heap(heap_.begin(), heap_.end(), behind);
    for (; skip > 0 && !heap_.empty(); --skip) Pop();
  }

  std::size_t Next(std::span<std::uint32_t> rows) override {
    std::size_t filled = 0;
    for (; filled < rows.size() && left_ > 0 && !heap_.empty(); --left_) rows[filled++] = Pop();
    return filled;
  }

 private:
  bool Behind(const Entry& a, const Entry& b) const {
    if (a.first_key != b.first_key) return a.first_key > b.first_key;
    return LiveRowLess(*answer_.rows[b.row], *answer_.rows[a.row], keys_);
  }
  std::uint32_t Pop() {
    const std::uint32_t row = heap_.front().row;
    std::pop_heap(heap_.begin(), heap_.end(), [this](const Entry& a, const Entry& b) { return Behind(a, b); });
    heap_.pop_back();
    return row;
  }

  const LiveAnswer& answer_;
  std::vector<Entry> heap_;  // Its top comes first in the answer.
  const absl::InlinedVector<OrderKey, 4> keys_;
  std::uint64_t left_;
};

// Rows of this source are indices into the answer's. They stand in the query's order already, at least so many of them as the
// page may need; or in no order, and then as much of an order is made as is asked for, by partitioning or by a heap.
class Source final : public MergeSource {
 public:
  Source(const LiveAnswer& answer, std::uint32_t first_row, std::vector<Entry> entries, std::uint64_t count, bool is_ordered)
      : answer_(answer), first_row_(first_row), entries_(std::move(entries)), count_(count), is_ordered_(is_ordered) {}

  std::uint64_t count() const override { return count_; }
  std::uint64_t rows() const override { return count_; }
  void PrefetchKeys(std::span<const std::uint32_t>, std::span<const OrderKey>) const override {}
  bool has_all_rows() const override { return entries_.size() == count_; }
  SortKeyValue KeyOf(std::uint32_t row, Field field) const override { return LiveKey(*answer_.rows[row], field); }
  std::int64_t IdOf(std::uint32_t row) const override { return answer_.rows[row]->id; }
  std::uint32_t first_row() const override { return first_row_; }

  std::unique_ptr<OrderedRows> Start(std::span<const OrderKey> keys, std::uint64_t offset, std::uint64_t limit) override {
    return RowsFrom(keys, 0, offset, limit);
  }
  std::unique_ptr<OrderedRows> StartFew(std::span<const OrderKey> keys, std::uint64_t limit) override {
    return RowsFrom(keys, 0, 0, limit);
  }

  std::unique_ptr<MergeSource> WithWord(Field field, std::uint32_t word) override {
    const std::string_view text = Def(field).words[word];
    std::vector<Entry> entries;
    std::ranges::copy_if(entries_, std::back_inserter(entries),
                         [&](const Entry& entry) { return WordOf(*answer_.rows[entry.row], field) == text; });
    const std::uint64_t count = entries.size();
    // In order by the remaining keys if they were by all; their numbers are of another key now.
    return std::make_unique<Source>(answer_, first_row_, std::move(entries), count, is_ordered_);
  }

  void Rank(const OrderKey& key) override {
    first_key_ = key;
    for (Entry& entry : entries_) entry.first_key = NumberOf(entry.row, key);
  }
  double RankCost(const OrderKey&) const override { return 5 * static_cast<double>(count_); }
  Boundary Begin() const override { return {0, 0}; }
  Boundary End() const override { return {count_, static_cast<std::uint32_t>(count_)}; }
  SortKeyValue KeyAt(const Boundary& from, const Boundary& to, std::uint64_t index) override {
    const auto wanted = Place(from) + static_cast<std::ptrdiff_t>(index);
    if (!is_ordered_)
      std::nth_element(Place(from), wanted, Place(to), [this](const Entry& a, const Entry& b) { return Less(a, b); });
    return KeyOf(wanted->row, first_key_.field);
  }

  KeyedBoundary BoundaryNear(std::uint64_t index) override {
    const SortKeyValue key = KeyAt(Begin(), End(), index);
    return {key, Find(key, false, Begin(), End())};
  }
  Boundary FindNear(const SortKeyValue& key, std::uint64_t) override { return Find(key, false, Begin(), End()); }

  Boundary FindBehind(const SortKeyValue& key, const Boundary& front) override { return Find(key, true, front, End()); }

  Boundary Find(const SortKeyValue& key, bool behind, const Boundary& from, const Boundary& to) override {
    const std::uint64_t number = FirstKeyNumber(key, first_key_);
    const auto stands_before = [&](const Entry& entry) {
      if (entry.first_key != number) return entry.first_key < number;
      const auto order = KeyOf(entry.row, first_key_.field) <=> key;
      return order == 0 ? behind : (order < 0) != first_key_.descending;
    };
    const auto found = is_ordered_ ? std::partition_point(Place(from), Place(to), stands_before)
                                   : std::partition(Place(from), Place(to), stands_before);
    const auto place = static_cast<std::uint32_t>(found - entries_.begin());
    return {place, place};
  }

  std::int64_t IdAt(const Boundary& from, const Boundary& to, std::uint64_t index) override { return SortedIds(from, to)[index]; }
  std::uint64_t CountIdsBelow(const Boundary& from, const Boundary& to, std::int64_t id) override {
    const std::vector<std::int64_t> ids = SortedIds(from, to);
    return static_cast<std::uint64_t>(std::ranges::lower_bound(ids, id) - ids.begin());
  }

  std::unique_ptr<OrderedRows> StartAt(std::span<const OrderKey> keys, const Boundary& boundary, std::uint64_t skip,
                                       std::uint64_t limit) override {
    return RowsFrom(keys, boundary.place, skip, limit);
  }

 private:
  std::vector<Entry>::iterator Place(const Boundary& boundary) { return entries_.begin() + boundary.place; }

  std::uint64_t NumberOf(std::uint32_t row, const OrderKey& key) const {
    const bool is_known = !answer_.first_keys.empty() && key == answer_.first_key;
    return is_known ? answer_.first_keys[row] : FirstKeyNumber(KeyOf(row, key.field), key);
  }

  bool Less(const Entry& a, const Entry& b) const {
    if (a.first_key != b.first_key) return a.first_key < b.first_key;
    const auto order = KeyOf(a.row, first_key_.field) <=> KeyOf(b.row, first_key_.field);
    return first_key_.descending ? order > 0 : order < 0;
  }

  // From `place` on, without the first `skip`: as many in order as will be wanted.
  std::unique_ptr<OrderedRows> RowsFrom(std::span<const OrderKey> keys, std::uint32_t place, std::uint64_t skip,
                                        std::uint64_t limit) {
    const auto first = entries_.begin() + place;
    const auto size = static_cast<std::uint64_t>(entries_.end() - first);
    const auto last = first + static_cast<std::ptrdiff_t>(std::min(size, skip + std::min(limit, size)));
    if (!is_ordered_) {
      std::vector<Entry> heap(first, entries_.end());
      for (Entry& entry : heap) entry.first_key = NumberOf(entry.row, keys[0]);
      return std::make_unique<Heap>(answer_, std::move(heap), keys, skip, limit);
    }
    std::vector<std::uint32_t> rows;
    rows.reserve(static_cast<std::size_t>(last - first));
    for (auto entry = first + static_cast<std::ptrdiff_t>(std::min(skip, size)); entry < last; ++entry)
      rows.push_back(entry->row);
    return MakeSortedRows(std::move(rows));
  }

  // A group of live rows with equal keys is short.
  std::vector<std::int64_t> SortedIds(const Boundary& from, const Boundary& to) const {
    std::vector<std::int64_t> ids;
    for (std::uint32_t place = from.place; place < to.place; ++place) ids.push_back(IdOf(entries_[place].row));
    std::ranges::sort(ids);
    return ids;
  }
  static std::string_view WordOf(const LiveRow& row, Field field) {
    return field == Field::kStatus ? Def(field).words[row.status] : std::string_view();
  }

  const LiveAnswer& answer_;
  const std::uint32_t first_row_;
  std::vector<Entry> entries_;
  const std::uint64_t count_;
  const bool is_ordered_;
  OrderKey first_key_;
};

}  // namespace

std::unique_ptr<MergeSource> LiveSource(const LiveAnswer& answer, std::uint32_t first_row) {
  std::vector<Entry> entries(answer.rows.size());
  for (std::uint32_t row = 0; row < entries.size(); ++row) entries[row] = {0, row};
  return std::make_unique<Source>(answer, first_row, std::move(entries), answer.count, answer.first_keys.empty());
}

}  // namespace clientele
