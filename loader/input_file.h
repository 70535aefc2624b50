// The bytes of one input file or of standard input, decompressed when they are gzip or zstd (recognised by content). Files are
// read with read(), never mapped: a file that is truncated meanwhile then ends early instead of killing the process. One thread
// at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace clientele {

class Decompressor;

// What becomes of the system's copy of a file's pages once they have been read.
enum class PageCache : std::uint8_t {
  kKeep,  // They stay for the next reader, as long as nothing else needs the memory.
  kDrop,  // They are given back at once (files only), so that what is read next takes their place, not that of others.
};

class InputFile {
 public:
  // "-" is standard input. NotFound, PermissionDenied or another status that names the path; InvalidArgument when the content is
  // of another compressed or binary kind that is known.
  static absl::StatusOr<std::unique_ptr<InputFile>> Open(const std::string& path, PageCache page_cache = PageCache::kKeep);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Reads up to `size` bytes and returns how many; 0 only at the end. DataLoss on broken or truncated compressed data.
  absl::StatusOr<std::size_t> Read(char* out, std::size_t size);

  const std::string& path() const { return path_; }
  std::uint64_t raw_bytes() const { return raw_bytes_; }  // Read so far, before decompression.
  bool is_compressed() const { return decompressor_ != nullptr; }

 private:
  InputFile(std::string path, int descriptor);
  absl::StatusOr<std::size_t> ReadRaw(char* out, std::size_t size);
  absl::Status DetectCompression();
  void DropPages();

  std::string path_;
  int descriptor_;
  PageCache page_cache_ = PageCache::kKeep;
  std::uint64_t raw_bytes_ = 0;
  std::uint64_t dropped_bytes_ = 0;             // So far dropped from the page cache.
  std::string head_;                            // Read while looking for the magic bytes, not yet given out.
  std::unique_ptr<Decompressor> decompressor_;  // Null when plain.
};

// Fails early on what Open would refuse later: a missing, unreadable or unsuitable file. Opens nothing, so pipes stay whole.
// Returns the file's size, of standard input what is left of it when it is a file; nullopt when it is not known (pipes).
absl::StatusOr<std::optional<std::uint64_t>> CheckInputFile(const std::string& path);

// kDrop when the files at `paths` are together larger than half of `available_bytes` of memory. They could not stay beside what
// is made of them anyway, and the system would spend time on finding out which of their pages to give up. Files that do fit stay:
// they may well be loaded again.
PageCache PageCacheFor(std::span<const std::string> paths, std::uint64_t available_bytes);

}  // namespace clientele
