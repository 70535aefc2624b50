// Where the clients are that a query names by their ids. A client is in one living row of a version at most, so that those which
// the first, largest segment has need not be looked for in all the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <absl/container/inlined_vector.h>

#include "engine/query.h"
#include "engine/snapshot.h"

namespace clientele {

// The ids of one condition.
struct NamedIds {
  std::size_t predicate = 0;            // Index into Query::all_of.
  std::vector<std::uint32_t> rows;      // Of the first segment, dead ones included; in no order.
  std::vector<std::int64_t> elsewhere;  // Ids that no living row of it has; ascending.
};
using AllNamedIds = absl::InlinedVector<NamedIds, 1>;

// Whether a condition names clients by their ids.
inline bool NamesIds(const Predicate& predicate) {
  return Def(Filters()[predicate.filter].field).equality == EqualityIndex::kOrder;
}

// Looks up the ids of all conditions of the query that name some. `first` has been checked. O(ids x log rows).
AllNamedIds LookUpNamedIds(const SegmentView& first, const Query& query);

// Those of one condition; null when they were not looked up.
inline const NamedIds* FindNamedIds(std::span<const NamedIds> all, std::size_t predicate) {
  for (const NamedIds& ids : all) {
    if (ids.predicate == predicate) return &ids;
  }
  return nullptr;
}

}  // namespace clientele
