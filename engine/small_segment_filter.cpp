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
#include "engine/conjunct.h"
#include "index/value_rows.h"

namespace clientele {
namespace {

// A condition that few rows fulfil is taken row by row: at most as many as it takes to combine the bits of all rows.
constexpr std::uint32_t kCandidatesMin = 16, kWordsPerCandidate = 2;
constexpr std::uint32_t kCandidatesMax = 512;

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
  std::uint32_t cardinality = 0;      // Rows that fulfil it; of a union an upper bound.
  std::uint32_t first = 0, last = 0;  // kContainer: `first` is the code; kRange: positions.
  const ValueIndex* values = nullptr;
  const SortOrder* order = nullptr;
  std::span<const std::uint32_t> list{};  // kList: rows; kUnion: codes, some of which no row may hold.
};

}  // namespace

class SmallSegmentEvaluation {
 public:
  SmallSegmentEvaluation(const SmallSegmentFilter& filter, const SegmentView& view)
      : filter_(filter),
        segment_(*view.segment),
        dead_(view.dead()),
        count_only_(filter.count_only_),
        rows_(segment_.row_count()) {
    assert(rows_ <= kSmallSegmentRows);
  }

  SmallSegmentMatches Run() {
    if (rows_ == 0 || !Resolve()) return {};
    if (terms_.empty() && filter_.excluded_.empty()) return All();
    if (count_only_ && CountIsStored()) return {.count = terms_[0].cardinality, .matches = nullptr};
    const auto rarest = std::ranges::min_element(terms_, {}, &Term::cardinality);
    const std::uint32_t candidates_max = std::clamp(rows_ / 64 / kWordsPerCandidate, kCandidatesMin, kCandidatesMax);
    if (rarest != terms_.end() && rarest->cardinality <= candidates_max) return FromCandidates(*rarest);
    return FromBits();
  }

 private:
  using Condition = SmallSegmentFilter::Condition;

  // False: no row fulfils them all.
  bool Resolve() {
    own_codes_.reserve(filter_.integers_);
    return std::ranges::all_of(filter_.conditions_, [this](const Condition& condition) { return Add(condition); }) &&
           std::ranges::all_of(filter_.ranges_, [this](const auto& range) { return AddRange(range); });
  }

  bool Add(const Condition& condition) {
    const FieldIndex& index = segment_.field(condition.field);
    switch (condition.by) {
      case Condition::By::kCode:
        return AddCodes(condition.service ? index.states[*condition.service] : index.values,
                        std::span(filter_.codes_).subspan(condition.first, condition.last - condition.first));
      case Condition::By::kText: {
        const auto code = segment_.CodeOf(condition.field, condition.text);
        return code && AddCode(index.values, *code);
      }
      case Condition::By::kIntegers: {
        const std::size_t begin = own_codes_.size();
        for (const std::int64_t value : condition.integers) {
          if (const auto code = segment_.CodeOf(condition.field, value)) own_codes_.push_back(*code);
        }
        return AddCodes(index.values, std::span(own_codes_).subspan(begin));
      }
      case Condition::By::kIds: return AddIds(condition.integers);
    }
    return false;
  }

  bool AddCodes(const ValueIndex& values, std::span<const std::uint32_t> codes) {
    if (codes.size() == 1) return AddCode(values, codes[0]);
    std::uint32_t sum = 0, held = 0, last_held = 0;
    for (const std::uint32_t code : codes) {
      const std::uint32_t cardinality = values.Cardinality(code);
      if (cardinality == 0) continue;
      sum += cardinality;
      ++held;
      last_held = code;
    }
    if (held <= 1) return held == 1 && AddCode(values, last_held);
    terms_.push_back({.kind = Term::Kind::kUnion, .cardinality = sum, .values = &values, .list = codes});
    return true;
  }

