// The pen that records are rendered with: writers put bytes at a pointer into a buffer on the stack, which is handed to the text
// in large pieces. Writing past the end of what is meant, and reading past the end of what is copied, is allowed within stated
// bounds, so that short pieces are copied by moves of a fixed size.
//
// Writers take the pointer and return it moved, rather than keeping it in an object: stores through a char pointer could alias
// the object, and the compiler would reload it after each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace clientele {

// Copies 32 bytes, of which the first `size` (at most 32) count.
inline char* Copy32(char* out, const char* from, std::size_t size) {
  std::memcpy(out, from, 32);
  return out + size;
}

// Copies a text whose bytes up to the next multiple of 32 may be read.
inline char* CopyPadded(char* out, const char* from, std::size_t size) {
  std::memcpy(out, from, 32);
  for (std::size_t i = 32; i < size; i += 32) std::memcpy(out + i, from + i, 32);
  return out + size;
}

// Copies a literal.
template <std::size_t kSize>
inline char* Put(char* out, const char (&literal)[kSize]) {
  std::memcpy(out, literal, kSize - 1);
  return out + kSize - 1;
}

class JsonSink {
 public:
  // What Room() makes free.
  static constexpr std::size_t kRoom = 1024;

  explicit JsonSink(std::string& text) : text_(text) {}
  JsonSink(const JsonSink&) = delete;
  JsonSink& operator=(const JsonSink&) = delete;

  char* begin() { return buffer_; }

  // Returns where to go on writing; at least kRoom bytes may be written there.
  char* Room(char* out) {
    if (out > buffer_ + kBufferBytes - kRoom) [[unlikely]]
      return Flush(out);
    return out;
  }

  // Appends a text of any length.
  char* PutLong(char* out, std::string_view text) {
    Flush(out);
    text_.append(text);
    return buffer_;
  }

  // To be called at the end.
  char* Flush(char* out) {
    text_.append(buffer_, static_cast<std::size_t>(out - buffer_));
    return buffer_;
  }

 private:
  // A usual record fits, and all of it stays in the first-level cache.
  static constexpr std::size_t kBufferBytes = 8192;
  std::string& text_;
  char buffer_[kBufferBytes];
};

}  // namespace clientele
