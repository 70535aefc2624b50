#include "loader/value_shapes.h"

#include <algorithm>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>

#include "index/absl_view.h"
#include "index/schema.h"
#include "loader/mapping_countries.h"
#include "loader/mapping_dates.h"
#include "loader/mapping_text.h"

namespace clientele {
namespace {

constexpr std::size_t kValuesLookedAt = 300;
constexpr double kNearlyAll = 0.95;

constexpr std::string_view kDateFormats[] = {"iso",
                                             "%Y-%m-%d %H:%M:%S",
                                             "%d.%m.%Y",
                                             "%d.%m.%Y %H:%M",
                                             "%d.%m.%Y %H:%M:%S",
                                             "%d/%m/%Y",
                                             "%m/%d/%Y",
                                             "%d/%m/%Y %H:%M",
                                             "%m/%d/%Y %H:%M",
                                             "%Y/%m/%d",
                                             "%d-%m-%Y",
                                             "%m-%d-%Y",
                                             "%d %b %Y",
                                             "%b %d, %Y",
                                             "%Y%m%d",
                                             "unix",
                                             "unix_ms"};

using Values = std::vector<std::pair<std::string, std::uint64_t>>;

template <typename Test>
double Share(const Values& values, Test&& test) {
  if (values.empty()) return 0;
  const auto count = std::ranges::count_if(values, [&](const auto& value) { return test(Trimmed(value.first)); });
  return static_cast<double>(count) / static_cast<double>(values.size());
}

bool IsDomain(std::string_view text) {
  const bool has_letters = std::ranges::any_of(text, [](char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); });
  const bool is_plain = std::ranges::all_of(
      text, [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-'; });
  const std::size_t dot = text.rfind('.');
  return has_letters && is_plain && dot != std::string_view::npos && dot > 0 && text.size() - dot > 2 && text.front() != '.';
}

bool IsEmail(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && text.find('@', at + 1) == std::string_view::npos &&
         text.find(' ') == std::string_view::npos && IsDomain(text.substr(at + 1));
}

bool IsWebAddress(std::string_view text) {
  return absl::StartsWithIgnoreCase(AbslView(text), "http://") || absl::StartsWithIgnoreCase(AbslView(text), "https://") ||
         (absl::StartsWithIgnoreCase(AbslView(text), "www.") && IsDomain(text));
}

bool IsBoolean(std::string_view text) {
  for (const std::string_view word : {"true", "false", "yes", "no", "y", "n", "0", "1"}) {
    if (absl::EqualsIgnoreCase(AbslView(text), AbslView(word))) return true;
  }
  return false;
}

// Seconds or milliseconds since 1970 that lie in 1990 to 2100: other numbers are hardly meant as times.
bool IsLikelyUnix(std::string_view text, double unit) {
  double number = 0;
  return absl::SimpleAtod(AbslView(text), &number) && number > 631e6 * unit && number < 4103e6 * unit;
}

bool HasDate(const DateFormat& format, std::string_view text) {
  if (format.kind == DateFormat::Kind::kUnixSeconds) return IsLikelyUnix(text, 1);
  if (format.kind == DateFormat::Kind::kUnixMillis) return IsLikelyUnix(text, 1'000);
  if (format.pattern == "%Y%m%d" && text.size() != 8) return false;
  return ParseDate(format, text).has_value();
}

void FindDate(const Values& values, ValueShapes& shapes) {
  for (const std::string_view name : kDateFormats) {
    const DateFormat format = *ParseDateFormat(name);
    if (Share(values, [&](std::string_view text) { return HasDate(format, text); }) < kNearlyAll) continue;
    if (!shapes.date) {
      shapes.date = name;
    } else if (name[1] != (*shapes.date)[1]) {
      shapes.date_is_ambiguous |= name.starts_with('%') && shapes.date->starts_with('%');
    }
  }
}

}  // namespace

ValueShapes ShapesOf(const MemberProfile& member) {
  const Values values = member.values.MostFrequent(kValuesLookedAt);
  ValueShapes shapes;
  if (values.empty()) return shapes;
  shapes.email = Share(values, IsEmail);
  shapes.web_address = Share(values, IsWebAddress);
  shapes.domain = Share(values, IsDomain);
  shapes.boolean = Share(values, IsBoolean);
  shapes.integer = Share(values, [](std::string_view text) {
    std::int64_t number = 0;
    return absl::SimpleAtoi(AbslView(text), &number);
  });
  shapes.number = Share(values, [](std::string_view text) {
    double number = 0;
    return absl::SimpleAtod(AbslView(text), &number);
  });
  shapes.country_code = Share(values, [](std::string_view text) { return text.size() == 2 && IsKnownCountry(text); });
  shapes.country = Share(
      values, [](std::string_view text) { return text.size() == 2 ? IsKnownCountry(text) : FindCountry(text).has_value(); });
  FindDate(values, shapes);
  return shapes;
}

}  // namespace clientele
