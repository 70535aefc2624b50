#include "index/decimal_text.h"

#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "index/date_time.h"

namespace clientele {
namespace {

template <class Integer>
std::string Decimal(Integer value) {
  char buffer[kDecimalRoom];
  return {buffer, WriteDecimal(value, buffer)};
}

std::string Rfc3339(std::int64_t microseconds) {
  char buffer[kDecimalRoom];
  return {buffer, WriteRfc3339(microseconds, buffer)};
}

TEST_CASE("WriteDecimal writes as many digits as the number has", "[index][decimal_text]") {
  CHECK(Decimal(std::uint64_t{0}) == "0");
  std::uint64_t power = 1;
  for (int digits = 1; digits <= 20; ++digits) {
    CHECK(Decimal(power) == std::to_string(power));
    CHECK(Decimal(power - 1) == std::to_string(power - 1));
    CHECK(Decimal(power + 1) == std::to_string(power + 1));
    power *= 10;
  }
  CHECK(Decimal(UINT64_MAX) == "18446744073709551615");
  CHECK(Decimal(INT64_MIN) == "-9223372036854775808");
  CHECK(Decimal(INT64_MAX) == "9223372036854775807");
  CHECK(Decimal(std::int64_t{-1}) == "-1");
}

TEST_CASE("WriteDecimal agrees with the standard library on random numbers", "[index][decimal_text]") {
  std::mt19937_64 random(11);
  for (int i = 0; i < 200'000; ++i) {
    const std::int64_t value = static_cast<std::int64_t>(random()) >> (random() % 64);
    REQUIRE(Decimal(value) == std::to_string(value));
  }
}

TEST_CASE("WriteRfc3339 agrees with AppendRfc3339 on random times, fast years and others", "[index][decimal_text]") {
  std::mt19937_64 random(12);
  for (int i = 0; i < 200'000; ++i) {
    const std::int64_t time =
        i % 2 == 0 ? static_cast<std::int64_t>(random() % 4'500'000'000'000'000)
                   : kTimeMin + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(kTimeMax - kTimeMin));
    const std::int64_t picked = i % 3 == 0 ? time / 1'000'000 * 1'000'000 : time;
    std::string expected;
    AppendRfc3339(picked, expected);
    REQUIRE(Rfc3339(picked) == expected);
  }
}

}  // namespace
}  // namespace clientele
