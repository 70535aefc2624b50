#include "index/tombstones.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace clientele {

std::shared_ptr<const Tombstones> Tombstones::None(const Segment& segment) {
  auto none = std::make_shared<Tombstones>();
  const std::uint32_t rows = segment.row_count();
  const auto width = static_cast<std::uint32_t>(std::bit_width(rows));
  const auto buckets_width = static_cast<std::uint32_t>(std::bit_width(kBucketsMax - 1));
  none->bucket_shift_ = std::max(kNarrowestBucket, width > buckets_width ? width - buckets_width : 0);
  static const auto kClear = std::make_shared<const ChunkBits>();
  none->chunks_.assign(ChunkCount(rows), kClear);
  for (const FieldDef& def : Fields()) {
    if (segment.field(def.field).order.row_count() == 0) continue;
    none->counts_[static_cast<std::size_t>(def.field)].assign((std::size_t{rows} >> none->bucket_shift_) + 1, 0);
  }
  return none;
}

std::shared_ptr<const Tombstones> Tombstones::With(const Segment& segment, std::span<const std::uint32_t> rows) const {
  auto next = std::make_shared<Tombstones>(*this);
  std::vector<std::shared_ptr<ChunkBits>> written(chunks_.size());
  std::vector<std::uint32_t> fresh;
  fresh.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    std::shared_ptr<ChunkBits>& chunk = written[row / kChunkRows];
    if (chunk == nullptr) chunk = std::make_shared<ChunkBits>(*chunks_[row / kChunkRows]);
    std::uint64_t& word = chunk->words[row % kChunkRows / 64];
    const std::uint64_t bit = std::uint64_t{1} << (row % 64);
    if ((word & bit) != 0) continue;
    word |= bit;
    ++chunk->count;
    fresh.push_back(row);
  }
  for (std::size_t chunk = 0; chunk < written.size(); ++chunk) {
    if (written[chunk] != nullptr) next->chunks_[chunk] = std::move(written[chunk]);
  }
  next->count_ += static_cast<std::uint32_t>(fresh.size());
  constexpr std::size_t kPositionsAhead = 16;
  for (const FieldDef& def : Fields()) {
    Counts& counts = next->counts_[static_cast<std::size_t>(def.field)];
    if (counts.empty()) continue;
    const std::uint32_t* const position_of = segment.field(def.field).order.position_of();
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      if (i + kPositionsAhead < fresh.size()) __builtin_prefetch(position_of + fresh[i + kPositionsAhead]);
      ++counts[position_of[fresh[i]] >> bucket_shift_];
    }
  }
  return next;
}

std::uint32_t Tombstones::CountBefore(const SortOrder& order, Field field, std::uint32_t position) const {
  if (count_ == 0) return 0;
  const Counts& counts = counts_[static_cast<std::size_t>(field)];
  const std::uint32_t bucket = position >> bucket_shift_;
  const std::uint32_t before = std::accumulate(counts.begin(), counts.begin() + bucket, 0u);
  if (bucket == counts.size() || counts[bucket] == 0) return before;
  // From the end of the bucket that is nearer.
  const std::uint32_t begin = bucket << bucket_shift_;
  const auto end =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{bucket + 1} << bucket_shift_, order.row_count()));
  if (end - position < position - begin) return before + counts[bucket] - CountBetween(order, position, end);
  return before + CountBetween(order, begin, position);
}

std::uint32_t Tombstones::CountBetween(const SortOrder& order, std::uint32_t first, std::uint32_t last) const {
  std::uint32_t count = 0;
  for (std::uint32_t at = first; at < last; ++at) count += Test(order.row_at()[at]);
  return count;
}

std::uint32_t Tombstones::PositionOfLiving(const SortOrder& order, Field field, std::uint32_t living) const {
  const Counts& counts = counts_[static_cast<std::size_t>(field)];
  const std::uint32_t width = 1u << bucket_shift_;
  std::uint32_t bucket = 0;
  // Many buckets at a time, whose sum is made without a branch.
  constexpr std::uint32_t kBucketsAtOnce = 64;
  while (bucket + kBucketsAtOnce < counts.size()) {
    const auto begin = counts.begin() + bucket;
    const std::uint32_t here = kBucketsAtOnce * width - std::accumulate(begin, begin + kBucketsAtOnce, 0u);
    if (living < here) break;
    living -= here;
    bucket += kBucketsAtOnce;
  }
  while (living >= width - counts[bucket]) living -= width - counts[bucket++];
  std::uint32_t position = bucket << bucket_shift_;
  if (counts[bucket] == 0) return position + living;
  const std::uint32_t end = std::min(position + width, order.row_count());
  const std::uint32_t here = end - position - counts[bucket];
  if (living < here / 2) {
    while (Test(order.row_at()[position]) || living-- > 0) ++position;
    return position;
  }
  // From the bucket's end: so many living rows stand behind the wanted one.
  std::uint32_t behind = here - living - 1;
  position = end - 1;
  while (Test(order.row_at()[position]) || behind-- > 0) --position;
  return position;
}

std::uint64_t Tombstones::bytes() const {
  std::uint64_t bytes = sizeof(*this) + chunks_.size() * sizeof(chunks_[0]);
  for (const auto& chunk : chunks_) bytes += chunk->count > 0 ? sizeof(ChunkBits) : 0;
  for (const Counts& counts : counts_) bytes += counts.size() * sizeof(counts[0]);
  return bytes;
}

}  // namespace clientele
