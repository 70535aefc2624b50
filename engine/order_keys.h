// A query's ordering resolved against one segment.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/query.h"
#include "index/segment.h"

namespace clientele {

// The words of a field in one direction.
struct WordOrder {
  std::array<std::uint8_t, 256> ranks{};  // By word; the least comes first in the answer.
  std::vector<std::uint32_t> words;       // The first comes first in the answer.
};

// The same for every segment, so it is made once. Thread-safe.
const WordOrder& WordOrderOf(Field field, bool descending);

// One sort key. Either an order of all rows, or a word field of a few values.
struct ResolvedKey {
  Field field = Field::kId;
  const SortOrder* order = nullptr;
  bool descending = false;

  // Word keys: the word of each row, where each word stands in the key's direction, and the rows of each word.
  const std::uint8_t* word_codes = nullptr;
  const ValueIndex* word_values = nullptr;
  const WordOrder* word_order = nullptr;

  bool is_word() const { return word_codes != nullptr; }

  // Smaller ranks come first in the answer; equal ranks are ties. O(1).
  std::uint32_t RankOf(std::uint32_t row) const {
    if (is_word()) return word_order->ranks[word_codes[row]];
    const std::uint32_t group = order->GroupAt(order->position_of()[row]);
    return descending ? ~group : group;
  }
};

// Keys after one without ties are dropped. Ends with no key when ties are to be broken by id only; an empty ordering is by id.
std::vector<ResolvedKey> ResolveOrder(const Segment& segment, std::span<const OrderKey> order_by);

// Orders rows by the keys, ties by ascending id.
class RowLess {
 public:
  RowLess(const Segment& segment, std::span<const ResolvedKey> keys)
      : keys_(keys), id_position_(segment.field(Field::kId).order.position_of()) {}

  bool operator()(std::uint32_t a, std::uint32_t b) const {
    for (const ResolvedKey& key : keys_) {
      const std::uint32_t rank_a = key.RankOf(a), rank_b = key.RankOf(b);
      if (rank_a != rank_b) return rank_a < rank_b;
    }
    return id_position_[a] < id_position_[b];
  }
  const std::uint32_t* id_position() const { return id_position_; }

 private:
  std::span<const ResolvedKey> keys_;
  const std::uint32_t* id_position_;
};

}  // namespace clientele
