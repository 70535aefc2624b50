// A query's part over a live table: how many of its rows match, and the first of them in the query's order.
//
// Conditions on values that the table has indices for are counted first, exactly. Few rows of one of them are looked up and
// tested against the rest; otherwise the conditions are evaluated over the table's columns, 64 rows at a time, and contains
// searches over its texts. What matches is then ordered by a walk of the first key's index, or by selecting, whichever is
// cheaper.
//
// Nothing here shares code with engine/oracle.h.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "engine/query.h"
#include "engine/sort_key_value.h"
#include "index/live_table.h"

namespace clientele {

inline constexpr std::uint64_t kAllRows = std::numeric_limits<std::uint64_t>::max();

struct LiveAnswer {
  std::uint64_t count = 0;           // Exact, whatever was wanted.
  std::vector<const LiveRow*> rows;  // In the query's order. Valid as long as the table.

  // How it was done, for explanations and tests. `plan`: "all" (no filter), "count" (counted in an index, no row tested),
  // "index" (the rows of one index, tested), "columns". `index`: the parameter whose index was used, if one was. `order`:
  // "none" (no row wanted), "index" (the rows came in order), "walk" (of the first key's index), "select".
  std::string_view plan = "all", index, order = "none";
  std::uint64_t rows_touched = 0;         // Looked at one by one.
  std::uint64_t text_blocks_scanned = 0;  // Of 64 texts each.
};

// The matches of `query.all_of` in the order of `query.order_by`, the first `wanted` of them (offset + limit of the caller, or
// kAllRows); `query.offset`, `limit` and `fields` play no part. The caller keeps writers out until it returns.
LiveAnswer AnswerLive(const LiveTable& table, const Query& query, std::uint64_t wanted);

// A row's value of a sort key. O(1).
SortKeyValue LiveKey(const LiveRow& row, Field key);

// Whether `a` comes before `b` in the order of these keys, ties by ascending id. Ids must differ.
bool LiveRowLess(const LiveRow& a, const LiveRow& b, const std::vector<OrderKey>& order_by);

}  // namespace clientele
