#include "engine/dead_count.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "engine/bit_kernels.h"
#include "index/count_ones.h"

namespace clientele {
namespace {

std::uint32_t CountInRun(const std::uint64_t* words, RowRun run) {
  std::uint32_t count = 0;
  for (std::uint32_t word = run.first / 64u; word <= run.last / 64u; ++word) {
    std::uint64_t bits = words[word];
    if (word == run.first / 64u) bits &= ~std::uint64_t{0} << (run.first % 64);
    if (word == run.last / 64u) bits &= ~std::uint64_t{0} >> (63 - run.last % 64);
    count += CountOnes(bits);
  }
  return count;
}

std::uint64_t CountInContainer(const Container& container, const Tombstones& dead, std::uint32_t chunk) {
  const std::uint64_t* const words = dead.Chunk(chunk);
  std::uint64_t count = 0;
  switch (container.kind) {
    case ContainerKind::kEmpty: break;
    case ContainerKind::kFull: return dead.CountInChunk(chunk);
    case ContainerKind::kRuns:
      for (const RowRun run : container.runs()) count += CountInRun(words, run);
      break;
    case ContainerKind::kArray:
      for (const std::uint16_t row : container.rows()) count += (words[row / 64] >> (row % 64)) & 1;
      break;
    case ContainerKind::kBitmap: return AndPopCount(container.words(), words, kChunkWords);
  }
  return count;
}

std::uint64_t CountDeadOf(std::span<const std::uint32_t> rows, const Tombstones& dead) {
  return static_cast<std::uint64_t>(std::ranges::count_if(rows, [&](std::uint32_t row) { return dead.Test(row); }));
}

}  // namespace

std::uint64_t CountDead(const Conjunct& conjunct, Field field, const Tombstones& dead) {
  switch (conjunct.access) {
    case Access::kRows: return CountDeadOf(conjunct.rows(), dead);
    case Access::kExclude: return dead.count() - CountDeadOf(conjunct.rows(), dead);
    case Access::kRange:
      return dead.CountBefore(*conjunct.order, field, conjunct.last) - dead.CountBefore(*conjunct.order, field, conjunct.first);
    case Access::kValues: {
      std::uint64_t count = 0;
      for (const std::uint32_t code : conjunct.codes) {
        if (conjunct.values->IsPostingList(code)) {
          count += CountDeadOf(conjunct.values->PostingList(code), dead);
          continue;
        }
        for (std::uint32_t chunk = 0; chunk < dead.chunk_count(); ++chunk) {
          if (dead.CountInChunk(chunk) > 0) count += CountInContainer(conjunct.values->Chunk(code, chunk), dead, chunk);
        }
      }
      return count;
    }
    case Access::kText: break;
  }
  assert(false && "a text search is never exact");
  return 0;
}

}  // namespace clientele
