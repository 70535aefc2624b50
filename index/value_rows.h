// Reads a value index the other way round: which values a row holds, for all rows at once.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "index/parallel.h"
#include "index/value_index.h"

namespace clientele {

// Calls visit(row) for the rows of a container, ascending; its chunk has `rows_in_chunk` rows from `first_row` on.
template <class Visit>
void ForEachRow(const Container& container, std::uint32_t first_row, std::uint32_t rows_in_chunk, const Visit& visit) {
  switch (container.kind) {
    case ContainerKind::kEmpty: return;
    case ContainerKind::kFull:
      for (std::uint32_t row = 0; row < rows_in_chunk; ++row) visit(first_row + row);
      return;
    case ContainerKind::kRuns:
      for (const RowRun& run : container.runs()) {
        for (std::uint32_t row = run.first; row <= run.last; ++row) visit(first_row + row);
      }
      return;
    case ContainerKind::kArray:
      for (const std::uint16_t row : container.rows()) visit(first_row + row);
      return;
    case ContainerKind::kBitmap:
      for (std::uint32_t word = 0; word < kChunkWords; ++word) {
        for (std::uint64_t bits = container.words()[word]; bits != 0; bits &= bits - 1)
          visit(first_row + word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
      }
      return;
  }
}

// Calls visit(row, code) for every value of every row. A row is visited by one thread at a time, but different rows from several
// threads at once. O(entries + values x chunks).
template <class Visit>
void ForEachValue(const ValueIndex& values, const Visit& visit) {
  std::vector<std::uint32_t> chunked;
  for (std::uint32_t code = 0; code < values.value_count(); ++code) {
    if (!values.IsPostingList(code)) chunked.push_back(code);
  }
  ParallelFor(ChunkCount(values.row_count()), [&](std::size_t i) {
    const auto chunk = static_cast<std::uint32_t>(i);
    for (const std::uint32_t code : chunked) {
      ForEachRow(values.Chunk(code, chunk), chunk * kChunkRows, RowsInChunk(chunk, values.row_count()),
                 [&](std::uint32_t row) { visit(row, code); });
    }
  });
  // Not side by side: one row may stand in several lists.
  for (std::uint32_t code = 0; code < values.value_count(); ++code) {
    if (!values.IsPostingList(code)) continue;
    if (code % 1024 == 0) ThrowIfCancelled();
    for (const std::uint32_t row : values.PostingList(code)) visit(row, code);
  }
}

}  // namespace clientele
