// When generated clients are created: ten years, 2016-01-01 to 2025-12-31 UTC, with nine times as many sign-ups a day at the end
// as at the beginning, fewer at night and on weekends. Integers only. Immutable; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "loader/generator_random.h"
#include "loader/generator_text.h"

namespace clientele {

class GeneratorCalendar {
 public:
  static constexpr std::uint32_t kDays = 3653;
  static constexpr std::uint32_t kSeconds = kDays * 86'400;  // All times are seconds since the decade's begin, below this.

  GeneratorCalendar();

  // When client `index` of `client_count` signed up: in the order of the index but for minutes; one in twelve a day off, one in
  // fifty imported with a date up to 400 days older.
  std::uint32_t CreatedAt(std::uint64_t index, std::uint64_t client_count, RandomStream& random) const;

  // Writes "2016-01-01T00:00:00Z" with quotes; with six decimals when `microseconds` is not 0.
  void Write(std::uint32_t second, std::uint32_t microseconds, JsonWriter& json) const;

 private:
  static constexpr std::uint32_t kKnots = 4096;
  static constexpr std::uint32_t kHoursOfWeek = 168;

  std::uint32_t WarpWeek(std::uint32_t second) const;

  std::array<std::uint64_t, kKnots + 2> growth_;             // Fraction of the decade, of 2^32, by fraction of the clients.
  std::array<std::uint32_t, kHoursOfWeek + 1> week_begins_;  // Second of an even week at which each hour's share begins.
  std::vector<std::array<char, 10>> days_;                   // "2016-01-01", ...
};

}  // namespace clientele
