// Rows that come group by group, each group in an order of its own: what orders by a word first are made of.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "engine/ordered_rows.h"

namespace clientele {

class GroupedRows : public OrderedRows {
 public:
  std::size_t Next(std::span<std::uint32_t> rows) final;

 protected:
  // The rows from number `offset` on, `limit` at most.
  GroupedRows(std::uint64_t offset, std::uint64_t limit) : skip_(offset), left_(limit) {}

  // The next group that has more than `skip` rows, begun behind these, at most `limit` of it; null when there is none. `skip` is
  // lessened by the rows that were passed over.
  virtual std::unique_ptr<OrderedRows> NextGroup(std::uint64_t& skip, std::uint64_t limit) = 0;

 private:
  std::uint64_t skip_, left_;
  std::unique_ptr<OrderedRows> group_;
};

}  // namespace clientele
