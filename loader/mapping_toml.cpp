#include "loader/mapping_toml.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "index/date_time.h"
#include "index/nearest_name.h"
#include "loader/json_pointer.h"
#include "loader/mapping_values.h"

namespace clientele {
namespace {

constexpr std::size_t kErrorsShown = 20;
constexpr std::size_t kDotsMax = 100;

std::string Place(const std::string& file, const toml::source_position& place) {
  return absl::StrCat(file, ":", place.line, ":", place.column);
}

// The library nests a table for every dot of a key, and takes them down recursively: bounded before it sees them.
absl::Status CheckShape(std::string_view text, const std::string& file) {
  if (text.size() > kMappingBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": expected a mapping of at most ", kMappingBytesMax, " bytes"));
  }
  std::size_t line = 1, dots = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      line += c == '\n' ? 1 : 0;
      dots = 0;
    } else if (c == '.' && ++dots > kDotsMax) {
      return absl::InvalidArgumentError(absl::StrCat(file, ":", line, ":1: expected at most ", kDotsMax, " dots on a line"));
    }
  }
  return absl::OkStatus();
}

std::string SpellDouble(double value) {
  char digits[64];
  const auto result = std::to_chars(digits, digits + sizeof digits, value);
  return {digits, result.ptr};
}

std::string_view TypeWanted(FieldKind kind) {
  switch (kind) {
    case FieldKind::kInteger: return "an integer";
    case FieldKind::kNumber: return "a number";
    case FieldKind::kBoolean: return "true or false";
    case FieldKind::kTime: return "a date or date-time";
    default: return "a text in quotes";
  }
}

std::string Spell(const toml::node& node) {
  std::ostringstream text;
  if (const auto* table = node.as_table()) {
    text << (table->empty() ? "an empty table" : "a table");
  } else if (node.is_array()) {
    text << "an array";
  } else {
    node.visit([&](const auto& value) { text << value; });
  }
  return Excerpt(text.str());
}

std::optional<std::string> ReadTime(const toml::node& node) {
  std::string text;
  if (const auto* string = node.as_string()) {
    text = string->get();
  } else {
    text = Spell(node);
  }
  const std::optional<std::int64_t> time = ParseDateTime(text);
  if (!time) return std::nullopt;
  std::string rfc3339;
  AppendRfc3339(*time, rfc3339);
  return rfc3339;
}

std::optional<std::string> ReadTyped(const toml::node& node, const ValueRule& rule) {
  switch (rule.kind) {
    case FieldKind::kInteger: return node.is_integer() ? std::optional(absl::StrCat(node.as_integer()->get())) : std::nullopt;
    case FieldKind::kNumber:
      if (node.is_integer()) return absl::StrCat(node.as_integer()->get());
      if (!node.is_floating_point() || !std::isfinite(node.as_floating_point()->get())) return std::nullopt;
      return SpellDouble(node.as_floating_point()->get());
    case FieldKind::kBoolean:
      return node.is_boolean() ? std::optional<std::string>(node.as_boolean()->get() ? "true" : "false") : std::nullopt;
    case FieldKind::kTime: return node.is_string() || node.is_date() || node.is_date_time() ? ReadTime(node) : std::nullopt;
    default: return node.is_string() ? std::optional(node.as_string()->get()) : std::nullopt;
  }
}

}  // namespace

void MappingErrors::Add(const toml::source_region& place, std::string message) {
  found_.push_back({place.begin, std::move(message)});
}

absl::Status MappingErrors::status() const {
  if (found_.empty()) return absl::OkStatus();
  std::vector<Found> sorted = found_;
  std::ranges::stable_sort(sorted, {}, [](const Found& found) { return std::pair(found.place.line, found.place.column); });
  std::string text;
  for (std::size_t i = 0; i < sorted.size() && i < kErrorsShown; ++i) {
    absl::StrAppend(&text, i > 0 ? "\n" : "", Place(file_, sorted[i].place), ": ", sorted[i].message);
  }
  if (sorted.size() > kErrorsShown) absl::StrAppend(&text, "\n", file_, ": and ", sorted.size() - kErrorsShown, " more");
  return absl::InvalidArgumentError(text);
}

absl::StatusOr<toml::table> ParseToml(std::string_view text, const std::string& file) {
  if (const absl::Status status = CheckShape(text, file); !status.ok()) return status;
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrCat(Place(file, error.source().begin), ": ", Excerpt(error.what(), 300)));
  }
}

void RefuseUnknownKeys(const toml::table& table, std::span<const std::string_view> known, std::string_view what,
                       MappingErrors& errors) {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    errors.Add(key.source(), absl::StrCat("unknown ", AbslView(what), " '", Excerpt(key.str()), "'; did you mean '",
                                          AbslView(NearestName(key.str(), known)), "'?"));
  }
}

std::optional<MappedConstant> ReadConstant(const toml::node& node, const ValueRule& rule, MappingErrors& errors) {
  const std::optional<std::string> text = ReadTyped(node, rule);
  if (!text) {
    errors.Add(node.source(),
               absl::StrCat("expected ", AbslView(TypeWanted(rule.kind)), " for ", rule.target, ", got ", Spell(node)));
    return std::nullopt;
  }
  const bool is_known = rule.kind == FieldKind::kWord      ? FindWord(rule.words, *text).has_value()
                        : rule.kind == FieldKind::kCountry ? CountryCode(*text).has_value()
                                                           : true;
  if (!is_known) {
    std::string message =
        absl::StrCat("expected ", rule.kind == FieldKind::kCountry ? "two upper-case letters" : DescribeWords(rule.words),
                     " for ", rule.target, ", got '", Excerpt(*text), "'");
    if (rule.kind == FieldKind::kWord)
      absl::StrAppend(&message, "; did you mean '", AbslView(NearestName(*text, rule.words)), "'?");
    errors.Add(node.source(), std::move(message));
    return std::nullopt;
  }
  return MappedConstant{.text = *text, .quoted = IsQuotedKind(rule.kind)};
}

std::optional<std::string> ReadString(const toml::node& node, std::string_view what, MappingErrors& errors) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return absl::StrCat(number->get());
  errors.Add(node.source(), absl::StrCat("expected ", AbslView(what), " in quotes, got ", Spell(node)));
  return std::nullopt;
}

std::vector<std::string> ReadStrings(const toml::node& node, std::string_view what, MappingErrors& errors) {
  std::vector<std::string> texts;
  const auto* array = node.as_array();
  if (array == nullptr) {
    if (auto text = ReadString(node, what, errors)) texts.push_back(std::move(*text));
    return texts;
  }
  if (array->empty()) errors.Add(node.source(), absl::StrCat("expected ", AbslView(what), ", got an empty array"));
  for (const toml::node& item : *array) {
    if (auto text = ReadString(item, what, errors)) texts.push_back(std::move(*text));
  }
  return texts;
}

}  // namespace clientele
