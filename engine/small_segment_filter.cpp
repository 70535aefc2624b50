#include "engine/small_segment_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <absl/container/inlined_vector.h>

#include "engine/bit_kernels.h"
#include "engine/chunk_intersection.h"
#include "engine/conjunct.h"
#include "index/value_rows.h"

namespace clientele {
namespace {

// A condition that few rows fulfil is taken row by row: at most as many as it takes to combine the bits of all rows.
constexpr std::uint32_t kCandidatesMin = 16, kWordsPerCandidate = 8;
constexpr std::uint32_t kCandidatesMax = kChunkWords / kWordsPerCandidate;

// More matches than these are kept as bits: a walk in some order then meets one of them soon.
constexpr std::uint32_t kListedMax = 64;

constexpr double kSetBitCost = 1.2, kTestWordCost = 7;  // Nanoseconds; the latter is of 64 positions.

// A condition as what the segment stores of it.
struct Term {
  enum class Kind : std::uint8_t {
    kContainer,  // Of one value, in each chunk.
    kList,       // A posting list, or the rows of ids (those in any order).
    kUnion,      // Of several values.
    kRange,      // Positions of an order.
  };
  Kind kind = Kind::kContainer;
  std::uint32_t cardinality = 0;  // Rows that fulfil it; of a union an upper bound.
  std::span<const std::uint32_t> list{};
  const ValueIndex* values = nullptr;
  std::uint32_t first = 0, last = 0;  // kContainer: `first` is the code; kUnion: of the evaluation's codes; kRange: positions.
  const SortOrder* order = nullptr;
};

class Evaluation {
 public:
  Evaluation(const SegmentView& view, bool count_only)
      : segment_(*view.segment), dead_(view.dead()), count_only_(count_only), rows_(segment_.row_count()) {
    assert(rows_ <= kSmallSegmentRows);
  }

  SmallSegmentMatches Run(const Query& query) {
    if (rows_ == 0 || !Resolve(query)) return {};
    if (terms_.empty() && excluded_.empty()) return All();
    if (count_only_ && CountIsStored()) return {.count = terms_[0].cardinality, .matches = nullptr};
    const auto rarest = std::ranges::min_element(terms_, {}, &Term::cardinality);
    const std::uint32_t candidates_max = std::clamp(rows_ / 64 / kWordsPerCandidate, kCandidatesMin, kCandidatesMax);
    if (rarest != terms_.end() && rarest->cardinality <= candidates_max) return FromCandidates(*rarest);
    return FromBits();
  }

 private:
  // False: no row fulfils them all.
  bool Resolve(const Query& query) {
    for (const Predicate& predicate : query.all_of) {
      if (!Resolve(predicate)) return false;
    }
    return std::ranges::all_of(ranges_, [this](const Range& range) { return AddRange(range); });
  }

  bool Resolve(const Predicate& predicate) {
    const auto& [field, def] = Filters()[predicate.filter];
    const FieldIndex& index = segment_.field(field);
    switch (def->op) {
      case FilterOp::kEqualsFolded: {
        const auto code = segment_.CodeOf(field, std::get<TextOperand>(predicate.operand).text);
        return code && AddCode(index.values, *code);
      }
      case FilterOp::kAnyOf: {
        const auto& operand = std::get<ValueSetOperand>(predicate.operand);
        return Def(field).equality == EqualityIndex::kOrder ? AddIds(operand.values) : AddCoded(field, operand);
      }
      case FilterOp::kFeatureAnyOf: return AddCoded(field, std::get<ValueSetOperand>(predicate.operand));
      case FilterOp::kNoneOf: excluded_.push_back(std::get<ValueSetOperand>(predicate.operand).values); return true;
      case FilterOp::kServiceStateAnyOf:
        return AddStored(index.states[def->service], std::get<ValueSetOperand>(predicate.operand).values);
      case FilterOp::kServiceAvailable: return AddStored(index.values, std::get<ValueSetOperand>(predicate.operand).values);
      case FilterOp::kAtLeast:
      case FilterOp::kAtMost: JoinRange(field, def->op == FilterOp::kAtLeast, BoundKey(predicate)); return true;
      case FilterOp::kContains:
      case FilterOp::kEqualsExact: break;
    }
    assert(false && "no condition for this filter");
    return false;
  }

