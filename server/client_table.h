// A page of clients as a table for people.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/execute.h"

namespace clientele {

// The columns that are shown when no fields were asked for.
FieldMask DefaultTableFields();

// Header and one line per row, at most `width` columns wide where that is possible. `fields`: the columns, in schema order.
std::string ClientTable(const Snapshot& snapshot, std::span<const std::uint32_t> rows, FieldMask fields, std::size_t width);

}  // namespace clientele
