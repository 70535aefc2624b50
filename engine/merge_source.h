// One source of a version's clients - a segment, or the live rows - as merging sees it: its matches in the query's order, and how
// many of them stand before a key. Made for one query; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/ordered_rows.h"
#include "engine/snapshot.h"
#include "engine/sort_key_value.h"

namespace clientele {

class MergeSource {
 public:
  virtual ~MergeSource() = default;

  virtual std::uint64_t count() const = 0;  // Matches,
  virtual std::uint64_t rows() const = 0;   // and the rows that a walk over all of them passes.
  virtual bool has_all_rows() const = 0;    // False: only the first ones are at hand, and only Start may be called.

  // The matches from number `offset` on, in the order of `keys` (ties by id), as rows of this source. `limit` of them will be
  // wanted at most. The source outlives the result.
  virtual std::unique_ptr<OrderedRows> Start(std::span<const OrderKey> keys, std::uint64_t offset, std::uint64_t limit) = 0;
  // The same from the first match on, for who will take few of many: cheaper to begin, dearer a row.
  virtual std::unique_ptr<OrderedRows> StartFew(std::span<const OrderKey> keys, std::uint64_t limit) = 0;

  virtual SortKeyValue KeyOf(std::uint32_t row, Field field) const = 0;
  // How that compares with another key of the field; faster.
  virtual std::strong_ordering CompareKey(std::uint32_t row, Field field, const SortKeyValue& key) const {
    return KeyOf(row, field) <=> key;
  }
  // The keys of many rows, of a field whose keys are numbers, and faster than one by one; at least as many `numbers` as rows.
  virtual void NumbersOf(std::span<const std::uint32_t> rows, Field field, std::span<std::int64_t> numbers) const {
    for (std::size_t i = 0; i < rows.size(); ++i) numbers[i] = KeyOf(rows[i], field).number;
  }
  // Starts fetching what KeyOf and NumbersOf look up first for these rows; for a single row, also what that leads to.
  virtual void PrefetchKeys(std::span<const std::uint32_t> rows, std::span<const OrderKey> keys) const = 0;
  // The key that all rows of the source, matching or not, have or stand behind, if that is known at once. `key` is no word.
  virtual std::optional<SortKeyValue> FirstKeyOfAll(const OrderKey&) const { return std::nullopt; }
  virtual std::int64_t IdOf(std::uint32_t row) const = 0;
  virtual std::uint32_t first_row() const = 0;  // Number of this source's row 0 in the snapshot.

  // The matches that have one word of a word field, as a source of their own.
  virtual std::unique_ptr<MergeSource> WithWord(Field field, std::uint32_t word) = 0;

  // A boundary between matches whose first key differs: so many of them come first in the answer.
  struct Boundary {
    std::uint64_t before = 0;
    std::uint32_t place = 0;  // The source's own.
  };
  // For finding a deep page. `key` is the first one of the query; it is no word. Rank must be called before all others.
  virtual void Rank(const OrderKey& key) = 0;
  virtual double RankCost(const OrderKey& key) const = 0;  // What that takes, in nanoseconds, about.
  virtual Boundary Begin() const = 0;
  virtual Boundary End() const = 0;
  // First key of match number `index` of those between two boundaries, in the answer's order. Boundaries between the two that
  // were found before are no longer valid.
  virtual SortKeyValue KeyAt(const Boundary& from, const Boundary& to, std::uint64_t index) = 0;
  // A boundary in front of match number `index` of all, or of some few before it, whichever is found sooner; and a first key:
  // what stands before the boundary comes before that key, and nothing behind it does.
  struct KeyedBoundary {
    SortKeyValue key;
    Boundary boundary;
  };
  virtual KeyedBoundary BoundaryNear(std::uint64_t index) = 0;
  // The boundary in front of the matches with this first key. Looked for from where the last one was found, and at first from
  // match number `guess` (below count()) on: the nearer it is, the faster. There must be a match.
  virtual Boundary FindNear(const SortKeyValue& key, std::uint64_t guess) = 0;
  // The boundary behind the matches with this first key; `front` is the one in front of them. O(1) keys, or as Find.
  virtual Boundary FindBehind(const SortKeyValue& key, const Boundary& front) = 0;
  // The boundary in front of (`behind`: behind) the matches with this first key, if it lies between the two given ones.
  virtual Boundary Find(const SortKeyValue& key, bool behind, const Boundary& from, const Boundary& to) = 0;
  // Within the matches between two boundaries, which have equal first keys and are taken in the order of their ids whatever the
  // query's: the id of match number `index`, and how many have a lesser id.
  virtual std::int64_t IdAt(const Boundary& from, const Boundary& to, std::uint64_t index) = 0;
  virtual std::uint64_t CountIdsBelow(const Boundary& from, const Boundary& to, std::int64_t id) = 0;
  // As Start, `skip` matches behind a boundary.
  virtual std::unique_ptr<OrderedRows> StartAt(std::span<const OrderKey> keys, const Boundary& boundary, std::uint64_t skip,
                                               std::uint64_t limit) = 0;
};

// `answer` outlives the source; it must hold as many rows as will be asked for. Its row 0 is `first_row` of the snapshot.
std::unique_ptr<MergeSource> LiveSource(const LiveAnswer& answer, std::uint32_t first_row);

// The same for an answer with sorted rows.
std::unique_ptr<MergeSource> SortedLiveSource(const LiveAnswer& answer, std::uint32_t first_row);

// `matches` are those of the segment. The view outlives the source.
std::unique_ptr<MergeSource> SegmentSource(const SegmentView& view, std::shared_ptr<const MatchSet> matches);

}  // namespace clientele
