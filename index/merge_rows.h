// Where the rows of the segments that are merged go: the map that every part of a merge applies.
//
// Rows of all sources together have an old number each: a source's base plus the row. Clients, the living ones, are numbered by
// ascending id, so that comparing their numbers breaks ties of every sort order.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <absl/status/statusor.h>

#include "index/huge_array.h"
#include "index/merge_orders.h"
#include "index/merge_values.h"
#include "index/segment.h"
#include "index/tombstones.h"

namespace clientele {

struct MergeSource {
  const Segment* segment;
  const Tombstones* tombstones;  // Null when no row is dead.
  std::uint32_t base;            // Old number of its first row.

  bool IsDead(std::uint32_t row) const { return tombstones != nullptr && tombstones->Test(row); }
};

// What becomes of an old row. Both in one word: whoever asks for one needs the other.
struct RowFate {
  static constexpr std::uint32_t kDead = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t client = kDead;
  std::uint32_t row = kDead;

  bool is_dead() const { return client == kDead; }
};

// Thrown out of a merge whose inputs contradict themselves: what checksums cannot say of a file that was made up.
struct DamagedInput {
  const char* what;
};

// Read-only once made; then thread-safe.
struct MergedRows {
  std::vector<MergeSource> sources;
  std::uint32_t old_count = 0;
  std::uint32_t row_count = 0;      // Of the merged segment.
  HugeArray<RowFate> fates;         // By old number.
  HugeArray<std::uint32_t> old_at;  // Old number of each new row.

  const RowFate* FatesOf(const MergeSource& source) const { return fates.data() + source.base; }

  // Number of the source that an old row is of.
  std::size_t SourceOf(std::uint32_t old) const {
    std::size_t source = sources.size() - 1;
    while (sources[source].base > old) --source;
    return source;
  }
};

// Sets `sources`, the counts and the clients of all fates; gives the order of ids by old numbers. InvalidArgument when two living
// rows have the same id, or all together are too many for one segment; throws DamagedInput. O(rows x sources).
absl::StatusOr<MergedKeys> NumberClients(std::vector<MergeSource> sources, MergedRows& rows);

// Orders the rows as a seal would (index/cluster_key.h): sets the rows of all fates and `old_at`. `created` is the order of
// creation times by old numbers. Each source is sorted by its own key already, and sorted anew only where countries or resellers
// are numbered otherwise now. O(rows x sources), mostly.
void OrderRows(const MergedOrder& created, const UnifiedValues& resellers, MergedRows& rows);

}  // namespace clientele
