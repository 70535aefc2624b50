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

// Cell numbers take what the address of any program in user space can take (57 bits on x86-64); the rest is hash.
constexpr unsigned kCellBits = 52;
constexpr std::uint64_t kTagMask = ~((std::uint64_t{1} << kCellBits) - 1);

// The slot is chosen by the low bits, which the slot itself does not hold.
std::size_t HomeSlot(std::uint64_t hash, std::size_t slot_count) {
  return static_cast<std::size_t>(hash) & (slot_count - 1);
}

template <class Word>
Word LoadAs(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Most texts are short, and a call of memcmp costs more than comparing them.
bool Equal(const char* a, const char* b, std::size_t size) {
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8) {
      if (LoadAs<std::uint64_t>(a + i) != LoadAs<std::uint64_t>(b + i)) return false;
    }
    return LoadAs<std::uint64_t>(a + size - 8) == LoadAs<std::uint64_t>(b + size - 8);
  }
  if (size >= 4) {
    return LoadAs<std::uint32_t>(a) == LoadAs<std::uint32_t>(b) &&
           LoadAs<std::uint32_t>(a + size - 4) == LoadAs<std::uint32_t>(b + size - 4);
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace

void Interner::FreeAligned::operator()(char* block) const {
  ::operator delete (block, std::align_val_t{kTextAlignment});
}

Interner::Interner(std::uint32_t capacity) : capacity_(capacity) {
  tables_.push_back(std::make_unique<Table>(kFirstTableSlots));
  table_.store(tables_.back().get(), std::memory_order_release);
  memory_bytes_ = sizeof *this + kFirstTableSlots * sizeof(std::uint64_t);
}

Interner::~Interner() {
  for (const std::atomic<const Label**>& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
}

std::uint64_t Interner::Hash(std::string_view text) {
  // Seeded, so that nobody can send texts that are known to collide.
  static const std::uint64_t seed = std::random_device{}() * std::uint64_t{0x9E37'79B9'7F4A'7C15};
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

void Interner::PrefetchSlot(std::uint64_t hash) const {
  const std::vector<std::atomic<std::uint64_t>>& slots = table_.load(std::memory_order_acquire)->slots;
  __builtin_prefetch(slots.data() + HomeSlot(hash, slots.size()));
}

void Interner::PrefetchText(std::uint64_t hash) const {
  const std::vector<std::atomic<std::uint64_t>>& slots = table_.load(std::memory_order_acquire)->slots;
  const std::uint64_t slot = slots[HomeSlot(hash, slots.size())].load(std::memory_order_relaxed);
  if (slot != 0 && ((slot ^ hash) & kTagMask) == 0) __builtin_prefetch(LabelAt(slot & ~kTagMask));
}

std::optional<std::uint32_t> Interner::Find(std::string_view text, std::uint64_t hash) const {
  const std::vector<std::atomic<std::uint64_t>>& slots = table_.load(std::memory_order_acquire)->slots;
  for (std::size_t i = HomeSlot(hash, slots.size());; i = (i + 1) & (slots.size() - 1)) {
    const std::uint64_t slot = slots[i].load(std::memory_order_acquire);
    if (slot == 0) return std::nullopt;
    if (((slot ^ hash) & kTagMask) != 0) continue;
    const Label& label = *LabelAt(slot & ~kTagMask);
    if (label.size == text.size() && Equal(TextOf(label).data(), text.data(), text.size())) return label.code;
  }
}

std::optional<std::uint32_t> Interner::Intern(std::string_view text, std::uint64_t hash) {
  if (const auto found = Find(text, hash)) return found;
  if (full()) return std::nullopt;  // Not under the mutex: a full dictionary stays full, and must not become a bottleneck.
  const std::lock_guard lock(adding_);
  if (const auto found = Find(text, hash)) return found;  // Another thread was faster.
  const std::uint32_t code = size_.load(std::memory_order_relaxed);
  if (code == capacity_) return std::nullopt;
  const Label* const label = Store(text, code);
  SetLabel(code, label);
  if ((std::size_t{code} + 1) * 2 > tables_.back()->slots.size()) GrowTable();
  Insert(*tables_.back(), hash, label);
  size_.store(code + 1, std::memory_order_release);
  return code;
}

void Interner::SetLabel(std::uint32_t code, const Label* label) {
  const Place place = PlaceOf(code);
  std::atomic<const Label**>& chunk = chunks_[place.chunk];
  const Label** labels = chunk.load(std::memory_order_relaxed);
  if (labels == nullptr) {
    const std::uint64_t count = kFirstChunkCodes << place.chunk;
    labels = new const Label*[count];
    memory_bytes_.fetch_add(count * sizeof(labels[0]), std::memory_order_relaxed);
    chunk.store(labels, std::memory_order_release);
  }
  // Nobody reads this one before the slot that names it (or size_) is published.
  labels[place.index] = label;
}

const Interner::Label* Interner::Store(std::string_view text, std::uint32_t code) {
  const std::size_t bytes = CellBytes(text.size());
  if (bytes > free_bytes_) {
    const std::size_t grown = kFirstBlockBytes << std::min<std::size_t>(blocks_.size() / 2, 8);
    const std::size_t block_bytes = std::max(bytes, std::min(grown, kLargestBlockBytes));
    blocks_.emplace_back(static_cast<char*>(::operator new (block_bytes, std::align_val_t{kTextAlignment})));
    memory_bytes_.fetch_add(block_bytes, std::memory_order_relaxed);
    free_begin_ = blocks_.back().get();
    free_bytes_ = block_bytes;
  }
  char* const cell = free_begin_;
  std::memset(cell + bytes - kTextAlignment, 0, kTextAlignment);
  if (!text.empty()) std::memcpy(cell, text.data(), text.size());
  free_begin_ += bytes;
  free_bytes_ -= bytes;
  return new (cell + bytes - sizeof(Label)) Label{static_cast<std::uint32_t>(text.size()), code};
}

void Interner::GrowTable() {
  auto grown = std::make_unique<Table>(tables_.back()->slots.size() * 2);
  // Hashes are made again from the texts: slots keep only a part, and growing is rare.
  for (std::uint32_t code = 0; code < size_.load(std::memory_order_relaxed); ++code) {
    const Place place = PlaceOf(code);
    const Label* const label = chunks_[place.chunk].load(std::memory_order_relaxed)[place.index];
    Insert(*grown, Hash(TextOf(*label)), label);
  }
  memory_bytes_.fetch_add(grown->slots.size() * sizeof(grown->slots[0]), std::memory_order_relaxed);
  table_.store(grown.get(), std::memory_order_release);
  tables_.push_back(std::move(grown));
}

const Interner::Label* Interner::LabelAt(std::uint64_t cell_number) {
  return reinterpret_cast<const Label*>(cell_number * kTextAlignment + (kTextAlignment - sizeof(Label)));
}

void Interner::Insert(Table& table, std::uint64_t hash, const Label* label) {
  std::size_t i = HomeSlot(hash, table.slots.size());
  while (table.slots[i].load(std::memory_order_relaxed) != 0) i = (i + 1) & (table.slots.size() - 1);
  // Releases the label and its text to whoever finds the slot.
  const std::uint64_t cell_number = reinterpret_cast<std::uintptr_t>(label) / kTextAlignment;
  assert((cell_number & kTagMask) == 0);
  table.slots[i].store((hash & kTagMask) | cell_number, std::memory_order_release);
}

}  // namespace clientele
