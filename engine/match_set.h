// The rows of a segment that a query's filters keep, in whichever form the evaluation produced. Owned by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "index/container.h"
#include "index/tombstones.h"

namespace clientele {

// One bit a row, in chunks, with a count per chunk. Comes from a pool of the thread zeroed and goes back there: only the chunks
// that hold something are cleared, so that a selective query does not pay for the segment's size.
class RowBitmap {
 public:
  explicit RowBitmap(std::uint32_t row_count);  // All clear.
  ~RowBitmap();
  RowBitmap(RowBitmap&& other) noexcept;
  RowBitmap& operator=(RowBitmap&& other) noexcept;

  std::uint32_t chunk_count() const { return static_cast<std::uint32_t>(buffers_->chunk_counts.size()); }
  // Words of a chunk that rows may have bits in; those behind them are clear.
  std::uint32_t WordsInChunk(std::uint32_t index) const { return (RowsInChunk(index, row_count_) + 63) / 64; }
  std::uint64_t* words() { return buffers_->words.data(); }
  const std::uint64_t* words() const { return buffers_->words.data(); }
  std::uint64_t* chunk(std::uint32_t index) { return words() + std::size_t{index} * kChunkWords; }
  const std::uint64_t* chunk(std::uint32_t index) const { return words() + std::size_t{index} * kChunkWords; }

  // A writer of a chunk's words states how many bits are set there; a chunk with count 0 must be all clear.
  void SetChunkCount(std::uint32_t index, std::uint32_t count) { buffers_->chunk_counts[index] = count; }
  std::uint32_t ChunkCountOf(std::uint32_t index) const { return buffers_->chunk_counts[index]; }

  // Sets one bit that was clear and keeps the chunk's count right.
  void Set(std::uint32_t row) {
    words()[row / 64] |= std::uint64_t{1} << (row % 64);
    ++buffers_->chunk_counts[row / kChunkRows];
  }
  bool Test(std::uint32_t row) const { return (words()[row / 64] >> (row % 64)) & 1; }

  std::uint64_t Count() const;  // O(chunks).

 private:
  struct Buffers {
    std::vector<std::uint64_t> words;
    std::vector<std::uint32_t> chunk_counts;
  };
  static std::vector<std::unique_ptr<Buffers>>& Pool();
  std::unique_ptr<Buffers> buffers_;
  std::uint32_t row_count_;
};

struct MatchSet {
  enum class Form { kAll, kRows, kBits };
  Form form = Form::kAll;
  std::uint64_t count = 0;
  std::vector<std::uint32_t> rows;   // kRows: ascending, distinct.
  std::unique_ptr<RowBitmap> bits;   // kBits.
  const Tombstones* dead = nullptr;  // kAll: these rows are not among them; null when there are none. Outlives the set.
};

std::shared_ptr<const MatchSet> ListedMatches(std::vector<std::uint32_t> rows);  // Ascending, distinct.
std::shared_ptr<const MatchSet> BitmapMatches(std::unique_ptr<RowBitmap> bits, std::uint64_t count);

// Takes the dead rows out. O(rows of a list), O(chunks with matches and dead rows x 1,024 words).
void RemoveDead(const Tombstones& dead, MatchSet& matches);

// Appends the rows of `matches` to `out`, ascending.
void AppendRows(const MatchSet& matches, std::vector<std::uint32_t>& out);

// Calls visit(row) for each set bit, ascending.
template <class Visit>
void ForEachRow(const RowBitmap& bits, Visit visit) {
  for (std::uint32_t chunk = 0; chunk < bits.chunk_count(); ++chunk) {
    if (bits.ChunkCountOf(chunk) == 0) continue;
    const std::uint64_t* const words = bits.chunk(chunk);
    const std::uint32_t word_count = bits.WordsInChunk(chunk);
    for (std::uint32_t w = 0; w < word_count; ++w) {
      for (std::uint64_t word = words[w]; word != 0; word &= word - 1) {
        visit(chunk * kChunkRows + w * 64 + static_cast<std::uint32_t>(__builtin_ctzll(word)));
      }
    }
  }
}

}  // namespace clientele
