// Decompresses gzip data (RFC 1952), all members of it. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <zlib.h>

namespace clientele {

class GzipInflater {
 public:
  // Reads up to `size` compressed bytes into `out`; 0 at the end.
  using ReadRaw = absl::FunctionRef<absl::StatusOr<std::size_t>(char* out, std::size_t size)>;

  GzipInflater();
  ~GzipInflater();
  GzipInflater(const GzipInflater&) = delete;
  GzipInflater& operator=(const GzipInflater&) = delete;

  // Up to `size` decompressed bytes; 0 only at the end. DataLoss on data that is broken, truncated, or followed by something
  // else than further members or zero bytes. Errors of `read_raw` pass through.
  absl::StatusOr<std::size_t> Read(ReadRaw read_raw, char* out, std::size_t size);

 private:
  absl::Status Refill(ReadRaw read_raw);
  absl::Status NextMember(ReadRaw read_raw);

  static constexpr std::size_t kInputBytes = std::size_t{256} << 10;
  z_stream stream_{};
  std::unique_ptr<char[]> input_;
  bool raw_at_end_ = false;
  bool between_members_ = false;
  bool done_ = false;
};

}  // namespace clientele
