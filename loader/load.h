// Reads client records from files or standard input into a Segment, on all cores with bounded memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "loader/progress.h"
#include "loader/record_translator.h"
#include "loader/reject.h"

namespace clientele {

class Segment;

struct LoadOptions {
  std::string rejects_path;   // Empty: rejected records are counted and the first few kept, but not written.
  bool strict = false;        // Stop at the first reject.
  std::uint32_t threads = 0;  // 0: all cores.
  std::function<void(const LoadProgress&)> on_progress;  // Called a few times a second from one thread.
  RecordTranslatorFactory new_translator = {};           // Set: records are of a foreign shape and pass through one of these.
};

struct LoadReport {
  std::shared_ptr<const Segment> segment;
  std::uint64_t records = 0, rejected = 0,
                bytes = 0;            // Records in the segment; those left out, duplicates included; JSON bytes read.
  std::vector<Reject> first_rejects;  // At most 10, in input order.
  double parse_seconds = 0, seal_seconds = 0;
};

// `paths`: NDJSON or one JSON array each, plain or gzip (recognised by content); "-" is standard input. Several files are one
// load: ids are unique across them, the first record of an id in input order stays. NotFound, PermissionDenied, DataLoss (broken
// gzip) stop the load; bad records do not, unless strict: then the status is InvalidArgument with the first reject's text.
// Duplicates only show when everything has been read, so in strict mode another bad record is reported before them; in the
// rejects file they stand at the end.
absl::StatusOr<LoadReport> LoadFiles(const std::vector<std::string>& paths, const LoadOptions& options);

}  // namespace clientele
