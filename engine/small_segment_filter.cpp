#include "engine/small_segment_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <span>
#include <utility>
#include <vector>

#include <absl/container/inlined_vector.h>

#include "engine/bit_kernels.h"
#include "engine/chunk_intersection.h"
#include "engine/small_segment_candidates.h"
#include "index/count_ones.h"
#include "index/value_rows.h"

namespace clientele {
namespace {

// A condition that few rows fulfil is taken row by row: at most as many as it takes to combine the bits of all rows.
constexpr std::uint32_t kCandidatesMin = 16, kWordsPerCandidate = 2;

// As long as all bits lie in a near cache, so many rows take as long as these.
constexpr std::uint32_t kFewWords = 256, kCandidatesOfFewWords = 4;

constexpr double kSetBitCost = 1.2, kTestWordCost = 7;  // Nanoseconds; the latter is of 64 positions.

using Term = SmallSegmentTerm;

// How many of the items, of which these come first, fulfil `before`. A search without branches: they would be unpredictable, and
// the items are few and near.
template <class Item, class Before>
std::size_t CountBefore(std::span<const Item> items, Before before) {
  const Item* first = items.data();
  std::size_t size = items.size();
  for (; size > 1; size -= size / 2) first += (size / 2) & (std::size_t{0} - before(first[size / 2 - 1]));
  return static_cast<std::size_t>(first - items.data()) + (size == 1 && before(*first));
}

class Evaluation {
 public:
  Evaluation(const SmallSegmentConditions& conditions, const SmallSegmentTerms& terms, const SegmentView& view, bool count_only)
      : terms_(terms.terms()),
        never_(terms.never()),
        excluded_ids_(conditions.excluded_ids()),
        segment_(*view.segment),
        dead_(view.dead()),
        count_only_(count_only),
        rows_(segment_.row_count()),
        is_count_enough_(count_only && excluded_ids_.empty() &&
                         std::ranges::find(terms_, Term::Kind::kRange, &Term::kind) == terms_.end()) {
    assert(rows_ <= kSmallSegmentRows);
  }

  SmallSegmentMatches Run() {
    if (never_) return {};
    if (terms_.empty() && excluded_ids_.empty()) return All();
    if (count_only_ && CountIsStored()) return {.count = terms_[0].cardinality, .matches = nullptr};
    const auto rarest = std::ranges::min_element(terms_, {}, &Term::cardinality);
    const std::uint32_t candidates_max =
        std::clamp(rows_ / 64 / kWordsPerCandidate, kCandidatesMin, SmallSegmentCandidates::kMax);
    const bool has_few_words = rows_ <= kFewWords * 64 && rarest != terms_.end() && rarest->kind != Term::Kind::kRange;
    if (rarest != terms_.end() && rarest->cardinality <= (has_few_words ? kCandidatesOfFewWords : candidates_max))
      return SmallSegmentCandidates(terms_, excluded_ids_, segment_, dead_, count_only_).From(*rarest);
    return FromBits();
  }

 private:
  using Bits = std::array<std::uint64_t, kChunkWords>;  // Of a chunk.

  SmallSegmentMatches All() const {
    SmallSegmentMatches found{.count = rows_ - (dead_ == nullptr ? 0 : dead_->count()), .matches = nullptr};
    if (count_only_ || found.count == 0) return found;
    auto all = std::make_shared<MatchSet>();
    all->count = found.count;
    all->dead = dead_;
    found.matches = std::move(all);
    return found;
  }

  bool CountIsStored() const {
    return terms_.size() == 1 && terms_[0].kind != Term::Kind::kUnion && dead_ == nullptr && excluded_ids_.empty();
  }

  // Conditions of many rows each, 64 rows at a time.
  SmallSegmentMatches FromBits() {
    SmallSegmentMatches found;
    std::vector<std::uint32_t> listed;
    std::unique_ptr<RowBitmap> bits;  // Null as long as matches are few enough to be listed.
    for (chunk_ = 0; chunk_ < ChunkCount(rows_); ++chunk_) {
      const std::uint32_t count = FilterChunk(found.rows_touched);
      found.count += count;
      if (count_only_ || count == 0) continue;
      if (bits == nullptr && found.count > kSmallListMax) {
        bits = std::make_unique<RowBitmap>(rows_);
        for (const std::uint32_t row : listed) bits->Set(row);
      }
      if (bits == nullptr) {
        listed.reserve(found.count);
        ListChunk(listed);
      } else {
        std::copy(bits_.begin() + first_word_, bits_.begin() + last_word_, bits->chunk(chunk_) + first_word_);
        bits->SetChunkCount(chunk_, count);
      }
    }
    if (bits == nullptr) {
      if (!listed.empty()) found.matches = ListedMatches(std::move(listed));
      return found;
    }
    found.matches = BitmapMatches(std::move(bits), found.count);
    return found;
  }