  bool AddCoded(Field field, const ValueSetOperand& operand) {
    if (operand.values.size() == 1 && !operand.or_null) {
      const auto code = segment_.CodeOf(field, operand.values[0]);
      return code && AddCode(segment_.field(field).values, *code);
    }
    const auto begin = static_cast<std::uint32_t>(codes_.size());
    for (const std::int64_t value : operand.values) {
      if (const auto code = segment_.CodeOf(field, value)) codes_.push_back(*code);
    }
    if (operand.or_null) codes_.push_back(kNoCountryCode);
    return AddCodesFrom(begin, segment_.field(field).values);
  }

  bool AddStored(const ValueIndex& values, std::span<const std::int64_t> stored) {
    if (stored.size() == 1) return AddCode(values, static_cast<std::uint32_t>(stored[0]));
    const auto begin = static_cast<std::uint32_t>(codes_.size());
    for (const std::int64_t value : stored) codes_.push_back(static_cast<std::uint32_t>(value));
    return AddCodesFrom(begin, values);
  }

  // A condition of the codes from number `begin` on.
  bool AddCodesFrom(std::uint32_t begin, const ValueIndex& values) {
    const auto first = codes_.begin() + begin;
    codes_.erase(std::remove_if(first, codes_.end(), [&](std::uint32_t code) { return values.Cardinality(code) == 0; }),
                 codes_.end());
    const auto end = static_cast<std::uint32_t>(codes_.size());
    if (end == begin) return false;
    if (end == begin + 1) {
      codes_.pop_back();
      return AddCode(values, codes_.data()[begin]);
    }
    std::uint32_t sum = 0;
    for (std::uint32_t i = begin; i < end; ++i) sum += values.Cardinality(codes_[i]);
    Term term{.kind = Term::Kind::kUnion, .cardinality = sum};
    term.values = &values;
    term.first = begin;
    term.last = end;
    terms_.push_back(term);
    return true;
  }

  bool AddCode(const ValueIndex& values, std::uint32_t code) {
    const std::uint32_t cardinality = values.Cardinality(code);
    if (cardinality == 0) return false;
    if (cardinality == rows_) return true;
    Term term{.cardinality = cardinality};
    if (values.IsPostingList(code)) {
      term.kind = Term::Kind::kList;
      term.list = values.PostingList(code);
    } else {
      term.values = &values;
      term.first = code;
    }
    terms_.push_back(term);
    return true;
  }

  bool AddIds(std::span<const std::int64_t> ids) {
    std::vector<std::uint32_t> rows = segment_.RowsOf(ids);
    if (rows.empty()) return false;
    std::ranges::sort(rows);
    Term term{.kind = Term::Kind::kList, .cardinality = static_cast<std::uint32_t>(rows.size())};
    term.list = id_rows_.emplace_back(std::move(rows));
    terms_.push_back(term);
    return true;
  }

  // Both ends included.
  struct Range {
    Field field;
    std::int64_t lower = std::numeric_limits<std::int64_t>::min(), upper = std::numeric_limits<std::int64_t>::max();
  };

  void JoinRange(Field field, bool at_least, std::int64_t key) {
    auto range = std::ranges::find(ranges_, field, &Range::field);
    if (range == ranges_.end()) range = ranges_.insert(range, {field});
    if (at_least)
      range->lower = std::max(range->lower, key);
    else
      range->upper = std::min(range->upper, key);
  }

  bool AddRange(const Range& range) {
    const FieldIndex& index = segment_.field(range.field);
    const PositionRange positions = PositionsOf(index, range.lower, range.upper);
    if (positions.width() == 0) return false;
    if (positions.width() == rows_) return true;
    Term term{.kind = Term::Kind::kRange, .cardinality = positions.width()};
    term.first = positions.first;
    term.last = positions.last;
    term.order = &index.order;
    terms_.push_back(term);
    return true;
  }

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
    return terms_.size() == 1 && terms_[0].kind != Term::Kind::kUnion && dead_ == nullptr && excluded_.empty();
  }

  std::span<const std::uint32_t> CodesOf(const Term& term) const {
    return std::span(codes_).subspan(term.first, term.last - term.first);
  }

