// Some matches that follow one another in a sort order, found without looking at those before them.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/match_set.h"
#include "index/sort_order.h"

namespace clientele {

struct PositionWindow {
  std::uint32_t begin = 0, end = 0;      // All matches at these positions,
  std::uint32_t before = 0;              // in front of which so many stand.
  std::vector<std::uint32_t> positions;  // Ascending.

  std::uint32_t behind() const { return before + static_cast<std::uint32_t>(positions.size()); }
  std::uint32_t CountBefore(std::uint32_t position) const;  // Which lies within. O(log positions).
};

// Match number `first` to number `last`, by position, both included, and some around them. Keeps, bit plane by bit plane, the
// half of the matches that holds the wanted ones, as long as one does. The order must have planes, and the matches be there.
// O(words of the chunks that hold matches x planes); a tenth of a nanosecond for each of their rows.
PositionWindow WindowByPlanes(const SortOrder& order, const RowBitmap& bits, std::uint32_t first, std::uint32_t last);

struct WindowRange {
  std::uint32_t begin, end;
};

// The positions of matches `first` to `last`, which the window has, and with `whole_groups` of all rows whose keys equal those of
// one of them: the window is made to have these too. O(positions that it did not have).
WindowRange TakeRange(PositionWindow& window, std::uint32_t first, std::uint32_t last, bool whole_groups, const SortOrder& order,
                      const RowBitmap& bits);

}  // namespace clientele
