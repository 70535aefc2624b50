// Opens a segment from a file without parsing anything: arrays stay in the file's mapping, or are copied to huge pages.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "index/section_table.h"
#include "index/segment.h"

namespace clientele {

enum class Verify {
  kFull,  // Every checksum and whether the arrays fit together, before the segment is given; hot arrays are copied to huge pages.
  kLazy,  // The header, the table and the dictionaries; every other part when it is first required. Nothing is copied.
};

struct OpenOptions {
  Verify verify = Verify::kFull;
  // Told each damage that shows later, once, by the thread that came upon it.
  std::function<void(const absl::Status&)> on_damage = {};
  // Of the set that the segment belongs to: the segment uses these instead of its own if they agree, and its own texts are added
  // where they are missing (index/shared_dictionaries.h). Null: its own.
  std::shared_ptr<RecordDictionaries> dictionaries = nullptr;
  // Smaller arrays are not worth a huge page and stay in the mapping.
  std::uint64_t huge_from_bytes = 1 << 20;
};

struct OpenedSegment {
  std::shared_ptr<const Segment> segment;
  SectionTable table;
};

// FailedPrecondition: a file that is no segment, or one of another format, machine or schema; DataLoss: a damaged one, with the
// section and what is wrong; ResourceExhausted: too little memory. Messages name the file. On all cores.
absl::StatusOr<OpenedSegment> OpenSegmentFile(const std::string& path, const OpenOptions& options = {});

// As OpenSegmentFile, for bytes that are mapped already.
absl::StatusOr<OpenedSegment> OpenSegment(std::shared_ptr<const MappedFile> file, const OpenOptions& options = {});

}  // namespace clientele
