#include "engine/order_keys.h"

#include <algorithm>
#include <numeric>

namespace clientele {
namespace {

ResolvedKey WordKey(const Segment& segment, const OrderKey& key) {
  ResolvedKey resolved{.field = key.field};
  resolved.descending = key.descending;
  resolved.word_codes = segment.field(key.field).word_codes.data();
  resolved.word_values = &segment.field(key.field).values;
  const auto words = Def(key.field).words;
  resolved.words_in_order.resize(words.size());
  std::iota(resolved.words_in_order.begin(), resolved.words_in_order.end(), 0u);
  std::ranges::sort(resolved.words_in_order,
                    [&](std::uint32_t a, std::uint32_t b) { return key.descending ? words[b] < words[a] : words[a] < words[b]; });
  for (std::size_t i = 0; i < words.size(); ++i) resolved.word_ranks[resolved.words_in_order[i]] = static_cast<std::uint8_t>(i);
  return resolved;
}

}  // namespace

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
