#include "engine/filter.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include <absl/container/inlined_vector.h>
#include <tbb/enumerable_thread_specific.h>

#include "engine/bit_kernels.h"
#include "engine/candidate_rows.h"
#include "engine/chunk_intersection.h"
#include "engine/text_filter.h"
#include "index/parallel.h"

namespace clientele {
namespace {

// A text search expected to take at most this long is done first, since its rows then drive everything else (nanoseconds).
constexpr double kShortSearch = 100'000;
// Containers to combine from which several threads are worth waking.
constexpr std::uint64_t kParallelContainers = 8'192;
// More than there are filters.
constexpr std::size_t kOperandsMax = 64;
constexpr double kSetBitCost = 1.2, kScanWordCost = 7, kProbeRangeCost = 4;  // Nanoseconds.

class Evaluation {
 public:
  Evaluation(FilterTask task, FilterCost& cost) : task_(std::move(task)), rows_(task_.segment->row_count()), cost_(cost) {}

  absl::StatusOr<MatchSet> Run() {
    absl::StatusOr<MatchSet> matches = EvaluateAll();
    if (matches.ok() && task_.tombstones != nullptr && !dead_are_out_) RemoveDead(*task_.tombstones, *matches);
    return matches;
  }

 private:
  absl::StatusOr<MatchSet> EvaluateAll() {
    if (task_.conjuncts.empty()) {
      MatchSet all;
      all.count = rows_;
      return all;
    }
    SearchShortTexts();
    if (Late()) return TimeIsUp();
    const auto driver = std::ranges::find(task_.conjuncts, Access::kRows, &Conjunct::access);
    if (driver != task_.conjuncts.end()) return ProbeCandidates(static_cast<std::size_t>(driver - task_.conjuncts.begin()));

    cost_.plan = FilterPlan::kChunks;
    MatchSet matches = IntersectValues();
    for (const Access access : {Access::kRange, Access::kExclude, Access::kText}) {
      for (const Conjunct& conjunct : task_.conjuncts) {
        if (conjunct.access != access) continue;
        if (Late()) return TimeIsUp();
        Narrow(conjunct, matches);
      }
    }
    return matches;
  }

  using Operands = absl::InlinedVector<const Conjunct*, 8>;

  bool Late() const {
    return task_.deadline != std::chrono::steady_clock::time_point::max() && std::chrono::steady_clock::now() > task_.deadline;
  }
  static absl::Status TimeIsUp() { return absl::DeadlineExceededError("the query ran out of time while filtering"); }

  static Conjunct AsRowList(const Conjunct& searched, std::vector<std::uint32_t> rows) {
    Conjunct list;
    list.access = Access::kRows;
    list.name = searched.name;
    list.predicate = searched.predicate;
    list.cardinality = rows.size();
    list.owned_rows = std::move(rows);
    return list;
  }

  MatchSet Search(const Conjunct& conjunct) {
    TextFilterCost text_cost;
    MatchSet found = SearchText(conjunct, rows_, task_.parallelism, text_cost);
    cost_.text_blocks_scanned += text_cost.blocks_scanned;
    cost_.went_parallel |= text_cost.went_parallel;
    return found;
  }

  void SearchShortTexts() {
    for (Conjunct& conjunct : task_.conjuncts) {
      if (conjunct.access != Access::kText || SearchCost(conjunct) > kShortSearch) continue;
      if (static_cast<double>(task_.conjuncts.front().cardinality) * kTextProbeCost < SearchCost(conjunct))
        continue;  // Few candidates are there already.
      MatchSet found = Search(conjunct);
      if (found.form == MatchSet::Form::kRows)
        conjunct = AsRowList(conjunct, std::move(found.rows));
      else
        searched_.emplace_back(&conjunct, std::move(found));
    }
    std::ranges::stable_sort(searched_, {}, [](const auto& entry) { return entry.second.count; });
  }

