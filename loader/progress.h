// How far a load has come.
#pragma once

#include <cstdint>
#include <string_view>

namespace clientele {

struct LoadProgress {
  std::string_view phase;  // "reading", then the seal's phases.
  std::uint64_t records = 0, rejected = 0;
  std::uint64_t bytes = 0;                               // Decompressed JSON bytes parsed so far.
  std::uint64_t input_bytes = 0, input_bytes_total = 0;  // Of the files as they lie on disk; total 0 when unknown (stdin).
  double seal_fraction = 0;
  double seconds = 0;
};

}  // namespace clientele
