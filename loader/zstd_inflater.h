// Decompresses zstd data (RFC 8878), all frames of it, skippable ones too. Frames that ask for more than 128 MB of window, as
// `zstd --long=28` and above makes them, are refused: memory stays bounded.
#pragma once

#include <memory>

#include "loader/decompressor.h"

namespace clientele {

class ZstdInflater : public Decompressor {
 public:
  ZstdInflater();
  ~ZstdInflater() override;

  absl::StatusOr<std::size_t> Read(ReadRaw read_raw, char* out, std::size_t size) override;

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<char[]> input_;
  bool inside_frame_ = false;
  bool done_ = false;
};

}  // namespace clientele
