// Contains-searches as filters: the rows of a segment whose text contains a needle.
#pragma once

#include <cstdint>

#include "engine/conjunct.h"
#include "engine/match_set.h"
#include "engine/parallelism.h"

namespace clientele {

struct TextFilterCost {
  std::uint64_t blocks_scanned = 0;
  bool went_parallel = false;
};

// All rows that match the kText conjunct: a row list when they are few, else bits. On several threads where `parallelism`
// allows it.
MatchSet SearchText(const Conjunct& conjunct, std::uint32_t row_count, Parallelism parallelism, TextFilterCost& cost);

// Nanoseconds that SearchText is expected to take, and that probing one row with Matches() takes.
double SearchCost(const Conjunct& conjunct);
inline constexpr double kTextProbeCost = 250;

}  // namespace clientele
