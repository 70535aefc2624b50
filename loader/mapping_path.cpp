#include "loader/mapping_path.h"

#include <algorithm>

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

constexpr std::size_t kStepsMax = 32;
constexpr std::size_t kDigitsMax = 9;  // Of an index.
constexpr std::string_view kSyntax =
    "a path: names with dots between them, such as name, contact.email, domains[0] or domains[1:]";

absl::Status Bad(std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("expected ", AbslView(kSyntax), ", got '", AbslView(text), "'"));
}

std::optional<std::uint32_t> Index(std::string_view digits) {
  const bool plain = !digits.empty() && digits.size() <= kDigitsMax && std::ranges::all_of(digits, absl::ascii_isdigit);
  std::uint32_t index = 0;
  if (!plain || !absl::SimpleAtoi(AbslView(digits), &index)) return std::nullopt;
  return index;
}

absl::StatusOr<MappingPath> ParsePointer(std::string_view text) {
  MappingPath path{.text = std::string(text), .steps = {}, .list_from = {}};
  for (const absl::string_view token : absl::StrSplit(AbslView(text.substr(1)), '/')) {
    const std::string name = absl::StrReplaceAll(absl::StrReplaceAll(token, {{"~1", "/"}}), {{"~0", "~"}});
    path.steps.push_back({.name = name, .index = Index(name)});
  }
  if (path.steps.size() > kStepsMax)
    return absl::InvalidArgumentError(absl::StrCat("expected a path of at most ", kStepsMax, " steps"));
  return path;
}

// Takes "[0]" or, when it ends the text, "[1:]" from the front of `rest`.
bool TakeBracket(std::string_view& rest, MappingPath& path) {
  const std::size_t close = rest.find(']');
  if (close == std::string_view::npos) return false;
  std::string_view inside = rest.substr(1, close - 1);
  rest.remove_prefix(close + 1);
  const bool is_list = inside.ends_with(':');
  if (is_list) inside.remove_suffix(1);
  const std::optional<std::uint32_t> index = Index(inside);
  if (!index || (is_list && !rest.empty())) return false;
  if (is_list) {
    path.list_from = index;
  } else {
    path.steps.push_back({.name = {}, .index = index});
  }
  return true;
}

}  // namespace

absl::StatusOr<MappingPath> ParseMappingPath(std::string_view text) {
  if (text.starts_with('/')) return ParsePointer(text);
  MappingPath path{.text = std::string(text), .steps = {}, .list_from = {}};
  std::string_view rest = text;
  do {
    const std::size_t end = std::min(rest.find_first_of(".[]"), rest.size());
    if (end == 0) return Bad(text);
    path.steps.push_back({.name = std::string(rest.substr(0, end)), .index = {}});
    rest.remove_prefix(end);
    while (rest.starts_with('[')) {
      if (!TakeBracket(rest, path)) return Bad(text);
    }
    if (rest.empty()) break;
    if (rest.front() != '.') return Bad(text);
    rest.remove_prefix(1);
    if (rest.empty()) return Bad(text);
  } while (path.steps.size() <= kStepsMax);
  if (path.steps.size() > kStepsMax)
    return absl::InvalidArgumentError(absl::StrCat("expected a path of at most ", kStepsMax, " steps"));
  return path;
}

std::string JsonPointerOf(const MappingPath& path) {
  std::string pointer;
  for (const MappingPath::Step& step : path.steps) {
    const bool is_index = step.name.empty() && step.index;
    absl::StrAppend(&pointer, "/",
                    is_index ? absl::StrCat(*step.index) : absl::StrReplaceAll(step.name, {{"~", "~0"}, {"/", "~1"}}));
  }
  return pointer;
}

std::string SpellMappingPath(const std::vector<MappingPath::Step>& steps) {
  std::string spelt;
  for (const MappingPath::Step& step : steps) {
    if (step.name.empty() && step.index) {
      absl::StrAppend(&spelt, "[", *step.index, "]");
    } else if (step.name.empty() || step.name.find_first_of(".[]{}|") != std::string::npos || step.name.front() == '/' ||
               step.name.front() == '=') {
      return JsonPointerOf({.text = {}, .steps = steps, .list_from = {}});
    } else {
      absl::StrAppend(&spelt, spelt.empty() ? "" : ".", step.name);
    }
  }
  return spelt;
}

}  // namespace clientele
