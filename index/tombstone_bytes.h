// Tombstones as bytes, to be kept beside a segment's file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "index/tombstones.h"

namespace clientele {

// At most an eighth of a byte for each row of a chunk with dead rows, and two bytes a row where they are few; empty when there
// are none.
std::string TombstoneBytes(const Tombstones& tombstones);

// The dead rows, ascending. DataLoss when these are not the bytes of a segment of `row_count` rows.
absl::StatusOr<std::vector<std::uint32_t>> DeadRowsOf(std::string_view bytes, std::uint32_t row_count);

}  // namespace clientele
