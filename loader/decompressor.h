// What the streams of compressed bytes have in common. One thread at a time.
#pragma once

#include <cstddef>

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>

namespace clientele {

class Decompressor {
 public:
  // Reads up to `size` compressed bytes into `out`; 0 at the end.
  using ReadRaw = absl::FunctionRef<absl::StatusOr<std::size_t>(char* out, std::size_t size)>;

  virtual ~Decompressor() = default;

  // Up to `size` decompressed bytes; 0 only at the end. DataLoss on data that is broken, truncated, or followed by something else
  // than further members or frames of the same kind. Errors of `read_raw` pass through. Unavailable among them means that there
  // is nothing for now: what was decompressed before is given out first, and Read may be called again.
  virtual absl::StatusOr<std::size_t> Read(ReadRaw read_raw, char* out, std::size_t size) = 0;

  static constexpr std::size_t kInputBytes = std::size_t{256} << 10;
};

}  // namespace clientele
