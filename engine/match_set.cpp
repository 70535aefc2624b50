#include "engine/match_set.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/bit_kernels.h"

namespace clientele {
namespace {

// What one thread keeps for its next queries: a query over many segments needs a bitmap for each at a time.
constexpr std::size_t kPooledMax = 64, kPooledWordsMax = (32 << 20) / sizeof(std::uint64_t);

}  // namespace

std::vector<std::unique_ptr<RowBitmap::Buffers>>& RowBitmap::Pool() {
  thread_local std::vector<std::unique_ptr<Buffers>> pool;
  return pool;
}

RowBitmap::RowBitmap(std::uint32_t row_count) : row_count_(row_count) {
  const std::uint32_t chunks = ChunkCount(row_count);
  auto& pool = Pool();
  // The last one that came back: it is the likeliest to be in a near cache still.
  const auto fitting =
      std::find_if(pool.rbegin(), pool.rend(), [&](const auto& buffers) { return buffers->chunk_counts.size() == chunks; });
  if (fitting != pool.rend()) {
    buffers_ = std::move(*fitting);
    pool.erase(fitting.base() - 1);
    return;
  }
  buffers_ = std::make_unique<Buffers>();
  buffers_->words.resize(std::size_t{chunks} * kChunkWords);
  buffers_->chunk_counts.resize(chunks);
}

RowBitmap::~RowBitmap() {
  if (buffers_ == nullptr) return;
  for (std::uint32_t chunk = 0; chunk < chunk_count(); ++chunk) {
    if (ChunkCountOf(chunk) == 0) continue;
    std::fill_n(this->chunk(chunk), WordsInChunk(chunk), 0);
    SetChunkCount(chunk, 0);
  }
  auto& pool = Pool();
  std::size_t words = buffers_->words.size();
  for (const auto& pooled : pool) words += pooled->words.size();
  while (!pool.empty() && (pool.size() >= kPooledMax || words > kPooledWordsMax)) {
    words -= pool.front()->words.size();
    pool.erase(pool.begin());
  }
  pool.push_back(std::move(buffers_));
}

RowBitmap::RowBitmap(RowBitmap&& other) noexcept = default;
RowBitmap& RowBitmap::operator=(RowBitmap&& other) noexcept {
  std::swap(buffers_, other.buffers_);
  std::swap(row_count_, other.row_count_);
  return *this;
}

std::uint64_t RowBitmap::Count() const {
  return std::accumulate(buffers_->chunk_counts.begin(), buffers_->chunk_counts.end(), std::uint64_t{0});
}

void AppendRows(const MatchSet& matches, std::vector<std::uint32_t>& out) {
  switch (matches.form) {
    case MatchSet::Form::kRows: out.insert(out.end(), matches.rows.begin(), matches.rows.end()); return;
    case MatchSet::Form::kBits: ForEachRow(*matches.bits, [&](std::uint32_t row) { out.push_back(row); }); return;
    case MatchSet::Form::kAll: {
      const std::uint64_t rows = matches.count + (matches.dead == nullptr ? 0 : matches.dead->count());
      for (std::uint32_t row = 0; row < rows; ++row) {
        if (matches.dead == nullptr || !matches.dead->Test(row)) out.push_back(row);
      }
    }
  }
}

std::shared_ptr<const MatchSet> ListedMatches(std::vector<std::uint32_t> rows) {
  auto matches = std::make_shared<MatchSet>();
  matches->form = MatchSet::Form::kRows;
  matches->count = rows.size();
  matches->rows = std::move(rows);
  return matches;
}

std::shared_ptr<const MatchSet> BitmapMatches(std::unique_ptr<RowBitmap> bits, std::uint64_t count) {
  auto matches = std::make_shared<MatchSet>();
  matches->form = MatchSet::Form::kBits;
  matches->count = count;
  matches->bits = std::move(bits);
  return matches;
}

void RemoveDead(const Tombstones& dead, MatchSet& matches) {
  switch (matches.form) {
    case MatchSet::Form::kAll:
      matches.dead = &dead;
      matches.count -= dead.count();
      return;
    case MatchSet::Form::kRows:
      std::erase_if(matches.rows, [&](std::uint32_t row) { return dead.Test(row); });
      matches.count = matches.rows.size();
      return;
    case MatchSet::Form::kBits: {
      RowBitmap& bits = *matches.bits;
      for (std::uint32_t chunk = 0; chunk < bits.chunk_count(); ++chunk) {
        if (bits.ChunkCountOf(chunk) == 0 || dead.CountInChunk(chunk) == 0) continue;
        const std::uint64_t kept = AndNotCount(bits.chunk(chunk), dead.Chunk(chunk), bits.chunk(chunk), kChunkWords);
        bits.SetChunkCount(chunk, static_cast<std::uint32_t>(kept));
      }
      matches.count = bits.Count();
    }
  }
}

}  // namespace clientele
