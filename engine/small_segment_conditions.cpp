#include "engine/small_segment_conditions.h"

#include <algorithm>
#include <cassert>

#include "engine/conjunct.h"

namespace clientele {

bool SmallSegmentConditions::Fits(const Query& query) {
  const std::span<const FilterEntry> filters = Filters();
  return query.all_of.size() <= kMax && std::ranges::none_of(query.all_of, [&](const Predicate& predicate) {
           const FilterOp op = filters[predicate.filter].def->op;
           return op == FilterOp::kContains || op == FilterOp::kEqualsExact;
         });
}

SmallSegmentConditions::SmallSegmentConditions(const Query& query, std::span<const NamedIds> named_ids) {
  for (std::size_t i = 0; i < query.all_of.size(); ++i) Add(query.all_of[i], FindNamedIds(named_ids, i));
}

void SmallSegmentConditions::Add(const Predicate& predicate, const NamedIds* known) {
  const FilterEntry& filter = Filters()[predicate.filter];
  const FilterOp op = filter.def->op;
  switch (op) {
    case FilterOp::kEqualsFolded: {
      Condition& condition = conditions_.emplace_back();
      condition.by = Condition::By::kText;
      condition.field = filter.field;
      condition.text = std::get<TextOperand>(predicate.operand).text;
      return;
    }
    case FilterOp::kNoneOf:
      return AddNoneOf(known != nullptr ? known->elsewhere : std::get<ValueSetOperand>(predicate.operand).values);
    case FilterOp::kServiceStateAnyOf:
    case FilterOp::kAnyOf:
    case FilterOp::kFeatureAnyOf:
    case FilterOp::kServiceAvailable:
      AddAnyOf(filter, std::get<ValueSetOperand>(predicate.operand));
      if (known != nullptr) conditions_.back().integers = known->elsewhere;
      return;
    case FilterOp::kAtLeast:
    case FilterOp::kAtMost: return JoinRange(filter.field, op == FilterOp::kAtLeast, BoundKey(predicate));
    case FilterOp::kContains:
    case FilterOp::kEqualsExact: break;
  }
  assert(false && "no condition for this filter");
}

void SmallSegmentConditions::AddNoneOf(std::span<const std::int64_t> ids) {
  if (!ids.empty()) excluded_ids_.emplace_back(ids);
}

void SmallSegmentConditions::AddAnyOf(const FilterEntry& filter, const ValueSetOperand& operand) {
  const FieldDef& def = Def(filter.field);
  Condition& condition = conditions_.emplace_back();
  condition.field = filter.field;
  if (filter.def->op == FilterOp::kServiceStateAnyOf) condition.service = filter.def->service;
  if (def.equality == EqualityIndex::kOrder || def.kind == FieldKind::kInteger || def.kind == FieldKind::kFeatures) {
    condition.by = def.equality == EqualityIndex::kOrder ? Condition::By::kIds : Condition::By::kIntegers;
    condition.integers = operand.values;
    integers_ += operand.values.size();
  } else if (operand.values.size() == 1 && !operand.or_null) {
    condition.first = static_cast<std::uint32_t>(operand.values[0]);
  } else {
    condition.by = Condition::By::kCodes;
    condition.first = static_cast<std::uint32_t>(codes_.size());
    for (const std::int64_t value : operand.values) codes_.push_back(static_cast<std::uint32_t>(value));
    if (operand.or_null) codes_.push_back(kNoCountryCode);
    condition.last = static_cast<std::uint32_t>(codes_.size());
  }
}

void SmallSegmentConditions::JoinRange(Field field, bool at_least, std::int64_t key) {
  auto range = std::ranges::find(ranges_, field, &Range::field);
  if (range == ranges_.end()) range = ranges_.insert(range, {field});
  if (at_least)
    range->lower = std::max(range->lower, key);
  else
    range->upper = std::min(range->upper, key);
}

}  // namespace clientele
