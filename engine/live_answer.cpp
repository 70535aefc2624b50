#include "engine/live_answer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include <absl/container/inlined_vector.h>

#include "engine/bit_kernels.h"
#include "engine/live_condition.h"
#include "engine/live_order.h"
#include "index/word_ranks.h"

namespace clientele {
namespace {

// What things cost, in nanoseconds, from bench/engine/live_answer_bench.cpp. They decide between plans, so their ratios matter.
constexpr double kVisitNs = 25;         // To look a row up by an index and test it.
constexpr double kRowSearchNs = 60;     // To search the texts of one row.
constexpr double kBlockNs = 15;         // To evaluate one condition on 64 rows.
constexpr double kScanNsPerByte = 0.1;  // To search texts that lie in a row,
constexpr double kScanStartNs = 50;     // and to start that.
constexpr double kWalkNs = 15;          // To visit a row in the order of a key.
constexpr double kSelectNs = 10;        // To pass a row through a selection, and by the bit of the number of rows,
constexpr double kSortNs = 5;           // to sort it.

// Fewer rows are ordered together, whatever the keys.
constexpr std::uint64_t kGroupedRows = 500;

// From so many matches on, of which few will be wanted from deep within, those are picked from all rows in order.
constexpr std::uint64_t kSortedRows = 256;

// Up to so many matches are given in no order to who will merge them with many more, if the page may need more than a few.
constexpr std::uint64_t kFewMatches = 512, kFewWanted = 8;
constexpr double kTakeNs = 4;  // To take one so, and find its place if it is on the page.

// Up to so many blocks a column of times is looked through at once: 62 KB of it take 2 to 3 us out of the third-level cache, as
// long as an index takes to count a range, and rows of a range cost 70 ns each on top of that.
constexpr std::uint32_t kQuickBlocks = 256;

// A search that leaves more than this part of the blocks waits until other conditions have narrowed them.
constexpr std::uint64_t kEarlySearchPart = 4;

std::uint64_t CountBits(std::span<const std::uint64_t> words) {
  return PopCount(words.data(), words.size());
}

double SortingNs(double rows) {
  return rows * static_cast<double>(std::bit_width(static_cast<std::uint64_t>(rows))) * kSortNs;
}

template <class OnSlot>
void ForEachBit(std::span<const std::uint64_t> words, OnSlot on_slot) {
  for (std::uint32_t word = 0; word < words.size(); ++word) {
    for (std::uint64_t left = words[word]; left != 0; left &= left - 1) {
      on_slot(word * 64 + static_cast<std::uint32_t>(std::countr_zero(left)));
    }
  }
}

// Indices of words, by the alphabet.
std::vector<std::uint8_t> StatusesInOrder(bool descending) {
  const std::vector<std::uint8_t> ranks = WordRanks(Def(Field::kStatus).words);
  std::vector<std::uint8_t> statuses(ranks.size());
  for (std::uint8_t status = 0; status < ranks.size(); ++status) {
    statuses[descending ? ranks.size() - 1 - ranks[status] : ranks[status]] = status;
  }
  return statuses;
}

bool ByStatus(const Query& query) {
  return !query.order_by.empty() && query.order_by[0].field == Field::kStatus;
}

bool ById(const Query& query) {
  return query.order_by.empty() || query.order_by[0] == OrderKey{Field::kId, false};
}

class LiveEvaluation {
 public:
  LiveEvaluation(const LiveTable& table, const Query& query, std::uint64_t wanted, FewMatches few)
      : table_(table), query_(query), wanted_(wanted), few_(few), blocks_(static_cast<std::uint32_t>(table.alive().size())) {}

  LiveAnswer Answer() {
    const bool possible = Resolve();
    if (possible && conditions_.empty()) {
      AnswerAll();
    } else if (!possible) {
      answer_.plan = "count";
    } else if (conditions_.size() == 1 && conditions_[0].has_index()) {
      AnswerFromIndex(conditions_[0]);
    } else {
      Evaluate();
      OrderMatches();
    }
    return std::move(answer_);
  }

