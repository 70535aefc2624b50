// The content codings of request bodies (RFC 9110, 8.4): undone as the pieces of a body come in, with bounded memory whatever
// they hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "loader/decompressor.h"

namespace clientele {

enum class ContentCoding : std::uint8_t { kIdentity, kGzip, kZstd };

// One thread at a time.
class ContentDecoder {
 public:
  explicit ContentDecoder(ContentCoding coding);

  void Feed(std::string piece);
  void End() { ended_ = true; }  // Nothing more is fed.

  // Up to `size` bytes of content; 0 only at its end. Unavailable: more has to be fed first. DataLoss: the body is broken, or was
  // cut.
  absl::StatusOr<std::size_t> Read(char* out, std::size_t size);

 private:
  absl::StatusOr<std::size_t> ReadRaw(char* out, std::size_t size);

  std::unique_ptr<Decompressor> decompressor_;  // Null for identity.
  std::deque<std::string> pieces_;
  std::size_t used_ = 0;  // Bytes of the first piece.
  bool ended_ = false;
};

// All of a body at once. OutOfRange when its content is longer than `bytes_max`; else as Read.
absl::StatusOr<std::string> Decode(ContentCoding coding, std::string body, std::size_t bytes_max);

}  // namespace clientele
