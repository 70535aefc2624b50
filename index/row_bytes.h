// The byte-level vocabulary of encoded records: little-endian integers, variable-length integers, and the buffer they are written
// to. Readers never touch a byte at or behind the end of their record, so records may lie anywhere.
//
// A varint keeps its length in the number of trailing zero bits of its first byte: n bytes hold 7 n bits, nine hold 64. Unlike
// LEB128 it is read by one load and two shifts, without a loop. Source: the length-prefixed varints of Jeff Dean's WSDM 2009
// keynote, with the length in the low bits.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace clientele {

static_assert(std::endian::native == std::endian::little);

inline std::uint64_t ZigZag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::int64_t UnZigZag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

// The 8 bytes at `at`, with zeros for those at or behind `end`.
inline std::uint64_t LoadWord(const std::uint8_t* at, const std::uint8_t* end) {
  std::uint64_t word = 0;
  if (end - at >= 8) [[likely]] {
    std::memcpy(&word, at, 8);
  } else {
    std::memcpy(&word, at, static_cast<std::size_t>(end - at));
  }
  return word;
}

inline std::size_t VarintLength(std::uint8_t first_byte) {
  return static_cast<std::size_t>(std::countr_zero(first_byte | 0x100u)) + 1;
}

// How many bytes the varint of a value has; more than 8 are 9.
inline std::size_t VarintBytes(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

// Reads a varint at `at` and moves behind it.
inline std::uint64_t ReadVarint(const std::uint8_t*& at, const std::uint8_t* end) {
  const std::uint64_t word = LoadWord(at, end);
  const std::size_t length = VarintLength(static_cast<std::uint8_t>(word));
  if (length == 9) [[unlikely]] {
    const std::uint64_t value = LoadWord(at + 1, end);
    at += 9;
    return value;
  }
  at += length;
  return word << (64 - 8 * length) >> (64 - 7 * length);
}

// Bytes of one record or a part of it, in the making. One thread.
class RowWriter {
 public:
  void Clear() { size_ = 0; }
  std::size_t size() const { return size_; }
  const std::uint8_t* data() const { return bytes_.get(); }
  std::uint8_t* data() { return bytes_.get(); }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.get()), size_}; }

  void PutByte(std::uint8_t byte) { *Extend(1) = byte; }

  // The lowest `count` bytes of `value`, 1 to 8.
  void PutFixed(std::uint64_t value, std::size_t count) { std::memcpy(Extend(count), &value, 8); }

  void PutVarint(std::uint64_t value) {
    const std::size_t length = VarintBytes(value);
    if (length > 8) [[unlikely]] {
      PutByte(0);
      PutFixed(value, 8);
    } else {
      PutFixed(((value << 1) | 1) << (length - 1), length);
    }
  }

  void PutText(std::string_view text) {
    std::uint8_t* const at = Extend(text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
  }

  // Room for `count` bytes, which hold anything.
  void Skip(std::size_t count) { Extend(count); }

  // Keeps the first `size` bytes, which are there.
  void Truncate(std::size_t size) { size_ = size; }

  // Puts the length, as a varint, in front of all that was put from `begin` on, where one byte has been left free for it.
  void InsertLength(std::size_t begin) {
    const std::size_t length = size_ - begin - 1, varint_bytes = VarintBytes(length);
    if (varint_bytes > 1) [[unlikely]] {
      Extend(varint_bytes - 1);
      std::memmove(bytes_.get() + begin + varint_bytes, bytes_.get() + begin + 1, length);
    }
    const std::uint64_t word = ((std::uint64_t{length} << 1) | 1) << (varint_bytes - 1);
    std::memcpy(bytes_.get() + begin, &word, varint_bytes);
  }

 private:
  static constexpr std::size_t kSlackBytes = 8;  // PutFixed always stores 8 bytes.

  std::uint8_t* Extend(std::size_t count) {
    if (capacity_ - size_ < count + kSlackBytes) [[unlikely]]
      Grow(count);
    std::uint8_t* const at = bytes_.get() + size_;
    size_ += count;
    return at;
  }

  void Grow(std::size_t count) {
    const std::size_t capacity = std::max(2 * capacity_, size_ + count + 1024);
    std::unique_ptr<std::uint8_t[]> grown(new std::uint8_t[capacity]);
    if (size_ > 0) std::memcpy(grown.get(), bytes_.get(), size_);
    bytes_ = std::move(grown);
    capacity_ = capacity;
  }

  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace clientele
