#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/live_order.h"
#include "engine/merge_source.h"
#include "engine/sorted_rows.h"

namespace clientele {
namespace {

// The live rows are in the query's order already, at least so many of them as the page may need. Rows of this source are indices
// into the answer's; `rows` are those that take part.
class Source final : public MergeSource {
 public:
  Source(const LiveAnswer& answer, std::uint32_t first_row, std::vector<std::uint32_t> rows, std::uint64_t count)
      : answer_(answer), first_row_(first_row), rows_(std::move(rows)), count_(count) {}

  std::uint64_t count() const override { return count_; }
  bool has_all_rows() const override { return rows_.size() == count_; }
  SortKeyValue KeyOf(std::uint32_t row, Field field) const override { return LiveKey(*answer_.rows[row], field); }
  std::int64_t IdOf(std::uint32_t row) const override { return answer_.rows[row]->id; }
  std::uint32_t first_row() const override { return first_row_; }

  std::unique_ptr<OrderedRows> Start(std::span<const OrderKey>, std::uint64_t offset, std::uint64_t) override {
    const auto from = rows_.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(offset, rows_.size()));
    return MakeSortedRows({from, rows_.end()});
  }
  double StartCost(std::span<const OrderKey>, std::uint64_t, std::uint64_t) override { return 0; }

  std::unique_ptr<MergeSource> WithWord(Field field, std::uint32_t word) override {
    const std::string_view text = Def(field).words[word];
    std::vector<std::uint32_t> rows;
    std::ranges::copy_if(rows_, std::back_inserter(rows),
                         [&](std::uint32_t row) { return WordOf(*answer_.rows[row], field) == text; });
    const std::uint64_t count = rows.size();
    return std::make_unique<Source>(answer_, first_row_, std::move(rows), count);
  }

  void Rank(const OrderKey& key) override { first_key_ = key; }
  Boundary Begin() const override { return {0, 0}; }
  Boundary End() const override { return {count_, static_cast<std::uint32_t>(count_)}; }
  SortKeyValue KeyAt(std::uint64_t index) const override { return KeyOf(rows_[index], first_key_.field); }

  Boundary Find(const SortKeyValue& key, bool behind, const Boundary& from, const Boundary& to) const override {
    const auto first = rows_.begin() + from.place, last = rows_.begin() + to.place;
    const auto stands_before = [&](std::uint32_t row) {
      const auto order = KeyOf(row, first_key_.field) <=> key;
      return order == 0 ? behind : (order < 0) != first_key_.descending;
    };
    const auto place = static_cast<std::uint32_t>(std::partition_point(first, last, stands_before) - rows_.begin());
    return {place, place};
  }

  std::int64_t IdAt(const Boundary& from, const Boundary& to, std::uint64_t index) const override {
    return SortedIds(from, to)[index];
  }
  std::uint64_t CountIdsBelow(const Boundary& from, const Boundary& to, std::int64_t id) const override {
    const std::vector<std::int64_t> ids = SortedIds(from, to);
    return static_cast<std::uint64_t>(std::ranges::lower_bound(ids, id) - ids.begin());
  }

  std::unique_ptr<OrderedRows> StartAt(std::span<const OrderKey> keys, const Boundary& boundary, std::uint64_t skip,
                                       std::uint64_t limit) override {
    return Start(keys, boundary.before + skip, limit);
  }

 private:
  // A group of live rows is short.
  std::vector<std::int64_t> SortedIds(const Boundary& from, const Boundary& to) const {
    std::vector<std::int64_t> ids;
    for (std::uint32_t place = from.place; place < to.place; ++place) ids.push_back(IdOf(rows_[place]));
    std::ranges::sort(ids);
    return ids;
  }
  static std::string_view WordOf(const LiveRow& row, Field field) {
    return field == Field::kStatus ? Def(field).words[row.status] : std::string_view();
  }

  const LiveAnswer& answer_;
  const std::uint32_t first_row_;
  const std::vector<std::uint32_t> rows_;
  const std::uint64_t count_;
  OrderKey first_key_;
};

}  // namespace

std::unique_ptr<MergeSource> LiveSource(const LiveAnswer& answer, std::uint32_t first_row) {
  std::vector<std::uint32_t> rows(answer.rows.size());
  std::iota(rows.begin(), rows.end(), 0u);
  return std::make_unique<Source>(answer, first_row, std::move(rows), answer.count);
}

}  // namespace clientele
