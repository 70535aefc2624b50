// Snapshot files as bytes in memory, to be cut, flipped, changed and sealed again by tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/mapped_file.h"
#include "index/segment.h"
#include "index/snapshot_format.h"

namespace clientele {

// The file that WriteSegmentFile makes of a segment.
std::string SnapshotBytes(const Segment& segment);

// The bytes as a mapped file without a name in any folder.
std::shared_ptr<const MappedFile> MappedBytes(std::string_view bytes);

// A section of a file whose table is whole.
struct SectionPlace {
  std::string name;
  std::size_t entry;               // Where its SectionEntry starts.
  std::size_t begin, end, extent;  // Its elements are [begin, end); what its checksums cover goes on up to `extent`.
};
std::vector<SectionPlace> SectionsOf(std::string_view bytes);

// Computes every checksum anew, as far as header and table still describe places within the file.
void SealAgain(std::string& bytes);

}  // namespace clientele
