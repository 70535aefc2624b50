// Settings of the C library's allocator for programs that load many clients. Call once at the start, before threads.
#pragma once

namespace clientele {

// Columns of many megabytes come and go while loading. By default each is mapped, faulted in page by page and unmapped again,
// which costs a sixth of the load; kept on the heap, their pages are used again. Sealing still gives back what it frees.
void TuneAllocatorForLoading();

}  // namespace clientele
