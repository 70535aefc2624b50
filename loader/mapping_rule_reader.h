// Reads the rules of one mapping file; see docs/mapping.md for their keys. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <toml++/toml.h>

#include "loader/mapping.h"
#include "loader/mapping_toml.h"

namespace clientele {

class MappingRuleReader {
 public:
  // Sources and what is known about them go to `mapping`, mistakes to `errors`.
  MappingRuleReader(Mapping& mapping, MappingErrors& errors) : mapping_(mapping), errors_(errors) {}

  // Reads the rule or rules of a field into the mapping.
  void ReadField(const FieldDef& def, const toml::node& node);

 private:
  // What a rule is for.
  struct Target {
    std::string pointer;
    FieldKind kind = FieldKind::kText;
    std::span<const std::string_view> words = {};
    bool required = false;
    bool nested = false;  // Of a user or feature, where "=email" refers to the client's own fields.
  };

  std::optional<ValueRule> ReadRule(const Target& target, const toml::node& node,
                                    std::span<const std::string_view> more_keys = {});
  std::optional<ValueRule> ReadAlternatives(ValueRule rule, Target target, const toml::array& array,
                                            std::span<const std::string_view> more_keys);
  std::optional<ListRule> ReadList(const Target& target, const toml::node& node);
  void ReadServices(const FieldDef& def, const toml::table& table);
  void ReadFeatures(const FieldDef& def, const toml::table& table);
  std::optional<FeatureRule> ReadFeature(const FieldDef& def, std::uint8_t service, const toml::node& node);
  void ReadUsers(const toml::node& node);
  void ReadUser(const toml::table& table);

  void ReadOrigin(const Target& target, const toml::table& table, ValueRule& rule);
  void CheckOrigin(const toml::table& table, const ValueRule& rule);
  void ReadForm(const toml::table& table, ValueRule& rule);
  void ReadValueTable(const toml::table& table, ValueRule& rule);
  void ReadElapsed(const toml::table& table, ValueRule& rule);
  void ReadNumberFormat(const toml::table& table, ValueRule& rule);
  std::vector<Condition> ReadConditions(const toml::table& table, std::string_view key);
  std::optional<Condition> ReadCondition(const std::string& path, const toml::node& place, const toml::node& wanted);
  std::optional<TextTransform> ReadTransform(const toml::node& node, std::string_view name);
  std::vector<TextTransform> ReadTransforms(const toml::node& node);
  std::optional<TextTemplate> ReadTemplate(const Target& target, const toml::node& node, std::string_view text);
  std::optional<TextTemplate::Part> ReadPlaceholder(const Target& target, const toml::node& node, std::string_view inside);

  void ReadFrom(const Target& target, const toml::node& node, ValueRule& rule);
  std::optional<ValueRef> ReadRef(const Target& target, const toml::node& node, std::string_view text);
  std::optional<SourceId> AddSource(const toml::node& node, std::string_view text);
  void Need(std::vector<SourceId> group) { mapping_.needed.push_back(std::move(group)); }

  Mapping& mapping_;
  MappingErrors& errors_;
  Field field_ = Field::kId;  // Being read.
  absl::flat_hash_map<std::string, SourceId> source_ids_;
};

}  // namespace clientele
