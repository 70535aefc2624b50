#include "engine/small_segment_conditions.h"

#include <algorithm>
#include <cassert>

#include "engine/conjunct.h"

namespace clientele {

bool SmallSegmentConditions::Fits(const Query& query) {
  return query.all_of.size() <= kMax && std::ranges::none_of(query.all_of, [](const Predicate& predicate) {
           const FilterOp op = Filters()[predicate.filter].def->op;
           return op == FilterOp::kContains || op == FilterOp::kEqualsExact;
         });
}

SmallSegmentConditions::SmallSegmentConditions(const Query& query) {
  for (const Predicate& predicate : query.all_of) Add(predicate);
}

void SmallSegmentConditions::Add(const Predicate& predicate) {
  const auto& [field, def] = Filters()[predicate.filter];
  Condition condition{.field = field};
  switch (def->op) {
    case FilterOp::kEqualsFolded:
      condition.by = Condition::By::kText;
      condition.text = std::get<TextOperand>(predicate.operand).text;
      conditions_.push_back(condition);
      return;
    case FilterOp::kNoneOf: excluded_ids_.emplace_back(std::get<ValueSetOperand>(predicate.operand).values); return;
    case FilterOp::kServiceStateAnyOf: condition.service = def->service; [[fallthrough]];
    case FilterOp::kAnyOf:
    case FilterOp::kFeatureAnyOf:
    case FilterOp::kServiceAvailable: return AddAnyOf(condition, std::get<ValueSetOperand>(predicate.operand));
    case FilterOp::kAtLeast:
    case FilterOp::kAtMost: return JoinRange(field, def->op == FilterOp::kAtLeast, BoundKey(predicate));
    case FilterOp::kContains:
    case FilterOp::kEqualsExact: break;
  }
  assert(false && "no condition for this filter");
}

void SmallSegmentConditions::AddAnyOf(Condition condition, const ValueSetOperand& operand) {
  const FieldDef& def = Def(condition.field);
  if (def.equality == EqualityIndex::kOrder || def.kind == FieldKind::kInteger || def.kind == FieldKind::kFeatures) {
    condition.by = def.equality == EqualityIndex::kOrder ? Condition::By::kIds : Condition::By::kIntegers;
    condition.integers = operand.values;
    integers_ += operand.values.size();
  } else {
    condition.first = static_cast<std::uint32_t>(codes_.size());
    for (const std::int64_t value : operand.values) codes_.push_back(static_cast<std::uint32_t>(value));
    if (operand.or_null) codes_.push_back(kNoCountryCode);
    condition.last = static_cast<std::uint32_t>(codes_.size());
  }
  conditions_.push_back(condition);
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
