// A fixed-size array of plain values for the big, immutable parts of an index. From 1 MiB on it lives in its own mapping that
// asks for huge pages: random reads over hundreds of megabytes then miss the TLB far less often. Below that it is ordinary
// aligned memory. Owned by one holder; any number of threads may read it.
//
// An array may also be a view of a snapshot file's mapping, which it keeps alive: such an array is only read.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include <sys/mman.h>

#include "index/huge_mapping.h"
#include "index/page_recycling.h"

namespace clientele {

template <class T>
class HugeArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  // Bytes after the last element that may be read (and hold anything), so that vector loops need no tail.
  static constexpr std::size_t kPaddingBytes = 64;
  static constexpr std::size_t kAlignment = 64;

  HugeArray() = default;

  // Elements hold anything until written. Throws std::bad_alloc when there is no memory.
  static HugeArray Uninitialized(std::size_t size) { return HugeArray(size, false); }
  static HugeArray Zeroed(std::size_t size) { return HugeArray(size, true); }

  static HugeArray CopyOf(std::span<const T> values) {
    HugeArray copy(values.size(), false);
    if (!values.empty()) std::memcpy(copy.data_, values.data(), values.size_bytes());
    return copy;
  }

  // Nothing is copied: `values` must stay readable, kPaddingBytes behind them included, as long as `owner` lives. Elements must
  // not be written.
  static HugeArray ViewOf(std::span<const T> values, std::shared_ptr<const void> owner) {
    HugeArray view;
    if (values.empty()) return view;
    view.data_ = const_cast<T*>(values.data());
    view.size_ = values.size();
    view.held_bytes_ = values.size_bytes();
    view.owner_ = std::move(owner);
    return view;
  }

  HugeArray(HugeArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        held_bytes_(std::exchange(other.held_bytes_, 0)),
        owner_(std::move(other.owner_)) {}
  HugeArray& operator=(HugeArray&& other) noexcept {
    HugeArray taken(std::move(other));
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    std::swap(held_bytes_, taken.held_bytes_);
    std::swap(owner_, taken.owner_);
    return *this;
  }
  HugeArray(const HugeArray&) = delete;
  HugeArray& operator=(const HugeArray&) = delete;
  ~HugeArray() { Free(); }

  T* data() { return data_; }  // 64-byte aligned; null when empty.
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t bytes() const { return held_bytes_; }  // Memory held, padding included; of a view its elements.
  bool is_view() const { return owner_ != nullptr; }

  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }

  T& operator[](std::size_t i) { return assert(i < size_), data_[i]; }
  const T& operator[](std::size_t i) const { return assert(i < size_), data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  // Keeps the first `size` elements (<= size()) and, in a mapping, gives the memory behind them back; views stay valid.
  void Shrink(std::size_t size) {
    assert(size <= size_ && !is_view());
    size_ = size;
    if (held_bytes_ < kMappedFromBytes) return;
    const std::size_t kept_bytes = RoundUp(size * sizeof(T) + kPaddingBytes, kPageBytes);
    if (kept_bytes < kMappedFromBytes || kept_bytes >= held_bytes_) return;  // What Free() does depends on held_bytes_.
    munmap(reinterpret_cast<std::byte*>(data_) + kept_bytes, held_bytes_ - kept_bytes);
    held_bytes_ = kept_bytes;
  }

 private:
  static constexpr std::size_t kMappedFromBytes = std::size_t{1} << 20;
  static constexpr std::size_t kPageBytes = 4096;

  static std::size_t RoundUp(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

  HugeArray(std::size_t size, bool zeroed) : size_(size) {
    if (size == 0) return;
    if (size > (SIZE_MAX / 2) / sizeof(T)) throw std::bad_alloc();
    const std::size_t bytes = size * sizeof(T) + kPaddingBytes;
    if (bytes >= kMappedFromBytes) {
      held_bytes_ = RoundUp(bytes, kPageBytes);
      void* const recycled = TakeRecycled(held_bytes_);
      data_ = static_cast<T*>(recycled != nullptr ? recycled : MapHugePages(held_bytes_));  // A new mapping comes zeroed.
      if (recycled != nullptr && zeroed) std::memset(recycled, 0, held_bytes_);
      return;
    }
    held_bytes_ = bytes;
    data_ = static_cast<T*>(::operator new (bytes, std::align_val_t{kAlignment}));
    std::byte* const raw = reinterpret_cast<std::byte*>(data_);
    if (zeroed)
      std::memset(raw, 0, bytes);
    else
      std::memset(raw + size * sizeof(T), 0, kPaddingBytes);
  }

  void Free() {
    if (data_ == nullptr || is_view()) return;
    if (held_bytes_ < kMappedFromBytes)
      ::operator delete (data_, std::align_val_t{kAlignment});
    else if (!KeepForRecycling(data_, held_bytes_))
      munmap(data_, held_bytes_);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t held_bytes_ = 0;
  std::shared_ptr<const void> owner_;  // Of a view's memory.
};

}  // namespace clientele
