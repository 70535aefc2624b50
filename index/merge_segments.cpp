#include "index/merge_segments.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <numeric>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>

#include "index/merge_orders.h"
#include "index/merge_records.h"
#include "index/merge_rows.h"
#include "index/merge_values.h"
#include "index/page_recycling.h"
#include "index/parallel.h"
#include "index/segment_columns.h"
#include "index/text_search.h"

namespace clientele {
namespace {

constexpr std::uint32_t kTextsAhead = 16;

// Whether the field is ordered by a number or a time.
bool HasKeys(const FieldDef& def) {
  if (def.kind == FieldKind::kNumber) return !def.filters.empty();
  return (def.kind == FieldKind::kInteger || def.kind == FieldKind::kTime) && !def.sort_key.empty();
}

// A lazily opened segment is read as a whole: now is the time to see whether it is as it was written.
absl::Status RequireAll(const Segment& segment) {
  if (segment.is_checked()) return absl::OkStatus();
  for (const FieldDef& def : Fields()) {
    for (const IndexPart part : {IndexPart::kValues, IndexPart::kOrder, IndexPart::kTexts}) {
      ThrowIfCancelled();
      if (absl::Status status = segment.Require(def.field, part); !status.ok()) return status;
    }
  }
  constexpr std::uint32_t kRowsTogether = 4'096;
  std::vector<std::uint32_t> rows;
  for (std::uint32_t first = 0; first < segment.row_count(); first += kRowsTogether) {
    ThrowIfCancelled();
    rows.resize(std::min(kRowsTogether, segment.row_count() - first));
    std::iota(rows.begin(), rows.end(), first);
    if (absl::Status status = segment.RequireRecords(rows); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Where the texts of every row are: of a field's users or lists.
FoldedText MergeRowTexts(const MergedRows& rows, Field field, FoldedText FieldIndex::*texts) {
  auto views = HugeArray<std::string_view>::Uninitialized(rows.row_count);
  for (const MergeSource& source : rows.sources) {
    const RowFate* const fates = rows.FatesOf(source);
    std::string_view left = (source.segment->field(field).*texts).AllItems();
    for (std::uint32_t row = 0; row < source.segment->row_count(); ++row) {
      if (row % (1u << 16) == 0) ThrowIfCancelled();
      const std::string_view text = left.substr(0, left.find(kItemSeparator));
      left.remove_prefix(std::min(text.size() + 1, left.size()));
      if (!fates[row].is_dead()) views[fates[row].row] = text;
    }
  }
  const auto text_of = [&](std::uint32_t row) {
    if (row + kTextsAhead < rows.row_count) __builtin_prefetch(views[row + kTextsAhead].data());
    return views[row];
  };
  return FoldedText::Build(rows.row_count, text_of, [&] { views = {}; });
}

class Merger {
 public:
  Merger(std::span<const MergeInput> inputs, const MergeOptions& options) : inputs_(inputs), options_(options) {}

  absl::StatusOr<std::shared_ptr<const Segment>> Run() {
    std::vector<MergeSource> sources;
    for (const MergeInput& input : inputs_) {
      if (absl::Status status = RequireAll(*input.segment); !status.ok()) return status;
      sources.push_back({input.segment.get(), input.tombstones.get(), 0});
    }
    if (absl::Status status = NumberRows(std::move(sources)); !status.ok()) return status;
    dictionaries_ = ChooseDictionaries(rows_, options_.dictionaries);
    parts_.row_count = rows_.row_count;
    parts_.dictionaries = dictionaries_.shared;

    ListSteps();
    // The order of ids and creation times and of rows are the first steps.
    steps_total_ = steps_.size() + kFirstSteps;
    Done(kFirstSteps);
    ParallelFor(steps_.size(), [&](std::size_t i) {
      // Whoever waits within a step must not begin another: that would take memory for two.
      Isolated([&] { steps_[i](); });
      Done(1);
    });
    if (!status_.ok()) return status_;
    return std::make_shared<const Segment>(std::move(parts_));
  }

 private:
  static constexpr std::size_t kFirstSteps = 4;

  FieldIndex& Index(Field field) { return parts_.fields[static_cast<std::size_t>(field)]; }

  void Done(std::size_t steps) {
    const std::lock_guard lock(telling_);
    steps_done_ += steps;
    if (options_.progress) options_.progress(static_cast<double>(steps_done_) / static_cast<double>(steps_total_));
  }

  absl::Status NumberRows(std::vector<MergeSource> sources) {
    absl::StatusOr<MergedKeys> ids = NumberClients(std::move(sources), rows_);
    if (!ids.ok()) return ids.status();
    ids_ = *std::move(ids);
    created_ = MergeKeyOrder(rows_, Field::kCreatedAt, OrderOf::kOldNumbers);
    resellers_ = UnifyValues(rows_, Field::kResellers);
    OrderRows(created_.order, resellers_, rows_);
    return absl::OkStatus();
  }

  // From old numbers to rows.
  void Renumber(MergedOrder& order) const {
    ParallelRanges(0, order.at.size(), 1u << 16, [&](std::size_t first, std::size_t last) {
      for (std::size_t position = first; position < last; ++position) order.at[position] = rows_.fates[order.at[position]].row;
    });
  }

  void SetOrder(Field field, MergedOrder order) {
    Index(field).order =
        SortOrder(std::move(order.at), std::move(order.group_starts), order.keyed_count, !Def(field).sort_key.empty());
  }
  void SetKeyOrder(Field field, MergedKeys merged) {
    Index(field).keys = SortedValues(merged.keys);
    merged.keys = {};
    SetOrder(field, std::move(merged.order));
  }

  void MergeTexts(Field field) {
    MergedTexts merged = MergeTextOrder(rows_, field);
    const auto count = static_cast<std::uint32_t>(merged.texts.size());
    const auto text_of = [&](std::uint32_t item) {
      if (item + kTextsAhead < count) __builtin_prefetch(merged.texts[item + kTextsAhead].data());
      return merged.texts[item];
    };
    Index(field).texts = FoldedText::Build(count, text_of, [&] { merged.texts = {}; });
    SetOrder(field, std::move(merged.order));
  }

  void MergeFieldValues(const FieldDef& def) {
    const ValueSource source = ValueSourceOf(def);
    if (def.field == Field::kResellers) return MergeValues(rows_, def.field, &resellers_, Index(def.field));
    if (source != ValueSource::kInterned && source != ValueSource::kFeatures)
      return MergeValues(rows_, def.field, nullptr, Index(def.field));
    const UnifiedValues unified = UnifyValues(rows_, def.field);
    MergeValues(rows_, def.field, &unified, Index(def.field));
  }

  // What takes longest comes first, so that no thread is left with it at the end.
  void ListSteps() {
    for (const FieldDef& def : Fields()) {
      const Field field = def.field;
      if (def.kind == FieldKind::kUsers) {
        steps_.push_back([=, this] { Index(field).user_emails = MergeRowTexts(rows_, field, &FieldIndex::user_emails); });
        steps_.push_back([=, this] { Index(field).user_names = MergeRowTexts(rows_, field, &FieldIndex::user_names); });
      }
      if (def.kind == FieldKind::kTextList && !def.filters.empty())
        steps_.push_back([=, this] { Index(field).texts = MergeRowTexts(rows_, field, &FieldIndex::texts); });
    }
    for (const FieldDef& def : Fields()) {
      if (def.kind == FieldKind::kText && !def.sort_key.empty()) steps_.push_back([&def, this] { MergeTexts(def.field); });
    }
    steps_.push_back([this] {
      absl::StatusOr<RecordStore> records = MergeRecords(rows_, dictionaries_);
      if (records.ok())
        parts_.records = *std::move(records);
      else
        status_ = records.status();
    });
    ListKeySteps();
    for (const FieldDef& def : Fields()) ListValueSteps(def);
  }

  void ListKeySteps() {
    for (const auto& [field, merged] : {std::pair(Field::kId, &ids_), std::pair(Field::kCreatedAt, &created_)}) {
      steps_.push_back([=, this] {
        Renumber(merged->order);
        SetKeyOrder(field, std::move(*merged));
      });
    }
    for (const FieldDef& def : Fields()) {
      if (!HasKeys(def) || def.field == Field::kId || def.field == Field::kCreatedAt) continue;
      steps_.push_back([&def, this] { SetKeyOrder(def.field, MergeKeyOrder(rows_, def.field, OrderOf::kRows)); });
    }
  }

  void ListValueSteps(const FieldDef& def) {
    if (def.equality == EqualityIndex::kHash)
      steps_.push_back([&def, this] { Index(def.field).hashes = MergeHashes(rows_, def.field); });
    if (ValueSourceOf(def) == ValueSource::kNone) return;
    if (ValueSourceOf(def) != ValueSource::kStates) return steps_.push_back([&def, this] { MergeFieldValues(def); });
    for (std::size_t service = 0; service < kServiceCount; ++service)
      steps_.push_back([=, &def, this] { Index(def.field).states[service] = MergeStates(rows_, def.field, service); });
  }

  const std::span<const MergeInput> inputs_;
  const MergeOptions& options_;
  MergedRows rows_;
  MergedKeys ids_, created_;
  UnifiedValues resellers_;
  MergedDictionaries dictionaries_;
  Segment::Parts parts_;
  absl::Status status_;  // Of the records' step.
  std::vector<std::function<void()>> steps_;
  std::mutex telling_;
  std::size_t steps_done_ = 0, steps_total_ = 1;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Segment>> MergeSegments(std::span<const MergeInput> inputs, const MergeOptions& options) {
  const PageRecycling recycling;
  absl::StatusOr<std::shared_ptr<const Segment>> merged = absl::CancelledError("merge: cancelled");
  try {
    WithThreads(options.threads, [&] {
      WithCancellation(options.cancelled, [&] {
        ThrowIfCancelled();
        merged = Merger(inputs, options).Run();
      });
    });
  } catch (const LoopCancelled&) {
    return absl::CancelledError("merge: cancelled");
  } catch (const DamagedInput& damage) {
    return absl::DataLossError(absl::StrCat("merge: ", damage.what));
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("merge: not enough memory");
  }
  return merged;
}

}  // namespace clientele
