// Rows of a match set in a query's order, from an offset on, produced piece by piece. Each strategy is one class behind this
// interface; engine/order_plan.h picks it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/execute.h"
#include "engine/match_set.h"
#include "engine/order_keys.h"

namespace clientele {

class OrderedRows {
 public:
  virtual ~OrderedRows() = default;

  // Fills `rows` from the front and returns how many; 0 at the end.
  virtual std::size_t Next(std::span<std::uint32_t> rows) = 0;

  std::uint64_t rows_touched = 0;  // Rows or positions looked at one by one so far, for explain.
};

// What to order and from where. `keys` and the segment outlive the rows; the matches are kept by them.
struct OrderTask {
  const Segment* segment;
  std::shared_ptr<const MatchSet> matches;
  std::span<const ResolvedKey> keys;  // At least one.
  std::uint64_t offset = 0;           // Below matches->count.
  std::uint64_t limit = 0;            // Rows wanted from there; at least 1, at most what there is.
};

// kGather: takes the keys of all matches, selects and sorts the wanted rows. O(matches + limit log limit).
std::unique_ptr<OrderedRows> GatherRows(const OrderTask& task);

// kWalk, kArithmetic: looks at the rows in the first key's order from its start (every client matching: from the offset itself)
// and keeps those that match. O((offset + limit) x rows / matches). The first key must be an order.
std::unique_ptr<OrderedRows> WalkRows(const OrderTask& task);

// kHistogram, kBitPlanes: finds a position before which whole groups with at most `offset` matches lie, then walks from there.
// O(matches + rows / 1024) and O(rows / 64 x planes). Matches must be bits, for kBitPlanes the order must have planes.
std::unique_ptr<OrderedRows> SelectThenWalkRows(const OrderTask& task, OrderPlan plan);

// The matches that hold one word; a rare word is a posting list. O(chunks).
std::shared_ptr<const MatchSet> MatchesWithWord(const MatchSet& matches, const ValueIndex& values, std::uint32_t word);

// kValueGroups: the first key is a word; word by word, each group ordered by the remaining keys with a plan of its own.
std::unique_ptr<OrderedRows> ValueGroupRows(const OrderTask& task);

}  // namespace clientele
