// How wide text is on a terminal, and text made safe and fit for a column of a table. Thread-safe.
// Source: Unicode Standard Annex 11 (East Asian Width), as ICU knows it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace clientele {

// Columns that valid UTF-8 takes: 2 for wide and full-width characters, 0 for combining ones, 1 for others. O(length).
std::size_t DisplayWidth(std::string_view text);

// `text` without anything that could act on a terminal: control characters and direction overrides become U+FFFD, line breaks and
// tabs a space. Records come from strangers.
std::string TerminalSafe(std::string_view text);

// The longest begin of `text` that fits into `columns`, with an ellipsis when something is left out.
std::string CutToWidth(std::string_view text, std::size_t columns);

}  // namespace clientele
