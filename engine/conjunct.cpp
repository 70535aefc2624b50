#include "engine/conjunct.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace clientele {
namespace {

// Ranges and unions with at most this share of the rows are turned into row lists, which then drive the evaluation.
constexpr std::uint64_t kRowsPerListedRow = 1024;
constexpr std::uint64_t kListedRowsMin = 64;

std::uint64_t ListedMax(const Segment& segment) {
  return std::max(kListedRowsMin, segment.row_count() / kRowsPerListedRow);
}

Conjunct ListOf(std::vector<std::uint32_t> rows, std::string_view name) {
  std::ranges::sort(rows);
  rows.erase(std::unique(rows.begin(), rows.end()),
             rows.end());  // Not std::ranges::unique: clang-tidy 14 cannot parse its result.
  Conjunct conjunct;
  conjunct.access = Access::kRows;
  conjunct.name = name;
  conjunct.cardinality = rows.size();
  conjunct.owned_rows = std::move(rows);
  return conjunct;
}

// `disjoint`: a row holds at most one value, so that cardinalities add up.
Conjunct ValuesConjunct(const Segment& segment, const ValueIndex& values, Conjunct::Codes codes, bool disjoint) {
  std::uint64_t sum = 0;
  for (const std::uint32_t code : codes) sum += values.Cardinality(code);
  codes.erase(std::remove_if(codes.begin(), codes.end(), [&](std::uint32_t code) { return values.Cardinality(code) == 0; }),
              codes.end());
  const bool all_lists = std::ranges::all_of(codes, [&](std::uint32_t code) { return values.IsPostingList(code); });
  if (all_lists && codes.size() == 1) {
    Conjunct conjunct;
    conjunct.access = Access::kRows;
    conjunct.name = "posting list";
    conjunct.posting = values.PostingList(codes[0]);
    conjunct.cardinality = sum;
    return conjunct;
  }
  if (all_lists && sum <= ListedMax(segment)) {
    std::vector<std::uint32_t> rows;
    for (const std::uint32_t code : codes)
      rows.insert(rows.end(), values.PostingList(code).begin(), values.PostingList(code).end());
    return ListOf(std::move(rows), "posting lists");
  }
  Conjunct conjunct;
  conjunct.access = Access::kValues;
  conjunct.name = codes.size() == 1 ? "bitmap" : "bitmaps, any of";
  conjunct.cardinality = std::min<std::uint64_t>(sum, segment.row_count());
  conjunct.exact = disjoint || codes.size() == 1;
  conjunct.values = &values;
  conjunct.codes = std::move(codes);
  return conjunct;
}

// The position range of keys in [lower, upper]; both ends included.
struct KeyRange {
  std::size_t predicate;
  std::int64_t lower = std::numeric_limits<std::int64_t>::min();
  std::int64_t upper = std::numeric_limits<std::int64_t>::max();
};

Conjunct RangeConjunct(const Segment& segment, Field field, const KeyRange& range) {
  const SortOrder& order = segment.field(field).order;
  const auto [first, last] = PositionsOf(segment.field(field), range.lower, range.upper);
  const std::uint32_t width = last > first ? last - first : 0;
  if (width <= ListedMax(segment)) {
    return ListOf(std::vector(order.row_at() + first, order.row_at() + first + width), "rank range, listed");
  }
  Conjunct conjunct;
  conjunct.access = Access::kRange;
  conjunct.name = "rank range";
  conjunct.cardinality = width;
  conjunct.order = &order;
  conjunct.first = first;
  conjunct.last = last;
  return conjunct;
}

// `is_only`: no other condition's evaluation depends on what this one costs.
Conjunct TextConjunct(const Segment& segment, FilterId filter, const std::string& needle, bool is_only) {
  constexpr std::uint64_t kFewBlocks = 256;  // All of them are searched in some 20 us, so that nothing need be estimated.
  const Segment::SearchedTexts searched = segment.TextsOf(filter);
  Conjunct conjunct;
  conjunct.access = Access::kText;
  conjunct.texts = searched.texts;
  conjunct.order = searched.by_group ? &segment.field(Filters()[filter].field).order : nullptr;
  conjunct.needle = needle;
  const std::uint64_t blocks = searched.texts->block_count();
  conjunct.text_blocks = is_only && blocks <= kFewBlocks ? blocks : searched.texts->EstimateBlocks(needle);
  conjunct.name = "text search";
  conjunct.cardinality = segment.row_count();
  conjunct.exact = false;
  return conjunct;
}

Conjunct HashConjunct(const Segment& segment, Field field, const std::string& text) {
  std::vector<std::uint32_t> rows;
  std::string stored;
  for (const auto& entry : segment.field(field).hashes.Find(HashPostings::Hash(text))) {
    stored.clear();
    if (ReadText(segment.dictionaries(), segment.records().Record(entry.row), field, stored) && stored == text)
      rows.push_back(entry.row);
  }
  return ListOf(std::move(rows), "hash, verified");
}

Conjunct::Codes CodesOf(const Segment& segment, Field field, const ValueSetOperand& operand) {
  Conjunct::Codes codes;
  for (const std::int64_t value : operand.values) {
    if (const auto code = segment.CodeOf(field, value)) codes.push_back(*code);
  }
  if (operand.or_null) codes.push_back(kNoCountryCode);
  return codes;
}

Conjunct AnyOfConjunct(const Segment& segment, Field field, const ValueSetOperand& operand) {
  return ValuesConjunct(segment, segment.field(field).values, CodesOf(segment, field, operand), true);
}

Conjunct ExcludeConjunct(const Segment& segment, std::vector<std::uint32_t> rows) {
  Conjunct conjunct = ListOf(std::move(rows), "all but ids");
  conjunct.access = Access::kExclude;
  conjunct.cardinality = segment.row_count() - conjunct.owned_rows.size();
  return conjunct;
}

Conjunct EqualTextConjunct(const Segment& segment, Field field, const std::string& folded) {
  Conjunct::Codes codes;
  if (const auto code = segment.CodeOf(field, folded)) codes.push_back(*code);
  return ValuesConjunct(segment, segment.field(field).values, std::move(codes), true);
}

Conjunct::Codes PlainCodes(const ValueSetOperand& operand) {
  return {operand.values.begin(), operand.values.end()};
}

// `known`: what was looked up of this condition's ids, or null.
Conjunct Resolve(const Segment& segment, const Predicate& predicate, bool is_only, const NamedIds* known) {
  const auto& [field, def] = Filters()[predicate.filter];
  const auto text = [&]() -> const std::string& { return std::get<TextOperand>(predicate.operand).text; };
  const auto values = [&]() -> const ValueSetOperand& { return std::get<ValueSetOperand>(predicate.operand); };
  const auto id_rows = [&] { return known != nullptr ? known->rows : segment.RowsOf(values().values); };
  switch (def->op) {
    case FilterOp::kContains: return TextConjunct(segment, predicate.filter, text(), is_only);
    case FilterOp::kEqualsFolded: return EqualTextConjunct(segment, field, text());
    case FilterOp::kEqualsExact: return HashConjunct(segment, field, text());
    case FilterOp::kAnyOf:
      if (Def(field).equality == EqualityIndex::kOrder) return ListOf(id_rows(), "ids");
      return AnyOfConjunct(segment, field, values());
    case FilterOp::kNoneOf: return ExcludeConjunct(segment, id_rows());
    case FilterOp::kServiceStateAnyOf:
      return ValuesConjunct(segment, segment.field(field).states[def->service], PlainCodes(values()), true);
    case FilterOp::kServiceAvailable: return ValuesConjunct(segment, segment.field(field).values, PlainCodes(values()), false);
    case FilterOp::kFeatureAnyOf:
      return ValuesConjunct(segment, segment.field(field).values, CodesOf(segment, field, values()), false);
    case FilterOp::kAtLeast:
    case FilterOp::kAtMost: break;  // Ranges are joined first, by ResolveConjuncts.
  }
  return ListOf({}, "nothing");
}

// Stable, by insertion: there are few, and each is some hundred bytes.
void SortByCardinality(Conjuncts& conjuncts) {
  for (std::size_t i = 1; i < conjuncts.size(); ++i) {
    const auto at = conjuncts.begin() + static_cast<std::ptrdiff_t>(i);
    const auto place = std::upper_bound(conjuncts.begin(), at, *at,
                                        [](const Conjunct& a, const Conjunct& b) { return a.cardinality < b.cardinality; });
    std::rotate(place, at, at + 1);
  }
}

}  // namespace

