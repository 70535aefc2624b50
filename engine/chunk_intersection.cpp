#include "engine/chunk_intersection.h"

#include <algorithm>
#include <cstring>

#include "engine/bit_kernels.h"

namespace clientele {
namespace {

// Sets the container's rows in `words`, which may hold others already.
void AddTo(const Container& container, std::uint32_t rows_in_chunk, std::uint64_t* words) {
  switch (container.kind) {
    case ContainerKind::kEmpty: return;
    case ContainerKind::kFull: SetBits(words, 0, rows_in_chunk - 1); return;
    case ContainerKind::kBitmap: OrInto(container.words(), words, kChunkWords); return;
    case ContainerKind::kArray:
      for (const std::uint16_t row : container.rows()) words[row / 64] |= std::uint64_t{1} << (row % 64);
      return;
    case ContainerKind::kRuns:
      for (const RowRun run : container.runs()) SetBits(words, run.first, run.last);
      return;
  }
}

// The part of a rare value's posting list that lies in the chunk.
std::span<const std::uint32_t> ListInChunk(std::span<const std::uint32_t> list, std::uint32_t chunk) {
  const auto begin = std::ranges::lower_bound(list, chunk * kChunkRows);
  const auto end = std::ranges::lower_bound(begin, list.end(), std::uint64_t{chunk + 1} * kChunkRows,
                                            [](std::uint64_t a, std::uint64_t b) { return a < b; });
  return {begin, end};
}

// Moves the rows that `other` holds to the front of `rows`, keeping their order; returns how many there are.
std::size_t KeepHeld(const Container& other, std::span<std::uint16_t> rows) {
  std::size_t kept = 0;
  if (other.kind == ContainerKind::kBitmap) {
    const std::uint64_t* words = other.words();
    for (const std::uint16_t row : rows) {
      // Advance by the bit: as a branch it would be unpredictable when about half the rows stay.
      rows[kept] = row;
      kept += (words[row / 64] >> (row % 64)) & 1;
    }
    return kept;
  }
  for (const std::uint16_t row : rows) {
    rows[kept] = row;
    kept += Contains(other, row);
  }
  return kept;
}

// Rows of `array` that every operand holds. The smallest array drives: it bounds the work.
std::uint32_t IntersectArray(const Container& array, std::span<const Container> operands, const std::uint64_t* dead,
                             std::vector<std::uint16_t>& rows, std::uint64_t* out) {
  rows.assign(array.rows().begin(), array.rows().end());
  for (const Container& other : operands) {
    if (other.data != array.data) rows.resize(KeepHeld(other, rows));
  }
  if (dead != nullptr) std::erase_if(rows, [&](std::uint16_t row) { return ((dead[row / 64] >> (row % 64)) & 1) != 0; });
  for (const std::uint16_t row : rows) out[row / 64] |= std::uint64_t{1} << (row % 64);
  return static_cast<std::uint32_t>(rows.size());
}

// Keeps in `runs` what lies in `others` too; both ascending and disjoint.
void IntersectRuns(std::vector<RowRun>& runs, std::span<const RowRun> others, std::vector<RowRun>& scratch) {
  scratch.clear();
  for (std::size_t i = 0, j = 0; i < runs.size() && j < others.size();) {
    const std::uint16_t first = std::max(runs[i].first, others[j].first);
    const std::uint16_t last = std::min(runs[i].last, others[j].last);
    if (first <= last) scratch.push_back({first, last});
    if (runs[i].last < others[j].last)
      ++i;
    else
      ++j;
  }
  std::swap(runs, scratch);
}

// Calls combine(first word, words) for the words under the runs, each once: runs that touch the same word are one span, or its
// bits would be counted twice. Returns the sum of what it returns.
template <class Combine>
std::uint64_t SumUnderRuns(std::span<const RowRun> runs, Combine combine) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < runs.size();) {
    const std::uint32_t first_word = runs[i].first / 64u;
    std::uint32_t last_word = runs[i].last / 64u;
    for (++i; i < runs.size() && runs[i].first / 64u <= last_word; ++i) last_word = runs[i].last / 64u;
    sum += combine(first_word, last_word - first_word + 1);
  }
  return sum;
}

// ANDs `operands`, which begin with `out`, into `out` under the runs only: clustered rows make most of a chunk's words
// irrelevant.
std::uint32_t IntersectUnderRuns(std::span<const RowRun> runs, std::span<const std::uint64_t* const> operands,
                                 const std::uint64_t* dead, std::uint64_t* out) {
  std::uint32_t count = 0;
  for (const RowRun run : runs) {
    SetBits(out, run.first, run.last);
    count += run.last - run.first + 1u;
  }
  if (operands.size() == 1 && dead == nullptr) return count;
  return static_cast<std::uint32_t>(SumUnderRuns(
      runs, [&](std::uint32_t first, std::uint32_t size) { return IntersectCount(operands, dead, out, first, size); }));
}

}  // namespace

