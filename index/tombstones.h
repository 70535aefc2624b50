// Which rows of a sealed segment are no longer current: their clients were written anew or deleted since. A version never
// changes: writing makes the next one, which shares all chunks but those that were written (copy on write), so that a reader
// keeps its version as long as it likes. Beside the bits stand, for each sort order, the dead rows counted by position, from
// which the place of a deep page follows without looking at single rows.
//
// Memory: 8 KiB for each chunk of 65,536 rows that holds a dead one, and at most 16 KiB for each sort order.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/container.h"
#include "index/schema.h"
#include "index/segment.h"

namespace clientele {

class Tombstones {
 public:
  // No dead rows. O(chunks).
  static std::shared_ptr<const Tombstones> None(const Segment& segment);

  // The next version, with these rows dead as well; rows that are dead already stay so. `segment` is the one that None was given.
  // O(rows x orders + written chunks x 8 KiB).
  std::shared_ptr<const Tombstones> With(const Segment& segment, std::span<const std::uint32_t> rows) const;

  std::uint32_t count() const { return count_; }  // Dead rows.
  bool Test(std::uint32_t row) const { return (chunks_[row / kChunkRows]->words[row % kChunkRows / 64] >> (row % 64)) & 1; }

  // One bit a dead row; kChunkWords words, valid as long as this version. O(1).
  const std::uint64_t* Chunk(std::uint32_t chunk) const { return chunks_[chunk]->words.data(); }
  std::uint32_t CountInChunk(std::uint32_t chunk) const { return chunks_[chunk]->count; }
  std::uint32_t chunk_count() const { return static_cast<std::uint32_t>(chunks_.size()); }

  // Dead rows at the positions before `position` in the order of the segment's field. O(rows / 4,096), a few microseconds at
  // most.
  std::uint32_t CountBefore(const SortOrder& order, Field field, std::uint32_t position) const;

  // The position in that order of living row number `living` (0-based, by position); there must be so many. The same cost.
  std::uint32_t PositionOfLiving(const SortOrder& order, Field field, std::uint32_t living) const;

  std::uint64_t bytes() const;  // Of this version, with what it shares.

 private:
  static constexpr std::uint32_t kBucketsMax = 4'096;
  static constexpr std::uint32_t kNarrowestBucket = 8;  // Bits: fewer positions are counted as fast one by one.

  struct ChunkBits {
    std::array<std::uint64_t, kChunkWords> words{};
    std::uint32_t count = 0;
  };
  std::uint32_t CountBetween(const SortOrder& order, std::uint32_t first, std::uint32_t last) const;  // Of positions.

  using Counts = std::vector<std::uint32_t>;  // Dead rows in each bucket of positions.

  std::uint32_t count_ = 0;
  std::uint32_t bucket_shift_ = 0;
  std::vector<std::shared_ptr<const ChunkBits>> chunks_;
  std::array<Counts, kFieldCount> counts_;  // Empty for fields without an order.
};

}  // namespace clientele