PositionRange PositionsOf(const FieldIndex& index, std::int64_t lower, std::int64_t upper) {
  const auto position_of_key = [&](std::uint32_t key) {
    return key == index.keys.size() ? index.order.keyed_count() : index.order.GroupBegin(key);
  };
  return {position_of_key(index.keys.LowerBound(lower)), upper == std::numeric_limits<std::int64_t>::max()
                                                             ? index.order.keyed_count()
                                                             : position_of_key(index.keys.LowerBound(upper + 1))};
}

std::int64_t BoundKey(const Predicate& predicate) {
  if (const auto* time = std::get_if<TimeOperand>(&predicate.operand)) return time->microseconds;
  return OrderedBits(std::get<NumberOperand>(predicate.operand).value);
}

Conjuncts ResolveConjuncts(const Segment& segment, const Query& query, bool stop_when_empty,
                           std::span<const NamedIds> named_ids) {
  Conjuncts conjuncts;
  std::vector<std::pair<Field, KeyRange>> ranges;
  // False: nothing more needs to be resolved.
  const auto add = [&](Conjunct conjunct, std::size_t predicate) {
    conjunct.predicate = predicate;
    const bool is_empty = conjunct.exact && conjunct.cardinality == 0;
    const bool keeps_all = conjunct.exact && conjunct.cardinality == segment.row_count() && conjunct.access != Access::kRows;
    if (stop_when_empty && is_empty) conjuncts.clear();
    if (!keeps_all) conjuncts.push_back(std::move(conjunct));
    return !(stop_when_empty && is_empty);
  };
  for (std::size_t i = 0; i < query.all_of.size(); ++i) {
    const Predicate& predicate = query.all_of[i];
    const auto& [field, def] = Filters()[predicate.filter];
    if (def->op == FilterOp::kAtLeast || def->op == FilterOp::kAtMost) {
      auto range = std::ranges::find(ranges, field, &std::pair<Field, KeyRange>::first);
      if (range == ranges.end()) range = ranges.insert(range, {field, KeyRange{i}});
      const std::int64_t key = BoundKey(predicate);
      if (def->op == FilterOp::kAtLeast)
        range->second.lower = std::max(range->second.lower, key);
      else
        range->second.upper = std::min(range->second.upper, key);
      continue;
    }
    if (!add(Resolve(segment, predicate, query.all_of.size() == 1, FindNamedIds(named_ids, i)), i)) return conjuncts;
  }
  for (const auto& [field, range] : ranges) {
    if (!add(RangeConjunct(segment, field, range), range.predicate)) return conjuncts;
  }
  SortByCardinality(conjuncts);
  return conjuncts;
}

bool Matches(const Conjunct& conjunct, std::uint32_t row) {
  switch (conjunct.access) {
    case Access::kValues:
      return std::ranges::any_of(conjunct.codes, [&](std::uint32_t code) { return conjunct.values->Holds(row, code); });
    case Access::kRows: return std::ranges::binary_search(conjunct.rows(), row);
    case Access::kExclude: return !std::ranges::binary_search(conjunct.rows(), row);
    case Access::kRange: {
      const std::uint32_t position = conjunct.order->position_of()[row];
      return conjunct.first <= position && position < conjunct.last;
    }
    case Access::kText: {
      if (conjunct.order == nullptr) return conjunct.texts->ItemContains(row, conjunct.needle);
      const std::uint32_t position = conjunct.order->position_of()[row];
      if (position >= conjunct.order->keyed_count()) return false;
      return conjunct.texts->ItemContains(conjunct.order->GroupAt(position), conjunct.needle);
    }
  }
  return false;
}

}  // namespace clientele