  // The rows of a rare condition, tested against all else.
  SmallSegmentMatches FromCandidates(const Term& rarest) {
    switch (rarest.kind) {
      case Term::Kind::kContainer: TakeRows(*rarest.values, rarest.first); break;
      case Term::Kind::kList: TakeRows(rarest.list); break;
      case Term::Kind::kRange: TakeRows({rarest.order->row_at() + rarest.first, rarest.cardinality}); break;
      case Term::Kind::kUnion:
        for (const std::uint32_t code : CodesOf(rarest)) TakeRows(*rarest.values, code);
        break;
    }
    SmallSegmentMatches found{.rows_touched = candidate_count_, .matches = nullptr};
    for (const Term& term : terms_) {
      if (&term != &rarest) KeepHeld(term);
    }
    if (dead_ != nullptr) {
      KeepIf([this](std::uint32_t row) { return !dead_->Test(row); });
    }
    for (const auto& ids : excluded_) KeepOtherIds(ids);
    found.count = candidate_count_;
    const bool is_distinct = rarest.kind != Term::Kind::kUnion;
    if (candidate_count_ == 0 || (count_only_ && is_distinct)) return found;
    found.matches = MatchesOfCandidates(is_distinct && rarest.kind != Term::Kind::kRange);
    found.count = static_cast<std::uint32_t>(found.matches->count);
    return found;
  }

  std::shared_ptr<const MatchSet> MatchesOfCandidates(bool are_ascending) {
    if (candidate_count_ > kListedMax) {
      auto bits = std::make_unique<RowBitmap>(rows_);
      for (const std::uint32_t row : Candidates()) {
        if (!bits->Test(row)) bits->Set(row);
      }
      const std::uint64_t count = bits->Count();
      return BitsOf(std::move(bits), count);
    }
    std::vector<std::uint32_t> rows(candidates_.begin(), candidates_.begin() + candidate_count_);
    if (!are_ascending) {
      std::ranges::sort(rows);
      const auto again = std::ranges::unique(rows);
      rows.erase(again.begin(), again.end());
    }
    return ListOf(std::move(rows));
  }

  std::span<std::uint32_t> Candidates() { return std::span(candidates_).first(candidate_count_); }

  void TakeRows(std::span<const std::uint32_t> rows) {
    std::ranges::copy(rows, candidates_.begin() + candidate_count_);
    candidate_count_ += static_cast<std::uint32_t>(rows.size());
  }
  void TakeRows(const ValueIndex& values, std::uint32_t code) {
    if (values.IsPostingList(code)) return TakeRows(values.PostingList(code));
    for (std::uint32_t chunk = 0; chunk < ChunkCount(rows_); ++chunk) {
      ForEachRow(values.Chunk(code, chunk), chunk * kChunkRows, RowsInChunk(chunk, rows_),
                 [this](std::uint32_t row) { candidates_[candidate_count_++] = row; });
    }
  }

  template <class Keep>
  void KeepIf(Keep keep) {
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < candidate_count_; ++i) {
      const std::uint32_t row = candidates_[i];
      // Advance by the test: as a branch it would be unpredictable when about half the rows stay.
      candidates_[kept] = row;
      kept += keep(row);
    }
    candidate_count_ = kept;
  }

  void KeepHeld(const Term& term) {
    switch (term.kind) {
      case Term::Kind::kContainer: return KeepHeldByValue(*term.values, term.first);
      case Term::Kind::kList: return KeepIf([&](std::uint32_t row) { return std::ranges::binary_search(term.list, row); });
      case Term::Kind::kRange:
        return KeepIf([&, position_of = term.order->position_of()](std::uint32_t row) {
          return position_of[row] - term.first < term.last - term.first;
        });
      case Term::Kind::kUnion:
        return KeepIf([&](std::uint32_t row) {
          return std::ranges::any_of(CodesOf(term), [&](std::uint32_t code) { return term.values->Holds(row, code); });
        });
    }
  }

  void KeepHeldByValue(const ValueIndex& values, std::uint32_t code) {
    if (rows_ > kChunkRows) return KeepIf([&](std::uint32_t row) { return values.Holds(row, code); });
    const Container container = values.Chunk(code, 0);
    if (container.kind == ContainerKind::kBitmap)
      return KeepIf([words = container.words()](std::uint32_t row) { return ((words[row / 64] >> (row % 64)) & 1) != 0; });
    KeepIf([&](std::uint32_t row) { return Contains(container, static_cast<std::uint16_t>(row)); });
  }

  void KeepOtherIds(std::span<const std::int64_t> ids) {
    if (candidate_count_ <= ids.size())
      return KeepIf([&](std::uint32_t row) { return !std::ranges::binary_search(ids, segment_.ClientId(row)); });
    const std::vector<std::uint32_t> rows = segment_.RowsOf(ids);
    if (!rows.empty()) KeepIf([&](std::uint32_t row) { return std::ranges::find(rows, row) == rows.end(); });
  }

