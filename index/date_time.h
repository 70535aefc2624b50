// Points in time as microseconds since 1970-01-01T00:00:00Z in the proleptic Gregorian calendar, years 0001 to 9999; no leap
// seconds. The one place that knows how dates are spelt, for records and for query parameters alike. Thread-safe; no allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clientele {

inline constexpr std::int64_t kTimeMin = -62'135'596'800'000'000;  // 0001-01-01T00:00:00Z.
inline constexpr std::int64_t kTimeMax = 253'402'300'799'999'999;  // 9999-12-31T23:59:59.999999Z.

// What ParseDateTime accepts, for error messages.
inline constexpr std::string_view kDateTimeSyntax =
    "a date YYYY-MM-DD, or a date-time YYYY-MM-DDTHH:MM[:SS[.ffffff]] with an optional Z or +hh:mm";

// Reads `YYYY-MM-DD` (its midnight, UTC), or `YYYY-MM-DD HH:MM[:SS[.f]]` with a blank or `T` between date and time, then
// optionally `Z`, `+hh:mm` or `-hh:mm`; no zone means UTC. Fractions have one to nine digits and are cut to the microsecond.
// nullopt for anything else: days that the month lacks, second 60, hour 24, times that fall outside kTimeMin .. kTimeMax.
std::optional<std::int64_t> ParseDateTime(std::string_view text);

// Whether `text`, which ParseDateTime accepts, is what AppendRfc3339 writes for its value.
bool IsCanonicalRfc3339(std::string_view text);

// Appends `YYYY-MM-DDTHH:MM:SSZ`, with a fraction of six digits before the Z when it is not zero. `microseconds` lies in
// kTimeMin .. kTimeMax; values outside are clamped to them.
void AppendRfc3339(std::int64_t microseconds, std::string& out);

}  // namespace clientele