  bool AddCode(const ValueIndex& values, std::uint32_t code) {
    const std::uint32_t cardinality = values.Cardinality(code);
    if (cardinality == 0) return false;
    if (cardinality == rows_) return true;
    if (values.IsPostingList(code)) {
      terms_.push_back({.kind = Term::Kind::kList, .cardinality = cardinality, .list = values.PostingList(code)});
    } else {
      values.PrefetchChunks(code);
      terms_.push_back({.kind = Term::Kind::kContainer, .cardinality = cardinality, .first = code, .values = &values});
    }
    return true;
  }

  bool AddIds(std::span<const std::int64_t> ids) {
    std::vector<std::uint32_t> rows = segment_.RowsOf(ids);
    if (rows.empty()) return false;
    std::ranges::sort(rows);
    const auto cardinality = static_cast<std::uint32_t>(rows.size());
    terms_.push_back({.kind = Term::Kind::kList, .cardinality = cardinality, .list = id_rows_.emplace_back(std::move(rows))});
    return true;
  }

  bool AddRange(const SmallSegmentFilter::Range& range) {
    const FieldIndex& index = segment_.field(range.field);
    const PositionRange positions = PositionsOf(index, range.lower, range.upper);
    if (positions.width() == 0) return false;
    if (positions.width() == rows_) return true;
    terms_.push_back({.kind = Term::Kind::kRange,
                      .cardinality = positions.width(),
                      .first = positions.first,
                      .last = positions.last,
                      .order = &index.order});
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
    return terms_.size() == 1 && terms_[0].kind != Term::Kind::kUnion && dead_ == nullptr && filter_.excluded_.empty();
  }

  // The rows of a rare condition, tested against all else.
  SmallSegmentMatches FromCandidates(const Term& rarest) {
    switch (rarest.kind) {
      case Term::Kind::kContainer: TakeRows(*rarest.values, rarest.first); break;
      case Term::Kind::kList: TakeRows(rarest.list); break;
      case Term::Kind::kRange: TakeRows({rarest.order->row_at() + rarest.first, rarest.cardinality}); break;
      case Term::Kind::kUnion:
        for (const std::uint32_t code : rarest.list) TakeRows(*rarest.values, code);
        break;
    }
    are_ascending_ = rarest.kind == Term::Kind::kContainer || rarest.kind == Term::Kind::kList;
    SmallSegmentMatches found{.rows_touched = candidate_count_, .matches = nullptr};
    for (const Term& term : terms_) {
      if (&term != &rarest) KeepHeld(term);
    }
    if (dead_ != nullptr) {
      KeepIf([this](std::uint32_t row) { return !dead_->Test(row); });
    }
    for (const auto& ids : filter_.excluded_) KeepOtherIds(ids);
    found.count = candidate_count_;
    const bool is_distinct = rarest.kind != Term::Kind::kUnion;
    if (candidate_count_ == 0 || (count_only_ && is_distinct)) return found;
    found.matches = MatchesOfCandidates();
    found.count = static_cast<std::uint32_t>(found.matches->count);
    return found;
  }

