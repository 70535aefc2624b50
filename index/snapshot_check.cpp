#include "index/snapshot_check.h"

#include <algorithm>

#include "index/segment_columns.h"

namespace clientele {
namespace {

// Rows that a part must have: all of them, or none where the schema asks for no such part.
std::uint32_t RowsIf(bool wanted, const Segment::Parts& segment) {
  return wanted ? segment.row_count : 0;
}

// `value_count` values of the segment's rows, or nothing at all.
std::string IndexProblem(const ValueIndex& values, const Segment::Parts& segment, std::uint32_t value_count) {
  if (values.value_count() != value_count) return "another number of values";
  return values.Problem(RowsIf(value_count > 0 || values.row_count() > 0, segment));
}

std::string ValuesProblem(const Segment::Parts& segment, const FieldDef& def, const FieldIndex& index) {
  const ValueSource source = ValueSourceOf(def);
  const bool interned = source == ValueSource::kInterned || source == ValueSource::kFeatures;
  if (interned != (index.dictionary != nullptr)) return "a dictionary that is missing or too many";
  std::uint32_t values = 0;
  switch (source) {
    case ValueSource::kNone:
    case ValueSource::kStates: break;
    case ValueSource::kBytes: values = def.kind == FieldKind::kWord ? static_cast<std::uint32_t>(def.words.size()) : 2; break;
    case ValueSource::kCountry: values = kNoCountryCode + 1; break;
    case ValueSource::kInterned:
    case ValueSource::kFeatures: values = index.dictionary->size(); break;
    case ValueSource::kFlags: values = kServiceCount; break;
  }
  if (std::string problem = IndexProblem(index.values, segment, values); !problem.empty()) return problem;
  for (const ValueIndex& state : index.states) {
    const std::uint32_t states = source == ValueSource::kStates ? kServiceStateCount : 0;
    if (std::string problem = IndexProblem(state, segment, states); !problem.empty()) return problem;
  }
  if (def.equality != EqualityIndex::kHash && index.hashes.size() > 0) return "hashes of a field without";
  return index.hashes.Problem(segment.row_count);
}

// Whether the field is ordered by a number or a time.
bool HasKeys(const FieldDef& def) {
  if (def.kind == FieldKind::kNumber) return !def.filters.empty();
  return (def.kind == FieldKind::kInteger || def.kind == FieldKind::kTime) && !def.sort_key.empty();
}

// Groups of the order that have a key.
std::uint32_t KeyedGroups(const SortOrder& order) {
  return order.group_count() - (order.keyed_count() < order.row_count() ? 1 : 0);
}

std::string OrderProblem(const Segment::Parts& segment, const FieldDef& def, const FieldIndex& index) {
  const bool by_text = def.kind == FieldKind::kText && !def.sort_key.empty();
  const bool by_word = def.kind == FieldKind::kWord && !def.sort_key.empty();
  if (!HasKeys(def) && !by_text) {
    if (index.order.row_count() != 0 || index.order.group_count() != 0) return "an order of a field without";
  } else {
    if (std::string problem = index.order.Problem(segment.row_count); !problem.empty()) return problem;
  }
  if (def.field == Field::kId && !index.order.all_distinct()) return "ids that are not distinct";
  const std::uint32_t keys = HasKeys(def) ? KeyedGroups(index.order) : 0;
  if (std::string problem = index.keys.Problem(keys); !problem.empty()) return problem;
  if (index.word_codes.size() != RowsIf(by_word, segment)) return "another number of words";
  const auto unknown = [&](std::uint8_t word) { return word >= def.words.size(); };
  return std::ranges::any_of(index.word_codes, unknown) ? "a word that the schema does not know" : "";
}

std::string TextsProblem(const Segment::Parts& segment, const FieldDef& def, const FieldIndex& index) {
  const bool by_group = def.kind == FieldKind::kText && !def.sort_key.empty();
  const bool by_row = def.kind == FieldKind::kTextList && !def.filters.empty();
  const bool of_users = def.kind == FieldKind::kUsers;
  if (by_group && index.order.row_count() != segment.row_count) return "texts of another order";
  const std::uint32_t items = by_group ? KeyedGroups(index.order) : RowsIf(by_row, segment);
  if (std::string problem = index.texts.Problem(items); !problem.empty()) return problem;
  if (std::string problem = index.user_names.Problem(RowsIf(of_users, segment)); !problem.empty()) return problem;
  return index.user_emails.Problem(RowsIf(of_users, segment));
}

}  // namespace

std::string PartProblem(const Segment::Parts& segment, Field field, IndexPart part) {
  const FieldIndex& index = segment.fields[static_cast<std::size_t>(field)];
  switch (part) {
    case IndexPart::kValues: return ValuesProblem(segment, Def(field), index);
    case IndexPart::kOrder: return OrderProblem(segment, Def(field), index);
    case IndexPart::kTexts: return TextsProblem(segment, Def(field), index);
  }
  return {};
}

}  // namespace clientele
