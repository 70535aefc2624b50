// The rules of fields that are made of several values: services, features, users.
#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "loader/json_text.h"
#include "loader/mapping_rule_reader.h"

namespace clientele {
namespace {

constexpr std::size_t kItemsMax = 100;  // Users or features of one service that a mapping may give.

constexpr UserMemberDef kUserMembers[kUserMemberCount] = {
    {"id", FieldKind::kInteger},       {"email", FieldKind::kText},          {"name", FieldKind::kText},
    {"lang", FieldKind::kText},        {"phone", FieldKind::kText},          {"company", FieldKind::kText},
    {"reseller", FieldKind::kInteger}, {"client", FieldKind::kInteger},      {"deleted", FieldKind::kBoolean},
    {"groups", FieldKind::kTextList},  {"activated", FieldKind::kBoolean},   {"sso_auth", FieldKind::kBoolean},
    {"two_fa", FieldKind::kBoolean},   {"auth_types", FieldKind::kTextList},
};

std::vector<std::string_view> UserKeys() {
  std::vector<std::string_view> keys;
  for (const UserMemberDef& member : kUserMembers) keys.push_back(member.name);
  keys.insert(keys.end(), {"when", "unless"});
  return keys;
}

// Constant lists as JSON: texts, or groups of {id, name}.
std::optional<MappedConstant> ReadUserList(UserMember member, const toml::node& node, MappingErrors& errors) {
  const bool is_groups = member == UserMember::kGroups;
  const auto fail = [&] {
    errors.Add(node.source(), is_groups ? "expected an array such as [{ id = 1, name = \"Administrators\" }] for groups"
                                        : "expected an array of texts for auth_types");
    return std::nullopt;
  };
  const auto* array = node.as_array();
  if (array == nullptr) return fail();
  std::string json = "[";
  for (const toml::node& item : *array) {
    if (json.size() > 1) json += ',';
    if (is_groups) {
      const auto* group = item.as_table();
      if (group == nullptr || group->size() != 2 || !group->contains("id") || !group->contains("name")) return fail();
      const auto id = group->get("id")->value_exact<std::int64_t>();
      const auto name = group->get("name")->value_exact<std::string>();
      if (!id || !name) return fail();
      absl::StrAppend(&json, "{\"id\":", *id, ",\"name\":");
      AppendJsonString(*name, json);
      json += '}';
    } else {
      const auto text = item.value_exact<std::string>();
      if (!text) return fail();
      AppendJsonString(*text, json);
    }
  }
  return MappedConstant{.text = json + "]", .quoted = false};
}

}  // namespace

std::span<const UserMemberDef, kUserMemberCount> UserMembers() {
  return kUserMembers;
}

void MappingRuleReader::ReadServices(const FieldDef& def, const toml::table& table) {
  const bool is_states = def.kind == FieldKind::kServiceStates;
  RefuseUnknownKeys(table, kServiceNames, "service", errors_);
  auto& rules = mapping_.services[static_cast<std::size_t>(def.field)];
  for (std::uint8_t service = 0; service < kServiceCount; ++service) {
    const toml::node* node = table.get(kServiceNames[service]);
    if (node == nullptr) continue;
    Target target{.pointer = absl::StrCat("/", AbslView(def.name), "/", AbslView(kServiceNames[service]))};
    target.kind = is_states ? FieldKind::kWord : FieldKind::kBoolean;
    if (is_states) target.words = kServiceStateWords;
    constexpr std::string_view kStateKeys[] = {"enabled"};
    auto value = ReadRule(target, *node, is_states ? std::span(kStateKeys) : std::span<const std::string_view>{});
    if (!value) continue;
    ServiceRule& rule = rules.emplace_back();
    rule.service = service;
    rule.value = *std::move(value);
    const toml::node* enabled = node->is_table() && is_states ? node->as_table()->get("enabled") : nullptr;
    if (enabled != nullptr) {
      rule.enabled = ReadRule({.pointer = absl::StrCat(target.pointer, "/enabled"), .kind = FieldKind::kBoolean}, *enabled);
    }
  }
}

std::optional<FeatureRule> MappingRuleReader::ReadFeature(const FieldDef& def, std::uint8_t service, const toml::node& node) {
  const std::string_view link = def.field == Field::kPaidFeatures ? "paid_feature_id" : "free_feature_id";
  const auto* table = node.as_table();
  if (table == nullptr) {
    errors_.Add(node.source(), "expected a table with a feature's feature_id, name and when");
    return std::nullopt;
  }
  const std::string_view keys[] = {"feature_id", "name", "create_date", link, "when", "unless"};
  RefuseUnknownKeys(*table, keys, "key of a feature", errors_);
  FeatureRule rule;
  rule.service = service;
  rule.when = ReadConditions(*table, "when");
  rule.unless = ReadConditions(*table, "unless");
  const std::string pointer = absl::StrCat("/", AbslView(def.name), "/", AbslView(kServiceNames[service]), "/");
  const auto read = [&](std::string_view key, FieldKind kind) -> std::optional<ValueRule> {
    const toml::node* value = table->get(key);
    if (value == nullptr) return std::nullopt;
    return ReadRule(
        {.pointer = absl::StrCat(pointer, AbslView(key)), .kind = kind, .words = {}, .required = false, .nested = true}, *value);
  };
  auto feature_id = read("feature_id", FieldKind::kInteger);
  auto name = read("name", FieldKind::kText);
  if (!table->contains("feature_id") || !table->contains("name")) {
    errors_.Add(table->source(), "a feature wants feature_id and name");
  }
  if (!feature_id || !name) return std::nullopt;
  rule.feature_id = *std::move(feature_id);
  rule.name = *std::move(name);
  rule.create_date = read("create_date", FieldKind::kTime);
  rule.link_id = read(link, FieldKind::kInteger);
  return rule;
}

void MappingRuleReader::ReadFeatures(const FieldDef& def, const toml::table& table) {
  RefuseUnknownKeys(table, kServiceNames, "service", errors_);
  auto& rules = mapping_.features[static_cast<std::size_t>(def.field)];
  for (std::uint8_t service = 0; service < kServiceCount; ++service) {
    const toml::node* node = table.get(kServiceNames[service]);
    if (node == nullptr) continue;
    const auto add = [&](const toml::node& one) {
      if (auto rule = ReadFeature(def, service, one)) rules.push_back(*std::move(rule));
    };
    const auto* array = node->as_array();
    if (array == nullptr) {
      add(*node);
    } else if (array->size() > kItemsMax) {
      errors_.Add(node->source(), absl::StrCat("expected at most ", kItemsMax, " features of a service"));
    } else {
      for (const toml::node& one : *array) add(one);
    }
  }
}

void MappingRuleReader::ReadUser(const toml::table& table) {
  RefuseUnknownKeys(table, UserKeys(), "member of a user", errors_);
  UserRule rule;
  rule.when = ReadConditions(table, "when");
  rule.unless = ReadConditions(table, "unless");
  const std::string pointer = absl::StrCat("/users/", mapping_.users.size(), "/");
  for (std::size_t i = 0; i < kUserMemberCount; ++i) {
    const UserMemberDef& member = kUserMembers[i];
    const toml::node* node = table.get(member.name);
    if (node == nullptr) continue;
    const Target target{.pointer = absl::StrCat(pointer, AbslView(member.name)),
                        .kind = member.kind,
                        .words = {},
                        .required = false,
                        .nested = true};
    if (member.kind != FieldKind::kTextList) {
      rule.members[i] = ReadRule(target, *node);
    } else if (auto list = ReadUserList(static_cast<UserMember>(i), *node, errors_)) {
      rule.members[i] = ValueRule{.target = target.pointer, .constant = *std::move(list)};
    }
  }
  if (!table.contains("email")) errors_.Add(table.source(), "a user wants an email, such as email = { from = \"=email\" }");
  mapping_.users.push_back(std::move(rule));
}

void MappingRuleReader::ReadUsers(const toml::node& node) {
  const auto* array = node.as_array();
  if (const auto* table = node.as_table()) {
    ReadUser(*table);
  } else if (array == nullptr || array->empty() || array->size() > kItemsMax || !array->is_homogeneous<toml::table>()) {
    errors_.Add(node.source(), absl::StrCat("expected 1 to ", kItemsMax, " tables [[fields.users]], one for each user"));
  } else {
    for (const toml::node& user : *array) ReadUser(*user.as_table());
  }
}

}  // namespace clientele
