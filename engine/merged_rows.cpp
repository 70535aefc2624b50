#include "engine/merged_rows.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "engine/grouped_rows.h"
#include "engine/source_selection.h"

namespace clientele {
namespace {

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
  const SelectedStart start = SelectStart(task.sources, task.keys, task.offset);
  std::uint64_t skip = task.offset;
  for (std::size_t i = 0; i < start.from.size(); ++i) skip -= start.from[i].before + start.skip[i];
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
class WordGroups final : public GroupedRows {
 public:
  explicit WordGroups(MergeTask task) : GroupedRows(task.offset, task.limit), task_(std::move(task)) {
    const OrderKey& key = task_.keys[0];
    const auto words = Def(key.field).words;
    words_.resize(words.size());
    std::iota(words_.begin(), words_.end(), 0u);
    std::ranges::sort(
        words_, [&](std::uint32_t a, std::uint32_t b) { return key.descending ? words[b] < words[a] : words[a] < words[b]; });
    rest_.assign(task_.keys.begin() + 1, task_.keys.end());
    if (rest_.empty()) rest_.push_back({Field::kId, false});
  }

 private:
  std::unique_ptr<OrderedRows> NextGroup(std::uint64_t& skip, std::uint64_t limit) override {
    while (next_word_ < words_.size()) {
      MergeTask group{.sources = {}, .keys = rest_};
      std::uint64_t count = 0;
      for (const auto& source : task_.sources) {
        auto narrowed = source->WithWord(task_.keys[0].field, words_[next_word_]);
        count += narrowed->count();
        if (narrowed->count() > 0) group.sources.push_back(std::move(narrowed));
      }
      ++next_word_;
      if (skip >= count) {
        skip -= count;
        continue;
      }
      group.offset = std::exchange(skip, 0);
      group.limit = std::min(limit, count - group.offset);
      return MergeRows(std::move(group)).rows;
    }
    return nullptr;
  }

  const MergeTask task_;
  std::vector<OrderKey> rest_;
  std::vector<std::uint32_t> words_;  // In the key's direction.
  std::size_t next_word_ = 0;
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
