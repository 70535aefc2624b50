// The filters of a query over a segment of few chunks of rows. What engine/filter.h prepares for large segments takes about a
// microsecond, more than most of the answer of a small one: here conditions are resolved to views of what is stored, a condition
// that no row fulfils ends it at once, and rows or bits are intersected on the stack, chunk by chunk.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <absl/container/inlined_vector.h>

#include "engine/match_set.h"
#include "engine/query.h"
#include "engine/snapshot.h"

namespace clientele {

// Larger segments gain nothing by it: the work on their bits is what counts there.
inline constexpr std::uint32_t kSmallSegmentRows = 4 * kChunkRows;

struct SmallSegmentMatches {
  std::uint32_t count = 0;                  // Without dead rows.
  std::uint64_t rows_touched = 0;           // Looked at one by one.
  std::shared_ptr<const MatchSet> matches;  // Null when there are none, or only the count was wanted.
};

// Made once a query, for all small segments of a snapshot. Immutable.
class SmallSegmentFilter {
 public:
  // Whether all conditions of the query can be evaluated so: all but texts that are searched for parts or looked up by hash.
  static bool Fits(const Query& query);

  // The query fits and outlives the filter. O(conditions and their values).
  SmallSegmentFilter(const Query& query, bool count_only);

  // The segment has at most kSmallSegmentRows rows. O(rows of the rarest condition x conditions) when these are at most 512, else
  // O(rows / 64 x conditions); ranges O(log rows) or O(rows) more.
  SmallSegmentMatches Filter(const SegmentView& view) const;

 private:
  friend class SmallSegmentEvaluation;

  // A row holds one of some values.
  struct Condition {
    enum class By : std::uint8_t {
      kCode,      // Codes that mean the same in all segments.
      kText,      // A folded text, whose code is the segment's own,
      kIntegers,  // or integers.
      kIds,
    };
    By by = By::kCode;
    Field field{};
    std::optional<std::uint8_t> service{};     // Of a field with an index for each service.
    std::uint32_t first = 0, last = 0;         // kCode: of codes_.
    std::string_view text{};                   // kText.
    std::span<const std::int64_t> integers{};  // kIntegers, kIds.
  };

  // Both ends included.
  struct Range {
    Field field;
    std::int64_t lower = std::numeric_limits<std::int64_t>::min(), upper = std::numeric_limits<std::int64_t>::max();
  };

  void Add(const Predicate& predicate);
  void AddAnyOf(Condition condition, const ValueSetOperand& operand);
  void JoinRange(Field field, bool at_least, std::int64_t key);

  const bool count_only_;
  absl::InlinedVector<Condition, 8> conditions_;
  absl::InlinedVector<std::uint32_t, 16> codes_;
  absl::InlinedVector<std::span<const std::int64_t>, 1> excluded_;  // Ids.
  absl::InlinedVector<Range, 2> ranges_;
  std::size_t integers_ = 0;  // Of all conditions kIntegers.
};

}  // namespace clientele
