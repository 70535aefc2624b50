// ParameterHelp() of engine/query_parser.h.
#include <algorithm>

#include <absl/strings/str_cat.h>

#include "engine/query_parser.h"
#include "index/absl_view.h"

namespace clientele {
namespace {

std::string_view SyntaxHelp(const FilterEntry& filter) {
  switch (filter.def->syntax) {
    case ParameterSyntax::kText: return "TEXT";
    case ParameterSyntax::kInteger: return "INTEGER";
    case ParameterSyntax::kIntegerList: return "INTEGER,...";
    case ParameterSyntax::kWordList: return "WORD,...";
    case ParameterSyntax::kCountryList: return "CC|null,...";
    case ParameterSyntax::kBoolean: return "true|false|1|0";
    case ParameterSyntax::kDeletedText: return "true|false|...";
    case ParameterSyntax::kNumber: return "NUMBER";
    case ParameterSyntax::kDateTime: return "DATE[ TIME[ZONE]]";
    case ParameterSyntax::kServiceNameList: return "SERVICE,...";
  }
  return "";
}

std::string Joined(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) absl::StrAppend(&out, out.empty() ? "" : " ", AbslView(word));
  return out;
}

// The words of a word list, so that the help needs no second source.
std::string AllowedHelp(const FilterEntry& filter) {
  switch (filter.def->syntax) {
    case ParameterSyntax::kWordList:
      return absl::StrCat(
          ": ", filter.def->op == FilterOp::kServiceStateAnyOf ? Joined(kServiceStateWords) : Joined(Def(filter.field).words));
    case ParameterSyntax::kServiceNameList: return absl::StrCat(": ", Joined(kServiceNames), " (any case)");
    default: return "";
  }
}

void AppendHelpLine(std::string_view name, std::string_view syntax, std::string_view meaning, std::string& out) {
  constexpr std::size_t kMeaningColumn = 48;
  std::string line = absl::StrCat(AbslView(name), "=", AbslView(syntax));
  line.resize(std::max(line.size() + 2, kMeaningColumn), ' ');
  absl::StrAppend(&out, line, AbslView(meaning), "\n");
}

}  // namespace

std::string ParameterHelp() {
  std::string out;
  for (const FilterEntry& filter : Filters()) {
    AppendHelpLine(filter.def->parameter, SyntaxHelp(filter), absl::StrCat(AbslView(filter.def->help), AllowedHelp(filter)), out);
  }
  std::string sort_keys;
  for (const FieldDef& field : Fields()) {
    if (field.sort_key.empty()) continue;
    absl::StrAppend(&sort_keys, sort_keys.empty() ? "" : " ", AbslView(field.sort_key));
    if (!field.sort_alias.empty()) absl::StrAppend(&sort_keys, " (or ", AbslView(field.sort_alias), ")");
  }
  AppendHelpLine("ordering", "[-]KEY,...", absl::StrCat("first key first, '-' for descending, ties by id: ", sort_keys), out);
  AppendHelpLine("limit", "N", "at most N records, with the exact count of all matches; 0: the count alone; absent: every match",
                 out);
  AppendHelpLine("offset", "N", "skips the first N matches", out);
  AppendHelpLine("fields", "FIELD,...", "only these top-level members of each record, in the record's order", out);
  return out;
}

}  // namespace clientele
