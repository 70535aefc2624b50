#include "engine/merged_rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <absl/container/inlined_vector.h>

#include "engine/grouped_rows.h"
#include "engine/order_plan.h"
#include "engine/source_selection.h"

namespace clientele {
namespace {

// How many keys, from the first on, most comparisons get by with: words, which have many ties, and the first key that is none.
std::size_t ComparedKeys(std::span<const OrderKey> keys) {
  const auto telling = std::ranges::find_if(keys, [](const OrderKey& key) { return Def(key.field).kind != FieldKind::kWord; });
  return static_cast<std::size_t>(telling - keys.begin()) + (telling != keys.end());
}

// One of the smaller sources while it is merged: a few of its rows ahead, and the keys of the first.
class Head {
 public:
  // The keys are there once they have been Read, after Prefetch: what several heads wait for is fetched at once.
  Head(const MergeSource& source, std::unique_ptr<OrderedRows> rows, std::span<const OrderKey> keys)
      : source_(&source), rows_(std::move(rows)), order_(keys), keys_(ComparedKeys(keys)) {
    Fill();
  }
  void Prefetch() const { source_->PrefetchKeys(std::span(buffer_).subspan(next_, 1), order_); }
  void Read() {
    if (is_empty()) return;
    for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i] = source_->KeyOf(row(), order_[i].field);
  }

  bool is_empty() const { return next_ == filled_; }
  std::uint32_t row() const { return buffer_[next_]; }
  SortKeyValue Key(std::size_t number) const {  // Of row().
    return number < keys_.size() ? keys_[number] : source_->KeyOf(row(), order_[number].field);
  }
  const MergeSource& source() const { return *source_; }
  void Advance() {
    if (++next_ == filled_) Fill();
    Read();
  }

 private:
  void Fill() {
    next_ = 0;
    filled_ = rows_->Next(std::span(buffer_).first(batch_));
    batch_ = std::min(batch_ * 2, buffer_.size());
  }

  const MergeSource* source_;
  std::unique_ptr<OrderedRows> rows_;
  std::span<const OrderKey> order_;
  absl::InlinedVector<SortKeyValue, 2> keys_;
  std::array<std::uint32_t, 16> buffer_;
  std::size_t next_ = 0, filled_ = 0;
  std::size_t batch_ = 1;  // A source may have only a row or two of the page: it is asked for few at first.
};

// The keys of rows of the largest source, as numbers: words, and the first key that is none unless that is a text. Looked up one
// by one as rows are compared, each would wait for several loads; together, these are made side by side. Texts are dear to look
// up: of these only the compared ones are.
class NumberColumns {
 public:
  explicit NumberColumns(std::span<const OrderKey> keys) : keys_(keys.first(ComparedKeys(keys))), columns_(keys_.size()) {
    if (!keys_.empty() && Def(keys_.back().field).kind == FieldKind::kText) columns_.pop_back();
  }

  void Clear() { is_filled_ = false; }
  bool is_filled() const { return is_filled_; }
  void Fill(const MergeSource& source, std::span<const std::uint32_t> rows) {
    is_filled_ = true;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      columns_[i].resize(rows.size());
      source.NumbersOf(rows, keys_[i].field, columns_[i]);
    }
  }

  std::size_t size() const { return columns_.size(); }  // The first keys so many of all.
  std::int64_t At(std::size_t row, std::size_t number) const { return columns_[number][row]; }

 private:
  const std::span<const OrderKey> keys_;
  absl::InlinedVector<std::vector<std::int64_t>, 2> columns_;
  bool is_filled_ = false;
};

// Number of the source with the most matches.
std::size_t LargestOf(const MergeTask& task) {
  const auto largest = std::ranges::max_element(task.sources, {}, [](const auto& source) { return source->count(); });
  return static_cast<std::size_t>(largest - task.sources.begin());
}

// Matches of all sources but the largest.
std::uint64_t CountOfOthers(const MergeTask& task) {
  std::uint64_t sum = 0, largest = 0;
  for (const auto& source : task.sources) {
    sum += source->count();
    largest = std::max(largest, source->count());
  }
  return sum - largest;
}

