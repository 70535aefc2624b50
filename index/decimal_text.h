// Integers and times as text, written at a pointer without branches on the number of digits. Thread-safe.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace clientele {

// Bytes that must be writable at the pointer given to the functions below; only those before the returned end mean something.
inline constexpr std::size_t kDecimalRoom = 40;

// The 8 decimal digits of `value` (below 10^8), one byte each, most significant digit in the lowest byte.
// Source: Paul Khuong, "How to print integers really fast" (2017): divide by 10^4, 10^2 and 10 in lanes of one word.
inline std::uint64_t EightDigits(std::uint32_t value) {
  const std::uint64_t fours = (value / 10'000) | (std::uint64_t{value % 10'000} << 32);
  const std::uint64_t hundreds = ((fours * 10'486) >> 20) & 0x0000'007F'0000'007F;
  const std::uint64_t pairs = hundreds | ((fours - 100 * hundreds) << 16);
  const std::uint64_t tens = ((pairs * 103) >> 10) & 0x000F'000F'000F'000F;
  return tens | ((pairs - 10 * tens) << 8);
}

inline constexpr std::uint64_t kEightZeros = 0x3030'3030'3030'3030;

// Writes `value` in decimal; returns the end.
inline char* WriteDecimal(std::uint64_t value, char* out) {
  if (value >= 100'000'000) {
    out = WriteDecimal(value / 100'000'000, out);
    const std::uint64_t digits = EightDigits(static_cast<std::uint32_t>(value % 100'000'000)) | kEightZeros;
    std::memcpy(out, &digits, 8);
    return out + 8;
  }
  const std::uint64_t digits = EightDigits(static_cast<std::uint32_t>(value));
  const int leading_zeros = std::countr_zero(digits | (std::uint64_t{1} << 56)) / 8;  // At most 7: a zero keeps one digit.
  const std::uint64_t shifted = (digits | kEightZeros) >> (8 * leading_zeros);
  std::memcpy(out, &shifted, 8);
  return out + 8 - leading_zeros;
}

inline char* WriteDecimal(std::int64_t value, char* out) {
  if (value >= 0) return WriteDecimal(static_cast<std::uint64_t>(value), out);
  *out = '-';
  return WriteDecimal(~static_cast<std::uint64_t>(value) + 1, out + 1);
}

// Writes what AppendRfc3339 (index/date_time.h) appends for a time of `seconds` since 1970 plus `microseconds` (below 10^6).
// 1970 to 2099 are fast.
char* WriteRfc3339(std::uint32_t seconds, std::uint32_t microseconds, char* out);

// The same for any time in microseconds since 1970.
char* WriteRfc3339(std::int64_t microseconds_since_1970, char* out);

}  // namespace clientele
