// Memory for the columns of finished batches, one arena per column of all batches: packed into blocks of huge pages that are
// freed together once sealing has used the column, and whose pages sealing then uses again (index/page_recycling.h). One thread
// at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "index/huge_array.h"

namespace clientele {

class ColumnArena {
 public:
  // Room for `count` values, uninitialised; valid until Free(). Amortised O(1), and nothing is touched. Throws std::bad_alloc.
  template <class T>
  std::span<T> Allocate(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= kAlignment);
    if (count == 0) return {};
    return {reinterpret_cast<T*>(AllocateBytes(count * sizeof(T))), count};
  }

  void Free();

 private:
  static constexpr std::size_t kAlignment = 8;

  std::byte* AllocateBytes(std::size_t bytes);

  std::vector<HugeArray<std::byte>> blocks_;
  std::size_t used_ = 0;         // Of the last block.
  std::size_t block_bytes_ = 0;  // Of all blocks.
};

}  // namespace clientele
