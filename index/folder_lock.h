// The right to change what is in a folder: one holder at a time, over all processes; gone with its process at the latest.
#pragma once

#include <string>
#include <utility>

#include <absl/status/statusor.h>

namespace clientele {

class FolderLock {
 public:
  // Does not wait: Unavailable, with `busy` as the message, when somebody else holds it.
  static absl::StatusOr<FolderLock> Take(const std::string& folder, const std::string& busy);

  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept : folder_(std::exchange(other.folder_, -1)) {}
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(FolderLock&&) = delete;

 private:
  explicit FolderLock(int folder) : folder_(folder) {}
  int folder_;
};

}  // namespace clientele
