#include "engine/merged_rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

namespace clientele {
namespace {

using Boundary = MergeSource::Boundary;

// Nanoseconds; measured by bench/engine/merged_rows_bench.
constexpr double kMergePerRow = 150, kSearchPerSource = 20'000;

// One source while it is merged: a few of its rows ahead, and the key of the first.
class Head {
 public:
  Head(const MergeSource& source, std::unique_ptr<OrderedRows> rows, const OrderKey& key)
      : source_(&source), rows_(std::move(rows)), key_field_(key.field) {
    Fill();
  }

  bool is_empty() const { return next_ == filled_; }
  std::uint32_t row() const { return buffer_[next_]; }
  const SortKeyValue& key() const { return key_; }  // First key of row().
  const MergeSource& source() const { return *source_; }
  void Advance() {
    if (++next_ == filled_) {
      Fill();
    } else {
      key_ = source_->KeyOf(row(), key_field_);
    }
  }
  std::uint64_t rows_touched() const { return rows_->rows_touched; }

 private:
  void Fill() {
    next_ = 0;
    filled_ = rows_->Next(std::span(buffer_).first(batch_));
    batch_ = std::min(batch_ * 2, buffer_.size());
    if (filled_ > 0) key_ = source_->KeyOf(row(), key_field_);
  }

  const MergeSource* source_;
  std::unique_ptr<OrderedRows> rows_;
  Field key_field_;
  SortKeyValue key_;
  std::array<std::uint32_t, 64> buffer_;
  std::size_t next_ = 0, filled_ = 0;
  std::size_t batch_ = 4;  // A source may have only a row or two of the page: it is asked for few at first.
};

class Merge final : public OrderedRows {
 public:
  // `starts` are rows of task.sources, in this order; the first `skip` rows of the merge are left out.
  Merge(MergeTask task, std::vector<std::unique_ptr<OrderedRows>> starts, std::uint64_t skip)
      : task_(std::move(task)), skip_(skip), left_(task_.limit) {
    for (std::size_t i = 0; i < starts.size(); ++i) {
      if (starts[i] == nullptr) continue;
      heads_.emplace_back(*task_.sources[i], std::move(starts[i]), task_.keys[0]);
      if (heads_.back().is_empty()) heads_.pop_back();
    }
  }

  std::size_t Next(std::span<std::uint32_t> rows) override {
    std::size_t filled = 0;
    while (filled < rows.size() && left_ > 0 && !heads_.empty()) {
      Head& first = *std::ranges::min_element(heads_, [this](const Head& a, const Head& b) { return Less(a, b); });
      if (skip_ > 0) {
        --skip_;
      } else {
        rows[filled++] = first.source().first_row() + first.row();
        --left_;
      }
      ++rows_touched;
      first.Advance();
      if (first.is_empty()) heads_.erase(heads_.begin() + (&first - heads_.data()));
    }
    return filled;
  }

 private:
  bool Less(const Head& a, const Head& b) const {
    if (const auto order = a.key() <=> b.key(); order != 0) return task_.keys[0].descending ? order > 0 : order < 0;
    for (std::size_t i = 1; i < task_.keys.size(); ++i) {
      const OrderKey& key = task_.keys[i];
      const auto order = a.source().KeyOf(a.row(), key.field) <=> b.source().KeyOf(b.row(), key.field);
      if (order != 0) return key.descending ? order > 0 : order < 0;
    }
    return a.source().IdOf(a.row()) < b.source().IdOf(b.row());
  }

  const MergeTask task_;
  std::vector<Head> heads_;
  std::uint64_t skip_, left_;
};

std::uint64_t Sum(const std::vector<Boundary>& boundaries) {
  std::uint64_t sum = 0;
  for (const Boundary& boundary : boundaries) sum += boundary.before;
  return sum;
}

// Searches all sources for boundaries in front of match number `offset`, as near to it as boundaries get: within a group of equal
// first keys, or a few matches.
class Selection {
 public:
  Selection(MergeTask& task) : task_(task) {
    for (const auto& source : task.sources) {
      source->Rank(task.keys[0]);
      from_.push_back(source->Begin());
      to_.push_back(source->End());
    }
  }

  // Where each source begins, and how many of its matches behind that boundary stand before the wanted one. Further matches may
  // have to be left out of the merge: task.offset less the sum of both.
  struct Start {
    std::vector<Boundary> from;
    std::vector<std::uint64_t> skip;
  };
  Start Run() {
    while (true) {
      const std::uint64_t before = Sum(from_), window = Sum(to_) - before;
      if (window <= kNearEnough) return {from_, std::vector<std::uint64_t>(from_.size())};
      // Matches of the sources lie among each other more or less evenly, so that the wanted one's share of the window tells where
      // it is, give or take the square root of the window: that much is cut off on both sides in turn. When that does not help,
      // the window is halved.
      const double spread = 2 * std::sqrt(static_cast<double>(window));
      const double aim = static_cast<double>(task_.offset - before);
      const bool low = turn_ % 3 == 0, high = turn_ % 3 == 1;
      ++turn_;
      const double target = low ? aim - spread : high ? aim + spread : static_cast<double>(window) / 2;
      if (Narrow(std::clamp(target / static_cast<double>(window), 0.0, 1.0))) return {from_, SkipInGroup()};
    }
  }