 private:
  // False: no row can match.
  bool Resolve() {
    for (const Predicate& predicate : query_.all_of) {
      const LiveCondition& condition = conditions_.emplace_back(table_, predicate);
      if (condition.never()) return false;
      const bool is_known = condition.always() || std::any_of(conditions_.begin(), conditions_.end() - 1,
                                                              [&](LiveCondition& other) { return other.Join(condition); });
      if (is_known) conditions_.pop_back();
    }
    return true;
  }

  void MakeWords() {
    const std::size_t size = table_.alive().size();
    if (size > few_words_.size()) many_words_.resize(size);
    words_ = size > few_words_.size() ? std::span(many_words_) : std::span(few_words_).first(size);
  }

  // All rows, to be narrowed.
  void TakeAlive() {
    MakeWords();
    std::ranges::copy(table_.alive(), words_.begin());
  }

  // The rows that fulfil what is settled at once; counts them.
  void TakeNarrowed() {
    MakeWords();
    absl::InlinedVector<const std::uint64_t*, 8> bitmaps{table_.alive().data()};
    std::size_t size = words_.size();
    bool has_others = false;
    for (const LiveCondition& condition : conditions_) {
      if (!condition.has_one_bitmap()) {
        has_others |= NarrowsAtOnce(condition);
        continue;
      }
      bitmaps.push_back(condition.bitmap().data());
      size = std::min(size, condition.bitmap().size());
    }
    answer_.count = IntersectCount(bitmaps, nullptr, words_.data(), 0, size);
    std::fill(words_.begin() + static_cast<std::ptrdiff_t>(size), words_.end(), 0);
    if (!has_others) return;
    for (const LiveCondition& condition : conditions_) {
      if (!condition.has_one_bitmap() && NarrowsAtOnce(condition)) NarrowAtOnce(condition);
    }
    answer_.count = CountBits(words_);
  }

  void AnswerAll() {
    answer_.count = table_.size();
    OrderBits(table_.alive());
  }

  // One condition, whose count an index has.
  void AnswerFromIndex(const LiveCondition& condition) {
    answer_.plan = "count";
    answer_.filter = condition.parameter();
    const bool by_words = NarrowsAtOnce(condition);
    if (by_words)
      TakeNarrowed();
    else
      answer_.count = condition.count();
    if (wanted_ == kAllUnordered) {
      if (!by_words) TakeFromIndex(condition);
      return OrderMatches();
    }
    wanted_ = std::min(wanted_, answer_.count);
    if (wanted_ == 0) return;
    if (condition.in_id_order() && ById(query_)) return TakeInOrder(condition);
    if (by_words) return OrderBits(words_);
    if (TakesAsTheyCome()) {
      TakeFromIndex(condition);
      return TakeAll();
    }
    const Part whole{query_.order_by, answer_.count, wanted_};
    if (!ByStatus(query_) && WalkIsCheaper(whole) && Walk(whole, [&](std::uint32_t slot) { return condition.Test(slot); }))
      return;
    if (static_cast<double>(condition.count()) * kVisitNs < blocks_ * kBlockNs) {
      TakeFromIndex(condition);
      Select(whole);
    } else {
      TakeAlive();
      condition.Narrow(words_);
      OrderBits(words_);
    }
  }

  // Conditions that a pass over bits, or a column, settles for all rows faster than an index tells their number.
  bool NarrowsAtOnce(const LiveCondition& condition) const {
    return condition.has_bits() || (condition.is_quick_by_column() && blocks_ <= kQuickBlocks);
  }
  void NarrowAtOnce(const LiveCondition& condition) {
    if (condition.has_bits())
      condition.NarrowByBits(words_);
    else
      condition.NarrowByColumn(words_);
  }

  // The index has the rows in the query's order.
  void TakeInOrder(const LiveCondition& condition) {
    answer_.order = "index";
    answer_.rows.reserve(wanted_);
    condition.Visit([&](std::uint32_t slot) {
      ++answer_.rows_touched;
      answer_.rows.push_back(&table_.Row(slot));
      return answer_.rows.size() < wanted_;
    });
  }

