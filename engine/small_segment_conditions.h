// The conditions of a query as small segments take them (engine/small_segment_filter.h): joined and sorted by how they are looked
// up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include <absl/container/inlined_vector.h>
#include <boost/container/small_vector.hpp>

#include "engine/id_set.h"
#include "engine/named_ids.h"
#include "engine/query.h"

namespace clientele {

// Made once a query, for all small segments of a snapshot. Immutable, and so thread-safe.
class SmallSegmentConditions {
 public:
  // A row holds one of some values.
  struct Condition {
    enum class By : std::uint8_t {
      kCode,      // A code that means the same in all segments,
      kCodes,     // or several.
      kText,      // A folded text, whose code is the segment's own,
      kIntegers,  // or integers.
      kIds,
    };
    By by = By::kCode;
    Field field{};
    std::optional<std::uint8_t> service{};     // Of a field with an index for each service.
    std::uint32_t first = 0, last = 0;         // kCode: `first` is the code; kCodes: of all codes.
    std::string_view text{};                   // kText.
    std::span<const std::int64_t> integers{};  // kIntegers, kIds.
  };

  // Both ends included.
  struct Range {
    Field field;
    std::int64_t lower = std::numeric_limits<std::int64_t>::min(), upper = std::numeric_limits<std::int64_t>::max();
  };

  static constexpr std::size_t kMax = 64;  // Conditions; more than there are filters.

  // Whether all conditions of the query can be evaluated so: at most kMax, and all but texts that are searched for parts or
  // looked up by hash.
  static bool Fits(const Query& query);

  // The query fits, and outlives the conditions, as do `named_ids`: of ids that were looked up in the first segment only those
  // that may be in others are looked for. O(conditions and their values).
  explicit SmallSegmentConditions(const Query& query, std::span<const NamedIds> named_ids = {});

  std::span<const Condition> any_of() const { return conditions_; }
  std::span<const std::uint32_t> CodesOf(const Condition& condition) const {  // Of one kCodes.
    return std::span(codes_).subspan(condition.first, condition.last - condition.first);
  }
  std::span<const Range> ranges() const { return ranges_; }
  std::span<const IdSet> excluded_ids() const { return excluded_ids_; }
  std::size_t integer_count() const { return integers_; }  // Of all conditions kIntegers.

 private:
  // `known`: what was looked up of the predicate's ids, or null.
  void Add(const Predicate& predicate, const NamedIds* known);
  void AddAnyOf(const FilterEntry& filter, const ValueSetOperand& operand);
  void AddNoneOf(std::span<const std::int64_t> ids);
  void JoinRange(Field field, bool at_least, std::int64_t key);

  absl::InlinedVector<Condition, 8> conditions_;
  absl::InlinedVector<std::uint32_t, 16> codes_;
  absl::InlinedVector<Range, 2> ranges_;
  boost::container::small_vector<IdSet, 1> excluded_ids_;
  std::size_t integers_ = 0;
};

}  // namespace clientele
