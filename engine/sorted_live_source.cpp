// Live rows that stand in the order of the query's first key already, as a source of a merge.
#include <algorithm>
#include <cassert>
#include <memory>
#include <span>
#include <utility>

#include <absl/container/inlined_vector.h>

#include "engine/live_order.h"
#include "engine/merge_source.h"
#include "engine/rows_by_group.h"

namespace clientele {
namespace {

// Rows of this source are indices into the answer's sorted rows. A boundary's place is one too: what stands before it in the
// answer is behind it there when the first key descends.
class Source final : public MergeSource {
 public:
  Source(const LiveAnswer& answer, std::uint32_t first_row)
      : rows_(*answer.sorted), first_row_(first_row), first_key_(answer.first_key) {}

  std::uint64_t count() const override { return rows_.size(); }
  std::uint64_t rows() const override { return rows_.size(); }
  void PrefetchKeys(std::span<const std::uint32_t>, std::span<const OrderKey>) const override {}
  bool has_all_rows() const override { return true; }
  SortKeyValue KeyOf(std::uint32_t row, Field field) const override { return LiveKey(*rows_[row].row, field); }
  std::int64_t IdOf(std::uint32_t row) const override { return rows_[row].row->id; }
  std::uint32_t first_row() const override { return first_row_; }

  std::unique_ptr<OrderedRows> Start(std::span<const OrderKey> keys, std::uint64_t offset, std::uint64_t limit) override {
    return StartAt(keys, Begin(), offset, limit);
  }
  std::unique_ptr<OrderedRows> StartFew(std::span<const OrderKey> keys, std::uint64_t limit) override {
    return StartAt(keys, Begin(), 0, limit);
  }
  std::unique_ptr<MergeSource> WithWord(Field, std::uint32_t) override {
    assert(false && "the first key is no word");
    return nullptr;
  }

  void Rank([[maybe_unused]] const OrderKey& key) override { assert(key == first_key_); }
  double RankCost(const OrderKey&) const override { return 0; }
  Boundary Begin() const override { return BoundaryOf(first_key_.descending ? size() : 0); }
  Boundary End() const override { return BoundaryOf(first_key_.descending ? 0 : size()); }
  SortKeyValue KeyAt(const Boundary& from, const Boundary&, std::uint64_t index) override {
    const auto in_answer = static_cast<std::uint32_t>(from.before + index);
    return FirstKeyOf(first_key_.descending ? size() - 1 - in_answer : in_answer);
  }
  KeyedBoundary BoundaryNear(std::uint64_t index) override {
    const SortKeyValue key = KeyAt(Begin(), End(), index);
    return {key, FindNear(key, index)};
  }
  Boundary FindNear(const SortKeyValue& key, std::uint64_t) override { return Find(key, false, Begin(), End()); }
  Boundary FindBehind(const SortKeyValue& key, const Boundary& front) override { return Find(key, true, front, End()); }
  Boundary Find(const SortKeyValue& key, bool behind, const Boundary& from, const Boundary& to) override {
    const auto [first, last] = std::minmax(from.place, to.place);
    return BoundaryOf(Bound(key, behind != first_key_.descending, first, last));
  }

  std::int64_t IdAt(const Boundary& from, const Boundary& to, std::uint64_t index) override {
    return IdOf(std::min(from.place, to.place) + static_cast<std::uint32_t>(index));
  }
  std::uint64_t CountIdsBelow(const Boundary& from, const Boundary& to, std::int64_t id) override {
    const auto [first, last] = std::minmax(from.place, to.place);
    const auto begin = rows_.begin() + first;
    const auto found =
        std::partition_point(begin, rows_.begin() + last, [id](const LiveSortedRow& one) { return one.row->id < id; });
    return static_cast<std::uint64_t>(found - begin);
  }

  std::unique_ptr<OrderedRows> StartAt(std::span<const OrderKey> keys, const Boundary& boundary, std::uint64_t skip,
                                       std::uint64_t limit) override {
    return std::make_unique<Rows>(*this, keys, boundary.place, skip, limit);
  }

 private:
  // From a place on; within a group the other keys decide.
  class Rows final : public RowsByGroup {
   public:
    Rows(const Source& source, std::span<const OrderKey> keys, std::uint32_t place, std::uint64_t skip, std::uint64_t limit)
        : RowsByGroup(skip, limit), source_(source), keys_(keys.begin(), keys.end()), place_(place) {}

   private:
    bool TakeGroup(Group& group) override {
      const bool descending = source_.first_key_.descending;
      if (place_ == (descending ? 0 : source_.size())) return false;
      const std::uint32_t here = descending ? place_ - 1 : place_;
      const std::uint32_t end = source_.GroupEnd(here);
      for (std::uint32_t row = std::min(here, end); row < std::max(here + 1, end); ++row) group.push_back(row);
      const auto comes_later = [&](std::uint32_t a, std::uint32_t b) {
        return LiveRowLess(*source_.rows_[b].row, *source_.rows_[a].row, keys_);
      };
      if (group.size() > 1) std::ranges::sort(group, comes_later);
      place_ = end;
      return true;
    }

    const Source& source_;
    const absl::InlinedVector<OrderKey, 4> keys_;
    std::uint32_t place_;
  };

  std::uint32_t size() const { return static_cast<std::uint32_t>(rows_.size()); }
  SortKeyValue FirstKeyOf(std::uint32_t place) const { return KeyOf(place, first_key_.field); }
  Boundary BoundaryOf(std::uint32_t place) const { return {first_key_.descending ? size() - place : place, place}; }

  // First place in [first, last) whose key is not less (`behind`: is greater).
  std::uint32_t Bound(const SortKeyValue& key, bool behind, std::uint32_t first, std::uint32_t last) const {
    const std::uint64_t number = FirstKeyNumber(key, {first_key_.field, false});
    const auto found = std::partition_point(rows_.begin() + first, rows_.begin() + last, [&](const LiveSortedRow& one) {
      if (one.number != number) return one.number < number;
      const auto order = LiveKey(*one.row, first_key_.field) <=> key;
      return order == 0 ? behind : order < 0;
    });
    return static_cast<std::uint32_t>(found - rows_.begin());
  }

  // Of the group of equal keys that the row belongs to: the end in the answer's direction, as a place.
  std::uint32_t GroupEnd(std::uint32_t row) const {
    const SortKeyValue key = FirstKeyOf(row);
    if (first_key_.descending) {
      while (row > 0 && rows_[row - 1].number == rows_[row].number && FirstKeyOf(row - 1) == key) --row;
      return row;
    }
    do ++row;
    while (row < size() && rows_[row].number == rows_[row - 1].number && FirstKeyOf(row) == key);
    return row;
  }

  const LiveSortedRows& rows_;
  const std::uint32_t first_row_;
  const OrderKey first_key_;
};

}  // namespace

std::unique_ptr<MergeSource> SortedLiveSource(const LiveAnswer& answer, std::uint32_t first_row) {
  return std::make_unique<Source>(answer, first_row);
}

}  // namespace clientele