// Most rows usually come from one source, the largest. So its rows are taken by runs: for the first row of the others it is
// searched how many of them stand before that, instead of comparing row by row.
class Merge final : public OrderedRows {
 public:
  // `starts` are rows of task.sources, in this order; that of the largest one is not looked at.
  Merge(MergeTask task, std::vector<std::unique_ptr<OrderedRows>> starts)
      : task_(std::move(task)), numbers_(task_.keys), left_(task_.limit) {
    const std::size_t largest = LargestOf(task_);
    largest_ = task_.sources[largest].get();
    first_step_ = largest_->count() / (CountOfOthers(task_) + 1) + 1;
    heads_.reserve(starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) {
      if (starts[i] == nullptr || i == largest) continue;
      heads_.emplace_back(*task_.sources[i], std::move(starts[i]), task_.keys);
      if (heads_.back().is_empty())
        heads_.pop_back();
      else
        heads_.back().Prefetch();
    }
    for (Head& head : heads_) head.Read();
    FindFirstHead();
  }

  // Rows of the largest source are merged from these on, null if there are none; the first `skip` rows of the merge are left out.
  // To be called once, before Next.
  void StartLargest(std::unique_ptr<OrderedRows> rows, std::uint64_t skip) {
    largest_rows_ = std::move(rows);
    skip_ = skip;
  }

  // Leaves out what is to be left out. False: no row of the largest source was among it.
  bool SkipToPage() {
    while (skip_ > 0) {
      if (Step({}) == std::nullopt) break;
    }
    return has_skipped_largest_;
  }

  // Whether another source has a row that stands before all of the largest one's, as when clients were added at the order's
  // start.
  bool BeginsElsewhere() const {
    const auto telling =
        std::ranges::find_if(task_.keys, [](const OrderKey& key) { return Def(key.field).kind != FieldKind::kWord; });
    const OrderKey key = telling == task_.keys.end() ? OrderKey{Field::kId, false} : *telling;
    const auto first = largest_->FirstKeyOfAll(key);
    return !first || std::ranges::any_of(heads_, [&](const Head& head) {
      const auto order = head.source().KeyOf(head.row(), key.field) <=> *first;
      return key.descending ? order > 0 : order < 0;
    });
  }

  const MergeTask& task() const { return task_; }
  MergeTask TakeTask() { return std::move(task_); }  // Nothing else may be called then.

  std::size_t Next(std::span<std::uint32_t> rows) override {
    std::size_t filled = 0;
    while (filled < rows.size() && left_ > 0) {
      const auto count = Step(rows.subspan(filled));
      if (!count) break;
      filled += *count;
    }
    return filled;
  }

 private:
  static constexpr std::size_t kBatch = 256;

  // Takes the rows that stand before the heads, or one of a head, into `rows` or leaves them out; returns how many it took,
  // nothing at the end of all. `rows` may be empty as long as rows are left out.
  std::optional<std::size_t> Step(std::span<std::uint32_t> rows) {
    if (next_ == buffer_.size()) FillBuffer();
    if (run_ == 0) run_ = RunBeforeHeads();
    if (run_ > 0) return TakeRun(rows);
    if (first_ != nullptr) return TakeFromHead(rows);
    return std::nullopt;
  }

  // The rows of the largest source that follow; none at its end.
  void FillBuffer() {
    next_ = 0;
    numbers_.Clear();
    if (largest_rows_ == nullptr) return buffer_.clear();
    buffer_.resize(std::min<std::uint64_t>(kBatch, skip_ + left_));
    std::size_t filled = 0;
    while (filled < buffer_.size()) {
      const std::size_t count = largest_rows_->Next(std::span(buffer_).subspan(filled));
      if (count == 0) break;
      filled += count;
    }
    buffer_.resize(filled);
    if (filled > 0) return largest_->PrefetchKeys(buffer_, task_.keys);
    rows_touched += largest_rows_->rows_touched;
    largest_rows_ = nullptr;
  }

  // How many rows of the buffer stand before the heads. By steps that double, from where the first head is to be expected.
  std::size_t RunBeforeHeads() {
    const std::size_t left = buffer_.size() - next_;
    if (first_ == nullptr || left == 0) return left;
    if (!numbers_.is_filled()) numbers_.Fill(*largest_, buffer_);
    std::size_t first = 0, last = left;  // What stands in front of `first` stands before; what stands at `last` does not.
    for (std::size_t step = first_step_; first < last; step *= 2) {
      const std::size_t probe = std::min(first + step, left) - 1;
      if (!StandsBeforeHead(next_ + probe)) {
        last = probe;
        break;
      }
      first = probe + 1;
    }
    while (first < last) {
      const std::size_t middle = first + (last - first) / 2;
      if (StandsBeforeHead(next_ + middle))
        first = middle + 1;
      else
        last = middle;
    }
    return first;
  }

