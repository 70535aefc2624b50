#include <algorithm>

#include "engine/chunk_intersection.h"
#include "engine/order_plan.h"
#include "engine/ordered_rows.h"

namespace clientele {

std::shared_ptr<const MatchSet> MatchesWithWord(const MatchSet& matches, const ValueIndex& values, std::uint32_t word) {
  auto group = std::make_shared<MatchSet>();
  if (matches.form == MatchSet::Form::kRows) {
    group->form = MatchSet::Form::kRows;
    std::ranges::copy_if(matches.rows, std::back_inserter(group->rows),
                         [&](std::uint32_t row) { return values.Holds(row, word); });
    group->count = group->rows.size();
    return group;
  }
  if (values.IsPostingList(word)) {
    group->form = MatchSet::Form::kRows;
    for (const std::uint32_t row : values.PostingList(word)) {
      if (matches.form == MatchSet::Form::kAll || matches.bits->Test(row)) group->rows.push_back(row);
    }
    group->count = group->rows.size();
    if (matches.dead != nullptr) RemoveDead(*matches.dead, *group);
    return group;
  }
  group->form = MatchSet::Form::kBits;
  group->bits = std::make_unique<RowBitmap>(values.row_count());
  ChunkScratch scratch;
  for (std::uint32_t chunk = 0; chunk < group->bits->chunk_count(); ++chunk) {
    std::vector<Container> operands{values.Chunk(word, chunk)};
    if (matches.form == MatchSet::Form::kBits) {
      const std::uint32_t here = matches.bits->ChunkCountOf(chunk);
      if (here == 0) continue;
      operands.push_back({ContainerKind::kBitmap, here, 0, matches.bits->chunk(chunk)});
    }
    const std::uint32_t count =
        IntersectChunk(operands, RowsInChunk(chunk, values.row_count()), scratch, group->bits->chunk(chunk));
    group->bits->SetChunkCount(chunk, count);
  }
  group->count = group->bits->Count();
  if (matches.dead != nullptr) RemoveDead(*matches.dead, *group);
  return group;
}

namespace {

class ValueGroups final : public OrderedRows {
 public:
  explicit ValueGroups(const OrderTask& task) : task_(task), skip_(task.offset), left_(task.limit) {
    const auto rest = task.keys.subspan(1);
    rest_.assign(rest.begin(), rest.end());
    if (rest_.empty()) rest_.push_back({Field::kId, &task.segment->field(Field::kId).order, false});
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
    const ResolvedKey& key = task_.keys[0];
    while (next_word_ < key.words_in_order.size()) {
      auto matches = MatchesWithWord(*task_.matches, *key.word_values, key.words_in_order[next_word_++]);
      if (skip_ >= matches->count) {
        skip_ -= matches->count;
        continue;
      }
      const OrderTask task{task_.segment, matches, rest_, skip_, std::min(left_, matches->count - skip_)};
      skip_ = 0;
      group_ = StartOrder(task, ChooseOrderPlan(task, OrderPlan::kNone));
      return true;
    }
    return false;
  }

  const OrderTask task_;
  std::vector<ResolvedKey> rest_;  // The keys within a group; by id when there are none.
  std::size_t next_word_ = 0;
  std::uint64_t skip_, left_;
  std::unique_ptr<OrderedRows> group_;
};

}  // namespace

std::unique_ptr<OrderedRows> ValueGroupRows(const OrderTask& task) {
  return std::make_unique<ValueGroups>(task);
}

}  // namespace clientele
