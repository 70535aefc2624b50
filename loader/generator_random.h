// Random numbers that are the same on every machine: integers only, and counter-based, so that a stream is a pure function of
// its key and any thread can start any stream. Not for secrets.
// Source: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
#pragma once

#include <cstdint>

namespace clientele {

// A bijection of 64-bit numbers that leaves no visible pattern.
constexpr std::uint64_t Mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// One stream per thing that is made. A value: copying it repeats the numbers.
class RandomStream {
 public:
  // `purpose` separates streams over the same `number` (a client's index, a company's number, ...).
  constexpr RandomStream(std::uint64_t seed, std::uint64_t purpose, std::uint64_t number)
      : state_(Mix64(Mix64(seed + kStep * purpose) + number * kStep)) {}

  constexpr std::uint64_t Next() { return Mix64(state_ += kStep); }

  // 0 .. n-1. Slightly uneven by at most n / 2^32, which no test of a distribution can see.
  constexpr std::uint32_t Below(std::uint32_t n) { return static_cast<std::uint32_t>(((Next() >> 32) * n) >> 32); }

  // 0 .. n-1 with small numbers more likely: the density falls like 1 / sqrt(i).
  constexpr std::uint32_t BelowSkewed(std::uint32_t n) {
    const std::uint64_t u = Next() >> 32;
    return static_cast<std::uint32_t>((((u * u) >> 32) * n) >> 32);
  }

  constexpr bool PerMille(std::uint32_t chance) { return Below(1000) < chance; }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15u;  // The golden ratio's fraction, odd: a full period.
  std::uint64_t state_;
};

}  // namespace clientele