  // Leaves the chunk's matches in bits_ and returns how many they are. Only words from first_word_ on, before last_word_, have
  // a row left.
  std::uint32_t FilterChunk(std::uint64_t& rows_touched) {
    if (!TakeContainers()) return 0;
    const std::uint64_t* const dead = dead_ == nullptr ? nullptr : dead_->Chunk(chunk_);
    if (IsLeftToBitmaps())
      bitmaps_.erase(bitmaps_.begin());  // Not bits_, all of which would be set.
    else if (!StartBits())
      return 0;
    std::uint64_t* const left = is_count_enough_ ? nullptr : bits_.data();
    auto count = static_cast<std::uint32_t>(IntersectCount(bitmaps_, dead, left, first_word_, last_word_ - first_word_));
    for (const Term& term : terms_) {
      if (count == 0 || term.kind != Term::Kind::kRange) continue;
      rows_touched += term.cardinality;
      count = AndRange(term, count);
    }
    for (const IdSet& excluded : excluded_ids_) {
      if (count <= kRowsPerLookup * excluded.ids().size())
        count = AskForIds(excluded);
      else
        count -= LookIdsUp(excluded);
    }
    return count;
  }

  // Clears the bits of rows whose ids are excluded; returns how many are left.
  std::uint32_t AskForIds(const IdSet& excluded) {
    std::uint32_t count = 0;
    for (std::uint32_t word = first_word_; word < last_word_; ++word) {
      for (std::uint64_t left = bits_[word]; left != 0; left &= left - 1) {
        const std::uint32_t row = chunk_ * kChunkRows + word * 64 + static_cast<std::uint32_t>(std::countr_zero(left));
        if (excluded.Holds(segment_.ClientId(row))) bits_[word] &= ~(left & -left);
      }
      count += CountOnes(bits_[word]);
    }
    return count;
  }
  // The same; returns how many these were.
  std::uint32_t LookIdsUp(const IdSet& excluded) {
    std::uint32_t count = 0;
    for (const std::uint32_t row : segment_.RowsOf(excluded.ids())) {
      const std::uint32_t word = row % kChunkRows / 64;
      if (row / kChunkRows != chunk_ || word - first_word_ >= last_word_ - first_word_) continue;
      const std::uint64_t bit = std::uint64_t{1} << (row % 64);
      count += (bits_[word] & bit) != 0;
      bits_[word] &= ~bit;
    }
    return count;
  }

  // The chunk's rows of single values: what lies outside the rows that all of them span is not looked at again. False:
  // nothing is left.
  bool TakeContainers() {
    chunk_rows_ = RowsInChunk(chunk_, rows_);
    first_row_ = 0;
    last_row_ = chunk_rows_ - 1;
    listed_.clear();
    bitmaps_.clear();
    bitmaps_.push_back(bits_.data());
    lists_.clear();
    for (const Term& term : terms_) {
      if (term.kind == Term::Kind::kList && !TakeList(term.list())) return false;
      if (term.kind != Term::Kind::kContainer) continue;
      const Container container = term.values->Chunk(term.first, chunk_);
      switch (container.kind) {
        case ContainerKind::kEmpty: return false;
        case ContainerKind::kFull: break;
        case ContainerKind::kBitmap: bitmaps_.push_back(container.words()); break;
        case ContainerKind::kRuns:
          KeepBetween(container.runs().front().first, container.runs().back().last);
          if (container.run_count > 1) listed_.push_back(container);
          break;
        case ContainerKind::kArray:
          KeepBetween(container.rows().front(), container.rows().back());
          listed_.push_back(container);
          break;
      }
    }
    if (first_row_ > last_row_) return false;
    first_word_ = first_row_ / 64;
    last_word_ = last_row_ / 64 + 1;
    return true;
  }

