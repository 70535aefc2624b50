#include "engine/segment_keys.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace clientele {

namespace {

// The place of each word of a field in the alphabet's order.
std::vector<std::int64_t> PlacesOf(std::span<const std::string_view> words) {
  std::vector<std::int64_t> places;
  for (const std::string_view word : words)
    places.push_back(std::ranges::count_if(words, [&](std::string_view other) { return other < word; }));
  return places;
}

}  // namespace

std::int64_t WordPlace(Field field, std::uint32_t word) {
  static const auto places = [] {
    std::array<std::vector<std::int64_t>, kFieldCount> of_fields;
    for (const FieldDef& def : Fields()) of_fields[static_cast<std::size_t>(def.field)] = PlacesOf(def.words);
    return of_fields;
  }();
  return places[static_cast<std::size_t>(field)][word];
}

SortKeyValue SegmentKey(const Segment& segment, Field field, std::uint32_t row) {
  const FieldIndex& index = segment.field(field);
  if (Def(field).kind == FieldKind::kWord) return {.number = WordPlace(field, index.word_codes[row])};
  return SegmentKeyAt(segment, field, index.order.position_of()[row]);
}

SortKeyValue SegmentKeyAt(const Segment& segment, Field field, std::uint32_t position) {
  const FieldIndex& index = segment.field(field);
  if (position >= index.order.keyed_count()) return {.is_null = true};
  const std::uint32_t group = index.order.GroupAt(position);
  if (Def(field).kind == FieldKind::kText) return {.text = index.texts.Item(group)};
  return {.number = index.keys[group]};
}

std::uint32_t BoundOfKey(const Segment& segment, Field field, const SortKeyValue& key, bool behind, std::uint32_t first,
                         std::uint32_t last) {
  // By groups of equal keys, so that the positions of one group are never told apart.
  const SortOrder& order = segment.field(field).order;
  while (first < last) {
    const std::uint32_t middle = first + (last - first) / 2;
    const SortKeyValue here = SegmentKeyAt(segment, field, middle);
    if (here < key || (behind && here == key))
      first = std::min(last, order.group_starts().Next(middle + 1));
    else
      last = std::max(first, order.group_starts().Previous(middle));
  }
  return first;
}

}  // namespace clientele