  // Conditions of many rows each, 64 rows at a time.
  SmallSegmentMatches FromBits() {
    for (const auto& ids : excluded_) {
      const std::vector<std::uint32_t> rows = segment_.RowsOf(ids);
      excluded_rows_.insert(excluded_rows_.end(), rows.begin(), rows.end());
    }
    SmallSegmentMatches found;
    std::vector<std::uint32_t> listed;
    std::unique_ptr<RowBitmap> bits;  // Null as long as matches are few enough to be listed.
    for (chunk_ = 0; chunk_ < ChunkCount(rows_); ++chunk_) {
      const std::uint32_t count = FilterChunk(found.rows_touched);
      found.count += count;
      if (count_only_ || count == 0) continue;
      if (bits == nullptr && found.count > kListedMax) {
        bits = std::make_unique<RowBitmap>(rows_);
        for (const std::uint32_t row : listed) bits->Set(row);
      }
      if (bits == nullptr) {
        ListChunk(listed);
      } else {
        std::copy(bits_.begin() + first_word_, bits_.begin() + last_word_, bits->chunk(chunk_) + first_word_);
        bits->SetChunkCount(chunk_, count);
      }
    }
    if (bits == nullptr) {
      if (!listed.empty()) found.matches = ListOf(std::move(listed));
      return found;
    }
    found.matches = BitsOf(std::move(bits), found.count);
    return found;
  }

  // Leaves the chunk's matches in bits_ and returns how many they are. Only words from first_word_ on, before last_word_, have
  // a row left.
  std::uint32_t FilterChunk(std::uint64_t& rows_touched) {
    chunk_rows_ = RowsInChunk(chunk_, rows_);
    first_word_ = 0;
    last_word_ = (chunk_rows_ + 63) / 64;
    containers_.clear();
    for (const Term& term : terms_) {
      if (term.kind != Term::Kind::kContainer) continue;
      const Container container = term.values->Chunk(term.first, chunk_);
      if (container.kind == ContainerKind::kEmpty) return 0;
      if (container.kind == ContainerKind::kRuns) KeepWordsOf(container.runs());
      if (container.kind != ContainerKind::kFull) containers_.push_back(container);
    }
    if (first_word_ >= last_word_) return 0;
    std::fill(bits_.begin() + first_word_, bits_.begin() + last_word_, ~std::uint64_t{0});
    if (last_word_ * 64 > chunk_rows_) bits_[last_word_ - 1] >>= last_word_ * 64 - chunk_rows_;
    std::uint32_t count = chunk_rows_;
    for (const Container& container : containers_) {
      if (count > 0) count = AndBits(container);
    }
    for (const Term& term : terms_) {
      if (count > 0 && (term.kind == Term::Kind::kList || term.kind == Term::Kind::kUnion)) count = AndBits(term);
    }
    for (const Term& term : terms_) {
      if (count == 0 || term.kind != Term::Kind::kRange) continue;
      rows_touched += term.cardinality;
      count = AndRange(term, count);
    }
    if (count > 0 && dead_ != nullptr) {
      std::uint64_t* const left = bits_.data() + first_word_;
      count = static_cast<std::uint32_t>(AndNotCount(left, dead_->Chunk(chunk_) + first_word_, left, last_word_ - first_word_));
    }
    for (const std::uint32_t row : excluded_rows_) {
      const std::uint32_t word = row % kChunkRows / 64;
      if (row / kChunkRows != chunk_ || word - first_word_ >= last_word_ - first_word_) continue;
      const std::uint64_t bit = std::uint64_t{1} << (row % 64);
      count -= (bits_[word] & bit) != 0;
      bits_[word] &= ~bit;
    }
    return count;
  }

  void KeepWordsOf(std::span<const RowRun> runs) {
    first_word_ = std::max(first_word_, runs.front().first / 64u);
    last_word_ = std::min(last_word_, runs.back().last / 64u + 1);
  }

  std::uint32_t And(const std::uint64_t* words) {
    std::uint64_t* const left = bits_.data() + first_word_;
    return static_cast<std::uint32_t>(AndCount(left, words + first_word_, left, last_word_ - first_word_));
  }