  bool TakeList(std::span<const std::uint32_t> rows) {
    const std::uint32_t base = chunk_ * kChunkRows;
    if (rows_ > kChunkRows) {
      const auto first = std::ranges::lower_bound(rows, base);
      rows = {first, std::ranges::lower_bound(first, rows.end(), base + chunk_rows_)};
    }
    if (rows.empty()) return false;
    KeepBetween(rows.front() - base, rows.back() - base);
    lists_.push_back(rows);
    return true;
  }

  void KeepBetween(std::uint32_t first, std::uint32_t last) {
    first_row_ = std::max(first_row_, first);
    last_row_ = std::min(last_row_, last);
  }

  // Whether nothing but the bitmaps narrows the chunk's rows. They have no bits beyond these.
  bool IsLeftToBitmaps() const {
    return bitmaps_.size() > 2 && listed_.empty() && lists_.empty() && first_row_ == 0 && last_row_ == chunk_rows_ - 1 &&
           std::ranges::find(terms_, Term::Kind::kUnion, &Term::kind) == terms_.end();
  }

  // The rows that all terms but bitmaps and ranges hold. False: there are none.
  bool StartBits() {
    bool has_begun = false;
    // Calls add(bits), and intersects what that sets with what was there.
    const auto take = [&](auto add) {
      Bits& bits = has_begun ? other_ : bits_;
      Clear(bits);
      add(bits);
      return !std::exchange(has_begun, true) || And(other_.data());
    };
    for (const std::span<const std::uint32_t> rows : lists_) {
      if (!take([&](Bits& bits) { AddRows(rows, bits); })) return false;
    }
    for (const Container& container : listed_) {
      if (!take([&](Bits& bits) { AddTo(container, bits); })) return false;
    }
    for (const Term& term : terms_) {
      if (term.kind == Term::Kind::kUnion && !take([&](Bits& bits) { AddUnion(term, bits); })) return false;
    }
    if (!has_begun) return take([&](Bits& bits) { SetBits(bits.data(), first_row_, last_row_); });
    // A union's bitmaps reach beyond the first row and the last.
    bits_[first_word_] &= ~std::uint64_t{0} << (first_row_ % 64);
    bits_[last_word_ - 1] &= ~std::uint64_t{0} >> (63 - last_row_ % 64);
    return true;
  }

  // Keeps in bits_ what `words` has too. False: nothing is left.
  bool And(const std::uint64_t* words) {
    constexpr std::uint32_t kFewest = 32;  // Words for which the call of a kernel is worth it.
    std::uint64_t* const left = bits_.data() + first_word_;
    const std::uint32_t size = last_word_ - first_word_;
    if (size >= kFewest) return CountAnd(words) > 0;
    std::uint64_t any = 0;
    for (std::uint32_t i = 0; i < size; ++i) any |= left[i] &= words[first_word_ + i];
    return any != 0;
  }

  // The same; returns how many are left.
  std::uint32_t CountAnd(const std::uint64_t* words) {
    std::uint64_t* const left = bits_.data() + first_word_;
    return static_cast<std::uint32_t>(AndCount(left, words + first_word_, left, last_word_ - first_word_));
  }

  void AddUnion(const Term& term, Bits& bits) const {
    for (const std::uint32_t code : term.list()) {
      if (term.values->Cardinality(code) == 0) continue;
      if (term.values->IsPostingList(code))
        AddRows(term.values->PostingList(code), bits);
      else
        AddTo(term.values->Chunk(code, chunk_), bits);
    }
  }

  void Clear(Bits& bits) const { std::fill(bits.begin() + first_word_, bits.begin() + last_word_, 0); }

