#include "index/schema_text.h"

#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <xxhash.h>

#include "index/absl_view.h"
#include "index/schema.h"

namespace clientele {
namespace {

std::string Joined(std::span<const std::string_view> words) {
  std::string joined;
  for (const std::string_view word : words) absl::StrAppend(&joined, joined.empty() ? "" : "|", AbslView(word));
  return joined;
}

// Parameter names, aliases and help texts may change without any file noticing.
std::string FieldText(const FieldDef& def) {
  std::string text = absl::StrCat(AbslView(def.name), ": kind ", static_cast<int>(def.kind), def.nullable ? " nullable" : "",
                                  " equality ", static_cast<int>(def.equality), " default ", def.default_value);
  if (!def.words.empty()) absl::StrAppend(&text, " words ", Joined(def.words));
  if (!def.sort_key.empty()) text += " ordered";
  for (const FilterDef& filter : def.filters) {
    absl::StrAppend(&text, " filter ", static_cast<int>(filter.op));
    if (!filter.user_member.empty()) absl::StrAppend(&text, "(", AbslView(filter.user_member), ")");
  }
  return text;
}

std::string MakeText() {
  std::string text = absl::StrCat("services: ", Joined(kServiceNames), "\nservice states: ", Joined(kServiceStateWords), "\n");
  for (const FieldDef& def : Fields()) absl::StrAppend(&text, FieldText(def), "\n");
  return text;
}

}  // namespace

const std::string& SchemaText() {
  static const std::string text = MakeText();
  return text;
}

std::uint64_t SchemaFingerprint() {
  return XXH3_64bits(SchemaText().data(), SchemaText().size());
}

std::string SchemaDifference(std::string_view other) {
  if (other == SchemaText()) return {};
  const std::vector<std::string> there = absl::StrSplit(AbslView(other), '\n'), here = absl::StrSplit(SchemaText(), '\n');
  std::size_t line = 0;
  while (line + 1 < there.size() && line + 1 < here.size() && there[line] == here[line]) ++line;
  return absl::StrCat("it has '", there[line], "' where this program has '", here[line], "'");
}

}  // namespace clientele
