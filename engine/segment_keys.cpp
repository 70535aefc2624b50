#include "engine/segment_keys.h"

#include <algorithm>
#include <array>
#include <vector>

#include "index/word_ranks.h"

namespace clientele {

namespace {

// What orders by words go by, by word.
const std::vector<std::uint8_t>& RanksOfWords(Field field) {
  static const auto ranks = [] {
    std::array<std::vector<std::uint8_t>, kFieldCount> of_fields;
    for (const FieldDef& def : Fields()) of_fields[static_cast<std::size_t>(def.field)] = WordRanks(def.words);
    return of_fields;
  }();
  return ranks[static_cast<std::size_t>(field)];
}

}  // namespace

SortKeyValue SegmentKey(const Segment& segment, Field field, std::uint32_t row) {
  const FieldIndex& index = segment.field(field);
  if (Def(field).kind == FieldKind::kWord) return {.number = RanksOfWords(field)[index.word_codes[row]]};
  return SegmentKeyAt(segment, field, index.order.position_of()[row]);
}

void SegmentNumbers(const Segment& segment, Field field, std::span<const std::uint32_t> rows, std::span<std::int64_t> numbers) {
  const FieldIndex& index = segment.field(field);
  if (Def(field).kind == FieldKind::kWord) {
    const std::vector<std::uint8_t>& ranks = RanksOfWords(field);
    for (std::size_t i = 0; i < rows.size(); ++i) numbers[i] = ranks[index.word_codes[rows[i]]];
    return;
  }
  const std::uint32_t* const position_of = index.order.position_of();
  for (std::size_t i = 0; i < rows.size(); ++i) numbers[i] = index.keys[index.order.GroupAt(position_of[rows[i]])];
}

void PrefetchSegmentKey(const Segment& segment, Field field, std::uint32_t row) {
  const FieldIndex& index = segment.field(field);
  const std::uint32_t position = index.order.position_of()[row];
  if (position >= index.order.keyed_count()) return;
  const std::uint32_t group = index.order.GroupAt(position);
  if (Def(field).kind == FieldKind::kText)
    index.texts.PrefetchItem(group);
  else
    index.keys.Prefetch(group);
}

SortKeyValue SegmentKeyAt(const Segment& segment, Field field, std::uint32_t position) {
  const FieldIndex& index = segment.field(field);
  if (position >= index.order.keyed_count()) return {.is_null = true};
  const std::uint32_t group = index.order.GroupAt(position);
  if (Def(field).kind == FieldKind::kText) return {.text = index.texts.Item(group)};
  return {.number = index.keys[group]};
}

std::strong_ordering CompareKeyAt(const Segment& segment, Field field, std::uint32_t position, const SortKeyValue& key) {
  const FieldIndex& index = segment.field(field);
  const bool is_null = position >= index.order.keyed_count();
  if (is_null || key.is_null) return is_null <=> key.is_null;
  const std::uint32_t group = index.order.GroupAt(position);
  if (Def(field).kind == FieldKind::kText) return index.texts.CompareAscending(group, key.text);
  return index.keys[group] <=> key.number;
}

std::uint32_t BoundOfKey(const Segment& segment, Field field, const SortKeyValue& key, bool behind, std::uint32_t first,
                         std::uint32_t last) {
  // By groups of equal keys, so that the positions of one group are never told apart.
  const SortOrder& order = segment.field(field).order;
  while (first < last) {
    const std::uint32_t middle = first + (last - first) / 2;
    const auto here = CompareKeyAt(segment, field, middle, key);
    if (here < 0 || (behind && here == 0))
      first = std::min(last, order.group_starts().Next(middle + 1));
    else
      last = std::max(first, order.group_starts().Previous(middle));
  }
  return first;
}

std::uint32_t BoundOfKeyNear(const Segment& segment, Field field, const SortKeyValue& key, bool behind, std::uint32_t guess) {
  constexpr std::uint32_t kFirstStep = 8;
  const std::uint32_t rows = segment.row_count();
  const auto stands_before = [&](std::uint32_t position) {
    const auto here = CompareKeyAt(segment, field, position, key);
    return here < 0 || (behind && here == 0);
  };
  std::uint32_t first = std::min(guess, rows), last = first;
  if (first < rows && stands_before(first)) {
    for (std::uint32_t step = kFirstStep;; step *= 2) {
      last = rows - first > step ? first + step : rows;
      if (last == rows || !stands_before(last)) break;
      first = last;
    }
  } else {
    for (std::uint32_t step = kFirstStep;; step *= 2) {
      first = last > step ? last - step : 0;
      if (first == 0 || stands_before(first)) break;
      last = first;
    }
  }
  return BoundOfKey(segment, field, key, behind, first, last);
}

}  // namespace clientele
