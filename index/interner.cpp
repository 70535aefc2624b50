#include "index/interner.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>
#include <random>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace clientele {
namespace {

constexpr std::size_t kFirstTableSlots = 64;
constexpr std::size_t kFirstBlockBytes = std::size_t{4} << 10;
constexpr std::size_t kLargestBlockBytes = std::size_t{1} << 20;
constexpr std::uint64_t kHashHalf = 0xFFFF'FFFF'0000'0000;

constexpr std::size_t PaddedSize(std::size_t size) {
  return std::max(size + Interner::kTextAlignment - 1, Interner::kTextAlignment) / Interner::kTextAlignment *
         Interner::kTextAlignment;
}

// The slot is chosen by the lower half, which the slot itself does not hold.
std::size_t HomeSlot(std::uint64_t hash, std::size_t slot_count) {
  return static_cast<std::size_t>(hash) & (slot_count - 1);
}

}  // namespace

void Interner::FreeAligned::operator()(char* block) const {
  ::operator delete (block, std::align_val_t{kTextAlignment});
}

// One code less than 2^32 keeps code + 1 within a slot's lower half.
Interner::Interner(std::uint32_t capacity) : capacity_(std::min(capacity, std::numeric_limits<std::uint32_t>::max() - 1)) {
  tables_.push_back(std::make_unique<Table>(kFirstTableSlots));
  table_.store(tables_.back().get(), std::memory_order_release);
  memory_bytes_ = sizeof *this + kFirstTableSlots * sizeof(std::uint64_t);
}

Interner::~Interner() {
  for (const std::atomic<Entry*>& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
}

std::uint64_t Interner::Hash(std::string_view text) {
  // Seeded, so that nobody can send texts that are known to collide.
  static const std::uint64_t seed = std::random_device{}() * std::uint64_t{0x9E37'79B9'7F4A'7C15};
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

std::optional<std::uint32_t> Interner::Find(std::string_view text, std::uint64_t hash) const {
  const std::vector<std::atomic<std::uint64_t>>& slots = table_.load(std::memory_order_acquire)->slots;
  for (std::size_t i = HomeSlot(hash, slots.size());; i = (i + 1) & (slots.size() - 1)) {
    const std::uint64_t slot = slots[i].load(std::memory_order_acquire);
    if (slot == 0) return std::nullopt;
    if (((slot ^ hash) & kHashHalf) != 0) continue;
    const std::uint32_t code = static_cast<std::uint32_t>(slot) - 1;
    if (Text(code) == text) return code;
  }
}

std::optional<std::uint32_t> Interner::Intern(std::string_view text, std::uint64_t hash) {
  if (const auto found = Find(text, hash)) return found;
  if (full()) return std::nullopt;  // Not under the mutex: a full dictionary stays full, and must not become a bottleneck.
  const std::lock_guard lock(adding_);
  if (const auto found = Find(text, hash)) return found;  // Another thread was faster.
  const std::uint32_t code = size_.load(std::memory_order_relaxed);
  if (code == capacity_) return std::nullopt;
  AddEntry(code, text);
  if ((std::size_t{code} + 1) * 2 > tables_.back()->slots.size()) GrowTable();
  Insert(*tables_.back(), hash, code);
  size_.store(code + 1, std::memory_order_release);
  return code;
}

void Interner::AddEntry(std::uint32_t code, std::string_view text) {
  const Place place = PlaceOf(code);
  std::atomic<Entry*>& chunk = chunks_[place.chunk];
  Entry* entries = chunk.load(std::memory_order_relaxed);
  if (entries == nullptr) {
    const std::uint64_t count = kFirstChunkEntries << place.chunk;
    entries = new Entry[count];
    memory_bytes_.fetch_add(count * sizeof(Entry), std::memory_order_relaxed);
    chunk.store(entries, std::memory_order_release);
  }
  // Nobody reads this entry before the slot that names it (or size_) is published.
  entries[place.index] = {Store(text), text.size()};
}

const char* Interner::Store(std::string_view text) {
  const std::size_t bytes = PaddedSize(text.size());
  if (bytes > free_bytes_) {
    const std::size_t grown = kFirstBlockBytes << std::min<std::size_t>(blocks_.size() / 2, 8);
    const std::size_t block_bytes = std::max(bytes, std::min(grown, kLargestBlockBytes));
    blocks_.emplace_back(static_cast<char*>(::operator new (block_bytes, std::align_val_t{kTextAlignment})));
    memory_bytes_.fetch_add(block_bytes, std::memory_order_relaxed);
    free_begin_ = blocks_.back().get();
    free_bytes_ = block_bytes;
  }
  char* const stored = free_begin_;
  std::memset(stored + bytes - kTextAlignment, 0, kTextAlignment);
  if (!text.empty()) std::memcpy(stored, text.data(), text.size());
  free_begin_ += bytes;
  free_bytes_ -= bytes;
  return stored;
}

void Interner::GrowTable() {
  auto grown = std::make_unique<Table>(tables_.back()->slots.size() * 2);
  // Hashes are made again from the texts: slots keep only a half, and growing is rare.
  for (std::uint32_t code = 0; code < size_.load(std::memory_order_relaxed); ++code) Insert(*grown, Hash(Text(code)), code);
  memory_bytes_.fetch_add(grown->slots.size() * sizeof(grown->slots[0]), std::memory_order_relaxed);
  table_.store(grown.get(), std::memory_order_release);
  tables_.push_back(std::move(grown));
}

void Interner::Insert(Table& table, std::uint64_t hash, std::uint32_t code) {
  std::size_t i = HomeSlot(hash, table.slots.size());
  while (table.slots[i].load(std::memory_order_relaxed) != 0) i = (i + 1) & (table.slots.size() - 1);
  // Releases the entry and its text to whoever finds the slot.
  table.slots[i].store((hash & kHashHalf) | (std::uint64_t{code} + 1), std::memory_order_release);
}

}  // namespace clientele
