#include "loader/allocator_tuning.h"

#include <malloc.h>

namespace clientele {

void TuneAllocatorForLoading() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TOP_PAD, 16 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

}  // namespace clientele
