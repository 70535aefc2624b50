#include "index/gram_planes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

#include <emmintrin.h>

#include "index/text_search.h"

namespace clientele {
namespace {

constexpr std::size_t kSampleBlocksMax = 2'048;
constexpr std::size_t kSampleBlocksMin = 16;
constexpr std::uint64_t kSampleBytesMax = 16u << 20;

// Measured on addresses and company names: fewer planes per gram cost more in scanned blocks than they save.
constexpr double kPlanesPerGram = 2.8;
constexpr double kPlanesPerByte = 1.8;  // At most, so that a signature takes 0.22 of its text.
constexpr std::size_t kPlanesMax = 1 << 15;

constexpr double kCommon = 0.5;      // Grams of a larger part of the blocks have no plane.
constexpr double kLoadSlope = 1.25;  // How much fuller planes of common grams may be; see PackPlanes.
constexpr double kMuchRarer = 8;

// How many of the sampled blocks have grams of each bucket.
struct GramSample {
  std::uint16_t blocks = 0;  // Those with anything but separators.
  double bytes_per_block = 0;
  std::vector<std::uint16_t> blocks_with = std::vector<std::uint16_t>(GramPlanes::kBuckets, 0);

  GramSample(std::span<const char> text, std::span<const std::uint64_t> block_starts) {
    const std::size_t block_count = block_starts.size() - 1;
    const std::uint64_t mean_bytes = text.size() / block_count + 1;
    const std::size_t step = std::max<std::size_t>(
        1, block_count / std::clamp<std::size_t>(kSampleBytesMax / mean_bytes, kSampleBlocksMin, kSampleBlocksMax));
    std::vector<std::uint16_t> last_seen(GramPlanes::kBuckets, 0);  // Number of the last block with the bucket, from 1.
    for (std::size_t block = step / 2; block < block_count; block += step) {
      const std::uint64_t begin = block_starts[block], end = block_starts[block + 1];
      if (end - begin <= kItemsPerBlock) continue;
      ++blocks;
      bytes_per_block += static_cast<double>(end - begin);
      ForEachGram(text.data() + begin, text.data() + end, [&](std::uint32_t bucket) {
        blocks_with[bucket] = static_cast<std::uint16_t>(blocks_with[bucket] + (last_seen[bucket] != blocks));
        last_seen[bucket] = blocks;
      });
    }
    if (blocks > 0) bytes_per_block /= blocks;
  }
};

// Buckets by falling number of blocks that have them, and where each number ends: a table has 65,536 buckets, but few different
// numbers, and equal ones are dealt with together.
struct RankedBuckets {
  struct Group {
    std::uint16_t blocks_with;
    std::size_t end;  // In `buckets`; the next group begins there.
  };
  std::vector<std::uint32_t> buckets;
  std::vector<Group> groups;

  // Leaves out buckets of more than `most` blocks.
  RankedBuckets(const GramSample& sample, std::uint32_t most) {
    std::vector<std::size_t> places(std::size_t{most} + 1);
    for (const std::uint16_t count : sample.blocks_with) {
      if (count <= most) ++places[count];
    }
    std::size_t end = 0;
    for (std::uint32_t count = most + 1; count-- > 0;) {
      const std::size_t begin = end;
      end += places[count];
      places[count] = begin;
      if (end > begin) groups.push_back({static_cast<std::uint16_t>(count), end});
    }
    buckets.resize(end);
    for (std::uint32_t bucket = 0; bucket < GramPlanes::kBuckets; ++bucket) {
      if (sample.blocks_with[bucket] <= most) buckets[places[sample.blocks_with[bucket]]++] = bucket;
    }
  }
};

// Fills planes with buckets, common ones first, each until the parts of blocks that have its buckets sum to a load. The load
// is base + kLoadSlope * (part of the next bucket): a plane with a common gram is rather full anyway, so some more in it hurt
// less than they would beside rare ones. Calls `on_buckets(begin, end, plane)`; returns the number of planes. O(groups + planes).
template <class OnBuckets>
std::size_t PackPlanes(const GramSample& sample, const RankedBuckets& ranked, double base, OnBuckets on_buckets) {
  std::size_t plane = 0, begin = 0;
  double load = 0, first_part = 0;
  for (const RankedBuckets::Group& group : ranked.groups) {
    // A bucket that the sample did not meet is still worth something.
    const double part = (group.blocks_with + 0.3) / sample.blocks;
    const double load_max = base + kLoadSlope * part;
    while (begin < group.end) {
      if (load > 0 && (load + part > load_max || part * kMuchRarer < first_part)) {
        ++plane;
        load = 0;
      }
      if (load == 0) first_part = part;
      const double fitting = std::max(1.0, std::floor((load_max - load) / part));
      const std::size_t taken =
          fitting < static_cast<double>(group.end - begin) ? static_cast<std::size_t>(fitting) : group.end - begin;
      on_buckets(begin, begin + taken, plane);
      load += static_cast<double>(taken) * part;
      begin += taken;
    }
  }
  return plane + 1;
}

}  // namespace

GramPlanes GramPlanes::FromSample(std::span<const char> text, std::span<const std::uint64_t> block_starts) {
  GramPlanes made;
  const GramSample sample(text, block_starts);
  if (sample.blocks == 0) return made;

  const auto most = static_cast<std::uint32_t>(kCommon * sample.blocks);
  double grams_per_block = 0;
  for (const std::uint16_t count : sample.blocks_with) {
    if (count <= most) grams_per_block += count;
  }
  grams_per_block /= sample.blocks;
  const double wanted = std::min(grams_per_block * kPlanesPerGram, sample.bytes_per_block * kPlanesPerByte);
  const std::size_t planes = std::min(kPlanesMax, static_cast<std::size_t>(wanted + 63) / 64 * 64);
  if (planes == 0) return made;

  const RankedBuckets ranked(sample, most);
  // The smallest load with which they fit; all of it in one plane certainly do.
  double too_small = 0, fits = grams_per_block + 0.3 * kBuckets / sample.blocks + 1;
  for (int step = 0; step < 24; ++step) {
    const double base = (too_small + fits) / 2;
    const std::size_t needed = PackPlanes(sample, ranked, base, [](std::size_t, std::size_t, std::size_t) {});
    (needed > planes ? too_small : fits) = base;
  }
  made.plane_count_ = static_cast<std::uint32_t>(planes);
  made.plane_of_bucket_ = HugeArray<std::uint16_t>::Uninitialized(kBuckets);
  std::ranges::fill(made.plane_of_bucket_, static_cast<std::uint16_t>(planes));
  PackPlanes(sample, ranked, fits, [&](std::size_t begin, std::size_t end, std::size_t plane) {
    for (std::size_t i = begin; i < end; ++i) made.plane_of_bucket_[ranked.buckets[i]] = static_cast<std::uint16_t>(plane);
  });
  return made;
}

std::string GramPlanes::Problem(std::uint32_t planes) const {
  if (plane_count_ != planes || plane_of_bucket_.size() != (planes == 0 ? 0 : kBuckets) || planes > kPlanesMax ||
      planes % 64 != 0)
    return "another number of planes";
  const auto past = [&](std::uint16_t plane) { return plane > planes; };
  return std::ranges::any_of(plane_of_bucket_, past) ? "a gram of a plane past the last" : "";
}

const char* FindSeparator(const char* at) {
  const __m128i lowest = _mm_set1_epi8(kValueSeparator);  // The lower of the two.
  while (true) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const int found = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(bytes, lowest), bytes));
    if (found != 0) return at + std::countr_zero(static_cast<std::uint32_t>(found));
    at += 16;
  }
}

}  // namespace clientele
