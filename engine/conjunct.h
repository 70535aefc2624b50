// A query's predicates resolved against one segment: each becomes the index that answers it, with its exact cardinality (or an
// upper bound), before anything is evaluated.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <absl/container/inlined_vector.h>
#include <boost/container/small_vector.hpp>

#include "engine/named_ids.h"
#include "engine/query.h"
#include "index/segment.h"

namespace clientele {

enum class Access : std::uint8_t {
  kValues,   // Containers of one value, or the union of several.
  kRows,     // A short list of rows: a rare value, ids, a hash lookup, a narrow range.
  kRange,    // Positions [first, last) of a sort order.
  kExclude,  // All but a list of rows.
  kText,     // A contains-search.
};

struct Conjunct {
  Access access = Access::kRows;
  std::string_view name;          // How it reads the index, for explain.
  std::size_t predicate = 0;      // Index into Query::all_of (the first, where two bounds became one range).
  std::uint64_t cardinality = 0;  // Rows that match it alone.
  bool exact = true;              // False: cardinality is an upper bound.

  const ValueIndex* values = nullptr;  // kValues.
  using Codes = boost::container::small_vector<std::uint32_t, 2>;
  Codes codes;

  std::vector<std::uint32_t> owned_rows;  // kRows, kExclude: ascending, unless `posting` is used.
  std::span<const std::uint32_t> posting;
  std::span<const std::uint32_t> rows() const { return posting.empty() ? std::span(owned_rows) : posting; }

  const SortOrder* order = nullptr;  // kRange; kText by group: the order whose groups are the items.
  std::uint32_t first = 0, last = 0;

  const FoldedText* texts = nullptr;  // kText.
  std::string_view needle;            // Of the query.
  std::uint64_t text_blocks = 0;      // Upper bound on the blocks that a search reads.
};

using Conjuncts = absl::InlinedVector<Conjunct, 4>;

// Predicates that keep every row are dropped; one that keeps none becomes an empty kRows. Two bounds of one field become one
// range. Ordered by cardinality, text last. With `stop_when_empty` one that keeps no row is the only one that is returned, and
// the rest is not looked up. `named_ids` are those of the segment, where they were looked up. The query outlives the conjuncts.
// O(predicates x log rows).
Conjuncts ResolveConjuncts(const Segment& segment, const Query& query, bool stop_when_empty = false,
                           std::span<const NamedIds> named_ids = {});

// Positions [first, last) of an order.
struct PositionRange {
  std::uint32_t first = 0, last = 0;
  std::uint32_t width() const { return last > first ? last - first : 0; }
};

// Those with keys in [lower, upper], both ends included. O(log rows).
PositionRange PositionsOf(const FieldIndex& index, std::int64_t lower, std::int64_t upper);

// The bound of a condition kAtLeast or kAtMost, as a key.
std::int64_t BoundKey(const Predicate& predicate);

// Whether the row satisfies the conjunct; for probing few rows. O(log), a text: O(one block).
bool Matches(const Conjunct& conjunct, std::uint32_t row);

}  // namespace clientele
