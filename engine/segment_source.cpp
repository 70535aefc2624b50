#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "engine/grouped_rows.h"
#include "engine/heap_rows.h"
#include "engine/merge_source.h"
#include "engine/order_plan.h"
#include "engine/order_walk.h"
#include "engine/position_rows.h"
#include "engine/ranked_matches.h"
#include "engine/segment_keys.h"

namespace clientele {
namespace {

// A source's matches word by word, for who will take few of many: as ValueGroupRows, but no word's rows are put in order further
// than they are taken.
class FewByWord final : public GroupedRows {
 public:
  FewByWord(MergeSource& source, std::span<const OrderKey> keys, std::uint64_t limit)
      : GroupedRows(0, limit),
        source_(source),
        field_(keys[0].field),
        rest_(keys.begin() + 1, keys.end()),
        words_(WordOrderOf(field_, keys[0].descending).words) {
    if (rest_.empty()) rest_.push_back({Field::kId, false});
  }

 private:
  std::unique_ptr<OrderedRows> NextGroup(std::uint64_t&, std::uint64_t limit) override {
    while (next_word_ < words_.size()) {
      group_ = source_.WithWord(field_, words_[next_word_++]);
      if (group_->count() > 0) return group_->StartFew(rest_, std::min(limit, group_->count()));
    }
    return nullptr;
  }

  MergeSource& source_;
  const Field field_;
  std::vector<OrderKey> rest_;  // The keys within a group; by id when there are none.
  const std::vector<std::uint32_t>& words_;
  std::size_t next_word_ = 0;
  std::unique_ptr<MergeSource> group_;  // Whose rows are being taken.
};

class Source final : public MergeSource {
 public:
  Source(const SegmentView& view, std::shared_ptr<const MatchSet> matches)
      : view_(view), segment_(*view.segment), matches_(std::move(matches)) {}

  std::uint64_t count() const override { return matches_->count; }
  std::uint64_t rows() const override { return segment_.row_count(); }
  bool has_all_rows() const override { return true; }
  SortKeyValue KeyOf(std::uint32_t row, Field field) const override { return SegmentKey(segment_, field, row); }
  std::strong_ordering CompareKey(std::uint32_t row, Field field, const SortKeyValue& key) const override {
    if (Def(field).kind != FieldKind::kText) return KeyOf(row, field) <=> key;
    const SortOrder& order = segment_.field(field).order;
    const std::uint32_t position = order.position_of()[row];
    if (position >= order.keyed_count() || key.is_null) return CompareKeyAt(segment_, field, position, key);
    // A search among rows that have few different texts meets the same one again and again.
    const std::uint32_t group = order.GroupAt(position);
    const bool is_known = compared_.text.data() == key.text.data() && compared_.text.size() == key.text.size() &&
                          compared_.group == group && compared_.field == field;
    if (!is_known) compared_ = {key.text, field, group, segment_.field(field).texts.CompareAscending(group, key.text)};
    return compared_.order;
  }
  void NumbersOf(std::span<const std::uint32_t> rows, Field field, std::span<std::int64_t> numbers) const override {
    SegmentNumbers(segment_, field, rows, numbers);
  }
  void PrefetchKeys(std::span<const std::uint32_t> rows, std::span<const OrderKey> keys) const override {
    for (const OrderKey& key : keys) {
      const FieldIndex& index = segment_.field(key.field);
      const bool is_word = Def(key.field).kind == FieldKind::kWord;
      for (const std::uint32_t row : rows) {
        if (is_word)
          __builtin_prefetch(index.word_codes.data() + row);
        else
          __builtin_prefetch(index.order.position_of() + row);
      }
    }
    if (rows.size() > 1) return;
    const auto compared = std::ranges::find_if(keys, [](const OrderKey& key) { return Def(key.field).kind != FieldKind::kWord; });
    if (compared != keys.end()) PrefetchSegmentKey(segment_, compared->field, rows[0]);
  }
  std::optional<SortKeyValue> FirstKeyOfAll(const OrderKey& key) const override {
    return SegmentKeyAt(segment_, key.field, key.descending ? row_count() - 1 : 0);
  }
  std::int64_t IdOf(std::uint32_t row) const override { return segment_.ClientId(row); }
  std::uint32_t first_row() const override { return view_.first_row; }

