// Memory for texts that cannot be views of the input (unescaped, joined): given out in pieces that stay where they are until
// Reset(), which keeps the memory for the next record. One thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace clientele {

class TextArena {
 public:
  // Room for `size` bytes, uninitialised; valid until Reset(). Amortised O(1).
  char* Allocate(std::size_t size) {
    if (chunks_.empty() || chunks_.back().size - used_ < size) Grow(size);
    char* const at = chunks_.back().bytes.get() + used_;
    used_ += size;
    return at;
  }

  // Gives the unused end of the latest piece back.
  void Shrink(std::size_t unused) { used_ -= unused; }

  // Invalidates every piece. Keeps one chunk, unless a freak record made it large.
  void Reset() {
    if (chunks_.empty()) return;
    if (chunks_.size() > 1 || chunks_.back().size > kKeepBytes) {
      chunks_.erase(chunks_.begin() + 1, chunks_.end());
      if (chunks_.front().size > kKeepBytes) chunks_.clear();
    }
    used_ = 0;
  }

 private:
  static constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
  static constexpr std::size_t kKeepBytes = std::size_t{1} << 20;

  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };

  void Grow(std::size_t size) {
    const std::size_t bytes = std::max(size, kChunkBytes);
    chunks_.push_back({std::unique_ptr<char[]>(new char[bytes]), bytes});
    used_ = 0;
  }

  std::vector<Chunk> chunks_;
  std::size_t used_ = 0;  // Of the last chunk.
};

}  // namespace clientele
