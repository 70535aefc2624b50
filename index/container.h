// The rows of one value within one chunk of 65,536 rows, in the form that is cheapest to intersect: a view into a ValueIndex.
// Which form: nothing, everything, at most 64 runs, at most 512 single rows, else a bitmap. Picking by what is fast to combine
// instead of by size is 3 to 8 times faster on clustered rows (docs/architecture.md).
// Source: Roaring bitmaps (Chambi et al., 2016), with other thresholds.
#pragma once

#include <cstdint>
#include <span>

namespace clientele {

inline constexpr std::uint32_t kChunkRows = 65'536;
inline constexpr std::uint32_t kChunkWords = kChunkRows / 64;
inline constexpr std::uint32_t kArrayRowsMax = 512;
inline constexpr std::uint32_t kRunsMax = 64;

enum class ContainerKind : std::uint8_t { kEmpty, kFull, kRuns, kArray, kBitmap };

// Both ends included, as positions within the chunk.
struct RowRun {
  std::uint16_t first, last;
};

struct Container {
  ContainerKind kind = ContainerKind::kEmpty;
  std::uint32_t cardinality = 0;  // Rows that hold the value.
  std::uint32_t run_count = 0;
  const void* data = nullptr;  // Valid as long as the index. kFull means every row that the segment has in this chunk.

  std::span<const RowRun> runs() const { return {static_cast<const RowRun*>(data), run_count}; }
  std::span<const std::uint16_t> rows() const { return {static_cast<const std::uint16_t*>(data), cardinality}; }
  const std::uint64_t* words() const { return static_cast<const std::uint64_t*>(data); }  // kChunkWords; clear past the last row.
};

bool Contains(const Container& container, std::uint16_t row);  // O(log size).

inline std::uint32_t ChunkCount(std::uint32_t rows) {
  return (rows + kChunkRows - 1) / kChunkRows;
}
inline std::uint32_t RowsInChunk(std::uint32_t chunk, std::uint32_t rows) {
  return rows - chunk * kChunkRows < kChunkRows ? rows - chunk * kChunkRows : kChunkRows;
}

}  // namespace clientele
