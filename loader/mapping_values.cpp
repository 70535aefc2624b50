#include "loader/mapping_values.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "index/absl_view.h"
#include "index/date_time.h"
#include "loader/json_text.h"
#include "loader/mapping_countries.h"

namespace clientele {
namespace {

constexpr std::string_view kTrueWords[] = {"true", "yes", "y", "t", "1", "on"};
constexpr std::string_view kFalseWords[] = {"false", "no", "n", "f", "0", "off"};

bool IsAnyOf(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return absl::EqualsIgnoreCase(AbslView(text), AbslView(word)); });
}

// Writes a number as JSON spells it: the sign, digits without zeros in front, a point. False when `text` is no number.
bool NormalizeNumber(const NumberFormat& format, std::string_view text, std::string& out) {
  out.clear();
  bool seen_decimal = false;
  std::size_t i = 0;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    if (text[0] == '-') out += '-';
    i = 1;
  }
  const std::size_t digits_begin = out.size();
  while (i < text.size()) {
    if (!format.group.empty() && !seen_decimal && out.size() > digits_begin && text.substr(i).starts_with(format.group)) {
      i += format.group.size();
      if (i == text.size() || !absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return false;
    } else if (text[i] == format.decimal && !seen_decimal) {
      seen_decimal = true;
      if (out.size() == digits_begin) out += '0';
      out += '.';
      ++i;
    } else if (text[i] == 'e' || text[i] == 'E') {
      out.append(text.substr(i));
      break;
    } else if (absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) {
      out += text[i++];
    } else {
      return false;
    }
  }
  if (std::ranges::none_of(text, absl::ascii_isdigit)) return false;
  const std::size_t significant = std::min(out.find_first_not_of('0', digits_begin), out.size());
  std::size_t zeros = significant - digits_begin;
  if (zeros > 0 && (significant == out.size() || !absl::ascii_isdigit(static_cast<unsigned char>(out[significant])))) --zeros;
  out.erase(digits_begin, zeros);
  if (out.ends_with('.')) out.pop_back();
  return IsJsonNumber(out);
}

// "12" and "12.00", as spreadsheets write it.
bool NormalizeInteger(const NumberFormat& format, std::string_view text, std::string& out) {
  if (!NormalizeNumber(format, text, out)) return false;
  if (const std::size_t point = out.find('.'); point != std::string::npos) {
    if (out.find_first_not_of('0', point + 1) != std::string::npos) return false;
    out.resize(point);
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(out.data(), out.data() + out.size(), value);
  return error == std::errc() && end == out.data() + out.size();
}

bool ConvertTime(const ValueRule& rule, std::string_view text, std::string& out) {
  std::optional<std::int64_t> time;
  if (rule.elapsed != ElapsedUnit::kNone) {
    std::int64_t elapsed = 0;
    if (!NormalizeInteger(rule.number, Trimmed(text), out) || !absl::SimpleAtoi(out, &elapsed)) return false;
    time = rule.elapsed == ElapsedUnit::kMonths ? MonthsBefore(rule.elapsed_before, elapsed)
                                                : DaysBefore(rule.elapsed_before, elapsed);
  } else if (rule.dates.empty()) {
    time = ParseDateTime(Trimmed(text));
  } else {
    for (const DateFormat& format : rule.dates) {
      if ((time = ParseDate(format, text))) break;
    }
  }
  if (!time) return false;
  out.clear();
  AppendRfc3339(*time, out);
  return true;
}

bool ConvertWord(std::span<const std::string_view> words, std::string_view text, std::string& out) {
  const auto word = std::ranges::find_if(
      words, [&](std::string_view candidate) { return absl::EqualsIgnoreCase(AbslView(candidate), AbslView(text)); });
  if (word == words.end()) return false;
  out = *word;
  return true;
}

bool Convert(const ValueRule& rule, std::string_view text, std::string& out) {
  const std::string_view trimmed = Trimmed(text);
  switch (rule.kind) {
    case FieldKind::kInteger: return NormalizeInteger(rule.number, trimmed, out);
    case FieldKind::kNumber: return NormalizeNumber(rule.number, trimmed, out);
    case FieldKind::kBoolean:
      out = IsAnyOf(trimmed, kTrueWords) ? "true" : "false";
      return out == "true" || IsAnyOf(trimmed, kFalseWords);
    case FieldKind::kWord: return ConvertWord(rule.words, trimmed, out);
    case FieldKind::kTime: return ConvertTime(rule, text, out);
    case FieldKind::kCountry: {
      const std::optional<std::string> code = FindCountry(trimmed);
      if (code) out = *code;
      return code.has_value();
    }
    default: out = text; return true;
  }
}

}  // namespace

ConvertResult ConvertValue(const ValueRule& rule, std::string_view text, std::string& out) {
  if (rule.kind != FieldKind::kText && Trimmed(text).empty()) return ConvertResult::kEmpty;
  return Convert(rule, text, out) ? ConvertResult::kOk : ConvertResult::kBad;
}

bool IsQuotedKind(FieldKind kind) {
  return kind != FieldKind::kInteger && kind != FieldKind::kNumber && kind != FieldKind::kBoolean;
}

std::string DescribeWords(std::span<const std::string_view> words) {
  std::string text = "one of ";
  for (std::size_t i = 0; i < words.size(); ++i) absl::StrAppend(&text, i > 0 ? ", " : "", AbslView(words[i]));
  return text;
}

std::string DescribeExpected(const ValueRule& rule) {
  if (rule.table && rule.table->other == OtherValues::kReject) return rule.table->expected;
  switch (rule.kind) {
    case FieldKind::kInteger: return "a 64-bit integer";
    case FieldKind::kNumber: return "a number";
    case FieldKind::kBoolean: return "true, false, yes, no, 1 or 0";
    case FieldKind::kCountry: return "a country's code or name";
    case FieldKind::kWord: return DescribeWords(rule.words);
    case FieldKind::kTime: {
      if (rule.elapsed != ElapsedUnit::kNone)
        return rule.elapsed == ElapsedUnit::kMonths ? "a number of months" : "a number of days";
      if (rule.dates.empty()) return std::string(kDateTimeSyntax);
      return absl::StrJoin(rule.dates, ", or ",
                           [](std::string* out, const DateFormat& format) { out->append(DescribeDateFormat(format)); });
    }
    default: return "a text";
  }
}

}  // namespace clientele
