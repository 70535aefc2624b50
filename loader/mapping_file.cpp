#include "loader/mapping_file.h"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "index/absl_view.h"
#include "loader/json_pointer.h"
#include "loader/mapping_rule_reader.h"
#include "loader/mapping_toml.h"

namespace clientele {
namespace {

constexpr std::string_view kTopKeys[] = {"fields", "keep", "keep_prefix", "empty"};

void ReadKeep(const toml::table& top, Mapping& mapping, MappingErrors& errors) {
  if (const auto* prefix = top.get("keep_prefix")) mapping.keep.prefix = ReadString(*prefix, "a text", errors).value_or("");
  const toml::node* keep = top.get("keep");
  if (keep == nullptr) return;
  const auto* word = keep->as_string();
  if (word != nullptr && (word->get() == "all" || word->get() == "none")) {
    mapping.keep.kind = word->get() == "all" ? KeepRule::Kind::kAllUnmapped : KeepRule::Kind::kNone;
  } else if (keep->is_array()) {
    mapping.keep.kind = KeepRule::Kind::kListed;
    if (!keep->as_array()->empty()) mapping.keep.names = ReadStrings(*keep, "a member's name", errors);
  } else {
    errors.Add(keep->source(), "expected \"all\", \"none\" or an array of names for keep");
  }
}

std::vector<std::string_view> FieldNames() {
  std::vector<std::string_view> names;
  for (const FieldDef& def : Fields()) names.push_back(def.name);
  for (const FieldDef& def : Fields()) {
    if (!def.alias.empty()) names.push_back(def.alias);
  }
  return names;
}

void RefuseMissing(const toml::table& fields, MappingErrors& errors) {
  std::vector<std::string> missing;
  for (const FieldDef& def : Fields()) {
    const bool is_there = fields.contains(def.name) || (!def.alias.empty() && fields.contains(def.alias));
    if (def.required && !is_there) missing.emplace_back(def.name);
  }
  if (!missing.empty()) {
    errors.Add(fields.source(), absl::StrCat("no rule for ", absl::StrJoin(missing, ", "), ", which every record must have"));
  }
}

void ReadFields(const toml::table& fields, Mapping& mapping, MappingErrors& errors) {
  RefuseUnknownKeys(fields, FieldNames(), "field", errors);
  RefuseMissing(fields, errors);
  MappingRuleReader reader(mapping, errors);
  for (const FieldDef& def : Fields()) {
    const toml::node* node = fields.get(def.name);
    const toml::node* by_alias = def.alias.empty() ? nullptr : fields.get(def.alias);
    if (node != nullptr && by_alias != nullptr) {
      errors.Add(by_alias->source(),
                 absl::StrCat(AbslView(def.alias), " is another name of ", AbslView(def.name), ", which has a rule already"));
    } else if (node != nullptr || by_alias != nullptr) {
      reader.ReadField(def, node != nullptr ? *node : *by_alias);
    }
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Mapping>> ParseMapping(std::string_view text, const std::string& file) {
  const absl::StatusOr<toml::table> top = ParseToml(text, file);
  if (!top.ok()) return top.status();
  auto mapping = std::make_shared<Mapping>();
  mapping->file = file;
  MappingErrors errors(file);
  RefuseUnknownKeys(*top, kTopKeys, "key", errors);
  ReadKeep(*top, *mapping, errors);
  if (const auto* empty = top->get("empty")) mapping->empty = ReadStrings(*empty, "a text", errors);
  const toml::node* fields = top->get("fields");
  if (fields != nullptr && fields->is_table()) {
    ReadFields(*fields->as_table(), *mapping, errors);
  } else {
    errors.Add(fields == nullptr ? top->source() : fields->source(), "expected a table [fields] with a rule for each field");
  }
  if (const absl::Status status = errors.status(); !status.ok()) return status;
  return mapping;
}

absl::StatusOr<std::shared_ptr<const Mapping>> ReadMapping(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMappingBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad() || (file.gcount() == 0 && errno != 0))
    return absl::ErrnoToStatus(errno != 0 ? errno : EIO, path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return ParseMapping(text, path);
}

}  // namespace clientele
