#include "index/snapshot_directory.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <unistd.h>

#include "index/absl_view.h"
#include "index/durable_file.h"
#include "index/folder_lock.h"

namespace clientele {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kManifestBytesMax = 1 << 20;

absl::StatusOr<FolderLock> Lock(const std::string& folder) {
  return FolderLock::Take(folder,
                          absl::StrCat(folder, ": another program is saving a snapshot there, or has it open for writing"));
}

// The names of a folder's files by what they are to a snapshot.
struct FolderContent {
  bool has_manifest = false;
  bool is_live = false;
  std::vector<std::string> segments, temporaries;
  std::optional<std::string> other;  // One of the rest.
};

absl::StatusOr<FolderContent> ListFolder(const std::string& folder) {
  FolderContent content;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const std::string_view ending = DurableFile::kTemporaryEnding;
    const bool is_temporary = name.ends_with(ending);
    const std::string_view stem = std::string_view(name).substr(0, name.size() - (is_temporary ? ending.size() : 0));
    if (is_temporary && (stem == kManifestName || SegmentFileNumber(stem) > 0))
      content.temporaries.push_back(name);
    else if (name == kManifestName)
      content.has_manifest = true;
    else if (name.starts_with(kLiveStoreName))
      content.is_live |= name == kLiveStoreName;
    else if (SegmentFileNumber(name) > 0)
      content.segments.push_back(name);
    else
      content.other = name;
  }
  if (error) return absl::ErrnoToStatus(error.value(), folder);
  return content;
}

absl::StatusOr<FolderContent> ListTarget(const std::string& folder) {
  absl::StatusOr<FolderContent> content = ListFolder(folder);
  if (content.ok() && content->is_live) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, ": expected an empty folder or a snapshot's, but it is a live set's"));
  }
  if (content.ok() && !content->has_manifest && content->other) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, ": expected an empty folder or a snapshot's, but it holds '", *content->other, "'"));
  }
  return content;
}

// What fails is tried again by the next save.
void Remove(const std::string& folder, const std::vector<std::string>& names) {
  for (const std::string& name : names) unlink(absl::StrCat(folder, "/", name).c_str());
}

absl::Status WriteManifest(const std::string& folder, const Manifest& manifest) {
  const std::string text = FormatManifest(manifest);
  absl::StatusOr<DurableFile> file = DurableFile::Create(folder, std::string(kManifestName));
  if (!file.ok()) return file.status();
  if (absl::Status status = file->Write(std::as_bytes(std::span(text)), 0); !status.ok()) return status;
  return file->Commit();
}

}  // namespace

absl::StatusOr<Manifest> ReadManifest(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/", AbslView(kManifestName));
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return absl::NotFoundError(
        absl::StrCat(path, ": ", errno == ENOENT ? "missing, so the folder holds no snapshot" : "cannot be read"));
  std::string text(kManifestBytesMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return ParseManifest(text, path);
}

absl::StatusOr<OpenedSegment> OpenNamedSegment(const std::string& folder, const SegmentFile& named, const OpenOptions& options) {
  const std::string path = absl::StrCat(folder, "/", named.name);
  absl::StatusOr<OpenedSegment> opened = OpenSegmentFile(path, options);
  if (!opened.ok()) return opened;
  const SnapshotHeader& header = opened->table.header();
  if (header.file_bytes != named.bytes || header.row_count != named.rows ||
      WideChecksum{header.table_checksum[0], header.table_checksum[1]} != named.checksum) {
    return absl::DataLossError(absl::StrCat(path, ": not the file of that name that was written for this folder"));
  }
  return opened;
}

bool IsSnapshotDirectory(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return false;
  const absl::StatusOr<FolderContent> content = ListFolder(path);
  return content.ok() && (content->has_manifest || content->is_live || !content->segments.empty());
}

absl::Status PrepareSnapshotDirectory(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error) && !fs::create_directory(folder, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, ": expected a folder, or a name for a new one: ", error ? error.message() : "it is a file"));
  }
  if (access(folder.c_str(), W_OK) != 0) return absl::ErrnoToStatus(errno, folder);
  if (const auto lock = Lock(folder); !lock.ok()) return lock.status();
  return ListTarget(folder).status();
}

absl::StatusOr<SegmentFile> SaveSnapshot(const Segment& segment, const std::string& folder, const WriteProgress& progress) {
  if (absl::Status status = PrepareSnapshotDirectory(folder); !status.ok()) return status;
  const absl::StatusOr<FolderLock> lock = Lock(folder);
  if (!lock.ok()) return lock.status();
  const absl::StatusOr<FolderContent> content = ListTarget(folder);
  if (!content.ok()) return content.status();
  Remove(folder, content->temporaries);
  std::uint64_t number = 0;
  for (const std::string& name : content->segments) number = std::max(number, SegmentFileNumber(name));
  absl::StatusOr<SegmentFile> written = WriteSegmentFile(segment, folder, SegmentFileName(number + 1), progress);
  if (!written.ok()) return written;
  if (absl::Status status = WriteManifest(folder, {.segments = {*written}}); !status.ok()) {
    // What failed may have been the last step only.
    const absl::StatusOr<Manifest> now = ReadManifest(folder);
    if (!now.ok() || now->segments[0] != *written) Remove(folder, {written->name});
    return status;
  }
  Remove(folder, content->segments);
  return written;
}

absl::StatusOr<OpenedSegment> OpenSnapshot(const std::string& folder, const OpenOptions& options) {
  // A save may replace the snapshot between the reading of its manifest and the opening of its file.
  constexpr int kTries = 5;
  for (int tries = 1;; ++tries) {
    const absl::StatusOr<Manifest> manifest = ReadManifest(folder);
    if (!manifest.ok()) return manifest.status();
    absl::StatusOr<OpenedSegment> opened = OpenNamedSegment(folder, manifest->segments[0], options);
    if (!absl::IsNotFound(opened.status()) || tries == kTries) return opened;
    if (const absl::StatusOr<Manifest> now = ReadManifest(folder); !now.ok() || *now == *manifest) return opened;
  }
}

}  // namespace clientele
