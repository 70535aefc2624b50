// Big arrays come and go while a segment is sealed, and fresh pages are dear: the kernel zeroes each, and under a hypervisor it
// may have to ask for them first. While recycling, the memory of freed arrays is kept and given to the next ones. Thread-safe.
#pragma once

#include <cstddef>

namespace clientele {

// Memory of freed arrays is kept as long as one of these lives, and unmapped with the last.
class PageRecycling {
 public:
  PageRecycling();
  ~PageRecycling();
  PageRecycling(const PageRecycling&) = delete;
  PageRecycling& operator=(const PageRecycling&) = delete;
};

// `bytes` of kept memory at a multiple of the huge page size, holding anything: a kept piece, or one made of the huge pages of
// several and, where these do not suffice, fresh memory. Null when no kept memory is of use. As much kept memory is given back to
// the system as is taken from it, by the caller after a null, so that keeping never adds to the peak.
void* TakeRecycled(std::size_t bytes);

// Keeps the pages of an array for TakeRecycled; false when nobody recycles: the caller unmaps them. `begin` is at a multiple of
// the huge page size.
bool KeepForRecycling(void* begin, std::size_t bytes);

}  // namespace clientele
