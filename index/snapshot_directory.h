// A folder that holds a snapshot: a MANIFEST (index/snapshot_manifest.h) and the segment file that it names.
//
// Saving writes a new segment file, then replaces the manifest, then removes what the manifest no longer names. At every moment,
// and after every failure, the manifest names a whole snapshot, the old one or the new one; who has the old one open keeps it.
#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "index/segment.h"
#include "index/snapshot_manifest.h"
#include "index/snapshot_reader.h"
#include "index/snapshot_writer.h"

namespace clientele {

// The database of a live set (engine/live_store.h). Where it is, it names the segment files, and no snapshot is saved.
inline constexpr std::string_view kLiveStoreName = "live.db";

// Whether `path` is a folder that holds (or held) a snapshot or a live set, and not a folder of records.
bool IsSnapshotDirectory(const std::string& path);

// Makes the folder if it is missing, and says whether a snapshot could be saved in it, before a long load. FailedPrecondition
// when the folder holds other files and no snapshot, or a live set.
absl::Status PrepareSnapshotDirectory(const std::string& folder);

// ResourceExhausted when the disk is full; Unavailable when somebody else is saving into the folder. Temporary files of saves
// that were cut off are removed. One saver at a time, over all processes.
absl::StatusOr<SegmentFile> SaveSnapshot(const Segment& segment, const std::string& folder, const WriteProgress& progress = {});

// As OpenSegmentFile; the file must also be the one that the manifest names.
absl::StatusOr<OpenedSegment> OpenSnapshot(const std::string& folder, const OpenOptions& options = {});

// NotFound when the folder holds none; otherwise as ParseManifest.
absl::StatusOr<Manifest> ReadManifest(const std::string& folder);

// As OpenSegmentFile; DataLoss when it is not the file that `named` describes.
absl::StatusOr<OpenedSegment> OpenNamedSegment(const std::string& folder, const SegmentFile& named,
                                               const OpenOptions& options = {});

}  // namespace clientele