  // Sets the bits of ascending rows of the segment that lie in the chunk between first_row_ and last_row_.
  void AddRows(std::span<const std::uint32_t> rows, Bits& bits) const {
    const std::uint32_t base = chunk_ * kChunkRows;
    for (auto row = std::ranges::lower_bound(rows, base + first_row_); row != rows.end() && *row <= base + last_row_; ++row)
      bits[(*row - base) / 64] |= std::uint64_t{1} << (*row % 64);
  }
  // Between these too; of a bitmap in their words.
  void AddTo(const Container& container, Bits& bits) const {
    switch (container.kind) {
      case ContainerKind::kEmpty: return;
      case ContainerKind::kFull: SetBits(bits.data(), first_row_, last_row_); return;
      case ContainerKind::kBitmap:
        OrInto(container.words() + first_word_, bits.data() + first_word_, last_word_ - first_word_);
        return;
      case ContainerKind::kArray: {
        const std::span<const std::uint16_t> rows = container.rows();
        const std::uint16_t* row = rows.data();
        // Not searched for where all begin with these rows.
        if (*row < first_row_) row += CountBefore(rows, [this](std::uint16_t one) { return one < first_row_; });
        std::uint64_t* const words = bits.data();
        for (const auto* const end = rows.data() + rows.size(); row != end && *row <= last_row_; ++row)
          words[*row / 64] |= std::uint64_t{1} << (*row % 64);
        return;
      }
      case ContainerKind::kRuns: {
        const std::span<const RowRun> runs = container.runs();
        const RowRun* run = runs.data();
        if (run->last < first_row_) run += CountBefore(runs, [this](RowRun one) { return one.last < first_row_; });
        for (const auto* const end = runs.data() + runs.size(); run != end && run->first <= last_row_; ++run)
          SetBits(bits.data(), std::max<std::uint32_t>(run->first, first_row_), std::min<std::uint32_t>(run->last, last_row_));
        return;
      }
    }
  }

  // Sets the bits of the range's rows, or tests all rows of words that have one left.
  std::uint32_t AndRange(const Term& range, std::uint32_t left) {
    const double words = std::min(left, last_word_ - first_word_);
    if (range.cardinality * kSetBitCost <= words * kTestWordCost) {
      std::fill_n(other_.begin(), (chunk_rows_ + 63) / 64, 0);
      for (const std::uint32_t row : std::span(range.order->row_at() + range.first, range.cardinality)) {
        if (row / kChunkRows == chunk_) other_[row % kChunkRows / 64] |= std::uint64_t{1} << (row % 64);
      }
      return CountAnd(other_.data());
    }
    const std::uint32_t* const position_of = range.order->position_of() + std::size_t{chunk_} * kChunkRows;
    const std::uint32_t whole = std::min(last_word_, chunk_rows_ / 64);
    std::uint64_t count =
        KeepInRange(position_of + first_word_ * 64, range.first, range.last, bits_.data() + first_word_, whole - first_word_);
    if (whole < last_word_) {  // The column ends within this word.
      std::array<std::uint32_t, 64> last{};
      std::copy_n(position_of + whole * 64, chunk_rows_ % 64, last.begin());
      count += KeepInRange(last.data(), range.first, range.last, bits_.data() + whole, 1);
    }
    return static_cast<std::uint32_t>(count);
  }

  void ListChunk(std::vector<std::uint32_t>& rows) const {
    for (std::uint32_t word = first_word_; word < last_word_; ++word) {
      for (std::uint64_t left = bits_[word]; left != 0; left &= left - 1)
        rows.push_back(chunk_ * kChunkRows + word * 64 + static_cast<std::uint32_t>(std::countr_zero(left)));
    }
  }

  const std::span<const Term> terms_;
  const bool never_;
  const std::span<const IdSet> excluded_ids_;
  const Segment& segment_;
  const Tombstones* const dead_;
  const bool count_only_;
  const std::uint32_t rows_;
  const bool is_count_enough_;  // Of the rows that conditions on values leave: which these are is not asked.
  // Of FromBits: the chunk that it is at, and what holds for that.
  std::uint32_t chunk_ = 0, chunk_rows_ = 0;
  std::uint32_t first_row_ = 0, last_row_ = 0, first_word_ = 0, last_word_ = 0;  // Words before last_word_.
  absl::InlinedVector<const std::uint64_t*, 8> bitmaps_;                         // bits_, and those of values.
  absl::InlinedVector<std::span<const std::uint32_t>, 4> lists_;                 // Values by rows of the segment,
  absl::InlinedVector<Container, 8> listed_;                                     // by arrays and runs.
  // Not cleared: most evaluations use little of them.
  Bits bits_, other_;
};

}  // namespace

SmallSegmentMatches FilterSmallSegment(const SmallSegmentConditions& conditions, const SmallSegmentTerms& terms,
                                       const SegmentView& view, bool count_only) {
  return Evaluation(conditions, terms, view, count_only).Run();
}

}  // namespace clientele
