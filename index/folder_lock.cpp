#include "index/folder_lock.h"

#include <cerrno>

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace clientele {

absl::StatusOr<FolderLock> FolderLock::Take(const std::string& folder, const std::string& busy) {
  FolderLock lock(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock.folder_ < 0) return absl::ErrnoToStatus(errno, folder);
  if (flock(lock.folder_, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) return absl::UnavailableError(busy);
  return absl::ErrnoToStatus(errno, absl::StrCat("locking ", folder));
}

FolderLock::~FolderLock() {
  if (folder_ >= 0) close(folder_);
}

}  // namespace clientele
