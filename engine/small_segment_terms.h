// The conditions of a query as what one small segment stores of them (engine/small_segment_filter.h).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <absl/container/inlined_vector.h>

#include "engine/small_segment_conditions.h"
#include "engine/snapshot.h"
#include "index/sort_order.h"
#include "index/value_index.h"

namespace clientele {

// Views into the segment.
struct SmallSegmentTerm {
  enum class Kind : std::uint8_t {
    kContainer,  // Of one value, in each chunk.
    kList,       // A posting list, or the rows of ids (those in any order).
    kUnion,      // Of several values.
    kRange,      // Positions of an order.
  };
  Kind kind;
  std::uint32_t cardinality;   // Rows that fulfil it; of a union an upper bound.
  std::uint32_t first, last;   // kContainer: `first` is the code; kRange: positions.
  const ValueIndex* values;    // kContainer, kUnion.
  const SortOrder* order;      // kRange.
  const std::uint32_t* items;  // kList: rows; kUnion: codes, some of which no row may hold.
  std::uint32_t item_count;

  std::span<const std::uint32_t> list() const { return {items, item_count}; }
};

// Resolving and filtering are steps that are best done for all segments of a query one after the other: what a step
// of one segment waits for is fetched during those of the others. Conditions and segment outlive the terms.
class SmallSegmentTerms {
 public:
  SmallSegmentTerms() {}  // Leaves room for terms as it is.
  SmallSegmentTerms(const SmallSegmentTerms&) = delete;
  SmallSegmentTerms& operator=(const SmallSegmentTerms&) = delete;

  // To be called once, before all else. Starts fetching where the containers are. O(conditions), and O(log rows) for each range,
  // text, integer and id.
  void Resolve(const SmallSegmentConditions& conditions, const Segment& segment);

  bool never() const { return never_; }                                                       // No row fulfils all.
  std::span<const SmallSegmentTerm> terms() const { return std::span(terms_).first(size_); }  // None of what all rows fulfil.

 private:
  bool Add(const SmallSegmentConditions::Condition& condition, const SmallSegmentConditions& all, const Segment& segment);
  bool AddCodes(const ValueIndex& values, std::span<const std::uint32_t> codes);
  bool AddCode(const ValueIndex& values, std::uint32_t code);
  bool AddIds(std::span<const std::int64_t> ids, const Segment& segment);
  bool AddRange(const SmallSegmentConditions::Range& range, const Segment& segment);

  SmallSegmentTerm& NewTerm(SmallSegmentTerm::Kind kind, std::uint32_t cardinality);

  bool never_ = false;
  std::uint32_t size_ = 0;
  std::array<SmallSegmentTerm, SmallSegmentConditions::kMax> terms_;
  // What some terms view.
  absl::InlinedVector<std::uint32_t, 16> own_codes_;
  absl::InlinedVector<std::vector<std::uint32_t>, 1> id_rows_;
};

}  // namespace clientele