  std::uint32_t AndBits(const Container& container) {
    if (container.kind == ContainerKind::kBitmap) return And(container.words());
    ClearOther();
    AddTo(container);
    return And(other_.data());
  }
  std::uint32_t AndBits(const Term& term) {
    ClearOther();
    if (term.kind == Term::Kind::kList) {
      AddTo(term.list);
    } else {
      for (const std::uint32_t code : CodesOf(term)) {
        if (term.values->IsPostingList(code))
          AddTo(term.values->PostingList(code));
        else
          AddTo(term.values->Chunk(code, chunk_));
      }
    }
    return And(other_.data());
  }

  void ClearOther() { std::fill(other_.begin() + first_word_, other_.begin() + last_word_, 0); }

  // Sets the bits of ascending rows of the segment that lie in the chunk's words that matter.
  void AddTo(std::span<const std::uint32_t> rows) {
    const std::uint32_t base = chunk_ * kChunkRows, end = base + std::min(last_word_ * 64, chunk_rows_);
    for (auto row = std::ranges::lower_bound(rows, base + first_word_ * 64); row != rows.end() && *row < end; ++row)
      other_[(*row - base) / 64] |= std::uint64_t{1} << (*row % 64);
  }
  void AddTo(const Container& container) {
    switch (container.kind) {
      case ContainerKind::kEmpty: return;
      case ContainerKind::kFull: SetBits(other_.data(), first_word_ * 64, std::min(chunk_rows_, last_word_ * 64) - 1); return;
      case ContainerKind::kBitmap:
        OrInto(container.words() + first_word_, other_.data() + first_word_, last_word_ - first_word_);
        return;
      case ContainerKind::kArray: {
        const auto rows = container.rows();
        for (auto row = std::ranges::lower_bound(rows, first_word_ * 64); row != rows.end() && *row < last_word_ * 64; ++row)
          other_[*row / 64] |= std::uint64_t{1} << (*row % 64);
        return;
      }
      case ContainerKind::kRuns:
        for (const RowRun run : container.runs()) {
          const std::uint32_t first = std::max<std::uint32_t>(run.first, first_word_ * 64);
          const std::uint32_t last = std::min<std::uint32_t>(run.last, last_word_ * 64 - 1);
          if (first <= last) SetBits(other_.data(), first, last);
        }
        return;
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
      return And(other_.data());
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

  static std::shared_ptr<const MatchSet> BitsOf(std::unique_ptr<RowBitmap> bits, std::uint64_t count) {
    auto matches = std::make_shared<MatchSet>();
    matches->form = MatchSet::Form::kBits;
    matches->count = count;
    matches->bits = std::move(bits);
    return matches;
  }
  static std::shared_ptr<const MatchSet> ListOf(std::vector<std::uint32_t> rows) {
    auto matches = std::make_shared<MatchSet>();
    matches->form = MatchSet::Form::kRows;
    matches->count = rows.size();
    matches->rows = std::move(rows);
    return matches;
  }

  const Segment& segment_;
  const Tombstones* const dead_;
  const bool count_only_;
  const std::uint32_t rows_;
  absl::InlinedVector<Term, 8> terms_;
  absl::InlinedVector<std::uint32_t, 32> codes_;                    // Of the unions.
  absl::InlinedVector<std::span<const std::int64_t>, 1> excluded_;  // Ids.
  absl::InlinedVector<std::vector<std::uint32_t>, 1> id_rows_;      // What lists of ids are.
  absl::InlinedVector<Range, 2> ranges_;
  std::uint32_t candidate_count_ = 0;
  // Of FromBits: the chunk that it is at, and what holds for that.
  std::vector<std::uint32_t> excluded_rows_;
  std::uint32_t chunk_ = 0, chunk_rows_ = 0, first_word_ = 0, last_word_ = 0;
  absl::InlinedVector<Container, 8> containers_;
  // Not cleared: most evaluations use little of them.
  std::array<std::uint32_t, kCandidatesMax> candidates_;
  std::array<std::uint64_t, kChunkWords> bits_, other_;
};

}  // namespace

bool FitsSmallSegmentFilter(const Query& query) {
  return std::ranges::none_of(query.all_of, [](const Predicate& predicate) {
    const FilterOp op = Filters()[predicate.filter].def->op;
    return op == FilterOp::kContains || op == FilterOp::kEqualsExact;
  });
}

SmallSegmentMatches FilterSmallSegment(const SegmentView& view, const Query& query, bool count_only) {
  return Evaluation(view, count_only).Run(query);
}

}  // namespace clientele
