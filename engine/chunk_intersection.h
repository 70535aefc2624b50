// Intersects the containers of several values within one chunk of 65,536 rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/container.h"
#include "index/value_index.h"

namespace clientele {

// Buffers of one evaluating thread, reused from chunk to chunk.
struct ChunkScratch {
  std::vector<std::vector<std::uint64_t>> unions;  // One bitmap per any-of operand.
  std::vector<const std::uint64_t*> bitmaps;
  std::vector<RowRun> runs, other_runs;
  std::vector<std::uint16_t> rows;
};

// The union of several values' rows in one chunk. Uses `words` (kChunkWords, overwritten when needed) for the result when it is
// none of the values' own containers. Its cardinality is exact.
Container UnionOfChunk(const ValueIndex& values, std::span<const std::uint32_t> codes, std::uint32_t chunk,
                       std::vector<std::uint64_t>& words);

// Writes the intersection of `operands` into `out` (kChunkWords, all clear before), without the rows whose bits are set in `dead`
// (kChunkWords; null: none), and returns its count. `rows_in_chunk` is what kFull stands for. No operands: every row. O(smallest
// array x operands), or O(words under the common runs x bitmaps).
std::uint32_t IntersectChunk(std::span<const Container> operands, std::uint32_t rows_in_chunk, ChunkScratch& scratch,
                             std::uint64_t* out, const std::uint64_t* dead = nullptr);

// Sets the bits first..last, both included.
void SetBits(std::uint64_t* words, std::uint32_t first, std::uint32_t last);

}  // namespace clientele
