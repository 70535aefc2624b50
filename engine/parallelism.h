// Whether a query may use several threads.
#pragma once

#include <cstdint>

namespace clientele {

enum class Parallelism : std::uint8_t {
  kNever,
  kWhenBig,  // From a measured amount of work on: waking other threads costs more than a small query.
  kAlways,   // Whatever the amount, so that tests reach these paths with small data.
};

}  // namespace clientele
