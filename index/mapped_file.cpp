#include "index/mapped_file.h"

#include <cerrno>
#include <cstdint>

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace clientele {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

// Maps at a multiple of the huge page size, so that where the page cache holds huge pages they are mapped as such. Null when
// refused.
const std::byte* MapAligned(int file, std::size_t bytes) {
  void* const reserved = mmap(nullptr, bytes + kHugePageBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) return nullptr;
  std::byte* const raw = static_cast<std::byte*>(reserved);
  const std::size_t lead = (kHugePageBytes - reinterpret_cast<std::uintptr_t>(raw) % kHugePageBytes) % kHugePageBytes;
  void* const mapped = mmap(raw + lead, bytes, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);
  if (mapped == MAP_FAILED) {
    munmap(raw, bytes + kHugePageBytes);
    return nullptr;
  }
  if (lead > 0) munmap(raw, lead);
  const std::size_t page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t used = lead + (bytes + page_bytes - 1) / page_bytes * page_bytes;
  if (used < bytes + kHugePageBytes) munmap(raw + used, bytes + kHugePageBytes - used);
  return raw + lead;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, path);
  struct stat status {};
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(file);
    return absl::FailedPreconditionError(absl::StrCat(path, ": expected a regular file"));
  }
  const auto bytes = static_cast<std::size_t>(status.st_size);
  const std::byte* const begin = bytes == 0 ? nullptr : MapAligned(file, bytes);
  const int error = errno;
  close(file);
  if (bytes > 0 && begin == nullptr) return absl::ErrnoToStatus(error, absl::StrCat(path, ": mapping ", bytes, " bytes"));
  return std::shared_ptr<const MappedFile>(new MappedFile(path, begin, bytes));
}

MappedFile::~MappedFile() {
  if (size_ > 0) munmap(const_cast<std::byte*>(begin_), size_);
}

}  // namespace clientele
