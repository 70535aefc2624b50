// An append-only dictionary: text <-> code, where codes count up from 0 in the order of first sight. For dictionaries whose
// values repeat; whatever does not fit its capacity is refused, so that hostile input cannot make it grow without bound.
//
// Any number of threads may call everything at once. Lookups in both directions take no lock: texts never move once stored, and
// the hash index is an open-addressing table of atomic slots that is replaced as a whole when it grows (replaced tables are kept,
// since somebody may be reading them; together they are smaller than the last one). Only adding a new text takes the mutex, so
// no cache in front of it is needed. Integers may be interned as their 8 bytes.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace clientele {

class Interner {
 public:
  // Texts start at multiples of this, and the bytes up to the next multiple may be read, so that short ones are copied by one
  // fixed-size move.
  static constexpr std::size_t kTextAlignment = 32;

  // Holds at most `capacity` texts. Costs less than a kilobyte until texts come, whatever the capacity.
  explicit Interner(std::uint32_t capacity);
  ~Interner();
  Interner(const Interner&) = delete;
  Interner& operator=(const Interner&) = delete;

  // Hash for the overloads below, for callers that also need it themselves. Differs between runs of the program.
  static std::uint64_t Hash(std::string_view text);

  // The text's code, adding it if it is new; nullopt when it is new and the dictionary full. O(text).
  std::optional<std::uint32_t> Intern(std::string_view text) { return Intern(text, Hash(text)); }
  std::optional<std::uint32_t> Intern(std::string_view text, std::uint64_t hash);

  // The text's code, or nullopt when it was never added (or is being added right now). O(text).
  std::optional<std::uint32_t> Find(std::string_view text) const { return Find(text, Hash(text)); }
  std::optional<std::uint32_t> Find(std::string_view text, std::uint64_t hash) const;

  // Start fetching what Find(text, hash) will read: first where the text is noted, and then, some time later, the text itself. A
  // lookup is two cache misses, one after the other; those of several texts overlap.
  void PrefetchSlot(std::uint64_t hash) const;
  void PrefetchText(std::uint64_t hash) const;

  // The text of a code that Intern or Find gave. Valid as long as this object. O(1).
  std::string_view Text(std::uint32_t code) const {
    const Place place = PlaceOf(code);
    return TextOf(*chunks_[place.chunk].load(std::memory_order_acquire)[place.index]);
  }

  std::uint32_t size() const { return size_.load(std::memory_order_acquire); }  // Codes below it are in use.
  std::uint32_t capacity() const { return capacity_; }
  bool full() const { return size() == capacity_; }
  std::uint64_t MemoryBytes() const { return memory_bytes_.load(std::memory_order_relaxed); }

 private:
  // A text and what is to be known of it lie in one cell of whole multiples of kTextAlignment: the text from its start, these
  // eight bytes at its end. A short text, its size and its code are one cache line, and nobody else's bytes are near it.
  struct Label {
    std::uint32_t size, code;
  };
  static constexpr std::size_t CellBytes(std::size_t text_size) {
    return (text_size + sizeof(Label) + kTextAlignment - 1) / kTextAlignment * kTextAlignment;
  }
  static std::string_view TextOf(const Label& label) {
    return {reinterpret_cast<const char*>(&label + 1) - CellBytes(label.size), label.size};
  }

  // Pointers to labels by code live in chunks, each twice as large as the one before, so that a few pointers reach any number.
  static constexpr std::uint64_t kFirstChunkCodes = 256;
  static constexpr std::size_t kChunkCount = 25;  // Enough for 2^32 codes.
  struct Place {
    std::size_t chunk;
    std::uint64_t index;
  };
  static Place PlaceOf(std::uint32_t code) {
    const std::uint64_t shifted = code + kFirstChunkCodes;
    const std::size_t chunk = static_cast<std::size_t>(std::bit_width(shifted)) - std::bit_width(kFirstChunkCodes);
    return {chunk, shifted - (kFirstChunkCodes << chunk)};
  }
  // A slot is 0 when empty, else the top bits of the hash above the number of the label's cell: its address by kTextAlignment.
  struct Table {
    explicit Table(std::size_t slot_count) : slots(slot_count) {}
    std::vector<std::atomic<std::uint64_t>> slots;  // Their number is a power of two.
  };
  struct FreeAligned {
    void operator()(char* block) const;
  };

  // These three are called with `adding_` held.
  const Label* Store(std::string_view text, std::uint32_t code);
  void SetLabel(std::uint32_t code, const Label* label);
  void GrowTable();
  static const Label* LabelAt(std::uint64_t cell_number);
  static void Insert(Table& table, std::uint64_t hash, const Label* label);

  const std::uint32_t capacity_;
  std::array<std::atomic<const Label**>, kChunkCount> chunks_{};
  std::atomic<const Table*> table_;
  std::atomic<std::uint32_t> size_ = 0;
  std::atomic<std::uint64_t> memory_bytes_ = 0;

  // Guards what follows. A std::mutex, since ThreadSanitizer does not see into the system's build of absl::Mutex.
  std::mutex adding_;
  std::vector<std::unique_ptr<Table>> tables_;  // The last one is current.
  std::vector<std::unique_ptr<char[], FreeAligned>> blocks_;
  char* free_begin_ = nullptr;  // Room in the last block.
  std::size_t free_bytes_ = 0;
};

}  // namespace clientele
