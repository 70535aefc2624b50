#include "engine/parameter_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include <absl/functional/function_ref.h>
#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "engine/quoted.h"
#include "index/absl_view.h"
#include "index/case_folding.h"
#include "index/date_time.h"
#include "index/nearest_name.h"

namespace clientele {
namespace {

absl::Status Refused(std::string_view expected, std::string_view got) {
  return absl::InvalidArgumentError(absl::StrCat("expected ", AbslView(expected), ", got ", Quoted(got)));
}

std::string Words(std::span<const std::string_view> words) {
  return absl::StrJoin(words, ", ", [](std::string* out, std::string_view word) { out->append(word); });
}

// Blanks only: other white space in a list is more likely a mistake than an intention.
std::string_view TrimBlanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// Calls `on_item` for the comma separated items of all values, empty ones included, until it fails.
absl::Status ForEachItem(std::span<const std::string_view> values, absl::FunctionRef<absl::Status(std::string_view)> on_item) {
  std::size_t count = 0;
  for (std::string_view rest : values) {
    for (bool last = false; !last;) {
      const std::size_t comma = rest.find(',');
      last = comma == std::string_view::npos;
      const std::string_view item = rest.substr(0, comma);
      if (!last) rest.remove_prefix(comma + 1);
      if (!item.empty() && ++count > kListItemsMax) {
        return absl::InvalidArgumentError(absl::StrCat("expected a list of at most ", kListItemsMax, " items"));
      }
      if (absl::Status status = on_item(item); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> ParseInteger(std::string_view text, std::string_view expected) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range) {
    return absl::InvalidArgumentError(absl::StrCat("expected ", AbslView(expected), " of 64 bits, got ", Quoted(text)));
  }
  if (error != std::errc{} || parsed != end) return Refused(expected, text);
  return value;
}

void SortDistinct(std::vector<std::int64_t>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

// A list whose items are stored values; `parse` refuses an empty item where its syntax has none.
absl::StatusOr<ValueSetOperand> ParseValues(std::span<const std::string_view> values,
                                            absl::FunctionRef<absl::StatusOr<std::int64_t>(std::string_view)> parse) {
  ValueSetOperand operand;
  const absl::Status status = ForEachItem(values, [&](std::string_view item) {
    absl::StatusOr<std::int64_t> value = parse(item);
    if (value.ok()) operand.values.push_back(*value);
    return value.status();
  });
  if (!status.ok()) return status;
  SortDistinct(operand.values);
  return operand;
}

absl::StatusOr<ValueSetOperand> ParseIntegers(std::span<const std::string_view> values) {
  constexpr std::string_view kExpected = "a comma separated list of decimal integers";
  ValueSetOperand operand;
  const absl::Status status = ForEachItem(values, [&](std::string_view item) {
    item = TrimBlanks(item);
    if (item.empty()) return absl::OkStatus();
    absl::StatusOr<std::int64_t> value = ParseInteger(item, kExpected);
    if (value.ok()) operand.values.push_back(*value);
    return value.status();
  });
  if (!status.ok()) return status;
  if (operand.values.empty()) return Refused("a comma separated list of at least one decimal integer", values.front());
  SortDistinct(operand.values);
  return operand;
}

absl::StatusOr<ValueSetOperand> ParseWords(std::span<const std::string_view> values, std::span<const std::string_view> words) {
  return ParseValues(values, [&](std::string_view item) -> absl::StatusOr<std::int64_t> {
    if (const auto word = FindWord(words, item)) return *word;
    return Refused(absl::StrCat("one of ", Words(words), " (several separated by commas)"), item);
  });
}

absl::StatusOr<ValueSetOperand> ParseServices(std::span<const std::string_view> values) {
  return ParseValues(values, [&](std::string_view item) -> absl::StatusOr<std::int64_t> {
    if (const auto service = FindService(item, /*any_case=*/true)) return *service;
    return Refused(absl::StrCat("one of ", Words(kServiceNames), " in any case (several separated by commas)"), item);
  });
}

absl::StatusOr<ValueSetOperand> ParseCountries(std::span<const std::string_view> values) {
  bool or_null = false;
  std::vector<std::int64_t> codes;
  const absl::Status status = ForEachItem(values, [&](std::string_view item) {
    if (absl::EqualsIgnoreCase(AbslView(item), "null")) {
      or_null = true;
      return absl::OkStatus();
    }
    const auto code = CountryCode(absl::AsciiStrToUpper(AbslView(item)));
    if (!code) return Refused("a country code of two letters, 'null' for none, or several of these separated by commas", item);
    codes.push_back(*code);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  SortDistinct(codes);
  return ValueSetOperand{.values = std::move(codes), .or_null = or_null};
}

absl::StatusOr<ValueSetOperand> ParseBoolean(std::string_view value) {
  if (value == "1" || absl::EqualsIgnoreCase(AbslView(value), "true")) return ValueSetOperand{.values = {1}};
  if (value == "0" || absl::EqualsIgnoreCase(AbslView(value), "false")) return ValueSetOperand{.values = {0}};
  return Refused("true, false, 1 or 0", value);
}

absl::StatusOr<NumberOperand> ParseNumber(std::string_view value) {
  constexpr std::string_view kExpected = "a finite decimal number such as 100 or 2.5";
  // from_chars reads "inf" and "nan" too; a hexadecimal number it ends at the 'x'.
  if (value.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return Refused(kExpected, value);
  double number = 0;
  const char* const end = value.data() + value.size();
  const auto [parsed, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc{} || parsed != end || !std::isfinite(number)) return Refused(kExpected, value);
  return NumberOperand{number};
}

absl::StatusOr<TimeOperand> ParseTime(std::string_view value) {
  if (const auto microseconds = ParseDateTime(value)) return TimeOperand{*microseconds};
  // A '+' in a query string means a blank, so a zone that was not escaped arrives as " 02:00".
  const bool lost_plus = value.size() > 6 && value[value.size() - 6] == ' ' && value.find_first_of("T ") < value.size() - 6;
  return Refused(absl::StrCat(AbslView(kDateTimeSyntax), lost_plus ? " (write the '+' of a zone as %2B)" : ""), value);
}

absl::StatusOr<TextOperand> ParseText(std::string_view value, FilterOp op) {
  if (value.size() > kTextBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a text of at most ", kTextBytesMax, " bytes, got ", value.size(), " bytes: ", Quoted(value)));
  }
  return TextOperand{op == FilterOp::kEqualsExact ? std::string(value) : Folded(value)};
}

template <typename T>
absl::StatusOr<std::optional<Operand>> AsOperand(absl::StatusOr<T> operand) {
  if (!operand.ok()) return operand.status();
  return Operand(*std::move(operand));
}

}  // namespace

bool IsList(ParameterSyntax syntax) {
  switch (syntax) {
    case ParameterSyntax::kIntegerList:
    case ParameterSyntax::kWordList:
    case ParameterSyntax::kCountryList:
    case ParameterSyntax::kServiceNameList: return true;
    default: return false;
  }
}

absl::StatusOr<std::optional<Operand>> ParseOperand(const FilterEntry& filter, std::span<const std::string_view> values) {
  const std::string_view value = values.front();
  switch (filter.def->syntax) {
    case ParameterSyntax::kText: return AsOperand(ParseText(value, filter.def->op));
    case ParameterSyntax::kInteger: {
      absl::StatusOr<std::int64_t> integer = ParseInteger(value, "a decimal integer");
      if (!integer.ok()) return integer.status();
      return Operand(ValueSetOperand{.values = {*integer}});
    }
    case ParameterSyntax::kIntegerList: return AsOperand(ParseIntegers(values));
    case ParameterSyntax::kWordList: {
      const bool states = filter.def->op == FilterOp::kServiceStateAnyOf;
      return AsOperand(
          ParseWords(values, states ? std::span<const std::string_view>(kServiceStateWords) : Def(filter.field).words));
    }
    case ParameterSyntax::kCountryList: return AsOperand(ParseCountries(values));
    case ParameterSyntax::kBoolean: return AsOperand(ParseBoolean(value));
    case ParameterSyntax::kDeletedText:
      // A text, not a boolean: the contract gives a meaning to every other value ("all"), so "True" and "1" mean all too.
      if (value == "true") return Operand(ValueSetOperand{.values = {1}});
      if (value == "false") return Operand(ValueSetOperand{.values = {0}});
      return std::nullopt;
    case ParameterSyntax::kNumber: return AsOperand(ParseNumber(value));
    case ParameterSyntax::kDateTime: return AsOperand(ParseTime(value));
    case ParameterSyntax::kServiceNameList: return AsOperand(ParseServices(values));
  }
  return absl::InternalError("a parameter syntax that the parser does not know");
}

absl::StatusOr<std::uint64_t> ParseCount(std::string_view value) {
  std::uint64_t count = 0;
  const char* const end = value.data() + value.size();
  const auto [parsed, error] = std::from_chars(value.data(), end, count);
  if (error == std::errc::result_out_of_range) return Refused("a whole number up to 18446744073709551615", value);
  if (error != std::errc{} || parsed != end) return Refused("a whole number, 0 or greater", value);
  return count;
}

absl::StatusOr<std::vector<OrderKey>> ParseOrdering(std::span<const std::string_view> values) {
  std::vector<OrderKey> keys;
  const absl::Status status = ForEachItem(values, [&](std::string_view item) {
    std::string_view name = TrimBlanks(item);
    const bool descending = name.starts_with('-');
    if (descending) name.remove_prefix(1);
    const auto field = FindSortKey(name);
    if (!field) {
      std::vector<std::string_view> known;
      for (const FieldDef& def : Fields()) {
        if (!def.sort_key.empty()) known.push_back(def.sort_key);
        if (!def.sort_alias.empty()) known.push_back(def.sort_alias);
      }
      return Refused(absl::StrCat("a comma separated list of ", Words(known), ", each with an optional '-' for descending"),
                     item);
    }
    const bool repeated = std::any_of(keys.begin(), keys.end(), [&](const OrderKey& key) { return key.field == *field; });
    if (!repeated) keys.push_back({*field, descending});
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return keys;
}

absl::StatusOr<FieldMask> ParseFields(std::span<const std::string_view> values) {
  FieldMask mask = 0;
  const absl::Status status = ForEachItem(values, [&](std::string_view item) {
    const auto field = FindField(item);
    if (field && Def(*field).name == item) {
      mask |= FieldMask{1} << static_cast<unsigned>(*field);
      return absl::OkStatus();
    }
    std::vector<std::string_view> names;
    for (const FieldDef& def : Fields()) names.push_back(def.name);
    const std::string_view nearest = field ? Def(*field).name : NearestName(item, names);
    return absl::InvalidArgumentError(
        absl::StrCat("unknown field ", Quoted(item), "; did you mean '", AbslView(nearest), "'? Known are ", Words(names)));
  });
  if (!status.ok()) return status;
  return mask;
}

}  // namespace clientele
