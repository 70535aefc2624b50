#include "index/date_time.h"

#include <algorithm>
#include <cstring>

namespace clientele {
namespace {

constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kDaysPerEra = 146'097;              // 400 Gregorian years.
constexpr std::int64_t kDaysFromEraStartTo1970 = 719'468;  // From 0000-03-01.

// Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its year and the lengths of the
// months follow one linear formula. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
constexpr std::int64_t DaysFromCivil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = year / 400;  // Never negative: the year is 0000-03 at the earliest.
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * kDaysPerEra + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - kDaysFromEraStartTo1970;
}
static_assert(DaysFromCivil(1970, 1, 1) == 0);
static_assert(DaysFromCivil(1, 1, 1) * kSecondsPerDay * kMicrosecondsPerSecond == kTimeMin);
static_assert((DaysFromCivil(9999, 12, 31) + 1) * kSecondsPerDay * kMicrosecondsPerSecond - 1 == kTimeMax);

constexpr int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Reads the text from left to right; each step fails for good when the text does not go on as asked.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ == text_.size(); }

  bool Take(char expected) {
    if (AtEnd() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }

  // A number of exactly `digits` digits within first .. last.
  bool Number(std::size_t digits, int first, int last, int& value) {
    if (text_.size() - at_ < digits) return false;
    value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = text_[at_ + i];
      if (!IsDigit(c)) return false;
      value = value * 10 + (c - '0');
    }
    at_ += digits;
    return value >= first && value <= last;
  }

  // One to nine digits behind the point, as microseconds.
  bool Fraction(int& microseconds) {
    int weight = 100'000;
    std::size_t digits = 0;
    for (; !AtEnd() && IsDigit(text_[at_]); ++at_, ++digits) {
      microseconds += (text_[at_] - '0') * weight;
      weight /= 10;
    }
    return digits >= 1 && digits <= 9;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

struct TimeOfDay {
  int hour = 0, minute = 0, second = 0, microsecond = 0;
  int zone_minutes = 0;  // East of Greenwich.
};

bool ReadZone(Reader& reader, int& zone_minutes) {
  if (reader.AtEnd() || reader.Take('Z')) return true;
  const int sign = reader.Take('-') ? -1 : 1;
  if (sign == 1 && !reader.Take('+')) return false;
  int hours = 0, minutes = 0;
  if (!reader.Number(2, 0, 23, hours) || !reader.Take(':') || !reader.Number(2, 0, 59, minutes)) return false;
  zone_minutes = sign * (hours * 60 + minutes);
  return true;
}

bool ReadTime(Reader& reader, TimeOfDay& time) {
  if (!reader.Number(2, 0, 23, time.hour) || !reader.Take(':') || !reader.Number(2, 0, 59, time.minute)) return false;
  if (reader.Take(':')) {
    if (!reader.Number(2, 0, 59, time.second)) return false;
    if (reader.Take('.') && !reader.Fraction(time.microsecond)) return false;
  }
  return ReadZone(reader, time.zone_minutes);
}

// What nearly all times look like that programs write: "2024-05-06T07:08:09Z".
constexpr std::string_view kUsualForm = "dddd-dd-ddTdd:dd:ddZ";

// The time that `text`, of as many bytes as the usual form, stands for. Nullopt: it is of another form, or no time.
// All digits are looked at, and then whether all of them were any: there is one branch for them, which is predicted.
std::optional<std::int64_t> ParseUsualForm(const char* text) {
  unsigned not_digits = 0;
  const auto pair = [&](std::size_t at) {
    const unsigned tens = static_cast<unsigned char>(text[at]) - unsigned{'0'};
    const unsigned ones = static_cast<unsigned char>(text[at + 1]) - unsigned{'0'};
    not_digits |= unsigned{tens > 9} | unsigned{ones > 9};
    return static_cast<int>(tens * 10 + ones);
  };
  const int year = pair(0) * 100 + pair(2), month = pair(5), day = pair(8);
  const int hour = pair(11), minute = pair(14), second = pair(17);
  const bool separated =
      text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' && text[16] == ':' && text[19] == 'Z';
  if (not_digits != 0 || !separated) return std::nullopt;
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t seconds = DaysFromCivil(year, month, day) * kSecondsPerDay + (hour * 60 + minute) * 60 + second;
  return seconds * kMicrosecondsPerSecond;
}

void PutDigits(char* at, int digits, std::int64_t value) {
  for (int i = digits - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

std::optional<std::int64_t> ParseDateTime(std::string_view text) {
  if (text.size() == kUsualForm.size()) {
    if (const auto time = ParseUsualForm(text.data())) return time;
  }
  Reader reader(text);
  int year = 0, month = 0, day = 0;
  if (!reader.Number(4, 1, 9999, year) || !reader.Take('-') || !reader.Number(2, 1, 12, month) || !reader.Take('-') ||
      !reader.Number(2, 1, DaysInMonth(year, month), day)) {
    return std::nullopt;
  }
  TimeOfDay time;
  if (!reader.AtEnd()) {
    if (!reader.Take('T') && !reader.Take(' ')) return std::nullopt;
    if (!ReadTime(reader, time) || !reader.AtEnd()) return std::nullopt;
  }
  const std::int64_t minutes = time.hour * 60 + time.minute - time.zone_minutes;
  const std::int64_t seconds = DaysFromCivil(year, month, day) * kSecondsPerDay + minutes * 60 + time.second;
  const std::int64_t microseconds = seconds * kMicrosecondsPerSecond + time.microsecond;
  if (microseconds < kTimeMin || microseconds > kTimeMax) return std::nullopt;  // The zone pushed it over the edge.
  return microseconds;
}

bool IsCanonicalRfc3339(std::string_view text) {
  if (text.size() == 20) return text[10] == 'T' && text[19] == 'Z';
  // Of the accepted texts of 27 bytes, those with a Z at the end have six digits of fraction before it.
  return text.size() == 27 && text[10] == 'T' && text[26] == 'Z' && text.substr(20, 6) != "000000";
}

void AppendRfc3339(std::int64_t microseconds, std::string& out) {
  microseconds = std::clamp(microseconds, kTimeMin, kTimeMax);
  // Shifted to a calendar that starts on 0000-03-01, so that all divisions are of positive numbers.
  const std::int64_t shifted = microseconds + kDaysFromEraStartTo1970 * kSecondsPerDay * kMicrosecondsPerSecond;
  const std::int64_t microsecond = shifted % kMicrosecondsPerSecond;
  const std::int64_t seconds = shifted / kMicrosecondsPerSecond;
  const std::int64_t second_of_day = seconds % kSecondsPerDay;
  const std::int64_t days = seconds / kSecondsPerDay;

  const std::int64_t era = days / kDaysPerEra;
  const std::int64_t day_of_era = days % kDaysPerEra;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);

  char text[27];
  std::memcpy(text, "0000-00-00T00:00:00.000000Z", sizeof text);
  PutDigits(text, 4, year);
  PutDigits(text + 5, 2, month);
  PutDigits(text + 8, 2, day);
  PutDigits(text + 11, 2, second_of_day / 3'600);
  PutDigits(text + 14, 2, second_of_day / 60 % 60);
  PutDigits(text + 17, 2, second_of_day % 60);
  if (microsecond == 0) {
    text[19] = 'Z';
    out.append(text, 20);
  } else {
    PutDigits(text + 20, 6, microsecond);
    out.append(text, 27);
  }
}

}  // namespace clientele
