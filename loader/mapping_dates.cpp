#include "loader/mapping_dates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include "index/absl_view.h"
#include "index/date_time.h"
#include "loader/mapping_text.h"

namespace clientele {
namespace {

constexpr std::int64_t kMicrosecondsPerDay = 86'400'000'000;
constexpr std::size_t kPatternBytesMax = 100;

std::optional<std::int64_t> InRange(std::int64_t microseconds) {
  if (microseconds < kTimeMin || microseconds > kTimeMax) return std::nullopt;
  return microseconds;
}

std::optional<std::int64_t> ParsePattern(const std::string& pattern, std::string_view text) {
  absl::Time time;
  // The library also knows "infinite-future".
  if (!absl::ParseTime(pattern, AbslView(text), absl::UTCTimeZone(), &time, nullptr)) return std::nullopt;
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return std::nullopt;
  return InRange(absl::ToUnixMicros(time));
}

// Whole numbers stay exact; fractions go through a double, whose 53 bits hold microseconds until the year 2255.
std::optional<std::int64_t> ParseUnix(std::string_view text, std::int64_t microseconds_per_unit) {
  text = Trimmed(text);
  std::int64_t whole = 0;
  if (absl::SimpleAtoi(AbslView(text), &whole)) {
    std::int64_t microseconds = 0;
    if (__builtin_mul_overflow(whole, microseconds_per_unit, &microseconds)) return std::nullopt;
    return InRange(microseconds);
  }
  double number = 0;
  if (!absl::SimpleAtod(AbslView(text), &number)) return std::nullopt;
  number *= static_cast<double>(microseconds_per_unit);
  if (!(std::fabs(number) < 9e18)) return std::nullopt;  // Also not for NaN.
  return InRange(std::llround(number));
}

// The library's %Y takes all digits that follow, here it means four wherever something else follows without a separator.
std::string WithYearsOfFourDigits(std::string_view pattern) {
  std::string fixed;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 == pattern.size()) {
      fixed += pattern[i];
      continue;
    }
    const bool is_year = pattern[i + 1] == 'Y';
    const char behind = i + 2 < pattern.size() ? pattern[i + 2] : ' ';
    fixed +=
        is_year && (behind == '%' || absl::ascii_isdigit(static_cast<unsigned char>(behind))) ? "%E4Y" : pattern.substr(i, 2);
    ++i;
  }
  return fixed;
}

}  // namespace

absl::StatusOr<DateFormat> ParseDateFormat(std::string_view text) {
  using enum DateFormat::Kind;
  if (text == "iso") return DateFormat{};
  if (text == "unix") return DateFormat{.kind = kUnixSeconds, .pattern = {}};
  if (text == "unix_ms") return DateFormat{.kind = kUnixMillis, .pattern = {}};
  DateFormat format{.kind = kPattern, .pattern = WithYearsOfFourDigits(text)};
  // A pattern that gives back the day that it wrote holds year, month and day. Two probes, lest one be what is assumed anyway.
  for (const absl::CivilDay day : {absl::CivilDay(2003, 11, 24), absl::CivilDay(1998, 5, 17)}) {
    const absl::Time noon = absl::FromCivil(absl::CivilSecond(day) + 43'200, absl::UTCTimeZone());
    if (text.size() > kPatternBytesMax) break;
    const std::string spelt = absl::FormatTime(format.pattern, noon, absl::UTCTimeZone());
    const auto read = ParsePattern(format.pattern, spelt);
    if (!read || absl::ToCivilDay(absl::FromUnixMicros(*read), absl::UTCTimeZone()) != day) {
      return absl::InvalidArgumentError(
          absl::StrCat("expected iso, unix, unix_ms or a pattern with year, month and day such as %d.%m.%Y, got '",
                       AbslView(text.substr(0, kPatternBytesMax)), "'"));
    }
  }
  if (text.size() > kPatternBytesMax) return absl::InvalidArgumentError("expected a date pattern of at most 100 bytes");
  return format;
}

std::optional<std::int64_t> ParseDate(const DateFormat& format, std::string_view text) {
  switch (format.kind) {
    case DateFormat::Kind::kIso: return ParseDateTime(Trimmed(text));
    case DateFormat::Kind::kUnixSeconds: return ParseUnix(text, 1'000'000);
    case DateFormat::Kind::kUnixMillis: return ParseUnix(text, 1'000);
    case DateFormat::Kind::kPattern: break;
  }
  return ParsePattern(format.pattern, text);
}

std::string DescribeDateFormat(const DateFormat& format) {
  switch (format.kind) {
    case DateFormat::Kind::kIso: return std::string(kDateTimeSyntax);
    case DateFormat::Kind::kUnixSeconds: return "seconds since 1970";
    case DateFormat::Kind::kUnixMillis: return "milliseconds since 1970";
    case DateFormat::Kind::kPattern: break;
  }
  return absl::StrCat("a date as ", absl::StrReplaceAll(format.pattern, {{"%E4Y", "%Y"}}));
}

std::optional<std::int64_t> MonthsBefore(std::int64_t microseconds, std::int64_t months) {
  constexpr std::int64_t kMonthsMax = 12 * 10'000;
  if (months < -kMonthsMax || months > kMonthsMax) return std::nullopt;
  const absl::Time time = absl::FromUnixMicros(microseconds);
  const absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
  const std::int64_t in_day = microseconds - absl::ToUnixMicros(absl::FromCivil(day, absl::UTCTimeZone()));
  const absl::CivilMonth month = absl::CivilMonth(day) - months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay moved(month.year(), month.month(), std::min(day.day(), last.day()));
  return InRange(absl::ToUnixMicros(absl::FromCivil(moved, absl::UTCTimeZone())) + in_day);
}

std::optional<std::int64_t> DaysBefore(std::int64_t microseconds, std::int64_t days) {
  std::int64_t back = 0, moved = 0;
  if (__builtin_mul_overflow(days, kMicrosecondsPerDay, &back) || __builtin_sub_overflow(microseconds, back, &moved)) {
    return std::nullopt;
  }
  return InRange(moved);
}

}  // namespace clientele
