// How refused records are shown on a terminal: like a compiler shows its errors, then their causes as a table. Thread-safe.
#pragma once

#include <string>

#include "loader/load.h"

namespace clientele {

// The reject's line, and, where its place in the record is known, the text there with a mark below:
//
//   clients.csv:12:3: created_at: expected a date ..., got "yesterday"
//       7,a@b.example,yesterday,active
//                     ^~~~~~~~~
//
// Ends with a line end. Text of records is made safe for terminals.
std::string RejectText(const Reject& reject);

// The marked text alone, as above; empty when nothing can be pointed at.
std::string SourceText(const Reject& reject);

// What the rejects of a load have in common, most frequent first; at most `rows_max` causes. Empty without rejects.
std::string CauseTable(const LoadReport& report, std::size_t rows_max);

}  // namespace clientele
