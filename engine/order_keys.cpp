#include "engine/order_keys.h"

#include <algorithm>
#include <numeric>

namespace clientele {
namespace {

WordOrder MakeWordOrder(Field field, bool descending) {
  WordOrder order;
  const auto words = Def(field).words;
  order.words.resize(words.size());
  std::iota(order.words.begin(), order.words.end(), 0u);
  std::ranges::sort(order.words,
                    [&](std::uint32_t a, std::uint32_t b) { return descending ? words[b] < words[a] : words[a] < words[b]; });
  for (std::size_t i = 0; i < words.size(); ++i) order.ranks[order.words[i]] = static_cast<std::uint8_t>(i);
  return order;
}

ResolvedKey WordKey(const Segment& segment, const OrderKey& key) {
  ResolvedKey resolved{.field = key.field};
  resolved.descending = key.descending;
  resolved.word_codes = segment.field(key.field).word_codes.data();
  resolved.word_values = &segment.field(key.field).values;
  resolved.word_order = &WordOrderOf(key.field, key.descending);
  return resolved;
}

}  // namespace

const WordOrder& WordOrderOf(Field field, bool descending) {
  static const auto orders = [] {
    std::array<std::array<WordOrder, 2>, kFieldCount> of_fields;
    for (const FieldDef& def : Fields()) {
      for (const bool direction : {false, true})
        of_fields[static_cast<std::size_t>(def.field)][direction] = MakeWordOrder(def.field, direction);
    }
    return of_fields;
  }();
  return orders[static_cast<std::size_t>(field)][descending];
}

std::vector<ResolvedKey> ResolveOrder(const Segment& segment, std::span<const OrderKey> order_by) {
  std::vector<ResolvedKey> keys;
  keys.reserve(std::max<std::size_t>(order_by.size(), 1));
  for (const OrderKey& key : order_by) {
    if (Def(key.field).kind == FieldKind::kWord) {
      keys.push_back(WordKey(segment, key));
      continue;
    }
    keys.push_back({key.field, &segment.field(key.field).order, key.descending});
    if (keys.back().order->all_distinct()) return keys;
  }
  if (keys.empty()) keys.push_back({Field::kId, &segment.field(Field::kId).order, false});
  return keys;
}

}  // namespace clientele