  std::size_t TakeRun(std::span<std::uint32_t> rows) {
    const std::size_t skipped = std::min<std::uint64_t>(run_, skip_);
    const std::size_t taken = std::min<std::uint64_t>({run_ - skipped, rows.size(), left_});
    for (std::size_t i = 0; i < taken; ++i) rows[i] = largest_->first_row() + buffer_[next_ + skipped + i];
    has_skipped_largest_ |= skipped > 0;
    skip_ -= skipped;
    left_ -= taken;
    run_ -= skipped + taken;
    next_ += skipped + taken;
    rows_touched += skipped + taken;
    return taken;
  }

  std::size_t TakeFromHead(std::span<std::uint32_t> rows) {
    const bool is_skipped = skip_ > 0;
    if (is_skipped) {
      --skip_;
    } else {
      rows[0] = first_->source().first_row() + first_->row();
      --left_;
    }
    ++rows_touched;
    first_->Advance();
    if (first_->is_empty()) heads_.erase(heads_.begin() + (first_ - heads_.data()));
    FindFirstHead();
    return is_skipped ? 0 : 1;
  }

  void FindFirstHead() {
    const auto before = [this](const Head& a, const Head& b) {
      return Less(
          0, [&](std::size_t number) { return a.Key(number) <=> b.Key(number); }, [&] { return a.source().IdOf(a.row()); }, b);
    };
    first_ = heads_.empty() ? nullptr : &*std::ranges::min_element(heads_, before);
  }

  // Row number `index` of the buffer.
  bool StandsBeforeHead(std::size_t index) const {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const std::int64_t number = numbers_.At(index, i), of_head = first_->Key(i).number;
      if (number != of_head) return (number < of_head) != task_.keys[i].descending;
    }
    const std::uint32_t row = buffer_[index];
    return Less(
        numbers_.size(),
        [&](std::size_t number) { return largest_->CompareKey(row, task_.keys[number].field, first_->Key(number)); },
        [&] { return largest_->IdOf(row); }, *first_);
  }

  // Whether a row stands before a head's; the first `equal` keys of both are equal, and compare(i) is how key number i compares.
  template <class Compare, class Id>
  bool Less(std::size_t equal, Compare compare, Id id, const Head& head) const {
    for (std::size_t i = equal; i < task_.keys.size(); ++i) {
      const std::strong_ordering order = compare(i);
      if (order != 0) return task_.keys[i].descending ? order > 0 : order < 0;
    }
    return id() < head.source().IdOf(head.row());
  }

  MergeTask task_;
  const MergeSource* largest_;
  std::unique_ptr<OrderedRows> largest_rows_;  // Null at its end.
  std::vector<std::uint32_t> buffer_;          // Of its rows, those from next_ on are still to be merged,
  NumberColumns numbers_;                      // with these keys, once one was compared.
  std::size_t next_ = 0;
  std::size_t run_ = 0;  // So many of them are known to stand before the heads.
  std::size_t first_step_;
  std::vector<Head> heads_;  // Of the other sources.
  Head* first_ = nullptr;    // The first of them; null when there is none left.
  std::uint64_t skip_ = 0, left_;
  bool has_skipped_largest_ = false;
};

// Rows of a source that is not the largest; `wanted` of `total` rows will be merged.
std::unique_ptr<OrderedRows> StartOther(MergeSource& source, const MergeTask& task, std::uint64_t wanted, std::uint64_t total) {
  constexpr std::uint64_t kFewPart = 4;
  const std::uint64_t limit = std::min(wanted, source.count());
  return wanted < total / kFewPart ? source.StartFew(task.keys, limit) : source.Start(task.keys, 0, limit);
}

// Rows of the largest source that stand before the page, and need not be merged: for sure, as no more rows than the other sources
// have can stand there in their place, and most likely, when these are spread evenly among its rows.
struct PassedRows {
  std::uint64_t sure, likely;
};
PassedRows PassedBefore(std::uint64_t offset, std::uint64_t others, std::uint64_t total) {
  constexpr double kSpread = 3, kSlack = 4;  // Standard deviations, rows.
  const double expected = static_cast<double>(offset) * static_cast<double>(others) / static_cast<double>(total);
  const double likely = static_cast<double>(offset) - expected - kSpread * std::sqrt(expected) - kSlack;
  const std::uint64_t sure = offset > others ? offset - others : 0;
  return {sure, std::max(sure, static_cast<std::uint64_t>(std::max(likely, 0.0)))};
}

