// Text of bounded length without allocation, and JSON written into a buffer of bounded length: what the generator's speed rests
// on. What does not fit is left out, never written out of bounds. One thread at a time.
#pragma once

#include <array>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace clientele {

template <std::size_t kCapacity>
class BoundedText {
 public:
  void Clear() { size_ = 0; }
  void Append(std::string_view text) {
    const std::size_t length = text.size() <= kCapacity - size_ ? text.size() : 0;
    assert(length == text.size());
    std::memcpy(bytes_.data() + size_, text.data(), length);
    size_ += length;
  }
  void Append(char c) { Append(std::string_view(&c, 1)); }
  void AppendNumber(std::uint64_t number) {
    std::array<char, 20> digits;
    Append({digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr});
  }
  void AppendLower(std::string_view ascii) {
    for (const char c : ascii) Append(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }

  // The lower-case ASCII letters and digits of `ascii`, as in mail addresses and domains.
  void AppendSlug(std::string_view ascii) {
    for (const char c : ascii) {
      if (c >= 'A' && c <= 'Z') Append(static_cast<char>(c - 'A' + 'a'));
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) Append(c);
    }
  }

  // Makes the first letter a capital one.
  void Capitalise() {
    if (size_ != 0 && bytes_[0] >= 'a' && bytes_[0] <= 'z') bytes_[0] = static_cast<char>(bytes_[0] - 'a' + 'A');
  }

  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {bytes_.data(), size_}; }  // Valid until the next change.

 private:
  std::array<char, kCapacity> bytes_;  // Left uninitialised: only the first `size_` bytes count.
  std::size_t size_ = 0;
};

class JsonWriter {
 public:
  JsonWriter(char* begin, char* end) : begin_(begin), at_(begin), end_(end) {}

  std::string_view view() const { return {begin_, at_}; }

  void Raw(std::string_view text) {
    if (text.size() > static_cast<std::size_t>(end_ - at_)) {
      assert(false);
      return;
    }
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }

  // A string literal; its length is known to the compiler.
  template <std::size_t kSize>
  void Literal(const char (&text)[kSize]) {
    Raw(std::string_view(text, kSize - 1));
  }

  // A text that needs no escape.
  void PlainText(std::string_view text) {
    Raw("\"");
    Raw(text);
    Raw("\"");
  }

  void Integer(std::uint64_t number) {
    std::array<char, 20> digits;
    char* const first = digits.data();
    Raw({first, std::to_chars(first, first + digits.size(), number).ptr});
  }

  void Bool(bool value) { Raw(value ? std::string_view("true") : std::string_view("false")); }
  void Null() { Raw("null"); }

 private:
  char* begin_;
  char* at_;
  char* end_;
};

// Appends `text` as the inside of a JSON string: quotes and backslashes escaped. `text` has no control characters.
template <std::size_t kCapacity>
void AppendEscaped(std::string_view text, BoundedText<kCapacity>& out) {
  for (const char c : text) {
    if (c == '"' || c == '\\') out.Append('\\');
    out.Append(c);
  }
}

}  // namespace clientele
