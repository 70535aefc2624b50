// How many of the rows that satisfy a conjunct are dead, so that stored counts stay exact without reading rows.
#pragma once

#include <cstdint>

#include "engine/conjunct.h"
#include "index/tombstones.h"

namespace clientele {

// `field` is the conjunct's. The conjunct must be exact. O(chunks with dead rows x 1,024 words), ranges O(rows / 4,096).
std::uint64_t CountDead(const Conjunct& conjunct, Field field, const Tombstones& dead);

}  // namespace clientele
