// Where encoded records live: one region of addresses that never move, filled by many threads, and for each row of a segment the
// offset of its record. Rows can be put into any order without moving a record.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

#include <absl/status/statusor.h>

#include "index/huge_array.h"

namespace clientele {

// A large range of addresses that is reserved at once and backed by memory only where it is written, on huge pages where the
// system gives them. Allocating is one atomic step; nothing is ever freed before the region. Thread-safe.
class RecordRegion {
 public:
  static constexpr std::uint64_t kLargestBytes = std::uint64_t{1} << 40;  // Offsets have 40 bits.

  // Reserves `bytes`, or as large a part of it as the system grants (address space limits), but at least 64 MiB (or `bytes`, if
  // that is less); ResourceExhausted when even that is refused. Above kLargestBytes is cut to it.
  static absl::StatusOr<std::shared_ptr<RecordRegion>> Reserve(std::uint64_t bytes = kLargestBytes / 4);

  ~RecordRegion();
  RecordRegion(const RecordRegion&) = delete;
  RecordRegion& operator=(const RecordRegion&) = delete;

  // Offset of `bytes` fresh, writable, zeroed bytes; nullopt when the region is used up or the system refuses the memory.
  std::optional<std::uint64_t> Allocate(std::uint64_t bytes);

  std::uint8_t* At(std::uint64_t offset) { return base_ + offset; }
  const std::uint8_t* At(std::uint64_t offset) const { return base_ + offset; }
  std::uint64_t bytes_used() const { return used_.load(std::memory_order_relaxed); }  // Allocated so far.
  std::uint64_t bytes_reserved() const { return reserved_; }

 private:
  RecordRegion(std::uint8_t* base, std::uint64_t reserved) : base_(base), reserved_(reserved) {}
  bool MakeUsable(std::uint64_t end);

  std::uint8_t* const base_;
  const std::uint64_t reserved_;
  std::atomic<std::uint64_t> used_ = 0;
  std::atomic<std::uint64_t> usable_ = 0;  // Bytes from the start that may be touched.
  std::mutex extending_;                   // Held while usable_ grows.
};

// Copies records into a region, an extent of its own at a time, so that threads neither contend nor share cache lines. One
// thread.
class RecordAppender {
 public:
  explicit RecordAppender(std::shared_ptr<RecordRegion> region) : region_(std::move(region)) {}

  // Offset of the copy in the region; nullopt when the region is exhausted.
  std::optional<std::uint64_t> Append(std::span<const std::uint8_t> record);

 private:
  static constexpr std::uint64_t kExtentBytes = std::uint64_t{256} << 10;
  std::shared_ptr<RecordRegion> region_;
  std::uint64_t next_ = 0, end_ = 0;  // What is left of the current extent.
};

// Which record each row has. Built by setting every row once, from any threads; read-only and thread-safe after that. The records
// lie in a region, or in a snapshot's mapping.
class RecordStore {
 public:
  RecordStore() = default;
  RecordStore(std::shared_ptr<const RecordRegion> region, std::uint32_t row_count);

  void Set(std::uint32_t row, std::uint64_t offset) {
    std::memcpy(offsets_.data() + std::size_t{row} * kOffsetBytes, &offset, kOffsetBytes);
  }

  const std::uint8_t* Record(std::uint32_t row) const { return base_ + Offset(row); }

  // Where the row's record starts, counted from the first of all records.
  std::uint64_t Offset(std::uint32_t row) const {
    std::uint64_t offset = 0;
    std::memcpy(&offset, offsets_.data() + std::size_t{row} * kOffsetBytes, kOffsetBytes);
    return offset;
  }

  // Starts fetching where the row's record lies: called before Record.
  void PrefetchOffset(std::uint32_t row) const { __builtin_prefetch(offsets_.data() + std::size_t{row} * kOffsetBytes); }

  // Starts fetching a record into the cache: its first 256 bytes, which is nearly all of a usual one.
  static void Prefetch(const std::uint8_t* record) {
    for (int line = 0; line < 4; ++line) __builtin_prefetch(record + 64 * line);
  }

  std::uint32_t size() const { return size_; }
  std::uint64_t OffsetBytes() const { return offsets_.bytes(); }
  std::uint64_t RecordBytes() const {
    return region_ == nullptr ? records_.bytes() : region_->bytes_used();
  }  // Of all on the region.

  // Names the parts to a snapshot's writer or reader (index/snapshot_sections.h).
  template <class Sections, class Self>
  static void List(Sections& sections, Self& self) {
    sections.Number(self.size_);
    sections.Hot("offsets", self.offsets_);
    if constexpr (std::is_const_v<Self>) {
      const bool in_region = self.region_ != nullptr;
      const std::shared_ptr<const void> owner = self.region_;
      const auto records =
          in_region ? HugeArray<std::uint8_t>::ViewOf({self.base_, self.RecordBytes()}, owner) : HugeArray<std::uint8_t>();
      sections.Cold("records", in_region ? records : self.records_);
    } else {
      sections.Cold("records", self.records_);
      self.base_ = self.records_.data();
    }
  }

  // What keeps this from being a store of `rows` records; empty when nothing does. The records are not looked at. O(rows).
  std::string Problem(std::uint32_t rows) const;

 private:
  static constexpr std::size_t kOffsetBytes = 5;  // Of an offset below RecordRegion::kLargestBytes.

  const std::uint8_t* base_ = nullptr;  // Of all records.
  std::shared_ptr<const RecordRegion> region_;
  HugeArray<std::uint8_t> records_;  // A view, where there is no region.
  std::uint32_t size_ = 0;
  HugeArray<std::uint8_t> offsets_;  // Packed rather than in two arrays: a random row costs one cache miss.
};

}  // namespace clientele
