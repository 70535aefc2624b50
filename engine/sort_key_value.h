// One sort key's value of one client, in a form that values of rows of different segments and of live rows can be compared in.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace clientele {

// Values of one and the same key compare in its ascending order.
struct SortKeyValue {
  bool is_null = false;     // Comes last; only `name` can be.
  std::int64_t number = 0;  // Id, microseconds, or the place of a word among the words of its field in the alphabet's order.
  std::string_view text{};  // Folded UTF-8, compared byte by byte. Valid as long as the row that it was taken from.

  // The members in their order: whatever a key does not use is the same in all of its values.
  std::strong_ordering operator<=>(const SortKeyValue&) const = default;
};

}  // namespace clientele
