// Set bits of a word. The program is built for plain x86-64, which has no instruction for that: a call and a dozen steps instead,
// which is more than what a rank or a position otherwise costs. So the instruction is used where the machine has it.
#pragma once

#include <bit>
#include <cstdint>

namespace clientele {

inline const bool kHasPopcnt = __builtin_cpu_supports("popcnt") != 0;

inline std::uint32_t CountOnes(std::uint64_t word) {
  if (!kHasPopcnt) return static_cast<std::uint32_t>(std::popcount(word));
  std::uint64_t count;
  asm("popcnt %1, %0" : "=r"(count) : "r"(word) : "cc");
  return static_cast<std::uint32_t>(count);
}

}  // namespace clientele
