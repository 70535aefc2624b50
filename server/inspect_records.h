// `clientele inspect FILE` for a file of records in any shape: what is in its members or columns, and a guessed mapping.
#pragma once

#include <cstdint>
#include <string>

#include "loader/input_format.h"

namespace clientele {

struct InspectRecordsFlags {
  std::string path;         // "-" is standard input.
  std::string mapping_out;  // New file for the guessed mapping; empty: it goes to standard output.
  InputFormat format = InputFormat::kAuto;
  std::uint64_t sample = 10'000;  // Records looked at; 0: all.
};

// Prints to standard output, errors to standard error. Returns the exit status: kExitDone or kExitFailed.
int InspectRecords(const InspectRecordsFlags& flags);

}  // namespace clientele