  // Few rows: each is looked up in every other index, cheap ones first.
  MatchSet ProbeCandidates(std::size_t first_list) {
    cost_.plan = FilterPlan::kCandidates;
    std::size_t driver = first_list;
    for (std::size_t i = 0; i < task_.conjuncts.size(); ++i) {
      const Conjunct& conjunct = task_.conjuncts[i];
      if (conjunct.access == Access::kRows && conjunct.cardinality < task_.conjuncts[driver].cardinality) driver = i;
    }
    Operands others;
    for (const Access access : {Access::kRows, Access::kValues, Access::kRange, Access::kExclude, Access::kText}) {
      for (std::size_t i = 0; i < task_.conjuncts.size(); ++i) {
        if (i != driver && task_.conjuncts[i].access == access) others.push_back(&task_.conjuncts[i]);
      }
    }
    MatchSet matches;
    matches.form = MatchSet::Form::kRows;
    const auto candidates = task_.conjuncts[driver].rows();
    matches.rows.assign(candidates.begin(), candidates.end());
    cost_.rows_touched += candidates.size();
    for (const Conjunct* other : others) {
      if (matches.rows.empty()) break;
      if (const auto done = FindSearched(*other); done != searched_.end()) {
        IntersectWith(std::move(done->second), matches);
        continue;
      }
      if (other->access == Access::kText && static_cast<double>(matches.rows.size()) * kTextProbeCost > SearchCost(*other)) {
        IntersectWith(Search(*other), matches);
        continue;
      }
      KeepMatching(*other, matches.rows);
    }
    matches.count = matches.rows.size();
    return matches;
  }

  // The conjuncts that are containers, chunk by chunk.
  MatchSet IntersectValues() {
    Operands values;
    // Plain bitmaps before unions, which cost more to make: an empty one spares the rest.
    for (const bool is_union : {false, true}) {
      for (const Conjunct& conjunct : task_.conjuncts) {
        if (conjunct.access == Access::kValues && (conjunct.codes.size() > 1) == is_union) values.push_back(&conjunct);
      }
    }
    MatchSet matches;
    matches.count = rows_;
    if (values.empty()) return matches;
    matches.form = MatchSet::Form::kBits;
    matches.bits = std::make_unique<RowBitmap>(rows_);
    RowBitmap& bits = *matches.bits;
    dead_are_out_ = true;
    const std::uint32_t chunks = bits.chunk_count();
    std::uint64_t containers = 0;
    for (const Conjunct* conjunct : values) containers += std::uint64_t{chunks} * conjunct->codes.size();
    const bool big = containers >= kParallelContainers;
    if (task_.parallelism == Parallelism::kAlways || (task_.parallelism == Parallelism::kWhenBig && big)) {
      cost_.went_parallel = true;
      tbb::enumerable_thread_specific<ChunkScratch> scratch;
      ParallelRanges(0, chunks, big ? 8 : 1, [&](std::size_t first, std::size_t last) {
        for (auto chunk = static_cast<std::uint32_t>(first); chunk < last; ++chunk)
          IntersectOneChunk(values, chunk, scratch.local(), bits);
      });
    } else {
      thread_local ChunkScratch scratch;
      for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) IntersectOneChunk(values, chunk, scratch, bits);
    }
    for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) cost_.chunks_touched += bits.ChunkCountOf(chunk) > 0;
    matches.count = bits.Count();
    return matches;
  }