// `guess`: whether the largest source may begin where the page most likely does.
MergedRows MergeFromStart(MergeTask task, bool guess) {
  constexpr std::uint64_t kWorthGuessing = 16;  // Rows.
  const std::size_t largest = LargestOf(task);
  const std::uint64_t others = CountOfOthers(task), total = others + task.sources[largest]->count();
  const PassedRows passed = PassedBefore(task.offset, others, total);
  const std::uint64_t wanted = task.offset - passed.sure + task.limit;
  std::vector<std::unique_ptr<OrderedRows>> starts(task.sources.size());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    MergeSource& source = *task.sources[i];
    if (i != largest && source.count() > 0) starts[i] = StartOther(source, task, wanted, total);
  }
  auto merge = std::make_unique<Merge>(std::move(task), std::move(starts));
  const auto start_from = [&](std::uint64_t row) {
    const MergeTask& own = merge->task();
    MergeSource& source = *own.sources[largest];
    merge->StartLargest(source.Start(own.keys, row, std::min(own.offset - row + own.limit, source.count() - row)),
                        own.offset - row);
  };
  if (!guess || passed.likely < passed.sure + kWorthGuessing || merge->BeginsElsewhere()) {
    start_from(passed.sure);
    return {std::move(merge), MergePlan::kFromStart};
  }
  start_from(passed.likely);
  // When a row that was merged stands before the page, so do all rows before it that were not.
  if (merge->SkipToPage()) return {std::move(merge), MergePlan::kFromGuess};
  const std::uint64_t wasted = merge->rows_touched;
  MergedRows anew = MergeFromStart(merge->TakeTask(), false);
  anew.rows->rows_touched += wasted;
  return anew;
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
  std::unique_ptr<OrderedRows> of_largest = std::move(starts[LargestOf(task)]);
  auto merge = std::make_unique<Merge>(std::move(task), std::move(starts));
  merge->StartLargest(std::move(of_largest), skip);
  return merge;
}

// Word by word, as ValueGroupRows does for one segment.
class WordGroups final : public GroupedRows {
 public:
  explicit WordGroups(MergeTask task)
      : GroupedRows(task.offset, task.limit),
        task_(std::move(task)),
        words_(WordOrderOf(task_.keys[0].field, task_.keys[0].descending).words) {
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
  const std::vector<std::uint32_t>& words_;  // In the key's direction.
  std::size_t next_word_ = 0;
};

MergePlan ChoosePlan(const MergeTask& task, MergePlan force) {
  // Nanoseconds, about (list_queries --split=1): what the search takes where all matches are ranked, and for each row that may be
  // merged before the page its merge and the walk to it. Narrowing each source's matches to each word takes longer still.
  constexpr double kSearch = 8'000, kMerge = 60;
  constexpr std::uint64_t kMergedByWordMax = 1'500;
  const bool by_word = Def(task.keys[0].field).kind == FieldKind::kWord;
  if (!std::ranges::all_of(task.sources, [](const auto& source) { return source->has_all_rows(); })) return MergePlan::kFromStart;
  if (force == MergePlan::kFromStart || force == MergePlan::kFromGuess ||
      force == (by_word ? MergePlan::kWordGroups : MergePlan::kSelected))
    return force;
  const std::uint64_t merged = std::min(task.offset, CountOfOthers(task));
  if (by_word) return merged > kMergedByWordMax ? MergePlan::kWordGroups : MergePlan::kFromStart;
  const MergeSource& largest = *task.sources[LargestOf(task)];
  const double positions = static_cast<double>(largest.rows()) / static_cast<double>(largest.count());
  const double from_start = static_cast<double>(merged) * (kMerge + positions * WalkPerPosition(largest.rows()));
  if (from_start <= kSearch) return MergePlan::kFromStart;  // In most cases, without a look at the sources.
  double selected = kSearch;
  for (const auto& source : task.sources) selected += source->RankCost(task.keys[0]);
  return from_start > selected ? MergePlan::kSelected : MergePlan::kFromStart;
}

}  // namespace

MergedRows MergeRows(MergeTask task, MergePlan force) {
  const MergePlan plan = ChoosePlan(task, force);
  switch (plan) {
    case MergePlan::kWordGroups: return {std::make_unique<WordGroups>(std::move(task)), plan};
    case MergePlan::kSelected: return {MergeFromSelected(std::move(task)), plan};
    case MergePlan::kFromStart:
    case MergePlan::kFromGuess:
    case MergePlan::kNone: break;
  }
  return MergeFromStart(std::move(task), force != MergePlan::kFromStart);
}

}  // namespace clientele
