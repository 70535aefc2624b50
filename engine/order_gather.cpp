#include <algorithm>

#include "engine/ordered_rows.h"

namespace clientele {
namespace {

// Two ranks packed, so that nearly every comparison is one of integers.
struct Candidate {
  std::uint64_t key;
  std::uint32_t row;
};

class SortedRows final : public OrderedRows {
 public:
  explicit SortedRows(std::vector<std::uint32_t> rows) : rows_(std::move(rows)) {}
  std::size_t Next(std::span<std::uint32_t> rows) override {
    const std::size_t count = std::min(rows.size(), rows_.size() - next_);
    std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(next_), count, rows.begin());
    next_ += count;
    return count;
  }

 private:
  std::vector<std::uint32_t> rows_;
  std::size_t next_ = 0;
};

// One ascending order decides alone: its positions have ids as tie-break already.
bool PositionDecides(std::span<const ResolvedKey> keys) {
  return keys.size() == 1 && !keys[0].is_word() && !keys[0].descending;
}

std::vector<Candidate> GatherKeys(const OrderTask& task, const RowLess& less) {
  std::vector<std::uint32_t> rows;
  rows.reserve(task.matches->count);
  AppendRows(*task.matches, rows);
  std::vector<Candidate> candidates(rows.size());
  if (PositionDecides(task.keys)) {
    const std::uint32_t* position_of = task.keys[0].order->position_of();
    for (std::size_t i = 0; i < rows.size(); ++i) candidates[i] = {position_of[rows[i]], rows[i]};
    return candidates;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t row = rows[i];
    const std::uint32_t second = task.keys.size() > 1 ? task.keys[1].RankOf(row) : less.id_position()[row];
    candidates[i] = {std::uint64_t{task.keys[0].RankOf(row)} << 32 | second, row};
  }
  return candidates;
}

}  // namespace

std::unique_ptr<OrderedRows> GatherRows(const OrderTask& task) {
  const RowLess less(*task.segment, task.keys);
  std::vector<Candidate> candidates = GatherKeys(task, less);
  const bool packed_decides = task.keys.size() == 1;
  const auto before = [&](const Candidate& a, const Candidate& b) {
    if (a.key != b.key || packed_decides) return a.key < b.key;
    return less(a.row, b.row);
  };
  const auto begin = candidates.begin();
  const auto page_begin = begin + static_cast<std::ptrdiff_t>(task.offset);
  const auto page_end = page_begin + static_cast<std::ptrdiff_t>(task.limit);
  if (page_begin != begin) std::nth_element(begin, page_begin, candidates.end(), before);
  if (page_end != candidates.end()) std::nth_element(page_begin, page_end, candidates.end(), before);
  std::sort(page_begin, page_end, before);

  std::vector<std::uint32_t> rows(task.limit);
  std::transform(page_begin, page_end, rows.begin(), [](const Candidate& candidate) { return candidate.row; });
  auto sorted = std::make_unique<SortedRows>(std::move(rows));
  sorted->rows_touched = candidates.size();
  return sorted;
}

}  // namespace clientele
