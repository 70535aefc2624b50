#include "index/gram_planes.h"

#include <algorithm>
#include <bit>

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

  double PartWith(std::uint32_t bucket) const { return static_cast<double>(blocks_with[bucket]) / blocks; }
};

// Fills planes with `buckets`, common ones first, each until the parts of blocks that have its buckets sum to a load. The load
// is base + kLoadSlope * (part of the next bucket): a plane with a common gram is rather full anyway, so some more in it hurt
// less than they would beside rare ones. Calls `on_bucket(bucket, plane)`; returns the number of planes.
template <class OnBucket>
std::size_t PackPlanes(const GramSample& sample, std::span<const std::uint32_t> buckets, double base, OnBucket on_bucket) {
  std::size_t plane = 0;
  double load = 0, first_part = 0;
  for (const std::uint32_t bucket : buckets) {
    // A bucket that the sample did not meet is still worth something.
    const double part = sample.PartWith(bucket) + 0.3 / sample.blocks;
    if (load > 0 && (load + part > base + kLoadSlope * part || part * kMuchRarer < first_part)) {
      ++plane;
      load = 0;
    }
    if (load == 0) first_part = part;
    load += part;
    on_bucket(bucket, plane);
  }
  return plane + 1;
}

}  // namespace

GramPlanes GramPlanes::FromSample(std::span<const char> text, std::span<const std::uint64_t> block_starts) {
  GramPlanes made;
  const GramSample sample(text, block_starts);
  if (sample.blocks == 0) return made;

  std::vector<std::uint32_t> buckets;
  double grams_per_block = 0;
  for (std::uint32_t bucket = 0; bucket < kBuckets; ++bucket) {
    if (sample.PartWith(bucket) > kCommon) continue;
    buckets.push_back(bucket);
    grams_per_block += sample.PartWith(bucket);
  }
  const double wanted = std::min(grams_per_block * kPlanesPerGram, sample.bytes_per_block * kPlanesPerByte);
  const std::size_t planes = std::min(kPlanesMax, static_cast<std::size_t>(wanted + 63) / 64 * 64);
  if (planes == 0) return made;

  std::stable_sort(buckets.begin(), buckets.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return sample.blocks_with[a] > sample.blocks_with[b]; });
  // The smallest load with which they fit; all of it in one plane certainly do.
  double too_small = 0, fits = grams_per_block + 0.3 * kBuckets / sample.blocks + 1;
  for (int step = 0; step < 24; ++step) {
    const double base = (too_small + fits) / 2;
    const std::size_t needed = PackPlanes(sample, buckets, base, [](std::uint32_t, std::size_t) {});
    (needed > planes ? too_small : fits) = base;
  }
  made.plane_count_ = static_cast<std::uint32_t>(planes);
  made.plane_of_bucket_ = HugeArray<std::uint16_t>::Uninitialized(kBuckets);
  std::ranges::fill(made.plane_of_bucket_, static_cast<std::uint16_t>(planes));
  PackPlanes(sample, buckets, fits,
             [&](std::uint32_t bucket, std::size_t plane) { made.plane_of_bucket_[bucket] = static_cast<std::uint16_t>(plane); });
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
