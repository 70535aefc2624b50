#include "engine/small_segment_candidates.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/chunk_intersection.h"
#include "index/value_rows.h"

namespace clientele {

using Kind = SmallSegmentTerm::Kind;

SmallSegmentMatches SmallSegmentCandidates::From(const SmallSegmentTerm& rarest) {
  switch (rarest.kind) {
    case Kind::kContainer: Take(*rarest.values, rarest.first); break;
    case Kind::kList: Take(rarest.list()); break;
    case Kind::kRange: Take({rarest.order->row_at() + rarest.first, rarest.cardinality}); break;
    case Kind::kUnion:
      for (const std::uint32_t code : rarest.list()) Take(*rarest.values, code);
      break;
  }
  are_ascending_ = rarest.kind == Kind::kContainer || rarest.kind == Kind::kList;
  SmallSegmentMatches found{.rows_touched = count_, .matches = nullptr};
  for (const SmallSegmentTerm& term : terms_) {
    if (&term != &rarest) KeepHeld(term);
  }
  if (dead_ != nullptr) {
    KeepIf([this](std::uint32_t row) { return !dead_->Test(row); });
  }
  for (const IdSet& excluded : excluded_ids_) KeepOtherIds(excluded);
  found.count = count_;
  const bool is_distinct = rarest.kind != Kind::kUnion;
  if (count_ == 0 || (count_only_ && is_distinct)) return found;
  found.matches = Matches();
  found.count = static_cast<std::uint32_t>(found.matches->count);
  return found;
}

std::shared_ptr<const MatchSet> SmallSegmentCandidates::Matches() {
  if (count_ > kSmallListMax) {
    auto bits = std::make_unique<RowBitmap>(rows_);
    for (const std::uint32_t row : Rows()) {
      if (!bits->Test(row)) bits->Set(row);
    }
    const std::uint64_t count = bits->Count();
    return BitmapMatches(std::move(bits), count);
  }
  std::vector<std::uint32_t> rows(candidates_.begin(), candidates_.begin() + count_);
  if (!are_ascending_) {
    std::ranges::sort(rows);
    const auto again = std::ranges::unique(rows);
    rows.erase(again.begin(), again.end());
  }
  return ListedMatches(std::move(rows));
}

void SmallSegmentCandidates::Take(std::span<const std::uint32_t> rows) {
  std::ranges::copy(rows, candidates_.begin() + count_);
  count_ += static_cast<std::uint32_t>(rows.size());
}
void SmallSegmentCandidates::Take(const ValueIndex& values, std::uint32_t code) {
  if (values.Cardinality(code) == 0) return;
  if (values.IsPostingList(code)) return Take(values.PostingList(code));
  for (std::uint32_t chunk = 0; chunk < ChunkCount(rows_); ++chunk) {
    ForEachRow(values.Chunk(code, chunk), chunk * kChunkRows, RowsInChunk(chunk, rows_),
               [this](std::uint32_t row) { candidates_[count_++] = row; });
  }
}

template <class Keep>
void SmallSegmentCandidates::KeepIf(Keep keep) {
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < count_; ++i) {
    const std::uint32_t row = candidates_[i];
    // Advance by the test: as a branch it would be unpredictable when about half the rows stay.
    candidates_[kept] = row;
    kept += keep(row);
  }
  count_ = kept;
}

void SmallSegmentCandidates::KeepHeld(const SmallSegmentTerm& term) {
  switch (term.kind) {
    case Kind::kContainer: return KeepHeldByValue(*term.values, term.first);
    case Kind::kList: return KeepIf([&](std::uint32_t row) { return std::ranges::binary_search(term.list(), row); });
    case Kind::kRange:
      return KeepIf([&, position_of = term.order->position_of()](std::uint32_t row) {
        return position_of[row] - term.first < term.last - term.first;
      });
    case Kind::kUnion:
      return KeepIf([&](std::uint32_t row) {
        return std::ranges::any_of(
            term.list(), [&](std::uint32_t code) { return term.values->Cardinality(code) > 0 && term.values->Holds(row, code); });
      });
  }
}

void SmallSegmentCandidates::KeepHeldByValue(const ValueIndex& values, std::uint32_t code) {
  if (rows_ > kChunkRows) return KeepIf([&](std::uint32_t row) { return values.Holds(row, code); });
  const Container container = values.Chunk(code, 0);
  if (container.kind == ContainerKind::kBitmap)
    return KeepIf([words = container.words()](std::uint32_t row) { return ((words[row / 64] >> (row % 64)) & 1) != 0; });
  if (are_ascending_ && container.kind == ContainerKind::kRuns) {
    const std::span<const RowRun> runs = container.runs();
    return KeepIf([run = runs.begin(), end = runs.end()](std::uint32_t row) mutable {
      while (run != end && run->last < row) ++run;
      return run != end && run->first <= row;
    });
  }
  if (are_ascending_ && container.kind == ContainerKind::kArray) {
    const std::span<const std::uint16_t> rows = container.rows();
    return KeepIf([held = rows.begin(), end = rows.end()](std::uint32_t row) mutable {
      while (held != end && *held < row) ++held;
      return held != end && *held == row;
    });
  }
  KeepIf([&](std::uint32_t row) { return Contains(container, static_cast<std::uint16_t>(row)); });
}

void SmallSegmentCandidates::KeepOtherIds(const IdSet& excluded) {
  if (count_ <= kRowsPerLookup * excluded.ids().size())
    return KeepIf([&](std::uint32_t row) { return !excluded.Holds(segment_.ClientId(row)); });
  const std::vector<std::uint32_t> rows = segment_.RowsOf(excluded.ids());
  if (!rows.empty()) KeepIf([&](std::uint32_t row) { return std::ranges::find(rows, row) == rows.end(); });
}

}  // namespace clientele
