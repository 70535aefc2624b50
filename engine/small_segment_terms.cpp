#include "engine/small_segment_terms.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "engine/conjunct.h"
#include "index/segment.h"

namespace clientele {

using By = SmallSegmentConditions::Condition::By;
using Kind = SmallSegmentTerm::Kind;

namespace {

const ValueIndex& ValuesOf(const SmallSegmentConditions::Condition& condition, const Segment& segment) {
  const FieldIndex& index = segment.field(condition.field);
  return condition.service ? index.states[*condition.service] : index.values;
}

}  // namespace

void SmallSegmentTerms::Resolve(const SmallSegmentConditions& conditions, const Segment& segment) {
  if (conditions.integer_count() > 0) own_codes_.reserve(conditions.integer_count());
  never_ = segment.row_count() == 0;
  for (const SmallSegmentConditions::Condition& condition : conditions.any_of()) {
    if (never_) return;
    // What most conditions are, without more ado.
    never_ = condition.by == By::kCode ? !AddCode(ValuesOf(condition, segment), condition.first)
                                       : !Add(condition, conditions, segment);
  }
  for (const SmallSegmentConditions::Range& range : conditions.ranges()) never_ = never_ || !AddRange(range, segment);
}

SmallSegmentTerm& SmallSegmentTerms::NewTerm(Kind kind, std::uint32_t cardinality) {
  assert(size_ < terms_.size());
  SmallSegmentTerm& term = terms_[size_++];
  term.kind = kind;
  term.cardinality = cardinality;
  return term;
}

bool SmallSegmentTerms::Add(const SmallSegmentConditions::Condition& condition, const SmallSegmentConditions& all,
                            const Segment& segment) {
  const FieldIndex& index = segment.field(condition.field);
  switch (condition.by) {
    case By::kCode: return AddCode(ValuesOf(condition, segment), condition.first);
    case By::kCodes: return AddCodes(ValuesOf(condition, segment), all.CodesOf(condition));
    case By::kText: {
      const auto code = segment.CodeOf(condition.field, condition.text);
      return code && AddCode(index.values, *code);
    }
    case By::kIntegers: {
      const std::size_t begin = own_codes_.size();
      for (const std::int64_t value : condition.integers) {
        if (const auto code = segment.CodeOf(condition.field, value)) own_codes_.push_back(*code);
      }
      return AddCodes(index.values, std::span(own_codes_).subspan(begin));
    }
    case By::kIds: return AddIds(condition.integers, segment);
  }
  return false;
}

bool SmallSegmentTerms::AddCodes(const ValueIndex& values, std::span<const std::uint32_t> codes) {
  if (codes.size() == 1) return AddCode(values, codes[0]);
  std::uint32_t sum = 0, held = 0, last_held = 0;
  for (const std::uint32_t code : codes) {
    const std::uint32_t cardinality = values.Cardinality(code);
    if (cardinality == 0) continue;
    sum += cardinality;
    ++held;
    last_held = code;
  }
  if (held <= 1) return held == 1 && AddCode(values, last_held);
  SmallSegmentTerm& term = NewTerm(Kind::kUnion, sum);
  term.values = &values;
  term.items = codes.data();
  term.item_count = static_cast<std::uint32_t>(codes.size());
  return true;
}

bool SmallSegmentTerms::AddCode(const ValueIndex& values, std::uint32_t code) {
  const std::uint32_t cardinality = values.Cardinality(code);
  if (cardinality == 0) return false;
  if (cardinality == values.row_count()) return true;
  if (values.IsPostingList(code)) {
    SmallSegmentTerm& term = NewTerm(Kind::kList, cardinality);
    term.items = values.PostingList(code).data();
    term.item_count = cardinality;
  } else {
    values.PrefetchChunks(code);
    SmallSegmentTerm& term = NewTerm(Kind::kContainer, cardinality);
    term.first = code;
    term.values = &values;
  }
  return true;
}

bool SmallSegmentTerms::AddIds(std::span<const std::int64_t> ids, const Segment& segment) {
  std::vector<std::uint32_t> rows = segment.RowsOf(ids);
  if (rows.empty()) return false;
  std::ranges::sort(rows);
  const auto cardinality = static_cast<std::uint32_t>(rows.size());
  SmallSegmentTerm& term = NewTerm(Kind::kList, cardinality);
  term.items = id_rows_.emplace_back(std::move(rows)).data();
  term.item_count = cardinality;
  return true;
}

bool SmallSegmentTerms::AddRange(const SmallSegmentConditions::Range& range, const Segment& segment) {
  const FieldIndex& index = segment.field(range.field);
  const PositionRange positions = PositionsOf(index, range.lower, range.upper);
  if (positions.width() == 0) return false;
  if (positions.width() == segment.row_count()) return true;
  SmallSegmentTerm& term = NewTerm(Kind::kRange, positions.width());
  term.first = positions.first;
  term.last = positions.last;
  term.order = &index.order;
  return true;
}

}  // namespace clientele
