#include "loader/mapping_rule_reader.h"

#include <algorithm>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "index/absl_view.h"
#include "index/nearest_name.h"
#include "loader/json_pointer.h"

namespace clientele {
namespace {

constexpr std::string_view kCommonKeys[] = {"from",      "template", "value",  "default", "when",  "unless",     "empty",
                                            "transform", "prefix",   "suffix", "values",  "other", "ignore_case"};
constexpr std::string_view kIntegerKeys[] = {"row", "hash", "decimal", "group"};
constexpr std::string_view kNumberKeys[] = {"decimal", "group"};
constexpr std::string_view kTimeKeys[] = {"date", "months_before", "days_before"};
constexpr std::size_t kTableEntriesMax = 100'000;

std::vector<std::string_view> KeysOf(FieldKind kind, std::span<const std::string_view> more) {
  std::vector<std::string_view> keys(std::begin(kCommonKeys), std::end(kCommonKeys));
  const auto add = [&](std::span<const std::string_view> some) { keys.insert(keys.end(), some.begin(), some.end()); };
  if (kind == FieldKind::kInteger) add(kIntegerKeys);
  if (kind == FieldKind::kNumber) add(kNumberKeys);
  if (kind == FieldKind::kTime) add(kTimeKeys);
  add(more);
  return keys;
}

bool IsArrayOfTexts(const toml::node& node) {
  const auto* array = node.as_array();
  return array != nullptr && !array->empty() &&
         std::all_of(array->begin(), array->end(), [](const toml::node& item) { return item.is_string(); });
}

}  // namespace

void MappingRuleReader::ReadOrigin(const Target& target, const toml::table& table, ValueRule& rule) {
  if (const auto* value = table.get("value")) rule.constant = ReadConstant(*value, rule, errors_);
  if (const auto* from = table.get("from")) ReadFrom(target, *from, rule);
  if (const auto* texts = table.get("template")) {
    for (const std::string& text : ReadStrings(*texts, "a template", errors_)) {
      if (auto parsed = ReadTemplate(target, *texts, text)) rule.templates.push_back(*std::move(parsed));
    }
  }
  if (const auto* row = table.get("row")) {
    const auto* offset = row->as_integer();
    if (offset != nullptr && offset->get() >= 0 && offset->get() < std::int64_t{1} << 62) {
      rule.row_offset = offset->get();
    } else {
      errors_.Add(row->source(), "expected a whole number, to be added to the record's, for row");
    }
  }
  if (const auto* hash = table.get("hash")) {
    for (const std::string& text : ReadStrings(*hash, "a path", errors_)) {
      if (const auto source = AddSource(*hash, text)) {
        rule.hash.push_back(*source);
        Need({*source});
      }
    }
  }
}

void MappingRuleReader::CheckOrigin(const toml::table& table, const ValueRule& rule) {
  std::vector<std::string_view> given;
  for (const std::string_view key : {"value", "row", "hash"}) {
    if (table.contains(key)) given.push_back(key);
  }
  if (table.contains("from") || table.contains("template")) given.push_back(table.contains("from") ? "from" : "template");
  if (given.empty()) {
    errors_.Add(table.source(), absl::StrCat("expected from, template", rule.kind == FieldKind::kInteger ? ", row, hash" : "",
                                             " or value for ", rule.target));
  } else if (given.size() > 1) {
    errors_.Add(table.source(),
                absl::StrCat("expected only one of ", AbslView(given[0]), " and ", AbslView(given[1]), " for ", rule.target));
  }
}

void MappingRuleReader::ReadValueTable(const toml::table& table, ValueRule& rule) {
  const toml::node* values = table.get("values");
  const toml::node* other = table.get("other");
  const toml::node* ignore_case = table.get("ignore_case");
  if (values == nullptr) {
    if (other != nullptr)
      errors_.Add(other->source(), "other is about values that are not in a table, but there is no table: values");
    if (ignore_case != nullptr) errors_.Add(ignore_case->source(), "ignore_case is about a table of values, but there is none");
    return;
  }
  ValueTable parsed;
  if (ignore_case != nullptr) {
    if (!ignore_case->is_boolean()) errors_.Add(ignore_case->source(), "expected true or false for ignore_case");
    parsed.any_case = ignore_case->is_boolean() && ignore_case->as_boolean()->get();
  }
  const auto* entries = values->as_table();
  if (entries == nullptr || entries->empty() || entries->size() > kTableEntriesMax) {
    errors_.Add(values->source(), "expected a table such as { Listed = \"active\" } for values");
    return;
  }
  std::vector<std::pair<toml::source_position, std::string>> keys;
  for (const auto& [key, node] : *entries) {
    auto constant = ReadConstant(node, rule, errors_);
    if (!constant) continue;
    std::string text(key.str());
    keys.emplace_back(key.source().begin, text);
    if (parsed.any_case) ApplyTextTransform(TextTransform::kLower, text);
    if (!parsed.entries.emplace(std::move(text), *std::move(constant)).second) {
      errors_.Add(key.source(), absl::StrCat("'", Excerpt(key.str()), "' is there already, in other case"));
    }
  }
  std::ranges::sort(keys, {}, [](const auto& entry) { return std::pair(entry.first.line, entry.first.column); });
  constexpr std::size_t kNamesShown = 8;
  for (std::size_t i = 0; i < keys.size() && i < kNamesShown; ++i)
    absl::StrAppend(&parsed.expected, i > 0 ? ", " : "one of ", Excerpt(keys[i].second, 40));
  if (keys.size() > kNamesShown) absl::StrAppend(&parsed.expected, ", ...");

  constexpr std::string_view kOthers[] = {"reject", "default", "keep"};
  const auto* word = other == nullptr ? nullptr : other->as_string();
  const auto* const found = word == nullptr ? std::end(kOthers) : std::ranges::find(kOthers, word->get());
  if (found == std::end(kOthers)) {
    errors_.Add(other == nullptr ? values->source() : other->source(),
                "say what becomes of values that are not in the table: other = \"reject\", \"default\" or \"keep\"");
  } else {
    parsed.other = static_cast<OtherValues>(found - kOthers);
  }
  if (parsed.other == OtherValues::kDefault && rule.required && !table.contains("default")) {
    errors_.Add(other->source(), absl::StrCat("other = \"default\" wants a default for ", rule.target));
  }
  rule.table = std::move(parsed);
}

void MappingRuleReader::ReadElapsed(const toml::table& table, ValueRule& rule) {
  for (const std::string_view key : {"months_before", "days_before"}) {
    const toml::node* node = table.get(key);
    if (node == nullptr) continue;
    if (rule.elapsed != ElapsedUnit::kNone || !rule.dates.empty()) {
      errors_.Add(node->source(), "expected only one of date, months_before and days_before");
      continue;
    }
    rule.elapsed = key.front() == 'm' ? ElapsedUnit::kMonths : ElapsedUnit::kDays;
    if (const auto start = ReadConstant(*node, rule, errors_)) rule.elapsed_before = *ParseDate({}, start->text);
  }
}

void MappingRuleReader::ReadNumberFormat(const toml::table& table, ValueRule& rule) {
  if (const auto* decimal = table.get("decimal")) {
    const auto text = ReadString(*decimal, "one character", errors_);
    if (text &&
        (text->size() != 1 || absl::ascii_isalnum(static_cast<unsigned char>(text->front())) || *text == "-" || *text == "+")) {
      errors_.Add(decimal->source(), "expected one character that is no letter, digit or sign for decimal");
    } else if (text) {
      rule.number.decimal = text->front();
    }
  }
  if (const auto* group = table.get("group")) {
    const auto text = ReadString(*group, "a short text", errors_);
    const bool is_good = text && !text->empty() && text->size() <= 4 && std::ranges::none_of(*text, absl::ascii_isalnum);
    if (text && !is_good)
      errors_.Add(group->source(), "expected a separator of at most 4 bytes without letters and digits for group");
    if (is_good) rule.number.group = *text;
    if (is_good && rule.number.group == std::string(1, rule.number.decimal)) {
      errors_.Add(group->source(), "group and decimal are the same; say what the other one is");
    }
  }
}

void MappingRuleReader::ReadForm(const toml::table& table, ValueRule& rule) {
  rule.when = ReadConditions(table, "when");
  rule.unless = ReadConditions(table, "unless");
  if (const auto* empty = table.get("empty")) rule.empty = ReadStrings(*empty, "a text", errors_);
  if (const auto* transform = table.get("transform")) rule.transforms = ReadTransforms(*transform);
  if (const auto* prefix = table.get("prefix")) rule.prefix = ReadString(*prefix, "a text", errors_).value_or("");
  if (const auto* suffix = table.get("suffix")) rule.suffix = ReadString(*suffix, "a text", errors_).value_or("");
  if (rule.kind == FieldKind::kTime) {
    if (const auto* date = table.get("date")) {
      for (const std::string& text : ReadStrings(*date, "a date's form", errors_)) {
        absl::StatusOr<DateFormat> format = ParseDateFormat(text);
        if (format.ok()) rule.dates.push_back(*std::move(format));
        if (!format.ok()) errors_.Add(date->source(), std::string(StdView(format.status().message())));
      }
    }
    ReadElapsed(table, rule);
  }
  if (rule.kind == FieldKind::kInteger || rule.kind == FieldKind::kNumber) ReadNumberFormat(table, rule);
  if (const auto* value = table.get("default")) rule.default_value = ReadConstant(*value, rule, errors_);
  ReadValueTable(table, rule);
}

std::optional<ValueRule> MappingRuleReader::ReadRule(const Target& target, const toml::node& node,
                                                     std::span<const std::string_view> more_keys) {
  ValueRule rule{.target = target.pointer, .kind = target.kind, .words = target.words, .required = target.required};
  if (node.is_string() || IsArrayOfTexts(node)) {
    ReadFrom(target, node, rule);
  } else if (const auto* table = node.as_table()) {
    RefuseUnknownKeys(*table, KeysOf(target.kind, more_keys), "key", errors_);
    ReadOrigin(target, *table, rule);
    CheckOrigin(*table, rule);
    ReadForm(*table, rule);
  } else if (const auto* array = node.as_array()) {
    return ReadAlternatives(std::move(rule), target, *array, more_keys);
  } else {
    rule.constant = ReadConstant(node, rule, errors_);
  }
  return rule;
}

// Rules of which the first that gives a value counts.
std::optional<ValueRule> MappingRuleReader::ReadAlternatives(ValueRule rule, Target target, const toml::array& array,
                                                             std::span<const std::string_view> more_keys) {
  constexpr std::size_t kAlternativesMax = 100;
  if (array.empty() || array.size() > kAlternativesMax || !array.is_homogeneous<toml::table>()) {
    errors_.Add(array.source(),
                absl::StrCat("expected a path, an array of paths, a constant, a table of rules, or an array of 1 to ",
                             kAlternativesMax, " such tables for ", target.pointer));
    return std::nullopt;
  }
  target.required = false;  // Only all of them together are.
  for (const toml::node& node : array) {
    if (auto alternative = ReadRule(target, node, more_keys)) rule.alternatives.push_back(*std::move(alternative));
  }
  return rule;
}

std::optional<ListRule> MappingRuleReader::ReadList(const Target& target, const toml::node& node) {
  ListRule list;
  const auto* table = node.as_table();
  const auto* constants = table == nullptr ? nullptr : table->get_as<toml::array>("value");
  if (constants == nullptr) {
    constexpr std::string_view kMore[] = {"split"};
    auto rule = ReadRule(target, node, kMore);
    if (!rule) return std::nullopt;
    list.item = *std::move(rule);
    if (const auto* split = table == nullptr ? nullptr : table->get("split")) {
      list.split = ReadString(*split, "a separator", errors_).value_or("");
      if (list.split.empty()) errors_.Add(split->source(), "expected a separator that is not empty for split");
    }
    return list;
  }
  constexpr std::string_view kConstantKeys[] = {"value", "when", "unless"};
  RefuseUnknownKeys(*table, kConstantKeys, "key beside a constant list", errors_);
  list.item = {.target = target.pointer, .kind = target.kind, .words = target.words};
  list.item.when = ReadConditions(*table, "when");
  list.item.unless = ReadConditions(*table, "unless");
  for (const toml::node& item : *constants) {
    if (auto constant = ReadConstant(item, list.item, errors_)) list.constants.push_back(*std::move(constant));
  }
  return list;
}

void MappingRuleReader::ReadField(const FieldDef& def, const toml::node& node) {
  field_ = def.field;
  const auto at = static_cast<std::size_t>(def.field);
  Target target{.pointer = absl::StrCat("/", AbslView(def.name)), .kind = def.kind, .words = def.words, .required = def.required};
  const auto* table = node.as_table();
  switch (def.kind) {
    case FieldKind::kUsers: ReadUsers(node); return;
    case FieldKind::kServiceSet: {
      const bool by_service = table != nullptr && std::any_of(table->begin(), table->end(), [](const auto& entry) {
                                return FindService(entry.first.str(), /*any_case=*/true).has_value();
                              });
      if (by_service) {
        ReadServices(def, *table);
        return;
      }
      target.kind = FieldKind::kWord;
      target.words = kServiceNames;
      mapping_.lists[at] = ReadList(target, node);
      return;
    }
    case FieldKind::kTextList:
      target.kind = FieldKind::kText;
      mapping_.lists[at] = ReadList(target, node);
      return;
    case FieldKind::kServiceStates:
    case FieldKind::kServiceFlags:
    case FieldKind::kFeatures:
      if (table == nullptr) {
        errors_.Add(node.source(), absl::StrCat("expected a table by service, such as ", AbslView(def.name), ".CDN = ..."));
      } else if (def.kind == FieldKind::kFeatures) {
        ReadFeatures(def, *table);
      } else {
        ReadServices(def, *table);
      }
      return;
    default: mapping_.scalars[at] = ReadRule(target, node); return;
  }
}

}  // namespace clientele
