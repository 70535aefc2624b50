#include "index/huge_mapping.h"

#include <cstdint>
#include <new>

#include <sys/mman.h>

namespace clientele {

void* MapHugePages(std::size_t bytes) {
  // Maps more and cuts off both ends.
  const std::size_t mapped = bytes + kHugePageBytes;
  void* const raw = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) throw std::bad_alloc();
  std::byte* const begin = static_cast<std::byte*>(raw);
  const std::size_t lead = (kHugePageBytes - reinterpret_cast<std::uintptr_t>(raw) % kHugePageBytes) % kHugePageBytes;
  if (lead > 0) munmap(begin, lead);
  if (mapped > lead + bytes) munmap(begin + lead + bytes, mapped - lead - bytes);
  madvise(begin + lead, bytes, MADV_HUGEPAGE);  // A wish: without huge pages everything still works.
  return begin + lead;
}

}  // namespace clientele
