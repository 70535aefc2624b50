// Fresh memory for big arrays, on huge pages where the system gives them. Thread-safe.
#pragma once

#include <cstddef>

namespace clientele {

inline constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

// `bytes` of zeros, a multiple of the system's page size, from a multiple of the huge page size on, so that the first huge page
// starts with them. Backed by memory where it is touched. Throws std::bad_alloc when refused. Unmapped with munmap, in parts too.
void* MapHugePages(std::size_t bytes);

}  // namespace clientele
