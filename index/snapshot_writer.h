// Writes a sealed segment to a file: its arrays as they are in memory, in the order of index/snapshot_sections.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <absl/status/statusor.h>

#include "index/segment.h"
#include "index/snapshot_format.h"

namespace clientele {

// What identifies a written file.
struct SegmentFile {
  std::string name;  // Within its folder.
  std::uint64_t rows = 0, bytes = 0;
  WideChecksum checksum{};  // Of its section table, and so of everything in it.
  bool operator==(const SegmentFile&) const = default;
};

// Told the fraction that is written, 0 .. 1, from the calling thread.
using WriteProgress = std::function<void(double fraction)>;

// The file appears under its name whole and synced, or not at all (index/durable_file.h): ResourceExhausted when the disk is
// full. Everything in `segment` must be checked. Checksums are made on all cores; memory: a megabyte, and the dictionaries'
// texts.
absl::StatusOr<SegmentFile> WriteSegmentFile(const Segment& segment, const std::string& folder, const std::string& name,
                                             const WriteProgress& progress = {});

}  // namespace clientele