  std::unique_ptr<OrderedRows> Start(std::span<const OrderKey> keys, std::uint64_t offset, std::uint64_t limit) override {
    const OrderTask task = Task(keys, offset, limit);
    return StartOrder(task, ChooseOrderPlan(task, OrderPlan::kNone));
  }
  std::unique_ptr<OrderedRows> StartFew(std::span<const OrderKey> keys, std::uint64_t limit) override {
    const OrderTask task = Task(keys, 0, limit);
    const ResolvedKey& first = task.keys[0];
    if (matches_->form == MatchSet::Form::kAll && !first.is_word()) return WalkRows(task);
    if (matches_->form == MatchSet::Form::kBits && !first.is_word() && WalkToFirst() < HeapOfAll()) return WalkRows(task);
    if (first.is_word() && matches_->form != MatchSet::Form::kRows && count() > kHeapByWordMax)
      return std::make_unique<FewByWord>(*this, keys, limit);
    if (HeapOfAll() < kHeapMax) return HeapRows(task);
    return StartOrder(task, ChooseOrderPlan(task, OrderPlan::kNone));
  }

  std::unique_ptr<MergeSource> WithWord(Field field, std::uint32_t word) override {
    return std::make_unique<Source>(view_, MatchesWithWord(*matches_, segment_.field(field).values, word));
  }

  void Rank(const OrderKey& key) override {
    first_key_ = key;
    ranked_.emplace(segment_.field(key.field).order, key.field, matches_);
    matches_ = ranked_->matches();
  }
  double RankCost(const OrderKey& key) const override { return RankedMatches::Cost(segment_.field(key.field).order, *matches_); }
  Boundary Begin() const override { return {0, first_key_.descending ? row_count() : 0}; }
  Boundary End() const override { return {count(), first_key_.descending ? 0 : row_count()}; }
  SortKeyValue KeyAt(const Boundary& from, const Boundary&, std::uint64_t index) override {
    const std::uint64_t in_answer = from.before + index;
    const std::uint64_t ascending = first_key_.descending ? count() - 1 - in_answer : in_answer;
    return SegmentKeyAt(segment_, first_key_.field, PositionOf(ascending));
  }

  KeyedBoundary BoundaryNear(std::uint64_t index) override {
    const RankedBits& starts = segment_.field(first_key_.field).order.group_starts();
    const std::uint64_t rank = first_key_.descending ? count() - 1 - index : index;
    auto [place, below] = ranked_->PlaceNear(static_cast<std::uint32_t>(rank), first_key_.descending);
    const std::uint32_t boundary = first_key_.descending ? starts.Next(place) : starts.Previous(place);
    if (boundary != place) below = ranked_->CountBefore(boundary);
    return {SegmentKeyAt(segment_, first_key_.field, first_key_.descending ? boundary - 1 : boundary),
            {first_key_.descending ? count() - below : below, boundary}};
  }

  Boundary FindNear(const SortKeyValue& key, std::uint64_t guess) override {
    if (const auto* positions = ranked_->sorted_positions()) return FindAmong(*positions, key);
    if (last_place_ > row_count()) {
      const std::uint64_t rank = first_key_.descending ? count() - 1 - guess : guess;
      last_place_ = PositionOf(rank);
    }
    last_place_ = BoundOfKeyNear(segment_, first_key_.field, key, first_key_.descending, last_place_);
    return BoundaryOf(last_place_);
  }

  Boundary FindBehind(const SortKeyValue& key, const Boundary& front) override {
    const RankedBits& starts = segment_.field(first_key_.field).order.group_starts();
    const bool descending = first_key_.descending;
    if (front.before == count() || front.place == End().place) return front;
    std::uint32_t first = descending ? front.place - 1 : front.place;
    // Between such matches there may be rows with other keys.
    if (const auto* positions = ranked_->sorted_positions())
      first = (*positions)[descending ? positions->size() - 1 - front.before : front.before];
    if (CompareKeyAt(segment_, first_key_.field, first, key) != 0) return front;
    return BoundaryOf(descending ? starts.Previous(first) : starts.Next(first + 1));
  }

  Boundary Find(const SortKeyValue& key, bool behind, const Boundary& from, const Boundary& to) override {
    // Positions ascend whatever the direction: what is in front in the answer is behind there.
    const bool descending = first_key_.descending;
    const auto [first, last] = std::minmax(from.place, to.place);
    const std::uint32_t position = BoundOfKey(segment_, first_key_.field, key, behind != descending, first, last);
    return BoundaryOf(position);
  }

  std::int64_t IdAt(const Boundary& from, const Boundary& to, std::uint64_t index) override {
    return IdAtPosition(ranked_->PositionOf(FirstRank(from, to) + static_cast<std::uint32_t>(index)));
  }
  std::uint64_t CountIdsBelow(const Boundary& from, const Boundary& to, std::int64_t id) override {
    // Positions of one group stand in the order of their ids.
    std::uint32_t first = std::min(from.place, to.place), last = std::max(from.place, to.place);
    while (first < last) {
      const std::uint32_t middle = first + (last - first) / 2;
      if (IdAtPosition(middle) < id)
        first = middle + 1;
      else
        last = middle;
    }
    return ranked_->CountBefore(first) - FirstRank(from, to);
  }

