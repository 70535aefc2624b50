#include "engine/candidate_rows.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "engine/chunk_intersection.h"

namespace clientele {
namespace {

using Rows = std::vector<std::uint32_t>;

// From so many rows and values in a chunk on, testing each row against each value costs more than making their union once.
constexpr std::size_t kUnionFrom = 512;
// Positions are fetched so many rows ahead: they are cache misses, and nothing else is waited for.
constexpr std::size_t kPositionsAhead = 16;

// Moves the rows of one chunk that `container` holds to `out` and returns the end of what was written. `out` may be `rows` itself
// or lie before it.
std::uint32_t* KeepHeld(const Container& container, std::span<const std::uint32_t> rows, std::uint32_t* out) {
  switch (container.kind) {
    case ContainerKind::kEmpty: return out;
    case ContainerKind::kFull: std::memmove(out, rows.data(), rows.size_bytes()); return out + rows.size();
    case ContainerKind::kBitmap: {
      const std::uint64_t* const words = container.words();
      for (const std::uint32_t row : rows) {
        // Advance by the bit: as a branch it would be unpredictable when about half the rows stay.
        *out = row;
        out += (words[row % kChunkRows / 64] >> (row % 64)) & 1;
      }
      return out;
    }
    case ContainerKind::kRuns:
    case ContainerKind::kArray:
      for (const std::uint32_t row : rows) {
        *out = row;
        out += Contains(container, static_cast<std::uint16_t>(row % kChunkRows));
      }
      return out;
  }
  return out;
}

// The rows of one chunk that hold any of several values.
std::uint32_t* KeepHoldingAny(const Conjunct& conjunct, std::uint32_t chunk, std::span<const std::uint32_t> rows,
                              std::vector<std::uint64_t>& words, std::uint32_t* out) {
  if (conjunct.codes.size() == 1 && !conjunct.values->IsPostingList(conjunct.codes[0]))
    return KeepHeld(conjunct.values->Chunk(conjunct.codes[0], chunk), rows, out);
  if (rows.size() * conjunct.codes.size() >= kUnionFrom)
    return KeepHeld(UnionOfChunk(*conjunct.values, conjunct.codes, chunk, words), rows, out);
  return std::ranges::copy_if(rows, out, [&](std::uint32_t row) { return Matches(conjunct, row); }).out;
}

void KeepHolding(const Conjunct& conjunct, Rows& rows) {
  thread_local std::vector<std::uint64_t> words;
  std::uint32_t* out = rows.data();
  for (std::size_t begin = 0; begin < rows.size();) {
    const std::uint32_t chunk = rows[begin] / kChunkRows;
    std::size_t end = begin + 1;
    while (end < rows.size() && rows[end] / kChunkRows == chunk) ++end;
    out = KeepHoldingAny(conjunct, chunk, std::span(rows).subspan(begin, end - begin), words, out);
    begin = end;
  }
  rows.resize(static_cast<std::size_t>(out - rows.data()));
}

// Both lists are ascending, so the place in the other one only moves forward.
void KeepListed(std::span<const std::uint32_t> listed, bool wanted, Rows& rows) {
  auto at = listed.begin();
  std::erase_if(rows, [&](std::uint32_t row) {
    at = std::lower_bound(at, listed.end(), row);
    return (at != listed.end() && *at == row) != wanted;
  });
}

void KeepInRange(const Conjunct& range, Rows& rows) {
  const std::uint32_t* const position_of = range.order->position_of();
  const std::uint32_t width = range.last - range.first;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kPositionsAhead < rows.size()) __builtin_prefetch(position_of + rows[i + kPositionsAhead]);
    const std::uint32_t row = rows[i];
    rows[kept] = row;
    kept += position_of[row] - range.first < width;
  }
  rows.resize(kept);
}

}  // namespace

void KeepMatching(const Conjunct& conjunct, Rows& rows) {
  switch (conjunct.access) {
    case Access::kValues: KeepHolding(conjunct, rows); return;
    case Access::kRows: KeepListed(conjunct.rows(), true, rows); return;
    case Access::kExclude: KeepListed(conjunct.rows(), false, rows); return;
    case Access::kRange: KeepInRange(conjunct, rows); return;
    case Access::kText: std::erase_if(rows, [&](std::uint32_t row) { return !Matches(conjunct, row); }); return;
  }
}

}  // namespace clientele
