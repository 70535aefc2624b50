// A file that appears under its name whole or not at all: it is written under a temporary name, synced, renamed, and the folder
// is synced. Whatever fails before leaves what stood under the name untouched, and no temporary file. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace clientele {

class DurableFile {
 public:
  // What temporary names end with; files of such names that nobody writes any more may be removed.
  static constexpr std::string_view kTemporaryEnding = ".tmp";

  // `bytes`, when it is known, is reserved on the disk at once, so that a full disk shows before the writing.
  static absl::StatusOr<DurableFile> Create(const std::string& folder, const std::string& name, std::uint64_t bytes = 0);

  ~DurableFile();
  DurableFile(DurableFile&& other) noexcept;
  DurableFile(const DurableFile&) = delete;
  DurableFile& operator=(DurableFile&&) = delete;

  // Messages name the file; ResourceExhausted when the disk (or quota, or size limit) is full.
  absl::Status Write(std::span<const std::byte> bytes, std::uint64_t offset);

  // Starts bringing what was written to the disk, so that Commit() has less to wait for.
  void StartSync(std::uint64_t offset, std::uint64_t bytes);

  absl::Status Commit();

 private:
  DurableFile(std::string folder, std::string name, int file) : folder_(std::move(folder)), name_(std::move(name)), file_(file) {}
  std::string TemporaryPath() const;
  absl::Status Failed(int error, std::string_view doing) const;

  std::string folder_, name_;
  int file_ = -1;  // Closed once committed.
};

// Makes names that were added to or taken from a folder durable.
absl::Status SyncFolder(const std::string& folder);

}  // namespace clientele
