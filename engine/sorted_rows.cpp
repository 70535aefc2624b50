#include "engine/sorted_rows.h"

#include <algorithm>
#include <utility>

namespace clientele {
namespace {

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

}  // namespace

std::unique_ptr<OrderedRows> MakeSortedRows(std::vector<std::uint32_t> rows) {
  return std::make_unique<SortedRows>(std::move(rows));
}

}  // namespace clientele
