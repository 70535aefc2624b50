// What rules refer to: paths, templates, transformations, conditions.
#include <algorithm>
#include <utility>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "index/nearest_name.h"
#include "loader/json_pointer.h"
#include "loader/mapping_rule_reader.h"

namespace clientele {
namespace {

constexpr std::size_t kSourcesMax = 1'000;

}  // namespace

std::optional<SourceId> MappingRuleReader::AddSource(const toml::node& node, std::string_view text) {
  const auto known = source_ids_.find(AbslView(text));
  SourceId id = 0;
  if (known != source_ids_.end()) {
    id = known->second;
  } else {
    absl::StatusOr<MappingPath> path = ParseMappingPath(text);
    if (!path.ok() || mapping_.sources.size() == kSourcesMax) {
      errors_.Add(node.source(), path.ok() ? absl::StrCat("expected at most ", kSourcesMax, " different sources")
                                           : std::string(StdView(path.status().message())));
      return std::nullopt;
    }
    id = static_cast<SourceId>(mapping_.sources.size());
    mapping_.sources.push_back(*std::move(path));
    source_ids_.emplace(std::string(text), id);
  }
  auto& of_field = mapping_.sources_of[static_cast<std::size_t>(field_)];
  if (std::ranges::find(of_field, id) == of_field.end()) of_field.push_back(id);
  return id;
}

std::optional<ValueRef> MappingRuleReader::ReadRef(const Target& target, const toml::node& node, std::string_view text) {
  if (!target.nested || !text.starts_with('=')) {
    const auto source = AddSource(node, text);
    return source ? std::optional(ValueRef{.is_client_field = false, .id = *source}) : std::nullopt;
  }
  const std::string_view name = text.substr(1);
  const auto field = FindField(name);
  const auto is_single = [](FieldKind kind) { return kind <= FieldKind::kNumber; };
  if (field && is_single(Def(*field).kind)) return ValueRef{.is_client_field = true, .id = static_cast<std::uint32_t>(*field)};
  std::vector<std::string_view> names;
  for (const FieldDef& def : Fields()) {
    if (is_single(def.kind)) names.push_back(def.name);
  }
  errors_.Add(node.source(), absl::StrCat("there is no field '", Excerpt(name),
                                          "' of one value; did you mean '=", AbslView(NearestName(name, names)), "'?"));
  return std::nullopt;
}

void MappingRuleReader::ReadFrom(const Target& target, const toml::node& node, ValueRule& rule) {
  std::vector<SourceId> group;
  for (const std::string& text : ReadStrings(node, "a path", errors_)) {
    const auto ref = ReadRef(target, node, text);
    if (!ref) continue;
    rule.from.push_back(*ref);
    if (!ref->is_client_field) group.push_back(ref->id);
  }
  if (group.size() == rule.from.size() && !group.empty()) Need(std::move(group));
}

std::optional<TextTransform> MappingRuleReader::ReadTransform(const toml::node& node, std::string_view name) {
  const auto transform = FindTextTransform(name);
  if (!transform) {
    errors_.Add(node.source(), absl::StrCat("unknown transformation '", Excerpt(name), "'; did you mean '",
                                            AbslView(NearestName(name, TextTransformNames())), "'?"));
  }
  return transform;
}

std::vector<TextTransform> MappingRuleReader::ReadTransforms(const toml::node& node) {
  std::vector<TextTransform> transforms;
  for (const std::string& name : ReadStrings(node, "a transformation", errors_)) {
    if (const auto transform = ReadTransform(node, name)) transforms.push_back(*transform);
  }
  return transforms;
}

// What stands between braces: a path and transformations, with bars between them.
std::optional<TextTemplate::Part> MappingRuleReader::ReadPlaceholder(const Target& target, const toml::node& node,
                                                                     std::string_view inside) {
  TextTemplate::Part part;
  const std::size_t bar = std::min(inside.find('|'), inside.size());
  const std::string_view path = inside.substr(0, bar);
  if (path == "#row") {
    part.is_row = true;
  } else {
    part.value = ReadRef(target, node, path);
    if (!part.value) return std::nullopt;
    if (!part.value->is_client_field) Need({part.value->id});
  }
  for (std::string_view rest = inside.substr(bar); !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view name = rest.substr(0, rest.find('|'));
    rest.remove_prefix(name.size());
    const auto transform = ReadTransform(node, name);
    if (!transform) return std::nullopt;
    part.transforms.push_back(*transform);
  }
  return part;
}

std::optional<TextTemplate> MappingRuleReader::ReadTemplate(const Target& target, const toml::node& node, std::string_view text) {
  TextTemplate parsed;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) parsed.parts.push_back({.literal = std::exchange(literal, {})});
  };
  for (std::string_view rest = text; !rest.empty();) {
    if (rest.starts_with("{{") || rest.starts_with("}}")) {
      literal += rest.front();
      rest.remove_prefix(2);
    } else if (rest.front() == '}') {
      errors_.Add(node.source(), "expected '{' before '}'; a brace itself is '}}'");
      return std::nullopt;
    } else if (rest.front() == '{') {
      const std::size_t close = rest.find('}');
      if (close == std::string_view::npos) {
        errors_.Add(node.source(), "expected '}' behind '{'; a brace itself is '{{'");
        return std::nullopt;
      }
      end_literal();
      auto part = ReadPlaceholder(target, node, rest.substr(1, close - 1));
      if (!part) return std::nullopt;
      parsed.parts.push_back(*std::move(part));
      rest.remove_prefix(close + 1);
    } else {
      literal += rest.front();
      rest.remove_prefix(1);
    }
  }
  end_literal();
  return parsed;
}

std::optional<Condition> MappingRuleReader::ReadCondition(const std::string& path, const toml::node& place,
                                                          const toml::node& wanted) {
  const auto source = AddSource(place, path);
  if (!source) return std::nullopt;
  Need({*source});
  Condition condition{.source = *source, .kind = Condition::Kind::kIsOneOf, .texts = {}};
  if (const auto* there = wanted.as_boolean()) {
    condition.kind = there->get() ? Condition::Kind::kIsThere : Condition::Kind::kIsEmpty;
  } else {
    condition.texts = ReadStrings(wanted, "the text to compare with, an array of such, or true (there is any) or false", errors_);
  }
  return condition;
}

std::vector<Condition> MappingRuleReader::ReadConditions(const toml::table& table, std::string_view key) {
  std::vector<Condition> conditions;
  const toml::node* node = table.get(key);
  if (node == nullptr) return conditions;
  const auto* wanted = node->as_table();
  if (wanted == nullptr) {
    errors_.Add(node->source(), absl::StrCat("expected a table such as { state = \"Open\" } for ", AbslView(key)));
    return conditions;
  }
  for (const auto& [path, value] : *wanted) {
    if (auto condition = ReadCondition(std::string(path.str()), value, value)) conditions.push_back(*std::move(condition));
  }
  return conditions;
}

}  // namespace clientele
