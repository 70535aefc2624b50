#include "index/durable_file.h"

#include <cerrno>
#include <cstdio>
#include <utility>

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/absl_view.h"

namespace clientele {

absl::StatusOr<DurableFile> DurableFile::Create(const std::string& folder, const std::string& name, std::uint64_t bytes) {
  DurableFile created(folder, name, -1);
  created.file_ = open(created.TemporaryPath().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (created.file_ < 0) return created.Failed(errno, "creating");
  // Not posix_fallocate: where the file system cannot reserve, that would write the whole file.
  if (bytes > 0 && fallocate(created.file_, 0, 0, static_cast<off_t>(bytes)) != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
    return created.Failed(errno, absl::StrCat("reserving ", bytes, " bytes for"));
  return created;
}

DurableFile::DurableFile(DurableFile&& other) noexcept
    : folder_(std::move(other.folder_)), name_(std::move(other.name_)), file_(std::exchange(other.file_, -1)) {}

DurableFile::~DurableFile() {
  if (file_ < 0) return;
  close(file_);
  unlink(TemporaryPath().c_str());
}

std::string DurableFile::TemporaryPath() const {
  return absl::StrCat(folder_, "/", name_, AbslView(kTemporaryEnding));
}

absl::Status DurableFile::Failed(int error, std::string_view doing) const {
  const std::string what = absl::StrCat(AbslView(doing), " ", folder_, "/", name_);
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(
        absl::StrCat(what, ": ", error == EFBIG ? "the file would be too large" : "the disk is full"));
  }
  return absl::ErrnoToStatus(error, what);
}

absl::Status DurableFile::Write(std::span<const std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Failed(written < 0 ? errno : ENOSPC, "writing");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return absl::OkStatus();
}

void DurableFile::StartSync(std::uint64_t offset, std::uint64_t bytes) {
  sync_file_range(file_, static_cast<off_t>(offset), static_cast<off_t>(bytes), SYNC_FILE_RANGE_WRITE);
}

absl::Status DurableFile::Commit() {
  if (fsync(file_) != 0) return Failed(errno, "syncing");
  const std::string path = absl::StrCat(folder_, "/", name_);
  if (rename(TemporaryPath().c_str(), path.c_str()) != 0) return Failed(errno, "renaming to");
  close(std::exchange(file_, -1));
  return SyncFolder(folder_);
}

absl::Status SyncFolder(const std::string& folder) {
  const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return absl::ErrnoToStatus(errno, folder);
  const int result = fsync(opened), error = errno;
  close(opened);
  return result == 0 ? absl::OkStatus() : absl::ErrnoToStatus(error, absl::StrCat("syncing ", folder));
}

}  // namespace clientele