  // Fills slots_ or words_ with what fulfils all conditions, and counts it.
  void Evaluate() {
    TakeNarrowed();
    answer_.plan = "bits";
    if (answer_.count == 0) return;
    const LiveCondition* rarest = nullptr;  // Of the others that have an index.
    std::size_t others = 0, searches = 0;
    for (const LiveCondition& condition : conditions_) {
      if (NarrowsAtOnce(condition)) continue;
      ++others;
      searches += condition.is_search();
      if (condition.has_index() && (rarest == nullptr || condition.count() < rarest->count())) rarest = &condition;
    }
    if (others == 0) return;
    const double visit_ns = kVisitNs + static_cast<double>(searches) * kRowSearchNs;
    const double columns_ns =
        std::min(static_cast<double>(answer_.count) * kVisitNs, blocks_ * kBlockNs) * static_cast<double>(others);
    const double search_ns = PrepareSearches();
    if (rarest != nullptr && rarest->count() * visit_ns < std::min(columns_ns, search_ns)) {
      answer_.plan = "index";
      answer_.filter = rarest->parameter();
      EvaluateByIndex(*rarest);
    } else {
      EvaluateByColumns();
    }
  }

  void EvaluateByIndex(const LiveCondition& index) {
    index.Visit([&](std::uint32_t slot) {
      ++answer_.rows_touched;
      const bool matches = ((words_[slot / 64] >> (slot % 64)) & 1) != 0 &&
                           std::all_of(conditions_.begin(), conditions_.end(), [&](const LiveCondition& condition) {
                             return &condition == &index || NarrowsAtOnce(condition) || condition.Test(slot);
                           });
      if (matches) slots_.push_back(slot);
      return true;
    });
    words_ = {};
    answer_.count = slots_.size();
  }

  struct Search {
    const LiveCondition* condition;
    std::vector<std::uint64_t> blocks;  // That may hold the text.
    std::uint64_t left;                 // How many these are.

    double ScanNs() const {
      return static_cast<double>(left) * (kScanStartNs + static_cast<double>(condition->bytes_per_block()) * kScanNsPerByte);
    }
  };

  // Finds out which blocks each search would scan; returns the time of the shortest.
  double PrepareSearches() {
    double cheapest = std::numeric_limits<double>::infinity();
    for (const LiveCondition& condition : conditions_) {
      if (!condition.is_search()) continue;
      Search search{&condition, std::vector<std::uint64_t>(blocks_ / 64 + 1, ~std::uint64_t{0}), 0};
      search.left = condition.NarrowBlocks(search.blocks);
      cheapest = std::min(cheapest, search.ScanNs());
      searches_.push_back(std::move(search));
    }
    return cheapest;
  }

  void EvaluateByColumns() {
    answer_.plan = "columns";
    std::sort(searches_.begin(), searches_.end(), [](const Search& a, const Search& b) { return a.left < b.left; });
    std::size_t done = 0;
    for (; done < searches_.size() && searches_[done].left * kEarlySearchPart <= blocks_; ++done) {
      if (done == 0) {
        answer_.plan = "search";
        answer_.filter = searches_[0].condition->parameter();
      }
      Run(searches_[done]);
    }
    // Those with few matches first, as blocks without a row left cost nothing; slow ones last.
    std::vector<const LiveCondition*> others;
    for (const LiveCondition& condition : conditions_) {
      if (!condition.is_search() && !NarrowsAtOnce(condition)) others.push_back(&condition);
    }
    const auto expected = [&](const LiveCondition* one) {
      return (one->has_index() ? one->count() : table_.size()) + (one->is_slow() ? table_.size() : 0);
    };
    std::stable_sort(others.begin(), others.end(), [&](auto* a, auto* b) { return expected(a) < expected(b); });
    for (const LiveCondition* condition : others) condition->NarrowByColumn(words_);
    for (const LiveCondition* condition : others) {
      if (condition->looks_at_rows()) condition->Narrow(words_);
    }
    for (; done < searches_.size(); ++done) Run(searches_[done]);
    answer_.count = CountBits(words_);
  }

