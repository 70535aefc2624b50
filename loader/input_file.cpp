#include "loader/input_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/gzip_inflater.h"

namespace clientele {
namespace {

constexpr std::string_view kGzipMagic = "\x1F\x8B";

bool IsStandardInput(const std::string& path) {
  return path == "-";
}

absl::Status WithPath(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

}  // namespace

InputFile::InputFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

InputFile::~InputFile() {
  if (!IsStandardInput(path_)) close(descriptor_);
}

absl::StatusOr<std::unique_ptr<InputFile>> InputFile::Open(const std::string& path) {
  int descriptor = STDIN_FILENO;
  if (!IsStandardInput(path)) {
    descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return absl::ErrnoToStatus(errno, path);
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);  // Only a hint: pipes refuse it.
  }
  std::unique_ptr<InputFile> file(new InputFile(path, descriptor));
  if (const absl::Status status = file->DetectGzip(); !status.ok()) return status;
  return file;
}

absl::StatusOr<std::size_t> InputFile::ReadRaw(char* out, std::size_t size) {
  if (!head_.empty()) {
    const std::size_t taken = std::min(size, head_.size());
    std::memcpy(out, head_.data(), taken);
    head_.erase(0, taken);
    return taken;
  }
  for (;;) {
    const ssize_t got = read(descriptor_, out, size);
    if (got >= 0) {
      raw_bytes_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) return absl::ErrnoToStatus(errno, path_);
  }
}

absl::Status InputFile::DetectGzip() {
  std::string head;
  while (head.size() < kGzipMagic.size()) {  // A pipe may give them one by one.
    char byte = 0;
    const absl::StatusOr<std::size_t> got = ReadRaw(&byte, 1);
    if (!got.ok()) return got.status();
    if (*got == 0) break;
    head += byte;
  }
  if (head == kGzipMagic) gzip_ = std::make_unique<GzipInflater>();
  head_ = std::move(head);
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> InputFile::Read(char* out, std::size_t size) {
  if (gzip_ == nullptr) return ReadRaw(out, size);
  const auto read_raw = [this](char* raw, std::size_t raw_size) { return ReadRaw(raw, raw_size); };
  absl::StatusOr<std::size_t> got = gzip_->Read(read_raw, out, size);
  if (!got.ok()) return WithPath(path_, got.status());
  return got;
}

absl::StatusOr<std::uint64_t> CheckInputFile(const std::string& path) {
  if (IsStandardInput(path)) return 0;
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return absl::ErrnoToStatus(errno, path);
  if (S_ISDIR(status.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, ": expected a file, this is a directory"));
  if (access(path.c_str(), R_OK) != 0) return absl::ErrnoToStatus(errno, path);
  return S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace clientele
