// A whole file as read-only memory, backed by the page cache: shared with every other program that reads it, and given back when
// memory is short. Immutable; any number of threads may read it.
//
// Whoever cuts or changes a mapped file in place takes the bytes from under its readers; replacing it by renaming another file to
// its name, or removing it, does no harm. Snapshots are only ever replaced.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <absl/status/statusor.h>

namespace clientele {

class MappedFile {
 public:
  // NotFound, PermissionDenied ...; FailedPrecondition when it is no regular file. Messages name the path. Takes microseconds
  // whatever the size. An empty file maps to no bytes.
  static absl::StatusOr<std::shared_ptr<const MappedFile>> Open(const std::string& path);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {begin_, size_}; }  // From a multiple of the huge page size on.
  const std::string& path() const { return path_; }

 private:
  MappedFile(std::string path, const std::byte* begin, std::size_t size) : path_(std::move(path)), begin_(begin), size_(size) {}

  const std::string path_;
  const std::byte* const begin_;
  const std::size_t size_;
};

}  // namespace clientele
