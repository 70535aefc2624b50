// A random source whose draws are the same with every compiler and standard library, so that a printed seed is enough to see a
// failure again. SplitMix64 (Steele, Lea and Flood, 2014).
#pragma once

#include <cstdint>
#include <iterator>

namespace clientele {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  // 0 .. bound - 1; 0 for the bound 0. The bias of the modulus does not matter here.
  std::uint64_t Below(std::uint64_t bound) { return bound == 0 ? 0 : Next() % bound; }

  // first .. last.
  std::uint64_t Between(std::uint64_t first, std::uint64_t last) { return first + Below(last - first + 1); }

  // True in `per_mille` of 1,000 draws.
  bool Chance(std::uint64_t per_mille) { return Below(1000) < per_mille; }

  // An element; `items` is not empty.
  template <typename Items>
  const auto& Pick(const Items& items) {
    return *std::next(std::begin(items), static_cast<std::ptrdiff_t>(Below(std::size(items))));
  }

 private:
  std::uint64_t state_;
};

}  // namespace clientele
