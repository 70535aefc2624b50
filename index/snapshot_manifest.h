// Which files of a snapshot's folder are current: a small text, replaced as a whole.
//
//   clientele manifest 1
//   segment segment-0001.clientele rows 2000 bytes 1234567 checksum 0123456789abcdef0123456789abcdef
//   end 0123456789abcdef
//
// The first line has the version: programs refuse those that they do not know. The last line has a checksum (XXH3) of all lines
// before it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "index/snapshot_writer.h"

namespace clientele {

inline constexpr std::string_view kManifestName = "MANIFEST";
inline constexpr int kManifestVersion = 1;

struct Manifest {
  std::vector<SegmentFile> segments;  // Exactly one, in this version.
  bool operator==(const Manifest&) const = default;
};

std::string FormatManifest(const Manifest& manifest);

// FailedPrecondition: no manifest, or one of another version; DataLoss: a damaged one, with the line. Messages begin with `path`.
absl::StatusOr<Manifest> ParseManifest(std::string_view text, std::string_view path);

// Names of segment files: "segment-0001.clientele". 0 when `name` is no such name.
std::string SegmentFileName(std::uint64_t number);
std::uint64_t SegmentFileNumber(std::string_view name);

}  // namespace clientele
