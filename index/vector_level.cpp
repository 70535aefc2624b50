#include "index/vector_level.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace clientele {
namespace {

constexpr std::string_view kNames[] = {"baseline", "avx2", "avx512"};

VectorLevel InitialLevel() {
  const VectorLevel machine = MachineVectorLevel();
  const char* const wanted = std::getenv("CLIENTELE_VECTOR");
  const std::optional<VectorLevel> level = wanted == nullptr ? std::nullopt : FindVectorLevel(wanted);
  return level && *level < machine ? *level : machine;
}

std::atomic<VectorLevel>& Active() {
  static std::atomic<VectorLevel> active = InitialLevel();
  return active;
}

}  // namespace

VectorLevel MachineVectorLevel() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2") ||
      !__builtin_cpu_supports("popcnt")) {
    return VectorLevel::kBaseline;
  }
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl")) {
    return VectorLevel::kAvx2;
  }
  return VectorLevel::kAvx512;
}

VectorLevel ActiveVectorLevel() {
  return Active().load(std::memory_order_relaxed);
}

std::string_view Name(VectorLevel level) {
  return kNames[static_cast<int>(level)];
}

std::optional<VectorLevel> FindVectorLevel(std::string_view name) {
  for (int level = 0; level < 3; ++level) {
    if (kNames[level] == name) return static_cast<VectorLevel>(level);
  }
  return std::nullopt;
}

ScopedVectorLevel::ScopedVectorLevel(VectorLevel level) : before_(ActiveVectorLevel()) {
  Active() = std::min(level, MachineVectorLevel());
}
ScopedVectorLevel::~ScopedVectorLevel() {
  Active() = before_;
}

}  // namespace clientele
