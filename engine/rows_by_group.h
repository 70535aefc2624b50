// Rows that come group by group of equal first keys. A group is put in order when it is reached: a page takes few of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <absl/container/inlined_vector.h>

#include "engine/ordered_rows.h"

namespace clientele {

class RowsByGroup : public OrderedRows {
 public:
  std::size_t Next(std::span<std::uint32_t> rows) final {
    std::size_t filled = 0;
    while (filled < rows.size() && left_ > 0) {
      if (group_.empty() && !TakeGroup(group_)) break;
      const std::uint32_t row = group_.back();
      group_.pop_back();
      if (skip_ > 0) {
        --skip_;
        continue;
      }
      rows[filled++] = row;
      --left_;
    }
    return filled;
  }

 protected:
  using Group = absl::InlinedVector<std::uint32_t, 8>;

  // Leaves the first `skip` rows out, and gives out at most `limit`.
  RowsByGroup(std::uint64_t skip, std::uint64_t limit) : skip_(skip), left_(limit) {}

 private:
  // Fills `group`, which is empty, with the rows of the next group, the last one first; false at the end.
  virtual bool TakeGroup(Group& group) = 0;

  std::uint64_t skip_, left_;
  Group group_;
};

}  // namespace clientele
