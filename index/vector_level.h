// Which vector instructions the hot loops use. The program is built for plain x86-64; loops with wider variants pick one here at
// run time. CLIENTELE_VECTOR=baseline|avx2|avx512 in the environment narrows the choice (never beyond what the machine has), so
// that tests and benchmarks reach every variant on one machine.
#pragma once

#include <optional>
#include <string_view>

namespace clientele {

// Ordered: a machine that has a level has all below it.
enum class VectorLevel {
  kBaseline,  // SSE2.
  kAvx2,      // AVX2, BMI1, BMI2, POPCNT.
  kAvx512,    // Also AVX-512 F, BW, VL.
};

// What functions of a level are compiled for: [[gnu::target(CLIENTELE_TARGET_AVX2)]].
#define CLIENTELE_TARGET_AVX2 "avx2,bmi,bmi2,popcnt"
#define CLIENTELE_TARGET_AVX512 "avx512f,avx512bw,avx512vl,avx2,bmi,bmi2,popcnt"

// The highest level of this machine and operating system.
VectorLevel MachineVectorLevel();

// The level to use now. One relaxed load; thread-safe.
VectorLevel ActiveVectorLevel();

std::string_view Name(VectorLevel level);  // As in CLIENTELE_VECTOR.
std::optional<VectorLevel> FindVectorLevel(std::string_view name);

// For tests: makes `level` (at most MachineVectorLevel()) the active one for a while. Not while other threads search.
class ScopedVectorLevel {
 public:
  explicit ScopedVectorLevel(VectorLevel level);
  ~ScopedVectorLevel();
  ScopedVectorLevel(const ScopedVectorLevel&) = delete;
  ScopedVectorLevel& operator=(const ScopedVectorLevel&) = delete;

 private:
  VectorLevel before_;
};

}  // namespace clientele
