// Writes a generated set to a file or to standard output on all cores.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <absl/status/statusor.h>

namespace clientele {

struct GenerateProgress {
  std::uint64_t clients = 0;  // Written so far.
  std::uint64_t bytes = 0;    // JSON bytes of those, before compression.
  double seconds = 0;
};

struct GenerateOptions {
  std::uint64_t clients = 0;  // 0 .. kGeneratedClientsMax.
  std::uint64_t seed = 1;
  std::string path = "-";     // "-": standard output. A file is replaced.
  bool gzip = false;          // Compress, as one gzip member per kClientsPerPiece clients.
  bool csv = false;           // A table of the fields of one value (csv_writer.h) instead of NDJSON: half as fast.
  std::uint32_t threads = 0;  // 0: all cores.
  std::function<void(const GenerateProgress&)> on_progress =
      {};  // A few times a second and once at the end; from one thread at a time.
};

inline constexpr std::uint64_t kGeneratedClientsMax = std::uint64_t{1} << 32;
inline constexpr std::uint64_t kClientsPerPiece = 4096;

struct GenerateReport {
  std::uint64_t clients = 0, bytes = 0;  // JSON bytes.
  std::uint64_t written_bytes = 0;       // After compression.
  double seconds = 0;
};

// The bytes do not depend on the number of threads. Memory: about 8 MB a thread. InvalidArgument: too many clients. NotFound,
// PermissionDenied, ...: the file cannot be made. ResourceExhausted: no room; Cancelled: the reader of the pipe went away. After
// an error a file that was begun is removed, for half a set must not pass for a whole one.
absl::StatusOr<GenerateReport> GenerateTo(const GenerateOptions& options);

}  // namespace clientele
