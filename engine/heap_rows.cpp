#include "engine/heap_rows.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace clientele {
namespace {

// Rows are taken from a heap by their places in one order. Where the first key is a word, only the rows of one word are in the
// heap at a time; where keys leave rows equal, or a descending order has ids the wrong way round, the rows of a group are taken
// together and sorted.
class Heap final : public OrderedRows {
 public:
  explicit Heap(const OrderTask& task)
      : keys_(task.keys), less_(*task.segment, task.keys), by_word_(task.keys[0].is_word()), order_(OrderOf(task)) {
    assert(task.offset == 0);
    descending_ = by_word_ ? keys_.size() > 1 && keys_[1].descending : keys_[0].descending;
    decided_ = !descending_ && keys_.size() <= (by_word_ ? 2u : 1u);
    rows_touched = task.matches->count;
    heap_.reserve(by_word_ ? 0 : task.matches->count);
    const bool is_list = task.matches->form == MatchSet::Form::kRows;
    if (by_word_ || !is_list) {
      rows_.reserve(task.matches->count);
      AppendRows(*task.matches, rows_);
    }
    if (!by_word_) FillHeap(is_list ? task.matches->rows : rows_, [](std::uint32_t) { return true; });
  }

  std::size_t Next(std::span<std::uint32_t> rows) override {
    std::size_t filled = 0;
    while (filled < rows.size()) {
      if (!group_.empty()) {
        rows[filled++] = group_.back();
        group_.pop_back();
      } else if (!heap_.empty()) {
        TakeGroup();
      } else if (!by_word_ || !FillWithNextWord()) {
        break;
      }
    }
    return filled;
  }

 private:
  struct Entry {
    std::uint32_t place;  // Of two rows, the one with the smaller place stands before, but for those of one group.
    std::uint32_t row;
    bool operator<(const Entry& other) const { return place > other.place; }  // The heap's top is the smallest.
  };

  static const SortOrder& OrderOf(const OrderTask& task) {
    if (!task.keys[0].is_word()) return *task.keys[0].order;
    const bool has_second = task.keys.size() > 1 && !task.keys[1].is_word();
    return has_second ? *task.keys[1].order : task.segment->field(Field::kId).order;
  }

  std::uint32_t Mirrored(std::uint32_t position) const { return descending_ ? order_.row_count() - 1 - position : position; }

  template <class Keep>
  void FillHeap(std::span<const std::uint32_t> rows, Keep keep) {
    const std::uint32_t* const position_of = order_.position_of();
    for (const std::uint32_t row : rows) {
      if (keep(row)) heap_.push_back({Mirrored(position_of[row]), row});
    }
    std::make_heap(heap_.begin(), heap_.end());
  }

  // The rows of the word that comes next, if there are any.
  bool FillWithNextWord() {
    constexpr int kNone = std::numeric_limits<int>::max();
    int next = kNone;
    for (const std::uint32_t row : rows_) {
      const auto word = static_cast<int>(keys_[0].RankOf(row));
      if (word > last_word_) next = std::min(next, word);
    }
    if (next == kNone) return false;
    last_word_ = next;
    FillHeap(rows_, [&](std::uint32_t row) { return static_cast<int>(keys_[0].RankOf(row)) == next; });
    return true;
  }

  // Moves the first row to group_, with those that its place does not tell it from.
  void TakeGroup() {
    const std::uint32_t position = Mirrored(heap_.front().place);
    PopTo(group_);
    if (decided_ || heap_.empty()) return;
    // Places ascend: of the group's positions, those from here to its other end are still to come.
    const RankedBits& starts = order_.group_starts();
    const std::uint32_t end = descending_ ? Mirrored(starts.Previous(position)) : starts.Next(position + 1) - 1;
    while (!heap_.empty() && heap_.front().place <= end) PopTo(group_);
    if (group_.size() > 1) std::ranges::sort(group_, [this](std::uint32_t a, std::uint32_t b) { return less_(b, a); });
  }

  void PopTo(std::vector<std::uint32_t>& rows) {
    rows.push_back(heap_.front().row);
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
  }

  const std::span<const ResolvedKey> keys_;
  const RowLess less_;
  const bool by_word_;
  const SortOrder& order_;           // Of the first key that is no word, or of ids.
  bool descending_;                  // What places are by.
  bool decided_;                     // Places decide alone: ids stand in an ascending order already.
  std::vector<std::uint32_t> rows_;  // Of all words.
  std::vector<Entry> heap_;
  std::vector<std::uint32_t> group_;  // The last comes first.
  int last_word_ = -1;
};

}  // namespace

std::unique_ptr<OrderedRows> HeapRows(const OrderTask& task) {
  return std::make_unique<Heap>(task);
}

}  // namespace clientele