 private:
  static constexpr std::uint64_t kNearEnough = 32;  // Matches that may as well be merged.

  // Cuts the window at the key of a match, `share` of the way into the source that has most of it. True when the wanted match is
  // among those of that key.
  bool Narrow(double share) {
    std::size_t largest = 0;
    const auto size = [this](std::size_t i) { return to_[i].before - from_[i].before; };
    for (std::size_t i = 1; i < from_.size(); ++i) {
      if (size(i) > size(largest)) largest = i;
    }
    const auto step = std::min(static_cast<std::uint64_t>(share * static_cast<double>(size(largest))), size(largest) - 1);
    const SortKeyValue key = task_.sources[largest]->KeyAt(from_[largest], to_[largest], step);
    std::vector<Boundary> cut = Cut(key, false, from_, to_);
    if (Sum(cut) > task_.offset) {
      to_ = std::move(cut);
      return false;
    }
    std::vector<Boundary> behind = Cut(key, true, cut, to_);
    const bool found = Sum(behind) > task_.offset;
    from_ = std::move(found ? cut : behind);
    if (found) to_ = std::move(behind);
    return found;
  }

  // All matches between from_ and to_ have the same first key. When ids decide among them, those before the wanted one are found
  // by a search for its id; other keys would have to be put in order first, which the merge does.
  std::vector<std::uint64_t> SkipInGroup() const {
    std::vector<std::uint64_t> skip(from_.size());
    const bool by_id = task_.keys.size() == 1 || task_.keys[1].field == Field::kId;
    if (!by_id) return skip;
    const bool descending = task_.keys.size() > 1 && task_.keys[1].descending;
    const std::uint64_t group = Sum(to_) - Sum(from_);
    // As a number of matches with lesser ids.
    const std::uint64_t wanted = descending ? group - (task_.offset - Sum(from_)) : task_.offset - Sum(from_);
    std::vector<std::uint64_t> low(from_.size()), high(from_.size());
    for (std::size_t i = 0; i < from_.size(); ++i) high[i] = to_[i].before - from_[i].before;
    while (true) {
      std::size_t largest = 0;
      for (std::size_t i = 1; i < low.size(); ++i) {
        if (high[i] - low[i] > high[largest] - low[largest]) largest = i;
      }
      if (high[largest] == low[largest]) break;
      const std::uint64_t middle = low[largest] + (high[largest] - low[largest]) / 2;
      const std::int64_t id = task_.sources[largest]->IdAt(from_[largest], to_[largest], middle);
      std::vector<std::uint64_t> below(low.size());
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < low.size(); ++i) {
        const bool is_known = low[i] == high[i];
        below[i] = is_known ? low[i] : std::clamp(task_.sources[i]->CountIdsBelow(from_[i], to_[i], id), low[i], high[i]);
        sum += below[i];
      }
      if (sum >= wanted) {
        high = std::move(below);
      } else {
        low = std::move(below);
        ++low[largest];  // The match with this id stands before the wanted one, or is it.
      }
    }
    for (std::size_t i = 0; i < skip.size(); ++i) skip[i] = descending ? to_[i].before - from_[i].before - low[i] : low[i];
    return skip;
  }

  std::vector<Boundary> Cut(const SortKeyValue& key, bool behind, const std::vector<Boundary>& from,
                            const std::vector<Boundary>& to) const {
    std::vector<Boundary> cut;
    cut.reserve(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      const bool is_empty = from[i].before == to[i].before;
      cut.push_back(is_empty ? from[i] : task_.sources[i]->Find(key, behind, from[i], to[i]));
    }
    return cut;
  }

