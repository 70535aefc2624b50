#include "index/date_time.h"

#include <random>
#include <string>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

std::string Rendered(std::int64_t microseconds) {
  std::string out;
  AppendRfc3339(microseconds, out);
  return out;
}

// The canonical spelling of `text`, or "bad".
std::string Canonical(std::string_view text) {
  const auto parsed = ParseDateTime(text);
  return parsed ? Rendered(*parsed) : "bad";
}

TEST_CASE("ParseDateTime reads every spelling of the contract", "[index][date_time]") {
  CHECK(Canonical("2024-02-29") == "2024-02-29T00:00:00Z");
  CHECK(Canonical("2024-02-29 07:08") == "2024-02-29T07:08:00Z");
  CHECK(Canonical("2024-02-29T07:08:09") == "2024-02-29T07:08:09Z");
  CHECK(Canonical("2024-02-29T07:08:09Z") == "2024-02-29T07:08:09Z");
  CHECK(Canonical("2024-02-29 07:08:09.5Z") == "2024-02-29T07:08:09.500000Z");
  CHECK(Canonical("2024-02-29T07:08:09.000001") == "2024-02-29T07:08:09.000001Z");
  CHECK(Canonical("2024-02-29T07:08+01:30") == "2024-02-29T05:38:00Z");
  CHECK(Canonical("2024-02-29T23:30:00-01:00") == "2024-03-01T00:30:00Z");
  CHECK(Canonical("0001-01-01") == "0001-01-01T00:00:00Z");
  CHECK(Canonical("9999-12-31T23:59:59.999999Z") == "9999-12-31T23:59:59.999999Z");
}

TEST_CASE("ParseDateTime counts microseconds from 1970 in UTC", "[index][date_time]") {
  CHECK(ParseDateTime("1970-01-01") == 0);
  CHECK(ParseDateTime("1969-12-31T23:59:59.999999Z") == -1);
  CHECK(ParseDateTime("2001-09-09T01:46:40Z") == 1'000'000'000'000'000);
}

TEST_CASE("ParseDateTime cuts finer fractions to the microsecond", "[index][date_time]") {
  CHECK(ParseDateTime("1970-01-01T00:00:00.0000019") == 1);
  CHECK(ParseDateTime("1970-01-01T00:00:00.999999999Z") == 999'999);
  CHECK_FALSE(ParseDateTime("1970-01-01T00:00:00.0000000001Z"));
}

TEST_CASE("ParseDateTime refuses what is no date or time", "[index][date_time]") {
  const auto* text = GENERATE(
      "", "2024", "2024-02", "2024-2-29", "2023-02-29", "1900-02-29", "2024-04-31", "2024-00-10", "2024-13-01", "2024-01-00",
      "2024-01-32", "0000-01-01", "24-01-01", "12024-01-01", "2024/01/01", "2024-01-01Z", "2024-01-01T", "2024-01-01 ",
      "2024-01-01T07", "2024-01-01T07:", "2024-01-01T7:08", "2024-01-01T24:00", "2024-01-01T07:60", "2024-01-01T07:08:60",
      "2024-01-01T07:08:09.", "2024-01-01T07:08.5", "2024-01-01T07:08:09,5", "2024-01-01t07:08:09z", "2024-01-01T07:08Zx",
      "2024-01-01T07:08+1:00", "2024-01-01T07:08+0100", "2024-01-01T07:08+24:00", "2024-01-01T07:08+01:60",
      "2024-01-01T07:08 +01:00", "2024-01-01  07:08", " 2024-01-01", "-2024-01-01", "+024-01-01", "2024-01-01T07:08+", "today");
  CAPTURE(text);
  CHECK_FALSE(ParseDateTime(text));
}

// The zone is what tells the usual form from others, which are read step by step.
TEST_CASE("the usual form is read and refused as other forms are", "[index][date_time]") {
  const auto seed = GENERATE(range(1u, 5u));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::size_t accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string time = "dddd-dd-ddTdd:dd:dd";
    // Fields beyond their ranges are frequent enough: half of all months are none.
    for (char& c : time) c = c == 'd' ? static_cast<char>('0' + random() % (random() % 2 == 0 ? 3 : 10)) : c;
    if (random() % 4 == 0) time[random() % time.size()] = static_cast<char>(random() % 256);
    CAPTURE(time);
    const auto parsed = ParseDateTime(time + "Z");
    REQUIRE(parsed == ParseDateTime(time + "+00:00"));
    accepted += parsed.has_value() ? 1 : 0;
  }
  CHECK(accepted > 500);
  CHECK(accepted < 19'500);
}

TEST_CASE("ParseDateTime refuses times that a zone pushes out of the calendar", "[index][date_time]") {
  CHECK_FALSE(ParseDateTime("0001-01-01T00:00+00:01"));
  CHECK_FALSE(ParseDateTime("9999-12-31T23:59-00:01"));
  CHECK(ParseDateTime("0001-01-01T00:01+00:01") == kTimeMin);
}

TEST_CASE("what AppendRfc3339 writes is canonical and reads back as the same time", "[index][date_time]") {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::int64_t time = std::uniform_int_distribution<std::int64_t>(kTimeMin, kTimeMax)(random);
    if (i % 2 == 0) time -= time % 1'000'000;
    const std::string text = Rendered(time);
    CAPTURE(text, time);
    REQUIRE(ParseDateTime(text) == time);
    REQUIRE(IsCanonicalRfc3339(text));
  }
}

TEST_CASE("only the spelling that AppendRfc3339 would write is canonical", "[index][date_time]") {
  const auto* text = GENERATE("2024-02-29", "2024-02-29T07:08:09", "2024-02-29 07:08:09Z", "2024-02-29T07:08:09.5Z",
                              "2024-02-29T07:08Z", "2024-02-29T07:08:09.000000Z", "2024-02-29T07:08:09.1234567Z",
                              "2024-02-29T07:08+00:00", "2024-02-29T07:08:09+00:00", "2024-02-29T07:08:09.123456",
                              "2024-02-29T07:08:09.1234567", "2024-02-29 07:08:09.123456Z", "2024-02-29T07:08:09.1+00:00");
  CAPTURE(text);
  REQUIRE(ParseDateTime(text));
  CHECK_FALSE(IsCanonicalRfc3339(text));
  CHECK(Rendered(*ParseDateTime(text)) != text);
}

TEST_CASE("AppendRfc3339 clamps times outside the calendar", "[index][date_time]") {
  CHECK(Rendered(INT64_MIN) == "0001-01-01T00:00:00Z");
  CHECK(Rendered(INT64_MAX) == "9999-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace clientele
