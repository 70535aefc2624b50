#include "loader/input_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/absl_view.h"
#include "loader/gzip_inflater.h"
#include "loader/zstd_inflater.h"

namespace clientele {
namespace {

constexpr std::size_t kMagicBytesMax = 6;

// Pages are dropped in steps of this: small enough that they are still in a cache when they are read into again.
constexpr std::uint64_t kDropStepBytes = std::uint64_t{4} << 20;
constexpr std::string_view kGzipMagic = "\x1F\x8B";

// A frame, or one to be skipped: 0x184D2A50 to 5F, little-endian.
bool IsZstd(std::string_view head) {
  if (head.starts_with("\x28\xB5\x2F\xFD")) return true;
  return head.size() >= 4 && (head[0] & 0xF0) == 0x50 && head.substr(1, 3) == "\x2A\x4D\x18";
}

// What people have lying about and would else be told to be a strange table.
struct ForeignContent {
  std::string_view magic, name;
};
constexpr ForeignContent kForeignContents[] = {{{"\xFD"
                                                 "7zXZ",
                                                 5},
                                                "xz"},
                                               {{"BZh", 3}, "bzip2"},
                                               {{"PK\3\4", 4}, "a zip archive or a spreadsheet"},
                                               {{"7z\xBC\xAF", 4}, "7-Zip"},
                                               {{"\x04\x22\x4D\x18", 4}, "lz4"},
                                               {{"PAR1", 4}, "Parquet"},
                                               {{"\xFF\xFE", 2}, "UTF-16 text"},
                                               {{"\xFE\xFF", 2}, "UTF-16 text"},
                                               {{"SQLite", 6}, "a SQLite database"}};

bool IsStandardInput(const std::string& path) {
  return path == "-";
}

absl::Status WithPath(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(IsStandardInput(path) ? "stdin" : path, ": ", status.message()));
}

}  // namespace

InputFile::InputFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

InputFile::~InputFile() {
  if (!IsStandardInput(path_)) close(descriptor_);
}

absl::StatusOr<std::unique_ptr<InputFile>> InputFile::Open(const std::string& path, PageCache page_cache) {
  int descriptor = STDIN_FILENO;
  if (!IsStandardInput(path)) {
    descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return absl::ErrnoToStatus(errno, path);
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);  // Only a hint: pipes refuse it.
  }
  std::unique_ptr<InputFile> file(new InputFile(path, descriptor));
  // Of standard input it is not known where in its file it began.
  if (!IsStandardInput(path)) file->page_cache_ = page_cache;
  if (const absl::Status status = file->DetectCompression(); !status.ok()) return status;
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
      if (page_cache_ == PageCache::kDrop && (got == 0 || raw_bytes_ - dropped_bytes_ >= kDropStepBytes)) DropPages();
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) return absl::ErrnoToStatus(errno, "cannot read");
  }
}

// Begins a step before what is new, since the system keeps what lies only partly in the range.
void InputFile::DropPages() {
  const std::uint64_t begin = dropped_bytes_ - std::min(dropped_bytes_, kDropStepBytes);
  posix_fadvise(descriptor_, static_cast<off_t>(begin), static_cast<off_t>(raw_bytes_ - begin), POSIX_FADV_DONTNEED);
  dropped_bytes_ = raw_bytes_;
}

absl::Status InputFile::DetectCompression() {
  std::string head;
  while (head.size() < kMagicBytesMax) {  // A pipe may give them one by one.
    char bytes[kMagicBytesMax];
    const absl::StatusOr<std::size_t> got = ReadRaw(bytes, kMagicBytesMax - head.size());
    if (!got.ok()) return WithPath(path_, got.status());
    if (*got == 0) break;
    head.append(bytes, *got);
  }
  for (const ForeignContent& foreign : kForeignContents) {
    if (head.starts_with(foreign.magic)) {
      return absl::InvalidArgumentError(absl::StrCat(IsStandardInput(path_) ? "stdin" : path_,
                                                     ": expected plain, gzip or zstd content, this is ", AbslView(foreign.name)));
    }
  }
  if (head.starts_with(kGzipMagic)) decompressor_ = std::make_unique<GzipInflater>();
  if (IsZstd(head)) decompressor_ = std::make_unique<ZstdInflater>();
  head_ = std::move(head);
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> InputFile::Read(char* out, std::size_t size) {
  const auto read_raw = [this](char* raw, std::size_t raw_size) { return ReadRaw(raw, raw_size); };
  absl::StatusOr<std::size_t> got = decompressor_ == nullptr ? ReadRaw(out, size) : decompressor_->Read(read_raw, out, size);
  if (!got.ok()) return WithPath(path_, got.status());
  return got;
}

absl::StatusOr<std::optional<std::uint64_t>> CheckInputFile(const std::string& path) {
  struct stat status {};
  if (IsStandardInput(path)) {
    if (fstat(STDIN_FILENO, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    const off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
    return at >= 0 && at < status.st_size ? static_cast<std::uint64_t>(status.st_size - at) : 0;
  }
  if (stat(path.c_str(), &status) != 0) return absl::ErrnoToStatus(errno, path);
  if (S_ISDIR(status.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, ": expected a file, this is a directory"));
  if (access(path.c_str(), R_OK) != 0) return absl::ErrnoToStatus(errno, path);
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

PageCache PageCacheFor(std::span<const std::string> paths, std::uint64_t available_bytes) {
  std::uint64_t bytes = 0;
  for (const std::string& path : paths) {
    const absl::StatusOr<std::optional<std::uint64_t>> size = CheckInputFile(path);
    if (size.ok()) bytes += size->value_or(0);
  }
  return bytes > available_bytes / 2 ? PageCache::kDrop : PageCache::kKeep;
}

}  // namespace clientele
