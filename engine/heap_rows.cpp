#include "engine/heap_rows.h"

#include <algorithm>
#include <cassert>

namespace clientele {
namespace {

class Heap final : public OrderedRows {
  struct Entry {
    std::uint64_t number;  // Of two rows, the one with the smaller number comes first; of equal ones, keys decide.
    std::uint32_t row;
  };

  auto behind() const {
    return [this](const Entry& a, const Entry& b) {
      return a.number != b.number ? a.number > b.number : !decided_ && less_(b.row, a.row);
    };
  }

 public:
  explicit Heap(const OrderTask& task)
      : less_(*task.segment, task.keys), decided_(task.keys.size() == 1 && !task.keys[0].is_word() && !task.keys[0].descending) {
    assert(task.offset == 0);
    std::vector<std::uint32_t> rows;
    rows.reserve(task.matches->count);
    AppendRows(*task.matches, rows);
    entries_.reserve(rows.size());
    for (const std::uint32_t row : rows) entries_.push_back({NumberOf(task.keys, row), row});
    std::ranges::make_heap(entries_, behind());
    rows_touched = rows.size();
  }

  std::size_t Next(std::span<std::uint32_t> rows) override {
    std::size_t filled = 0;
    for (; filled < rows.size() && !entries_.empty(); ++filled) {
      rows[filled] = entries_.front().row;
      std::ranges::pop_heap(entries_, behind());
      entries_.pop_back();
    }
    return filled;
  }

 private:
  std::uint64_t NumberOf(std::span<const ResolvedKey> keys, std::uint32_t row) const {
    // One ascending order: its positions have ids as tie-break already.
    if (decided_) return keys[0].order->position_of()[row];
    // Words leave many ties; those of other keys are so few that their second key need not be looked up.
    const std::uint64_t second = !keys[0].is_word() ? 0 : keys.size() > 1 ? keys[1].RankOf(row) : less_.id_position()[row];
    return std::uint64_t{keys[0].RankOf(row)} << 32 | second;
  }

  const RowLess less_;
  const bool decided_;
  std::vector<Entry> entries_;
};

}  // namespace

std::unique_ptr<OrderedRows> HeapRows(const OrderTask& task) {
  return std::make_unique<Heap>(task);
}

}  // namespace clientele
