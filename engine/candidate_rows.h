// Narrowing a list of candidate rows by one conjunct at a time: what a short list needs instead of bitmaps.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/conjunct.h"

namespace clientele {

// Keeps the rows that satisfy the conjunct, in their order. `rows` are ascending and distinct. Each container is looked up once
// for all rows of its chunk, so a bitmap costs about a nanosecond a row; a text costs a block of texts a row.
void KeepMatching(const Conjunct& conjunct, std::vector<std::uint32_t>& rows);

}  // namespace clientele
