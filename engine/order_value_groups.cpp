#include <algorithm>

#include "engine/chunk_intersection.h"
#include "engine/grouped_rows.h"
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

class ValueGroups final : public GroupedRows {
 public:
  explicit ValueGroups(const OrderTask& task) : GroupedRows(task.offset, task.limit), task_(task) {
    const auto rest = task.keys.subspan(1);
    rest_.assign(rest.begin(), rest.end());
    if (rest_.empty()) rest_.push_back({Field::kId, &task.segment->field(Field::kId).order, false});
  }

 private:
  std::unique_ptr<OrderedRows> NextGroup(std::uint64_t& skip, std::uint64_t limit) override {
    const ResolvedKey& key = task_.keys[0];
    while (next_word_ < key.word_order->words.size()) {
      auto matches = MatchesWithWord(*task_.matches, *key.word_values, key.word_order->words[next_word_++]);
      if (skip >= matches->count) {
        skip -= matches->count;
        continue;
      }
      const OrderTask task{task_.segment, matches, rest_, skip, std::min(limit, matches->count - skip)};
      skip = 0;
      return StartOrder(task, ChooseOrderPlan(task, OrderPlan::kNone));
    }
    return nullptr;
  }

  const OrderTask task_;
  std::vector<ResolvedKey> rest_;  // The keys within a group; by id when there are none.
  std::size_t next_word_ = 0;
};

}  // namespace

std::unique_ptr<OrderedRows> ValueGroupRows(const OrderTask& task) {
  return std::make_unique<ValueGroups>(task);
}

}  // namespace clientele