  MergeTask& task_;
  std::vector<Boundary> from_, to_;
  std::uint32_t turn_ = 0;
};

std::unique_ptr<OrderedRows> MergeFromStart(MergeTask task) {
  const std::uint64_t wanted = task.offset + task.limit;
  std::vector<std::unique_ptr<OrderedRows>> starts;
  for (const auto& source : task.sources) {
    starts.push_back(source->count() == 0 ? nullptr : source->Start(task.keys, 0, std::min(wanted, source->count())));
  }
  const std::uint64_t skip = task.offset;
  return std::make_unique<Merge>(std::move(task), std::move(starts), skip);
}

std::unique_ptr<OrderedRows> MergeFromSelected(MergeTask task) {
  const Selection::Start start = Selection(task).Run();
  const std::uint64_t skip =
      task.offset - Sum(start.from) - std::accumulate(start.skip.begin(), start.skip.end(), std::uint64_t{0});
  std::vector<std::unique_ptr<OrderedRows>> starts;
  for (std::size_t i = 0; i < start.from.size(); ++i) {
    const auto& source = task.sources[i];
    const std::uint64_t left = source->count() - start.from[i].before - start.skip[i];
    starts.push_back(left == 0 ? nullptr
                               : source->StartAt(task.keys, start.from[i], start.skip[i], std::min(skip + task.limit, left)));
  }
  return std::make_unique<Merge>(std::move(task), std::move(starts), skip);
}

// What it costs to reach the page from the first match on, and by selection.
double FromStartCost(const MergeTask& task) {
  const std::uint64_t wanted = task.offset + task.limit;
  double cost = static_cast<double>(wanted) * kMergePerRow;
  for (const auto& source : task.sources) {
    if (source->count() > 0) cost += source->StartCost(task.keys, 0, std::min(wanted, source->count()));
  }
  return cost;
}
double SelectionCost(const MergeTask& task) {
  double cost = static_cast<double>(task.limit) * kMergePerRow;
  for (const auto& source : task.sources) cost += kSearchPerSource + source->StartCost(task.keys, source->count() / 2, 1);
  return cost;
}

// Word by word, as ValueGroupRows does for one segment.
class WordGroups final : public OrderedRows {
 public:
  explicit WordGroups(MergeTask task) : task_(std::move(task)), skip_(task_.offset), left_(task_.limit) {
    const OrderKey& key = task_.keys[0];
    const auto words = Def(key.field).words;
    words_.resize(words.size());
    std::iota(words_.begin(), words_.end(), 0u);
    std::ranges::sort(
        words_, [&](std::uint32_t a, std::uint32_t b) { return key.descending ? words[b] < words[a] : words[a] < words[b]; });
    rest_.assign(task_.keys.begin() + 1, task_.keys.end());
    if (rest_.empty()) rest_.push_back({Field::kId, false});
  }

  std::size_t Next(std::span<std::uint32_t> rows) override {
    while (left_ > 0 && !rows.empty()) {
      if (group_ == nullptr && !OpenNextGroup()) return 0;
      const std::size_t count = group_->Next(rows);
      if (count > 0) {
        left_ -= count;
        return count;
      }
      rows_touched += group_->rows_touched;
      group_ = nullptr;
    }
    return 0;
  }

 private:
  bool OpenNextGroup() {
    while (next_word_ < words_.size()) {
      MergeTask group{.sources = {}, .keys = rest_};
      std::uint64_t count = 0;
      for (const auto& source : task_.sources) {
        auto narrowed = source->WithWord(task_.keys[0].field, words_[next_word_]);
        count += narrowed->count();
        if (narrowed->count() > 0) group.sources.push_back(std::move(narrowed));
      }
      ++next_word_;
      if (skip_ >= count) {
        skip_ -= count;
        continue;
      }
      group.offset = std::exchange(skip_, 0);
      group.limit = std::min(left_, count - group.offset);
      group_ = MergeRows(std::move(group)).rows;
      return true;
    }
    return false;
  }

  const MergeTask task_;
  std::vector<OrderKey> rest_;
  std::vector<std::uint32_t> words_;  // In the key's direction.
  std::size_t next_word_ = 0;
  std::uint64_t skip_, left_;
  std::unique_ptr<OrderedRows> group_;
};

MergePlan ChoosePlan(const MergeTask& task, MergePlan force) {
  constexpr double kWordGroupsCost = 200'000;  // Each source's matches are narrowed to each word.
  const bool by_word = Def(task.keys[0].field).kind == FieldKind::kWord;
  if (!std::ranges::all_of(task.sources, [](const auto& source) { return source->has_all_rows(); })) return MergePlan::kFromStart;
  if (force == MergePlan::kFromStart || force == (by_word ? MergePlan::kWordGroups : MergePlan::kSelected)) return force;
  if (task.offset == 0 && !by_word) return MergePlan::kFromStart;
  const double from_start = FromStartCost(task);
  if (by_word) return from_start > kWordGroupsCost ? MergePlan::kWordGroups : MergePlan::kFromStart;
  return from_start > SelectionCost(task) ? MergePlan::kSelected : MergePlan::kFromStart;
}

}  // namespace

MergedRows MergeRows(MergeTask task, MergePlan force) {
  const MergePlan plan = ChoosePlan(task, force);
  switch (plan) {
    case MergePlan::kWordGroups: return {std::make_unique<WordGroups>(std::move(task)), plan};
    case MergePlan::kSelected: return {MergeFromSelected(std::move(task)), plan};
    case MergePlan::kFromStart:
    case MergePlan::kNone: break;
  }
  return {MergeFromStart(std::move(task)), MergePlan::kFromStart};
}

}  // namespace clientele
