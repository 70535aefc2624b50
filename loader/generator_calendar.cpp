#include "loader/generator_calendar.h"

#include <algorithm>
#include <cstdio>
#include <string>

namespace clientele {
namespace {

constexpr std::uint32_t kWeek = 7 * 86'400;

// Sign-ups by hour of a working day, UTC: Europe's morning to America's evening.
constexpr std::array<std::uint32_t, 24> kHourWeights = {9,  8,  8,  9,  12, 17, 26, 38, 50, 55, 54, 50,
                                                        48, 54, 58, 58, 54, 48, 41, 34, 27, 21, 16, 12};

std::uint64_t IntegerSqrt(std::uint64_t x) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= x) root += bit;
  }
  return root;
}

}  // namespace

GeneratorCalendar::GeneratorCalendar() {
  // With t the fraction of the decade and u the fraction of the clients, u = t/5 + 4t²/5, so t = (sqrt(1 + 80u) - 1) / 8.
  // sqrt(4096 + 80k) * 2^22 is sqrt(1 + 80k/4096) * 2^28.
  for (std::uint64_t k = 0; k < growth_.size(); ++k)
    growth_[k] = (IntegerSqrt((4096 + 80 * k) << 44) - (std::uint64_t{1} << 28)) * 2;

  // The decade began on a Friday.
  std::array<std::uint32_t, kHoursOfWeek> weights;
  std::uint64_t total = 0;
  for (std::uint32_t hour = 0; hour < kHoursOfWeek; ++hour) {
    const std::uint32_t day = hour / 24;
    const bool weekend = day == 1 || day == 2;
    weights[hour] = kHourWeights[hour % 24] * (weekend ? 3 : 10);
    total += weights[hour];
  }
  std::uint64_t sum = 0;
  for (std::uint32_t hour = 0; hour < kHoursOfWeek; ++hour) {
    week_begins_[hour] = static_cast<std::uint32_t>(sum * kWeek / total);
    sum += weights[hour];
  }
  week_begins_[kHoursOfWeek] = kWeek;

  constexpr std::array<int, 12> kMonthDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  days_.reserve(kDays);
  for (int year = 2016; year <= 2025; ++year) {
    for (int month = 1; month <= 12; ++month) {
      const int month_days = kMonthDays[static_cast<std::size_t>(month - 1)] + (month == 2 && year % 4 == 0 ? 1 : 0);
      for (int day = 1; day <= month_days; ++day) {
        const auto put = [](int number, char* to, int width) {
          for (int i = width - 1; i >= 0; --i, number /= 10) to[i] = static_cast<char>('0' + number % 10);
        };
        std::array<char, 10> text = {'0', '0', '0', '0', '-', '0', '0', '-', '0', '0'};
        put(year, text.data(), 4);
        put(month, text.data() + 5, 2);
        put(day, text.data() + 8, 2);
        days_.push_back(text);
      }
    }
  }
  assert(days_.size() == kDays);
}

std::uint32_t GeneratorCalendar::WarpWeek(std::uint32_t second) const {
  const std::uint32_t week = second / kWeek;
  const std::uint32_t even = second % kWeek;
  const auto after = std::upper_bound(week_begins_.begin(), week_begins_.end(), even);
  const auto hour = static_cast<std::uint32_t>(after - week_begins_.begin()) - 1;
  const std::uint32_t span = week_begins_[hour + 1] - week_begins_[hour];
  return week * kWeek + hour * 3600 + (even - week_begins_[hour]) * 3600 / span;
}

std::uint32_t GeneratorCalendar::CreatedAt(std::uint64_t index, std::uint64_t client_count, RandomStream& random) const {
  const std::uint64_t u = (index << 32) / client_count;
  const std::uint64_t knot = u >> 20;
  const std::uint64_t t = growth_[knot] + (((growth_[knot + 1] - growth_[knot]) * (u & 0xFFFFF)) >> 20);
  std::int64_t second = WarpWeek(static_cast<std::uint32_t>((t * kSeconds) >> 32));
  const std::uint32_t kind = random.Below(1000);
  if (kind < 900) {
    second += static_cast<std::int64_t>(random.Below(600)) - 300;
  } else if (kind < 980) {
    second += static_cast<std::int64_t>(random.Below(2 * 86'400)) - 86'400;
  } else {
    second -= random.Below(400 * 86'400);
  }
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(second, 0, kSeconds - 1));
}

void GeneratorCalendar::Write(std::uint32_t second, std::uint32_t microseconds, JsonWriter& json) const {
  const std::uint32_t of_day = second % 86'400;
  std::array<char, 29> text;
  const auto put = [&text](std::size_t at, std::uint32_t number, std::size_t width) {
    for (std::size_t i = width; i > 0; --i, number /= 10) text[at + i - 1] = static_cast<char>('0' + number % 10);
  };
  text[0] = '"';
  std::memcpy(text.data() + 1, days_[second / 86'400].data(), 10);
  text[11] = 'T';
  put(12, of_day / 3600, 2);
  text[14] = ':';
  put(15, of_day / 60 % 60, 2);
  text[17] = ':';
  put(18, of_day % 60, 2);
  std::size_t size = 20;
  if (microseconds != 0) {
    text[size] = '.';
    put(size + 1, microseconds, 6);
    size += 7;
  }
  text[size] = 'Z';
  text[size + 1] = '"';
  json.Raw({text.data(), size + 2});
}

}  // namespace clientele
