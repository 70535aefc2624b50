// Decompresses zstd data (RFC 8878), all frames of it, skippable ones too. Frames that ask for more than a limit of window, by
// default 128 MB (`zstd --long=28` and above), are refused: memory stays bounded.
#pragma once

#include <memory>

#include "loader/decompressor.h"

namespace clientele {

class ZstdInflater : public Decompressor {
 public:
  static constexpr int kWindowLogMax = 27;

  explicit ZstdInflater(int window_log_max = kWindowLogMax);
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
