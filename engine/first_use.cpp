#include "engine/first_use.h"

#include <string>
#include <variant>
#include <vector>

namespace clientele {
namespace {

IndexPart PartOfFilter(const FilterEntry& filter) {
  switch (filter.def->op) {
    case FilterOp::kContains: return IndexPart::kTexts;
    case FilterOp::kAtLeast:
    case FilterOp::kAtMost:
    case FilterOp::kNoneOf: return IndexPart::kOrder;
    default: return Def(filter.field).equality == EqualityIndex::kOrder ? IndexPart::kOrder : IndexPart::kValues;
  }
}

// Calls visit(field, part) for every part that the query reads, until it returns false; returns whether it never did.
template <class Visit>
bool ForEachPart(const Query& query, Visit visit) {
  for (const Predicate& predicate : query.all_of) {
    const FilterEntry& filter = Filters()[predicate.filter];
    if (!visit(filter.field, PartOfFilter(filter))) return false;
  }
  if (query.limit == 0) return true;
  // Ids break ties, and are the order where none was asked for.
  if (!visit(Field::kId, IndexPart::kOrder)) return false;
  for (const OrderKey& key : query.order_by) {
    if (!visit(key.field, IndexPart::kOrder)) return false;
    if (Def(key.field).kind == FieldKind::kWord && !visit(key.field, IndexPart::kValues)) return false;
  }
  return true;
}

// The records that a lookup by hash is verified on.
absl::Status RequireHashed(const Segment& segment, Field field, const std::string& text) {
  std::vector<std::uint32_t> rows;
  for (const auto& entry : segment.field(field).hashes.Find(HashPostings::Hash(text))) rows.push_back(entry.row);
  return segment.RequireRecords(rows);
}

}  // namespace

absl::Status RequireForQuery(const Segment& segment, const Query& query) {
  absl::Status status;
  const bool complete = ForEachPart(query, [&](Field field, IndexPart part) {
    status = segment.Require(field, part);
    return status.ok();
  });
  if (!complete) return status;
  for (const Predicate& predicate : query.all_of) {
    const FilterEntry& filter = Filters()[predicate.filter];
    if (filter.def->op != FilterOp::kEqualsExact) continue;
    status = RequireHashed(segment, filter.field, std::get<TextOperand>(predicate.operand).text);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

bool IsKnownGood(const Segment& segment, const Query& query) {
  return segment.is_checked() ||
         ForEachPart(query, [&](Field field, IndexPart part) { return segment.IsKnownGood(field, part); });
}

}  // namespace clientele