  void IntersectOneChunk(std::span<const Conjunct* const> values, std::uint32_t chunk, ChunkScratch& scratch,
                         RowBitmap& bits) const {
    assert(values.size() <= kOperandsMax);
    Container operands[kOperandsMax];
    std::size_t operand_count = 0;
    if (scratch.unions.size() < values.size()) scratch.unions.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Conjunct& conjunct = *values[i];
      const Container container = conjunct.codes.size() == 1
                                      ? conjunct.values->Chunk(conjunct.codes[0], chunk)
                                      : UnionOfChunk(*conjunct.values, conjunct.codes, chunk, scratch.unions[i]);
      if (container.kind == ContainerKind::kEmpty) return;
      if (container.kind != ContainerKind::kFull) operands[operand_count++] = container;
    }
    const Tombstones* const dead = task_.tombstones;
    const std::uint64_t* const dead_words = dead != nullptr && dead->CountInChunk(chunk) > 0 ? dead->Chunk(chunk) : nullptr;
    const std::uint32_t count =
        IntersectChunk({operands, operand_count}, RowsInChunk(chunk, rows_), scratch, bits.chunk(chunk), dead_words);
    bits.SetChunkCount(chunk, count);
  }

  void Narrow(const Conjunct& conjunct, MatchSet& matches) {
    if (matches.count == 0) return;
    switch (conjunct.access) {
      case Access::kRange: NarrowToRange(conjunct, matches); return;
      case Access::kExclude: Exclude(conjunct, matches); return;
      case Access::kText: NarrowToText(conjunct, matches); return;
      case Access::kRows:
      case Access::kValues: return;
    }
  }

  // Keeps the rows for which `keep` holds.
  template <class Keep>
  void KeepIf(MatchSet& matches, Keep keep) {
    ToBits(matches);
    RowBitmap& bits = *matches.bits;
    for (std::uint32_t chunk = 0; chunk < bits.chunk_count(); ++chunk) {
      std::uint32_t count = bits.ChunkCountOf(chunk);
      if (count == 0) continue;
      cost_.rows_touched += count;
      std::uint64_t* words = bits.chunk(chunk);
      for (std::uint32_t w = 0; w < kChunkWords; ++w) {
        for (std::uint64_t word = words[w]; word != 0; word &= word - 1) {
          const auto bit = static_cast<std::uint32_t>(std::countr_zero(word));
          if (keep(chunk * kChunkRows + w * 64 + bit)) continue;
          words[w] &= ~(std::uint64_t{1} << bit);
          --count;
        }
      }
      bits.SetChunkCount(chunk, count);
    }
    matches.count = bits.Count();
  }

  void ToBits(MatchSet& matches) const {
    if (matches.form == MatchSet::Form::kBits) return;
    assert(matches.form == MatchSet::Form::kAll);
    matches.form = MatchSet::Form::kBits;
    matches.bits = std::make_unique<RowBitmap>(rows_);
    for (std::uint32_t chunk = 0; chunk < matches.bits->chunk_count(); ++chunk) {
      const std::uint32_t rows = RowsInChunk(chunk, rows_);
      SetBits(matches.bits->chunk(chunk), 0, rows - 1);
      matches.bits->SetChunkCount(chunk, rows);
    }
  }

  // matches AND found.
  void IntersectWith(MatchSet found, MatchSet& matches) const {
    if (matches.form == MatchSet::Form::kAll) {
      matches = std::move(found);
      return;
    }
    if (found.form == MatchSet::Form::kRows || matches.form == MatchSet::Form::kRows) {
      if (found.form != MatchSet::Form::kRows) std::swap(found, matches);
      const auto in_matches = [&](std::uint32_t row) {
        return matches.form == MatchSet::Form::kBits ? matches.bits->Test(row) : std::ranges::binary_search(matches.rows, row);
      };
      std::erase_if(found.rows, [&](std::uint32_t row) { return !in_matches(row); });
      found.count = found.rows.size();
      matches = std::move(found);
      return;
    }
    RowBitmap& bits = *matches.bits;
    for (std::uint32_t chunk = 0; chunk < bits.chunk_count(); ++chunk) {
      if (bits.ChunkCountOf(chunk) == 0) continue;
      const std::uint64_t count = AndCount(bits.chunk(chunk), found.bits->chunk(chunk), bits.chunk(chunk), kChunkWords);
      bits.SetChunkCount(chunk, static_cast<std::uint32_t>(count));
    }
    matches.count = bits.Count();
  }

  // Three ways: set the range's rows and intersect, test each match, or compare the ranks of all words that hold matches.
  void NarrowToRange(const Conjunct& range, MatchSet& matches) {
    const double words = std::min(static_cast<double>(matches.count), rows_ / 64.0);
    const double set_cost = static_cast<double>(range.last - range.first) * kSetBitCost;
    const double scan_cost = words * kScanWordCost;
    const double probe_cost = static_cast<double>(matches.count) * kProbeRangeCost;
    if (set_cost <= scan_cost && set_cost <= probe_cost) {
      MatchSet rows;
      rows.form = MatchSet::Form::kBits;
      rows.bits = std::make_unique<RowBitmap>(rows_);
      for (std::uint32_t position = range.first; position < range.last; ++position)
        rows.bits->Set(range.order->row_at()[position]);
      rows.count = range.last - range.first;
      cost_.rows_touched += rows.count;
      IntersectWith(std::move(rows), matches);
      return;
    }
    if (probe_cost < scan_cost) {
      KeepIf(matches,
             [&](std::uint32_t row) { return range.order->position_of()[row] - range.first < range.last - range.first; });
      return;
    }
    ToBits(matches);
    RowBitmap& bits = *matches.bits;
    for (std::uint32_t chunk = 0; chunk < bits.chunk_count(); ++chunk) {
      if (bits.ChunkCountOf(chunk) == 0) continue;
      NarrowChunkToRange(range, chunk, bits);
    }
    matches.count = bits.Count();
  }

  void NarrowChunkToRange(const Conjunct& range, std::uint32_t chunk, RowBitmap& bits) {
    const std::uint32_t rows = RowsInChunk(chunk, rows_);
    const std::uint32_t* positions = range.order->position_of() + std::size_t{chunk} * kChunkRows;
    std::uint64_t* words = bits.chunk(chunk);
    const std::uint32_t whole_words = rows / 64;
    std::uint64_t count = KeepInRange(positions, range.first, range.last, words, whole_words);
    if (rows % 64 != 0) {  // The column ends within this word.
      std::uint32_t last[64] = {};
      std::copy_n(positions + whole_words * 64, rows % 64, last);
      count += KeepInRange(last, range.first, range.last, words + whole_words, 1);
    }
    bits.SetChunkCount(chunk, static_cast<std::uint32_t>(count));
    cost_.rows_touched += rows;
  }

  void Exclude(const Conjunct& exclude, MatchSet& matches) const {
    ToBits(matches);
    RowBitmap& bits = *matches.bits;
    for (const std::uint32_t row : exclude.rows()) {
      if (!bits.Test(row)) continue;
      bits.words()[row / 64] &= ~(std::uint64_t{1} << (row % 64));
      bits.SetChunkCount(row / kChunkRows, bits.ChunkCountOf(row / kChunkRows) - 1);
    }
    matches.count = bits.Count();
  }

  using Searched = std::vector<std::pair<const Conjunct*, MatchSet>>;
  Searched::iterator FindSearched(const Conjunct& text) {
    return std::ranges::find(searched_, &text, &std::pair<const Conjunct*, MatchSet>::first);
  }

  void NarrowToText(const Conjunct& text, MatchSet& matches) {
    if (const auto done = FindSearched(text); done != searched_.end()) {
      IntersectWith(std::move(done->second), matches);
    } else if (matches.form != MatchSet::Form::kAll && static_cast<double>(matches.count) * kTextProbeCost < SearchCost(text)) {
      if (matches.form == MatchSet::Form::kRows) {
        KeepMatching(text, matches.rows);
        matches.count = matches.rows.size();
      } else {
        KeepIf(matches, [&](std::uint32_t row) { return Matches(text, row); });
      }
    } else {
      IntersectWith(Search(text), matches);
    }
  }

  FilterTask task_;
  const std::uint32_t rows_;
  FilterCost& cost_;
  Searched searched_;          // Short searches that found many rows.
  bool dead_are_out_ = false;  // Of the matches already.
};

}  // namespace

absl::StatusOr<MatchSet> EvaluateFilter(FilterTask task, FilterCost& cost) {
  return Evaluation(std::move(task), cost).Run();
}

}  // namespace clientele
