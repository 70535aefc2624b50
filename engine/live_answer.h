// A query's part over a live table: how many of its rows match, and the first of them in the query's order.
//
// Conditions on fields of few values are ANDs of the table's bits. What is left of the others is evaluated by the rows of an
// index, when it has few, or over the table's columns, 64 rows at a time, and by searches of its texts. What matches is then
// ordered by a walk of the first key's index, or by selecting, whichever is cheaper.
//
// Nothing here shares code with engine/oracle.h.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/query.h"
#include "index/live_table.h"

namespace clientele {

inline constexpr std::uint64_t kAllRows = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint64_t kAllUnordered =
    kAllRows - 1;  // All rows, in no order: for who needs few of them, from deep within.

struct LiveAnswer {
  std::uint64_t count = 0;           // Exact, whatever was wanted.
  std::vector<const LiveRow*> rows;  // In the query's order. Valid as long as the table.
  // Where rows are in no order: the query's first key, or the id when there is none, and TakeUnordered's number of each row.
  // Otherwise empty.
  OrderKey first_key;
  std::vector<std::uint64_t> first_keys;
  // kAllUnordered of many rows whose first key is no word: they stand here instead, by that key ascending, whatever the query's
  // direction, and ties by ascending id.
  std::shared_ptr<const LiveSortedRows> sorted;

  const LiveRow& Row(std::uint32_t index) const { return sorted != nullptr ? *(*sorted)[index].row : *rows[index]; }

  // How it was done, for explanations and tests. `plan`: "all" (no filter), "count" (counted in an index, in bits or in
  // a column of times), "bits" (several conditions of bits or times combined), "index"
  // (the rows of one index, tested), "search" (a contains search, what it found tested), "columns". `filter`: the parameter whose
  // index or search was used. `order`: "none" (no row wanted, or in no order), "index" (the index had the rows in order), "walk"
  // (of the first key's index), "select", "sorted" (kept in the first key's order).
  std::string_view plan = "all", filter, order = "none";
  std::uint64_t rows_touched = 0;         // Looked at one by one.
  std::uint64_t text_blocks_scanned = 0;  // Of 64 texts each.
};

// Whether few matches may be given in no order whatever is wanted of them. They are when they are so few that putting the first
// ones in order takes longer than taking all.
enum class FewMatches : std::uint8_t { kInOrder, kAsTheyCome };

// The matches of `query.all_of` in the order of `query.order_by`, the first `wanted` of them (offset + limit of the caller, or
// kAllRows, or kAllUnordered); `query.offset`, `limit` and `fields` play no part. The caller keeps writers out until it returns.
LiveAnswer AnswerLive(const LiveTable& table, const Query& query, std::uint64_t wanted, FewMatches few = FewMatches::kInOrder);

}  // namespace clientele
