// Grams, 3 or 4 bytes in a row of a text, and the plane of a block signature that each of them belongs to.
//
// Grams hash to 65,536 buckets, and a table gives each bucket its plane. The table is made from a sample of the blocks: grams of
// more than half of the blocks get no plane, as they would only fill one; the others are packed in the order of how many blocks
// have them. So common grams share planes with common ones and rare with rare, which leaves the planes of rare grams emptier
// than plain hashing does: at equal size, a search for 5 rare letters in 4 million addresses scans 630 blocks instead of 1,100.
//
// Immutable once built; thread-safe.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "index/huge_array.h"

namespace clientele {

class GramPlanes {
 public:
  GramPlanes() = default;  // No planes.

  // Block b is text[block_starts[b] .. block_starts[b + 1]), there is at least one, and behind the text kSearchPaddingBytes are
  // readable. Reads a sample of at most some 20 MB.
  static GramPlanes FromSample(std::span<const char> text, std::span<const std::uint64_t> block_starts);

  std::uint32_t plane_count() const { return plane_count_; }  // A multiple of 64.

  // The plane of a gram, or plane_count() when it has none.
  std::uint32_t PlaneOf(std::uint32_t bucket) const { return plane_of_bucket_.data()[bucket]; }

  std::uint64_t bytes() const { return plane_of_bucket_.bytes(); }

  // Names the parts to a snapshot's writer or reader (index/snapshot_sections.h).
  template <class Sections, class Self>
  static void List(Sections& sections, Self& self) {
    sections.Number(self.plane_count_);
    sections.Cold("plane_of_bucket", self.plane_of_bucket_);
  }

  // What keeps these from being grams of `planes` planes; empty when nothing does. O(buckets).
  std::string Problem(std::uint32_t planes) const;

  static constexpr std::uint32_t kBuckets = 1 << 16;

 private:
  std::uint32_t plane_count_ = 0;
  HugeArray<std::uint16_t> plane_of_bucket_;
};

// The bucket of a gram of 4 bytes, or of 3 in the upper three bytes.
inline std::uint32_t GramBucket(std::uint32_t gram) {
  gram *= 0x9E3779B1u;
  gram ^= gram >> 15;
  return (gram * 0x85EBCA77u) >> 16;
}

// Calls `on_bucket` for the grams of one value, [at, end). A byte behind it is readable.
template <class OnBucket>
void ForEachGramOfValue(const char* at, const char* end, OnBucket on_bucket) {
  std::uint32_t gram;
  for (; end - at >= 4; ++at) {
    std::memcpy(&gram, at, sizeof gram);
    on_bucket(GramBucket(gram << 8));
    on_bucket(GramBucket(gram));
  }
  if (end - at < 3) return;
  std::memcpy(&gram, at, sizeof gram);
  on_bucket(GramBucket(gram << 8));
}

// The first byte from `at` on that separates values or items; there must be one. Reads up to 15 bytes further.
const char* FindSeparator(const char* at);

// Calls `on_bucket` for the grams of all values of a block, which ends with a separator. 16 bytes behind it are readable.
template <class OnBucket>
void ForEachGram(const char* at, const char* end, OnBucket on_bucket) {
  while (at < end) {
    const char* const value_end = FindSeparator(at);
    ForEachGramOfValue(at, value_end, on_bucket);
    at = value_end + 1;
  }
}

}  // namespace clientele
