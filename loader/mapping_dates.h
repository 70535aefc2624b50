// Dates as foreign systems spell them, and dates that follow from a length of time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace clientele {

// How one text is read as a point in time; what has no zone is UTC. Immutable; thread-safe.
struct DateFormat {
  enum class Kind : std::uint8_t {
    kIso,          // "iso": as ParseDateTime (index/date_time.h).
    kUnixSeconds,  // "unix": seconds since 1970, with or without a fraction.
    kUnixMillis,   // "unix_ms": milliseconds since 1970.
    kPattern,      // As strptime: "%d.%m.%Y", "%Y%m%d", "%d %b %Y %H:%M"; also Abseil's %E*S (fractions) and %Ez (+hh:mm).
  };
  Kind kind = Kind::kIso;
  std::string pattern;
};

// Reads a format's name or pattern. InvalidArgument for a pattern that does not give a whole date.
absl::StatusOr<DateFormat> ParseDateFormat(std::string_view text);

// Microseconds since 1970; nullopt for texts of another form and times outside of the years 1 to 9999.
std::optional<std::int64_t> ParseDate(const DateFormat& format, std::string_view text);

// What the format accepts, for messages: "a date as %d.%m.%Y".
std::string DescribeDateFormat(const DateFormat& format);

// The time this many months before `microseconds`: the same day of the month, or its last one when it is shorter. nullopt when
// that lies before the year 1.
std::optional<std::int64_t> MonthsBefore(std::int64_t microseconds, std::int64_t months);
std::optional<std::int64_t> DaysBefore(std::int64_t microseconds, std::int64_t days);

}  // namespace clientele
