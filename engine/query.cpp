#include "engine/query.h"

#include <algorithm>
#include <charconv>

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "index/absl_view.h"
#include "index/date_time.h"

namespace clientele {
namespace {

constexpr std::size_t kItemsShown = 20;
constexpr std::size_t kTextBytesShown = 200;

// The word that a caller would write for a stored value.
std::string ValueText(const FilterEntry& filter, std::int64_t value) {
  const auto known = [value](std::size_t size) { return value >= 0 && value < static_cast<std::int64_t>(size); };
  const FieldDef& field = Def(filter.field);
  switch (filter.def->op) {
    case FilterOp::kServiceStateAnyOf:
      if (known(kServiceStateCount)) return std::string(kServiceStateWords[value]);
      break;
    case FilterOp::kServiceAvailable:
      if (known(kServiceCount)) return std::string(kServiceNames[value]);
      break;
    case FilterOp::kAnyOf:
      if (field.kind == FieldKind::kWord && known(field.words.size())) return std::string(field.words[value]);
      if (field.kind == FieldKind::kBoolean && known(2)) return value != 0 ? "true" : "false";
      if (field.kind == FieldKind::kCountry && known(kCountryCount)) {
        return {static_cast<char>('A' + value / 26), static_cast<char>('A' + value % 26)};
      }
      break;
    default: break;
  }
  return absl::StrCat(value);
}

std::string ValuesText(const FilterEntry& filter, const ValueSetOperand& operand) {
  std::vector<std::string> items;
  if (operand.or_null) items.push_back("null");
  const std::size_t shown = std::min(operand.values.size(), kItemsShown);
  for (std::size_t i = 0; i < shown; ++i) items.push_back(ValueText(filter, operand.values[i]));
  if (shown < operand.values.size()) items.push_back(absl::StrCat("... ", operand.values.size(), " in all"));
  return items.empty() ? "(nothing)" : absl::StrJoin(items, ",");
}

std::string TextText(const TextOperand& operand) {
  std::string text =
      absl::StrCat("'", absl::Utf8SafeCHexEscape(AbslView(std::string_view(operand.text).substr(0, kTextBytesShown))), "'");
  if (operand.text.size() > kTextBytesShown) absl::StrAppend(&text, "... ", operand.text.size(), " bytes in all");
  return text;
}

std::string_view OpText(FilterOp op) {
  switch (op) {
    case FilterOp::kContains: return "contains";
    case FilterOp::kEqualsFolded: return "equals (any case)";
    case FilterOp::kEqualsExact: return "equals";
    case FilterOp::kNoneOf: return "none of";
    case FilterOp::kAtLeast: return ">=";
    case FilterOp::kAtMost: return "<=";
    case FilterOp::kAnyOf:
    case FilterOp::kServiceStateAnyOf:
    case FilterOp::kServiceAvailable:
    case FilterOp::kFeatureAnyOf: return "any of";
  }
  return "?";
}

}  // namespace

std::string DebugString(const Predicate& predicate) {
  if (predicate.filter >= Filters().size()) return absl::StrCat("unknown filter ", predicate.filter);
  const FilterEntry& filter = Filters()[predicate.filter];
  std::string text = absl::StrCat(AbslView(filter.def->parameter), " ", AbslView(OpText(filter.def->op)), " ");
  if (const auto* values = std::get_if<ValueSetOperand>(&predicate.operand)) return text + ValuesText(filter, *values);
  if (const auto* words = std::get_if<TextOperand>(&predicate.operand)) return text + TextText(*words);
  if (const auto* time = std::get_if<TimeOperand>(&predicate.operand)) {
    AppendRfc3339(time->microseconds, text);
    return text;
  }
  char digits[32];  // The shortest spelling that reads back as the same double has at most 24 characters.
  const auto end = std::to_chars(digits, digits + sizeof digits, std::get<NumberOperand>(predicate.operand).value).ptr;
  return text.append(digits, end);
}

std::string DebugString(const Query& query) {
  std::vector<std::string> parts;
  for (const Predicate& predicate : query.all_of) parts.push_back(DebugString(predicate));
  if (parts.empty()) parts.push_back("all clients");
  if (!query.order_by.empty()) {
    parts.push_back(absl::StrCat("order ", absl::StrJoin(query.order_by, ",", [](std::string* out, const OrderKey& key) {
                                   absl::StrAppend(out, key.descending ? "-" : "", AbslView(Def(key.field).sort_key));
                                 })));
  }
  if (query.offset != 0) parts.push_back(absl::StrCat("offset ", query.offset));
  parts.push_back(query.limit ? absl::StrCat("limit ", *query.limit) : "no limit");
  if (query.fields != kAllFields) {
    std::vector<absl::string_view> names;
    for (const FieldDef& field : Fields()) {
      if (query.fields >> static_cast<unsigned>(field.field) & 1) names.push_back(AbslView(field.name));
    }
    parts.push_back(absl::StrCat("fields ", absl::StrJoin(names, ",")));
  }
  return absl::StrJoin(parts, "; ");
}

}  // namespace clientele