  std::shared_ptr<const MatchSet> MatchesOfCandidates() {
    if (candidate_count_ > kListedMax) {
      auto bits = std::make_unique<RowBitmap>(rows_);
      for (const std::uint32_t row : Candidates()) {
        if (!bits->Test(row)) bits->Set(row);
      }
      const std::uint64_t count = bits->Count();
      return BitsOf(std::move(bits), count);
    }
    std::vector<std::uint32_t> rows(candidates_.begin(), candidates_.begin() + candidate_count_);
    if (!are_ascending_) {
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
    if (values.Cardinality(code) == 0) return;
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
          return std::ranges::any_of(
              term.list, [&](std::uint32_t code) { return term.values->Cardinality(code) > 0 && term.values->Holds(row, code); });
        });
    }
  }

  void KeepHeldByValue(const ValueIndex& values, std::uint32_t code) {
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

  void KeepOtherIds(std::span<const std::int64_t> ids) {
    if (candidate_count_ <= ids.size())
      return KeepIf([&](std::uint32_t row) { return !std::ranges::binary_search(ids, segment_.ClientId(row)); });
    const std::vector<std::uint32_t> rows = segment_.RowsOf(ids);
    if (!rows.empty()) KeepIf([&](std::uint32_t row) { return std::ranges::find(rows, row) == rows.end(); });
  }

  // Conditions of many rows each, 64 rows at a time.
  SmallSegmentMatches FromBits() {
    for (const auto& ids : filter_.excluded_) {
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
      if (container.kind == ContainerKind::kFull) continue;
      containers_.push_back(container);
      if (container.kind != ContainerKind::kRuns) continue;
      KeepWordsOf(container.runs());
      std::swap(containers_.front(), containers_.back());  // Runs make the first bits.
    }
    if (first_word_ >= last_word_) return 0;
    std::uint32_t count = StartBits();
    for (std::size_t i = 1; i < containers_.size() && count > 0; ++i) count = AndBits(containers_[i]);
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

  // The bits of the first container, or of all rows. Returns how many they are, of runs at most.
  std::uint32_t StartBits() {
    if (containers_.empty()) {
      std::fill(bits_.begin() + first_word_, bits_.begin() + last_word_, ~std::uint64_t{0});
      if (last_word_ * 64 > chunk_rows_) bits_[last_word_ - 1] >>= last_word_ * 64 - chunk_rows_;
      return chunk_rows_;
    }
    const Container& container = containers_.front();
    if (container.kind == ContainerKind::kBitmap) {
      std::copy(container.words() + first_word_, container.words() + last_word_, bits_.begin() + first_word_);
    } else {
      Clear(bits_);
      AddTo(container, bits_);
    }
    return container.cardinality;
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
    Clear(other_);
    AddTo(container, other_);
    return And(other_.data());
  }
  std::uint32_t AndBits(const Term& term) {
    Clear(other_);
    if (term.kind == Term::Kind::kList) {
      AddRows(term.list);
    } else {
      for (const std::uint32_t code : term.list) {
        if (term.values->Cardinality(code) == 0) continue;
        if (term.values->IsPostingList(code))
          AddRows(term.values->PostingList(code));
        else
          AddTo(term.values->Chunk(code, chunk_), other_);
      }
    }
    return And(other_.data());
  }

  using Bits = std::array<std::uint64_t, kChunkWords>;  // Of a chunk.

  void Clear(Bits& bits) const { std::fill(bits.begin() + first_word_, bits.begin() + last_word_, 0); }

  // Sets the bits of ascending rows of the segment that lie in the chunk's words that matter, in other_.
  void AddRows(std::span<const std::uint32_t> rows) {
    const std::uint32_t base = chunk_ * kChunkRows, end = base + std::min(last_word_ * 64, chunk_rows_);
    for (auto row = std::ranges::lower_bound(rows, base + first_word_ * 64); row != rows.end() && *row < end; ++row)
      other_[(*row - base) / 64] |= std::uint64_t{1} << (*row % 64);
  }
  void AddTo(const Container& container, Bits& bits) const {
    switch (container.kind) {
      case ContainerKind::kEmpty: return;
      case ContainerKind::kFull: SetBits(bits.data(), first_word_ * 64, std::min(chunk_rows_, last_word_ * 64) - 1); return;
      case ContainerKind::kBitmap:
        OrInto(container.words() + first_word_, bits.data() + first_word_, last_word_ - first_word_);
        return;
      case ContainerKind::kArray: {
        const auto rows = container.rows();
        for (auto row = std::ranges::lower_bound(rows, first_word_ * 64); row != rows.end() && *row < last_word_ * 64; ++row)
          bits[*row / 64] |= std::uint64_t{1} << (*row % 64);
        return;
      }
      case ContainerKind::kRuns:
        for (const RowRun run : container.runs()) {
          const std::uint32_t first = std::max<std::uint32_t>(run.first, first_word_ * 64);
          const std::uint32_t last = std::min<std::uint32_t>(run.last, last_word_ * 64 - 1);
          if (first <= last) SetBits(bits.data(), first, last);
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

  const SmallSegmentFilter& filter_;
  const Segment& segment_;
  const Tombstones* const dead_;
  const bool count_only_;
  const std::uint32_t rows_;
  absl::InlinedVector<Term, 8> terms_;
  absl::InlinedVector<std::uint32_t, 16> own_codes_;            // What some terms view.
  absl::InlinedVector<std::vector<std::uint32_t>, 1> id_rows_;  // The same.
  std::uint32_t candidate_count_ = 0;
  bool are_ascending_ = false;  // The candidates.
  // Of FromBits: the chunk that it is at, and what holds for that.
  std::vector<std::uint32_t> excluded_rows_;
  std::uint32_t chunk_ = 0, chunk_rows_ = 0, first_word_ = 0, last_word_ = 0;
  absl::InlinedVector<Container, 8> containers_;
  // Not cleared: most evaluations use little of them.
  std::array<std::uint32_t, kCandidatesMax> candidates_;
  Bits bits_, other_;
};

bool SmallSegmentFilter::Fits(const Query& query) {
  return std::ranges::none_of(query.all_of, [](const Predicate& predicate) {
    const FilterOp op = Filters()[predicate.filter].def->op;
    return op == FilterOp::kContains || op == FilterOp::kEqualsExact;
  });
}

SmallSegmentFilter::SmallSegmentFilter(const Query& query, bool count_only) : count_only_(count_only) {
  for (const Predicate& predicate : query.all_of) Add(predicate);
}

void SmallSegmentFilter::Add(const Predicate& predicate) {
  const auto& [field, def] = Filters()[predicate.filter];
  Condition condition{.field = field};
  switch (def->op) {
    case FilterOp::kEqualsFolded:
      condition.by = Condition::By::kText;
      condition.text = std::get<TextOperand>(predicate.operand).text;
      conditions_.push_back(condition);
      return;
    case FilterOp::kNoneOf: excluded_.push_back(std::get<ValueSetOperand>(predicate.operand).values); return;
    case FilterOp::kServiceStateAnyOf: condition.service = def->service; [[fallthrough]];
    case FilterOp::kAnyOf:
    case FilterOp::kFeatureAnyOf:
    case FilterOp::kServiceAvailable: return AddAnyOf(condition, std::get<ValueSetOperand>(predicate.operand));
    case FilterOp::kAtLeast:
    case FilterOp::kAtMost: return JoinRange(field, def->op == FilterOp::kAtLeast, BoundKey(predicate));
    case FilterOp::kContains:
    case FilterOp::kEqualsExact: break;
  }
  assert(false && "no condition for this filter");
}

void SmallSegmentFilter::AddAnyOf(Condition condition, const ValueSetOperand& operand) {
  const FieldDef& def = Def(condition.field);
  if (def.equality == EqualityIndex::kOrder || def.kind == FieldKind::kInteger || def.kind == FieldKind::kFeatures) {
    condition.by = def.equality == EqualityIndex::kOrder ? Condition::By::kIds : Condition::By::kIntegers;
    condition.integers = operand.values;
    integers_ += operand.values.size();
  } else {
    condition.first = static_cast<std::uint32_t>(codes_.size());
    for (const std::int64_t value : operand.values) codes_.push_back(static_cast<std::uint32_t>(value));
    if (operand.or_null) codes_.push_back(kNoCountryCode);
    condition.last = static_cast<std::uint32_t>(codes_.size());
  }
  conditions_.push_back(condition);
}

void SmallSegmentFilter::JoinRange(Field field, bool at_least, std::int64_t key) {
  auto range = std::ranges::find(ranges_, field, &Range::field);
  if (range == ranges_.end()) range = ranges_.insert(range, {field});
  if (at_least)
    range->lower = std::max(range->lower, key);
  else
    range->upper = std::min(range->upper, key);
}

SmallSegmentMatches SmallSegmentFilter::Filter(const SegmentView& view) const {
  return SmallSegmentEvaluation(*this, view).Run();
}

}  // namespace clientele
