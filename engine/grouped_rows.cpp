#include "engine/grouped_rows.h"

namespace clientele {

std::size_t GroupedRows::Next(std::span<std::uint32_t> rows) {
  while (left_ > 0 && !rows.empty()) {
    if (group_ == nullptr) group_ = NextGroup(skip_, left_);
    if (group_ == nullptr) return 0;
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

}  // namespace clientele
