// Which rows of a live table hold which value of the fields that have few: one bit a slot for each value, so that a condition on
// such a field is an AND of words, and its exact count a population count. In the manner of index/value_index.h, without
// compression: a table has some thousand slots. Source: bitmap indices (O'Neil, "Model 204", 1987).
//
// Rows that are no longer current keep their bits: callers mask them. Externally synchronised, as its table. Memory: a bit a slot
// for each value that some row has had; 100 KB for a usual table.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "index/live_row.h"
#include "index/schema.h"

namespace clientele {

class LiveValueBits {
 public:
  // By value: bit i of word w is slot 64 w + i. Ends where no later slot has the value; values that no row has had may be
  // missing.
  using Values = std::vector<std::vector<std::uint64_t>>;

  void Append(std::uint32_t slot, const LiveRow& row);  // Slots in order. Amortised O(1), about 50 ns.
  std::uint64_t bytes() const;

  Values status, client_type, country;       // By the row's members of these names.
  Values available_services;                 // By service; a slot may have several.
  std::array<Values, kServiceCount> states;  // By LiveRow::State.
  Values deleted, is_test, activated;        // 1 only: all other slots have 0.
};

}  // namespace clientele