  // Scans the texts of the blocks that have rows left, or searches the texts of these rows.
  void Run(Search& search) {
    for (std::uint32_t block = 0; block < blocks_; ++block) {
      if (words_[block] == 0) search.blocks[block / 64] &= ~(std::uint64_t{1} << (block % 64));
    }
    for (std::uint32_t block = 0; block < blocks_; ++block) {
      if (((search.blocks[block / 64] >> (block % 64)) & 1) == 0) words_[block] = 0;
    }
    search.left = CountBits(std::span(search.blocks));
    const std::uint64_t rows = CountBits(words_);
    if (static_cast<double>(rows) * kRowSearchNs < search.ScanNs()) {
      answer_.rows_touched += rows;
      search.condition->Narrow(words_);
    } else {
      answer_.text_blocks_scanned += search.left;
      search.condition->Search(search.blocks, words_);
    }
  }

  void TakeFromIndex(const LiveCondition& condition) {
    slots_.reserve(answer_.count);
    condition.Visit([&](std::uint32_t slot) {
      slots_.push_back(slot);
      return true;
    });
    answer_.rows_touched += slots_.size();
  }

  void OrderMatches() {
    if (wanted_ == kAllUnordered && words_.empty()) return TakeAll();
    if (!words_.empty()) return OrderBits(words_);
    wanted_ = std::min(wanted_, answer_.count);
    if (wanted_ > 0 && TakesAsTheyCome()) return TakeAll();
    if (wanted_ > 0) Select({query_.order_by, answer_.count, wanted_});
  }

  // Matches that are ordered by themselves: all of them, or those with one status.
  struct Part {
    std::span<const OrderKey> keys;
    std::uint64_t count;   // Matches.
    std::uint64_t wanted;  // At least 1.
    std::optional<std::uint8_t> status = std::nullopt;
  };

  OrderKey FirstKey() const { return query_.order_by.empty() ? OrderKey{Field::kId, false} : query_.order_by[0]; }

  // wanted_ is at most the count.
  bool TakesAsTheyCome() const {
    if (few_ == FewMatches::kInOrder || answer_.count > kFewMatches || wanted_ < kFewWanted) return false;
    const double walked = static_cast<double>(wanted_) * table_.size() / static_cast<double>(answer_.count);
    return ByStatus(query_) || static_cast<double>(answer_.count) * kTakeNs < walked * kWalkNs;
  }

  void TakeSorted(std::span<const std::uint64_t> bits) {
    answer_.order = "sorted";
    answer_.first_key = FirstKey();
    answer_.sorted = table_.SortedBy(answer_.first_key.field);
    if (answer_.count == table_.size()) return;
    LiveSortedRows matches;
    matches.reserve(answer_.count);
    std::ranges::copy_if(*answer_.sorted, std::back_inserter(matches),
                         [&](const LiveSortedRow& one) { return ((bits[one.slot / 64] >> (one.slot % 64)) & 1) != 0; });
    answer_.sorted = std::make_shared<const LiveSortedRows>(std::move(matches));
  }

  void TakeAll() {
    answer_.first_key = FirstKey();
    TakeUnordered(table_, query_.order_by, slots_, answer_.rows, answer_.first_keys);
  }

  void OrderBits(std::span<const std::uint64_t> bits) {
    if (wanted_ == kAllUnordered && answer_.count >= kSortedRows && !ByStatus(query_)) return TakeSorted(bits);
    if (wanted_ == kAllUnordered) {
      slots_.reserve(answer_.count);
      ForEachBit(bits, [&](std::uint32_t slot) { slots_.push_back(slot); });
      return TakeAll();
    }
    wanted_ = std::min(wanted_, answer_.count);
    if (wanted_ == 0) return;
    if (TakesAsTheyCome()) {
      slots_.reserve(answer_.count);
      ForEachBit(bits, [&](std::uint32_t slot) { slots_.push_back(slot); });
      return TakeAll();
    }
    if (!ByStatus(query_) || answer_.count < kGroupedRows) return OrderPart({query_.order_by, answer_.count, wanted_}, bits);
    // Few words, each with many rows: the first ones fill the page, and each is ordered by the other keys alone.
    const std::vector<std::uint8_t>& statuses = table_.columns().status;
    std::array<std::uint64_t, 256> counts{};
    ForEachBit(bits, [&](std::uint32_t slot) { ++counts[statuses[slot]]; });
    for (const std::uint8_t status : StatusesInOrder(query_.order_by[0].descending)) {
      const std::uint64_t left = wanted_ - answer_.rows.size();
      if (left == 0) return;
      if (counts[status] == 0) continue;
      OrderPart({std::span(query_.order_by).subspan(1), counts[status], std::min(left, counts[status]), status}, bits);
    }
  }

