#include "index/record_store.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include <absl/strings/str_cat.h>
#include <sys/mman.h>

#include "index/record_layout.h"

namespace clientele {
namespace {

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;
constexpr std::uint64_t kSmallestBytes = 64 * kMebibyte;

// Memory is made usable in steps of this, so that a system that does not overcommit is asked for little more than is needed.
constexpr std::uint64_t kUsableStepBytes = 64 * kMebibyte;

constexpr std::uint64_t RoundUp(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Addresses that may not be touched yet, from a multiple of the huge page size on; null when refused. Reserves more and cuts off
// both ends.
std::uint8_t* ReserveAligned(std::uint64_t bytes) {
  const std::uint64_t mapped_bytes = bytes + kHugePageBytes;
  void* const mapped = mmap(nullptr, mapped_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  std::uint8_t* const begin = static_cast<std::uint8_t*>(mapped);
  const std::uint64_t lead = (kHugePageBytes - reinterpret_cast<std::uintptr_t>(mapped) % kHugePageBytes) % kHugePageBytes;
  if (lead > 0) munmap(begin, lead);
  munmap(begin + lead + bytes, kHugePageBytes - lead);
  return begin + lead;
}

}  // namespace

absl::StatusOr<std::shared_ptr<RecordRegion>> RecordRegion::Reserve(std::uint64_t bytes) {
  const std::uint64_t wanted = RoundUp(std::clamp(bytes, std::uint64_t{1}, kLargestBytes), kHugePageBytes);
  for (std::uint64_t size = wanted; size >= std::min(wanted, kSmallestBytes); size /= 2) {
    std::uint8_t* const base = ReserveAligned(size);
    if (base == nullptr) continue;
    madvise(base, size, MADV_HUGEPAGE);  // A wish: without huge pages everything still works.
    return std::shared_ptr<RecordRegion>(new RecordRegion(base, size));
  }
  return absl::ResourceExhaustedError(absl::StrCat("records: expected at least ", std::min(wanted, kSmallestBytes) / kMebibyte,
                                                   " MiB of address space, got none"));
}

RecordRegion::~RecordRegion() {
  munmap(base_, reserved_);
}

std::optional<std::uint64_t> RecordRegion::Allocate(std::uint64_t bytes) {
  std::uint64_t begin = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > reserved_ - begin) return std::nullopt;
  } while (!used_.compare_exchange_weak(begin, begin + bytes, std::memory_order_relaxed));
  const std::uint64_t end = begin + bytes;
  if (end > usable_.load(std::memory_order_acquire) && !MakeUsable(end)) return std::nullopt;
  return begin;
}

bool RecordRegion::MakeUsable(std::uint64_t end) {
  const std::lock_guard lock(extending_);
  const std::uint64_t usable = usable_.load(std::memory_order_relaxed);
  if (end <= usable) return true;
  const std::uint64_t next = std::min(RoundUp(end, kUsableStepBytes), reserved_);
  if (mprotect(base_ + usable, next - usable, PROT_READ | PROT_WRITE) != 0) return false;
  usable_.store(next, std::memory_order_release);
  return true;
}

std::optional<std::uint64_t> RecordAppender::Append(std::span<const std::uint8_t> record) {
  if (record.size() > end_ - next_) {
    // A record larger than an extent gets its own, and the current extent goes on being used.
    const bool is_large = record.size() > kExtentBytes;
    const auto extent = region_->Allocate(is_large ? record.size() : kExtentBytes);
    if (!extent.has_value()) return std::nullopt;
    if (is_large) {
      std::memcpy(region_->At(*extent), record.data(), record.size());
      return extent;
    }
    next_ = *extent;
    end_ = next_ + kExtentBytes;
  }
  const std::uint64_t offset = next_;
  if (!record.empty()) std::memcpy(region_->At(offset), record.data(), record.size());
  next_ += record.size();
  return offset;
}

RecordStore::RecordStore(std::shared_ptr<const RecordRegion> region, std::uint32_t row_count)
    : base_(region->At(0)),
      region_(std::move(region)),
      size_(row_count),
      offsets_(HugeArray<std::uint8_t>::Uninitialized(std::size_t{row_count} * kOffsetBytes)) {}

std::string RecordStore::Problem(std::uint32_t rows) const {
  if (size_ != rows || offsets_.size() != std::size_t{rows} * kOffsetBytes) return "another number of records";
  const std::uint64_t bytes = RecordBytes();
  std::uint64_t largest = 0;
  for (std::uint32_t row = 0; row < rows; ++row) largest = std::max(largest, Offset(row));
  return rows > 0 && largest + kShortestRecord > bytes ? "a record past the last" : "";
}

}  // namespace clientele
