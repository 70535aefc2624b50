// Bytes of texts that are appended one after the other. Unlike a std::string it gives out room that nobody has filled with zeros,
// so that a text is written where it stays: copying one that has just been written makes the processor wait until it can be read.
// One thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

namespace clientele {

class TextBuffer {
 public:
  const char* data() const { return bytes_.get(); }
  const char* begin() const { return data(); }
  const char* end() const { return data() + size_; }
  std::size_t size() const { return size_; }
  const char& operator[](std::size_t i) const { return bytes_[i]; }

  void clear() { size_ = 0; }  // Keeps its memory.

  void push_back(char byte) {
    *Room(1) = byte;
    ++size_;
  }

  // At least `count` bytes behind the last one, to be written to and then added. Amortised O(1).
  char* Room(std::size_t count) {
    if (capacity_ - size_ < count) [[unlikely]]
      Grow(count);
    return bytes_.get() + size_;
  }
  void Add(std::size_t count) { size_ += count; }

 private:
  void Grow(std::size_t count) {
    const std::size_t capacity = std::max(2 * capacity_, size_ + count + 1024);
    std::unique_ptr<char[]> grown(new char[capacity]);
    if (size_ > 0) std::memcpy(grown.get(), bytes_.get(), size_);
    bytes_ = std::move(grown);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace clientele
