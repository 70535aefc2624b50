// The bytes of one input file or of standard input, decompressed when they are gzip (recognised by content). Files are read with
// read(), never mapped: a file that is truncated meanwhile then ends early instead of killing the process. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace clientele {

class GzipInflater;

class InputFile {
 public:
  // "-" is standard input. NotFound, PermissionDenied or another status that names the path.
  static absl::StatusOr<std::unique_ptr<InputFile>> Open(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Reads up to `size` bytes and returns how many; 0 only at the end. DataLoss on broken or truncated gzip data.
  absl::StatusOr<std::size_t> Read(char* out, std::size_t size);

  const std::string& path() const { return path_; }
  std::uint64_t raw_bytes() const { return raw_bytes_; }  // Read so far, before decompression.

 private:
  InputFile(std::string path, int descriptor);
  absl::StatusOr<std::size_t> ReadRaw(char* out, std::size_t size);
  absl::Status DetectGzip();

  std::string path_;
  int descriptor_;
  std::uint64_t raw_bytes_ = 0;
  std::string head_;  // Read while looking for the magic bytes, not yet given out.
  std::unique_ptr<GzipInflater> gzip_;
};

// Fails early on what Open would refuse later: a missing, unreadable or unsuitable file. Opens nothing, so pipes stay whole.
// Returns the file's size; 0 when it has none that is known (standard input, pipes).
absl::StatusOr<std::uint64_t> CheckInputFile(const std::string& path);

}  // namespace clientele