  void OrderPart(const Part& part, std::span<const std::uint64_t> bits) {
    const std::uint8_t* const statuses = table_.columns().status.data();
    const auto in_part = [&](std::uint32_t slot) { return !part.status || statuses[slot] == *part.status; };
    const auto matches = [&](std::uint32_t slot) { return ((bits[slot / 64] >> (slot % 64)) & 1) != 0 && in_part(slot); };
    if (WalkIsCheaper(part) && Walk(part, matches)) return;
    slots_.clear();
    slots_.reserve(part.count);
    ForEachBit(bits, [&](std::uint32_t slot) {
      if (in_part(slot)) slots_.push_back(slot);
    });
    Select(part);
  }

  static double SelectNs(const Part& part) {
    return static_cast<double>(part.count) * kSelectNs + SortingNs(static_cast<double>(part.wanted));
  }

  // As if matches were spread evenly over the order; a walk that meets too few of them gives up.
  bool WalkIsCheaper(const Part& part) const {
    const double visits = static_cast<double>(part.wanted) * table_.size() / static_cast<double>(part.count);
    return visits * kWalkNs < SelectNs(part);
  }

  bool Walk(const Part& part, absl::FunctionRef<bool(std::uint32_t)> test) {
    const auto visits_max =
        part.count == table_.size() ? kAllRows : static_cast<std::uint64_t>(2 * SelectNs(part) / kWalkNs) + part.wanted;
    const auto rows = WalkFirst(table_, part.keys, part.wanted, visits_max, test, answer_.rows_touched);
    if (rows) Append("walk", *rows);
    return rows.has_value();
  }

  void Select(const Part& part) {
    answer_.rows_touched += slots_.size();
    Append("select", SelectFirst(table_, part.keys, part.wanted, slots_));
  }

  void Append(std::string_view order, const std::vector<const LiveRow*>& rows) {
    answer_.order = order;
    answer_.rows.insert(answer_.rows.end(), rows.begin(), rows.end());
  }

  const LiveTable& table_;
  const Query& query_;
  std::uint64_t wanted_;  // At most the count, once that is known.
  const FewMatches few_;
  const std::uint32_t blocks_;
  absl::InlinedVector<LiveCondition, 4> conditions_;
  std::vector<Search> searches_;              // When columns may be evaluated.
  std::vector<std::uint32_t> slots_;          // The matches, either so
  std::span<std::uint64_t> words_;            // or so: bit i of word w: slot 64 w + i.
  std::array<std::uint64_t, 128> few_words_;  // What words_ views, for up to 8,192 slots,
  std::vector<std::uint64_t> many_words_;     // and for more. Neither is cleared before it is used.
  LiveAnswer answer_;
};

// Several conditions on single values: what counts on a page of filters ask for. Null for others.
std::optional<std::uint64_t> CountByBitmaps(const LiveTable& table, const Query& query) {
  if (query.all_of.size() < 2) return std::nullopt;
  absl::InlinedVector<const std::uint64_t*, 8> bitmaps{table.alive().data()};
  std::size_t size = table.alive().size();
  for (const Predicate& predicate : query.all_of) {
    const auto bitmap = OneBitmapOf(table, predicate);
    if (!bitmap) return std::nullopt;
    bitmaps.push_back(bitmap->data());
    size = std::min(size, bitmap->size());
  }
  return IntersectCount(bitmaps, nullptr, nullptr, 0, size);
}

}  // namespace

LiveAnswer AnswerLive(const LiveTable& table, const Query& query, std::uint64_t wanted, FewMatches few) {
  if (wanted == 0) {
    if (const auto count = CountByBitmaps(table, query)) {
      LiveAnswer answer;
      answer.count = *count;
      answer.plan = "bits";
      return answer;
    }
  }
  return LiveEvaluation(table, query, wanted, few).Answer();
}

}  // namespace clientele
