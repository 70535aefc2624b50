// How far a load has come.
#pragma once

#include <cstdint>
#include <string_view>

namespace clientele {

// The phases of a load, in the order in which they come first; sealing goes back and forth between the middle ones.
inline constexpr std::string_view kParsePhase = "parse";
inline constexpr std::string_view kDictionariesPhase = "dictionaries";
inline constexpr std::string_view kSortPhase = "sort";
inline constexpr std::string_view kWritePhase = "write";
// Of applying writes to a live set: there, `records` are lines, and `rejected` those that failed.
inline constexpr std::string_view kApplyPhase = "apply";

struct LoadProgress {
  std::string_view phase;        // One of the above.
  std::string_view detail = {};  // What is sorted and so on: "row order"; empty when there is nothing to add.
  std::uint64_t records = 0, rejected = 0;
  std::uint64_t bytes = 0;                               // Decompressed JSON bytes parsed so far.
  std::uint64_t input_bytes = 0, input_bytes_total = 0;  // Of the files as they lie on disk; total 0 when unknown (stdin).
  double phase_fraction = 0;  // Of all of the sealing, or of the writing: 0 .. 1. Parsing: by the bytes above.
  double phase_seconds = 0;   // Since parsing, sealing or writing began.
  double seconds = 0;         // Since the load began.
};

}  // namespace clientele