void SetBits(std::uint64_t* words, std::uint32_t first, std::uint32_t last) {
  const std::uint32_t first_word = first / 64, last_word = last / 64;
  const std::uint64_t from_first = ~std::uint64_t{0} << (first % 64);
  const std::uint64_t to_last = ~std::uint64_t{0} >> (63 - last % 64);
  if (first_word == last_word) {
    words[first_word] |= from_first & to_last;
    return;
  }
  words[first_word] |= from_first;
  std::fill(words + first_word + 1, words + last_word, ~std::uint64_t{0});
  words[last_word] |= to_last;
}

Container UnionOfChunk(const ValueIndex& values, std::span<const std::uint32_t> codes, std::uint32_t chunk,
                       std::vector<std::uint64_t>& words) {
  const std::uint32_t rows_in_chunk = RowsInChunk(chunk, values.row_count());
  Container only;
  std::uint32_t parts = 0;
  bool has_lists = false;
  for (const std::uint32_t code : codes) {
    if (values.IsPostingList(code)) {
      has_lists |= !ListInChunk(values.PostingList(code), chunk).empty();
      continue;
    }
    const Container container = values.Chunk(code, chunk);
    if (container.kind == ContainerKind::kFull) return container;
    if (container.kind == ContainerKind::kEmpty) continue;
    only = container;
    ++parts;
  }
  if (parts <= 1 && !has_lists) return only;

  words.assign(kChunkWords, 0);
  for (const std::uint32_t code : codes) {
    if (!values.IsPostingList(code)) {
      AddTo(values.Chunk(code, chunk), rows_in_chunk, words.data());
      continue;
    }
    for (const std::uint32_t row : ListInChunk(values.PostingList(code), chunk)) {
      words[row % kChunkRows / 64] |= std::uint64_t{1} << (row % 64);
    }
  }
  const auto cardinality = static_cast<std::uint32_t>(PopCount(words.data(), kChunkWords));
  if (cardinality == rows_in_chunk) return {ContainerKind::kFull, cardinality, 0, nullptr};
  return {ContainerKind::kBitmap, cardinality, 0, words.data()};
}

std::uint32_t IntersectChunk(std::span<const Container> operands, std::uint32_t rows_in_chunk, ChunkScratch& scratch,
                             std::uint64_t* out, const std::uint64_t* dead) {
  const Container* smallest_array = nullptr;
  bool has_runs = false;
  scratch.runs.clear();
  for (const Container& operand : operands) {
    if (operand.kind == ContainerKind::kEmpty) return 0;
    if (operand.kind == ContainerKind::kArray &&
        (smallest_array == nullptr || operand.cardinality < smallest_array->cardinality)) {
      smallest_array = &operand;
    }
    if (operand.kind != ContainerKind::kRuns) continue;
    if (!has_runs)
      scratch.runs.assign(operand.runs().begin(), operand.runs().end());
    else
      IntersectRuns(scratch.runs, operand.runs(), scratch.other_runs);
    has_runs = true;
    if (scratch.runs.empty()) return 0;
  }
  if (smallest_array != nullptr) return IntersectArray(*smallest_array, operands, dead, scratch.rows, out);

  std::vector<const std::uint64_t*>& bitmaps = scratch.bitmaps;
  bitmaps.clear();
  if (has_runs) bitmaps.push_back(out);
  std::uint32_t cardinality = rows_in_chunk;
  for (const Container& operand : operands) {
    if (operand.kind != ContainerKind::kBitmap) continue;
    bitmaps.push_back(operand.words());
    cardinality = operand.cardinality;
  }
  if (has_runs) return IntersectUnderRuns(scratch.runs, bitmaps, dead, out);
  if (bitmaps.size() > 1 || (bitmaps.size() == 1 && dead != nullptr))
    return static_cast<std::uint32_t>(IntersectCount(bitmaps, dead, out, 0, kChunkWords));
  if (bitmaps.size() == 1) {
    std::memcpy(out, bitmaps[0], kChunkWords * sizeof(std::uint64_t));
    return cardinality;
  }
  SetBits(out, 0, rows_in_chunk - 1);
  return dead == nullptr ? rows_in_chunk : static_cast<std::uint32_t>(AndNotCount(out, dead, out, kChunkWords));
}

}  // namespace clientele