  std::unique_ptr<OrderedRows> StartAt(std::span<const OrderKey> keys, const Boundary& boundary, std::uint64_t skip,
                                       std::uint64_t limit) override {
    const OrderTask task = Task(keys, boundary.before + skip, limit);
    if (const auto* positions = ranked_->sorted_positions()) return PositionRows(task, *positions, boundary.before, skip);
    const std::uint64_t wanted = skip + task.limit;
    const bool passes =
        ranked_->has_buckets() && kPassPerMatch * static_cast<double>(count()) < static_cast<double>(wanted) * WalkToFirst();
    if (passes || (ranked_->by_planes() && wanted <= kListedMax)) {
      const bool whole_groups = first_key_.descending || task.keys.size() > 1;
      return PositionRows(task, ranked_->PositionsFrom(boundary.place, wanted, first_key_.descending, whole_groups), 0, skip);
    }
    // One ascending key: the first match's position is known. Otherwise walks begin at a group.
    if (task.keys.size() == 1 && !first_key_.descending) {
      const auto index = static_cast<std::uint32_t>(boundary.before + skip);
      return std::make_unique<OrderWalk>(task, ranked_->PositionOf(index), 0);
    }
    return std::make_unique<OrderWalk>(task, boundary.place, skip);
  }

 private:
  std::uint32_t row_count() const { return segment_.row_count(); }

  OrderTask Task(std::span<const OrderKey> keys, std::uint64_t offset, std::uint64_t limit) {
    keys_ = ResolveOrder(segment_, keys);
    return {&segment_, matches_, keys_, offset, std::min(limit, count() - offset)};
  }

  // Nanoseconds, about.
  static constexpr std::uint64_t kListedMax = 1'000, kHeapByWordMax = 150;
  static constexpr double kPassPerMatch = 1.5, kHeapPerMatch = 8, kHeapMax = 50'000;
  double WalkToFirst() const { return WalkPerPosition(row_count()) * row_count() / static_cast<double>(count()); }
  double HeapOfAll() const { return kHeapPerMatch * static_cast<double>(count()); }

  // How a group's text compares with one that lasts as long as this source.
  struct Compared {
    std::string_view text;
    Field field = Field::kId;
    std::uint32_t group = 0;
    std::strong_ordering order = std::strong_ordering::equal;
  };
  mutable Compared compared_;

  std::uint32_t PositionOf(std::uint64_t rank) { return ranked_->PositionOf(static_cast<std::uint32_t>(rank)); }

  Boundary BoundaryOf(std::uint32_t position) {
    const std::uint32_t below = ranked_->CountBefore(position);
    return {first_key_.descending ? count() - below : below, position};
  }

  // Few matches: their keys are looked at, not those of the positions around.
  Boundary FindAmong(const std::vector<std::uint32_t>& positions, const SortKeyValue& key) const {
    const auto bound = std::ranges::partition_point(positions, [&](std::uint32_t position) {
      const auto here = CompareKeyAt(segment_, first_key_.field, position, key);
      return here < 0 || (first_key_.descending && here == 0);
    });
    const auto below = static_cast<std::uint64_t>(bound - positions.begin());
    return {first_key_.descending ? count() - below : below, bound == positions.end() ? row_count() : *bound};
  }

  std::int64_t IdAtPosition(std::uint32_t position) const {
    return segment_.ClientId(segment_.field(first_key_.field).order.row_at()[position]);
  }
  // By ascending position, the number of the first match between two boundaries.
  std::uint32_t FirstRank(const Boundary& from, const Boundary& to) const {
    return static_cast<std::uint32_t>(first_key_.descending ? count() - to.before : from.before);
  }

  const SegmentView& view_;
  const Segment& segment_;
  std::shared_ptr<const MatchSet> matches_;
  std::vector<ResolvedKey> keys_;  // Of the last task: the rows in order use them.
  OrderKey first_key_;
  std::optional<RankedMatches> ranked_;
  std::uint32_t last_place_ = std::numeric_limits<std::uint32_t>::max();  // Where FindNear found a boundary.
};

}  // namespace

std::unique_ptr<MergeSource> SegmentSource(const SegmentView& view, std::shared_ptr<const MatchSet> matches) {
  return std::make_unique<Source>(view, std::move(matches));
}

}  // namespace clientele
