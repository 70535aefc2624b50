#include "loader/mapping_evaluator.h"

#include <algorithm>
#include <cstring>

#include <absl/strings/str_cat.h>
#include <xxhash.h>

#include "index/absl_view.h"
#include "loader/json_pointer.h"
#include "loader/mapping_values.h"

namespace clientele {

using Kind = ForeignValue::Kind;

std::int64_t StableId(std::span<const std::string_view> texts) {
  std::string bytes;
  for (const std::string_view text : texts) absl::StrAppend(&bytes, text.size(), ":", AbslView(text));
  const std::uint64_t hash = XXH3_64bits(bytes.data(), bytes.size()) >> 1;
  return hash == 0 ? 1 : static_cast<std::int64_t>(hash);
}

void MappingEvaluator::StartRecord(std::int64_t number) {
  number_ = number;
  client_values_set_ = 0;
}

void MappingEvaluator::SetClientValue(Field field, const MappedValue& value) {
  client_values_[static_cast<std::size_t>(field)] = value;
  client_values_set_ |= std::uint64_t{1} << static_cast<unsigned>(field);
}

const MappedValue* MappingEvaluator::ClientValue(Field field) const {
  const bool is_set = client_values_set_ >> static_cast<unsigned>(field) & 1;
  return is_set ? &client_values_[static_cast<std::size_t>(field)] : nullptr;
}

std::string_view MappingEvaluator::Keep(std::string_view text) {
  char* const bytes = reader_.arena().Allocate(text.size());
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

bool MappingEvaluator::IsEmpty(std::string_view text, const ValueRule* rule) const {
  text = Trimmed(text);
  if (text.empty() || std::ranges::find(mapping_.empty, text) != mapping_.empty.end()) return true;
  return rule != nullptr && std::ranges::find(rule->empty, text) != rule->empty.end();
}

bool MappingEvaluator::Holds(const Condition& condition) const {
  const ForeignValue& value = reader_.value(condition.source);
  const bool is_there = value.is_scalar()           ? !IsEmpty(value.text, nullptr)
                        : value.kind == Kind::kList ? value.item_count > 0
                                                    : value.kind == Kind::kObject;
  switch (condition.kind) {
    case Condition::Kind::kIsThere: return is_there;
    case Condition::Kind::kIsEmpty: return !is_there;
    case Condition::Kind::kIsOneOf: break;
  }
  return value.is_scalar() && std::ranges::find(condition.texts, Trimmed(value.text)) != condition.texts.end();
}

bool MappingEvaluator::Holds(const std::vector<Condition>& when, const std::vector<Condition>& unless) const {
  const auto holds = [&](const Condition& condition) { return Holds(condition); };
  return std::ranges::all_of(when, holds) && std::ranges::none_of(unless, holds);
}

RuleOutcome MappingEvaluator::Bad(const ValueRule& rule, const Found& found, std::string_view expected,
                                  RecordError& error) const {
  error = {};
  if (found.has_ref && !found.ref.is_client_field) error = reader_.Locate(found.ref.id);
  error.value = Excerpt(found.text);
  error.expected = absl::StrCat(AbslView(expected), " for ", rule.target.substr(1));
  return RuleOutcome::kError;
}

RuleOutcome MappingEvaluator::Text(const ValueRef& ref, const ValueRule& rule, std::string_view& text, RecordError& error) const {
  if (ref.is_client_field) {
    const MappedValue* value = ClientValue(static_cast<Field>(ref.id));
    if (value == nullptr || IsEmpty(value->text, &rule)) return RuleOutcome::kEmpty;
    text = value->text;
    return RuleOutcome::kValue;
  }
  const ForeignValue& value = reader_.value(ref.id);
  if (value.kind == Kind::kList && value.item_count > 0)
    return Bad(rule, {value.text, ref, true}, "a single value, not a list,", error);
  if (value.kind == Kind::kObject) return Bad(rule, {value.text, ref, true}, "a single value, not an object,", error);
  if (!value.is_scalar() || IsEmpty(value.text, &rule)) return RuleOutcome::kEmpty;
  text = value.text;
  return RuleOutcome::kValue;
}

// False when one of its values is empty, or is none that can stand in a text.
bool MappingEvaluator::Fill(const TextTemplate& form, const ValueRule& rule, std::string& text) const {
  text.clear();
  std::string piece;
  RecordError ignored;
  for (const TextTemplate::Part& part : form.parts) {
    if (!part.value && !part.is_row) {
      text += part.literal;
      continue;
    }
    std::string_view value;
    if (part.value && Text(*part.value, rule, value, ignored) != RuleOutcome::kValue) return false;
    piece = part.is_row ? absl::StrCat(number_) : std::string(value);
    for (const TextTransform transform : part.transforms) ApplyTextTransform(transform, piece);
    if (piece.empty()) return false;
    text += piece;
  }
  return true;
}

RuleOutcome MappingEvaluator::FindText(const ValueRule& rule, Found& found, RecordError& error) {
  for (const ValueRef& ref : rule.from) {
    const RuleOutcome outcome = Text(ref, rule, found.text, error);
    if (outcome == RuleOutcome::kEmpty) continue;
    found.ref = ref;
    found.has_ref = true;
    return outcome;
  }
  for (const TextTemplate& form : rule.templates) {
    if (!Fill(form, rule, work_) || IsEmpty(work_, &rule)) continue;
    found.text = Keep(work_);
    return RuleOutcome::kValue;
  }
  return RuleOutcome::kEmpty;
}

RuleOutcome MappingEvaluator::FinishEmpty(const ValueRule& rule, MappedValue& value, RecordError& error) const {
  if (rule.default_value) {
    value = {.text = rule.default_value->text, .quoted = rule.default_value->quoted};
    return RuleOutcome::kValue;
  }
  if (!rule.required) return RuleOutcome::kEmpty;
  Found nothing;
  if (!rule.from.empty()) {
    nothing.ref = rule.from.front();
    nothing.has_ref = true;
  }
  return Bad(rule, nothing, "a value, or a default in the mapping,", error);
}

RuleOutcome MappingEvaluator::Finish(const ValueRule& rule, const Found& found, MappedValue& value, RecordError& error) {
  Found changed = found;
  if (!rule.transforms.empty() || !rule.prefix.empty() || !rule.suffix.empty()) {
    work_ = found.text;
    for (const TextTransform transform : rule.transforms) ApplyTextTransform(transform, work_);
    if (IsEmpty(work_, &rule)) return FinishEmpty(rule, value, error);
    changed.text = Keep(absl::StrCat(rule.prefix, work_, rule.suffix));
  }
  if (rule.table) {
    const ValueTable& table = *rule.table;
    auto entry = table.entries.end();
    if (table.any_case) {
      work_ = changed.text;
      ApplyTextTransform(TextTransform::kLower, work_);
      entry = table.entries.find(work_);
    } else {
      entry = table.entries.find(AbslView(changed.text));
    }
    if (entry != table.entries.end()) {
      value = {.text = entry->second.text, .quoted = entry->second.quoted};
      return RuleOutcome::kValue;
    }
    if (table.other == OtherValues::kReject) return Bad(rule, changed, table.expected, error);
    if (table.other == OtherValues::kDefault) return FinishEmpty(rule, value, error);
  }
  if (rule.kind == FieldKind::kText) {
    value = {.text = changed.text, .quoted = true};
    return RuleOutcome::kValue;
  }
  switch (ConvertValue(rule, changed.text, converted_)) {
    case ConvertResult::kOk: value = {.text = Keep(converted_), .quoted = IsQuotedKind(rule.kind)}; return RuleOutcome::kValue;
    case ConvertResult::kEmpty: return FinishEmpty(rule, value, error);
    case ConvertResult::kBad: break;
  }
  return Bad(rule, changed, DescribeExpected(rule), error);
}

RuleOutcome MappingEvaluator::Hash(const ValueRule& rule, MappedValue& value, RecordError& error) {
  std::vector<std::string_view> texts;
  bool is_there = false;
  for (const SourceId source : rule.hash) {
    std::string_view text;
    const RuleOutcome outcome = Text({.is_client_field = false, .id = source}, rule, text, error);
    if (outcome == RuleOutcome::kError) return outcome;
    is_there |= outcome == RuleOutcome::kValue;
    texts.push_back(text);
  }
  if (!is_there) return FinishEmpty(rule, value, error);
  value = {.text = Keep(absl::StrCat(StableId(texts))), .quoted = false};
  return RuleOutcome::kValue;
}

RuleOutcome MappingEvaluator::Evaluate(const ValueRule& rule, MappedValue& value, RecordError& error) {
  if (!rule.alternatives.empty()) {
    for (const ValueRule& alternative : rule.alternatives) {
      const RuleOutcome outcome = Evaluate(alternative, value, error);
      if (outcome != RuleOutcome::kEmpty) return outcome;
    }
    return FinishEmpty(rule, value, error);
  }
  if (!Holds(rule.when, rule.unless)) return FinishEmpty(rule, value, error);
  if (rule.constant) {
    value = {.text = rule.constant->text, .quoted = rule.constant->quoted};
    return RuleOutcome::kValue;
  }
  if (rule.row_offset) {
    value = {.text = Keep(absl::StrCat(*rule.row_offset + number_)), .quoted = false};
    return RuleOutcome::kValue;
  }
  if (!rule.hash.empty()) return Hash(rule, value, error);
  Found found;
  const RuleOutcome outcome = FindText(rule, found, error);
  if (outcome == RuleOutcome::kEmpty) return FinishEmpty(rule, value, error);
  return outcome == RuleOutcome::kError ? outcome : Finish(rule, found, value, error);
}

bool MappingEvaluator::AddItem(const ListRule& rule, Found found, std::vector<MappedValue>& values, RecordError& error) {
  if (IsEmpty(found.text, &rule.item)) return true;
  MappedValue value;
  const RuleOutcome outcome = Finish(rule.item, found, value, error);
  if (outcome == RuleOutcome::kValue) values.push_back(value);
  return outcome != RuleOutcome::kError;
}

// One text as it stands, or the pieces that it is cut into.
bool MappingEvaluator::AddText(const ListRule& rule, Found found, std::vector<MappedValue>& values, RecordError& error) {
  if (rule.split.empty()) return AddItem(rule, found, values, error);
  std::string_view rest = found.text;
  while (true) {
    const std::size_t end = std::min(rest.find(rule.split), rest.size());
    found.text = Trimmed(rest.substr(0, end));
    if (!AddItem(rule, found, values, error)) return false;
    if (end == rest.size()) return true;
    rest.remove_prefix(end + rule.split.size());
  }
}

bool MappingEvaluator::EvaluateList(const ListRule& rule, std::vector<MappedValue>& values, RecordError& error) {
  values.clear();
  if (!Holds(rule.item.when, rule.item.unless)) return true;
  for (const MappedConstant& constant : rule.constants) values.push_back({.text = constant.text, .quoted = constant.quoted});
  if (rule.item.constant) values.push_back({.text = rule.item.constant->text, .quoted = rule.item.constant->quoted});
  for (const ValueRef& ref : rule.item.from) {
    if (!values.empty()) return true;
    const ForeignValue& value = reader_.value(ref.id);
    const bool is_list = value.kind == Kind::kList;
    if (value.kind == Kind::kObject) {
      Bad(rule.item, {value.text, ref, true}, "a list", error);
      return false;
    }
    for (const ForeignValue& item : is_list ? reader_.items(value) : std::span(&value, 1)) {
      if (item.kind == Kind::kObject || item.kind == Kind::kList) {
        Bad(rule.item, {item.text, ref, true}, "a list of texts", error);
        return false;
      }
      if (item.is_scalar() && !AddText(rule, {item.text, ref, true}, values, error)) return false;
    }
  }
  if (!values.empty()) return true;
  for (const TextTemplate& form : rule.item.templates) {
    if (Fill(form, rule.item, work_) && !AddItem(rule, {.text = Keep(work_), .ref = {}}, values, error)) return false;
  }
  if (values.empty() && rule.item.default_value) {
    values.push_back({.text = rule.item.default_value->text, .quoted = rule.item.default_value->quoted});
  }
  return true;
}

}  // namespace clientele
