#include "index/decimal_text.h"

#include <array>
#include <string>

#include "index/date_time.h"

namespace clientele {
namespace {

constexpr std::uint32_t kSecondsPerDay = 86'400;
constexpr std::uint32_t kDaysFrom1968March = 671;  // From 1968-03-01 to 1970-01-01.
constexpr std::uint32_t kFirstDayOf2100 = 47'482;

// Two digits for each number below 100.
constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (int i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

char* WritePair(std::uint32_t value, char* out) {
  std::memcpy(out, kPairs.data() + 2 * value, 2);
  return out + 2;
}

struct MonthDay {
  char text[6];             // "-MM-DD"
  std::uint8_t year_carry;  // 1 from January on: these years begin in March.
  std::uint8_t unused;
};

// By the day of a year that begins in March and so has its leap day at the end.
constexpr auto kMonthDays = [] {
  constexpr int kDays[] = {31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29};
  std::array<MonthDay, 366> table{};
  int at = 0;
  for (int i = 0; i < 12; ++i) {
    const int month = (i + 2) % 12 + 1;
    for (int day = 1; day <= kDays[i]; ++day, ++at) {
      table[at] = {{'-', kPairs[2 * month], kPairs[2 * month + 1], '-', kPairs[2 * day], kPairs[2 * day + 1]}, month <= 2, 0};
    }
  }
  return table;
}();

}  // namespace

char* WriteRfc3339(std::uint32_t seconds, std::uint32_t microseconds, char* out) {
  const std::uint32_t day = seconds / kSecondsPerDay;
  if (day >= kFirstDayOf2100) return WriteRfc3339(std::int64_t{seconds} * 1'000'000 + microseconds, out);
  // Until 2100 every fourth year is a leap year.
  const std::uint32_t march_day = day + kDaysFrom1968March;
  const std::uint32_t march_year = (4 * march_day + 3) / 1461;
  const MonthDay& month_day = kMonthDays[march_day - 1461 * march_year / 4];
  const std::uint32_t year = 1968 + march_year + month_day.year_carry;
  WritePair(year / 100, out);
  WritePair(year % 100, out + 2);
  std::memcpy(out + 4, &month_day, 8);  // Two bytes too many, which the time overwrites.
  const std::uint32_t second_of_day = seconds - day * kSecondsPerDay;
  const std::uint32_t minute_of_day = second_of_day / 60;
  out[10] = 'T';
  WritePair(minute_of_day / 60, out + 11);
  out[13] = ':';
  WritePair(minute_of_day % 60, out + 14);
  out[16] = ':';
  out = WritePair(second_of_day % 60, out + 17);
  if (microseconds != 0) {
    *out++ = '.';
    const std::uint64_t digits = (EightDigits(microseconds) | kEightZeros) >> 16;
    std::memcpy(out, &digits, 8);
    out += 6;
  }
  *out++ = 'Z';
  return out;
}

char* WriteRfc3339(std::int64_t microseconds_since_1970, char* out) {
  constexpr std::int64_t kFastEnd = std::int64_t{kFirstDayOf2100} * kSecondsPerDay * 1'000'000;
  if (microseconds_since_1970 >= 0 && microseconds_since_1970 < kFastEnd) {
    return WriteRfc3339(static_cast<std::uint32_t>(microseconds_since_1970 / 1'000'000),
                        static_cast<std::uint32_t>(microseconds_since_1970 % 1'000'000), out);
  }
  std::string text;
  AppendRfc3339(microseconds_since_1970, text);
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace clientele
