// Contains-searches as filters: the rows of a segment whose text contains a needle.
#pragma once

#include <cstdint>

#include "engine/conjunct.h"
#include "engine/match_set.h"

namespace clientele {

struct TextFilterCost {
  std::uint64_t blocks_scanned = 0;
  bool went_parallel = false;
};

// All rows that match the kText conjunct: a row list when they are few, else bits. On several threads when `parallel` and the
// search reads much.
MatchSet SearchText(const Conjunct& conjunct, std::uint32_t row_count, bool parallel, TextFilterCost& cost);

// Nanoseconds that SearchText is expected to take, and that probing one row with Matches() takes.
double SearchCost(const Conjunct& conjunct);
inline constexpr double kTextProbeCost = 250;

}  // namespace clientele
