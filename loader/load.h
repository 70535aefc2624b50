// Reads client records from files or standard input into a Segment, on all cores with bounded memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "loader/input_format.h"
#include "loader/progress.h"
#include "loader/record_translator.h"
#include "loader/reject.h"
#include "loader/reject_causes.h"

namespace clientele {

class Segment;

struct LoadOptions {
  std::string rejects_path = {};                  // Empty: rejected records are counted and the first few kept, but not written.
  bool keep_existing_rejects = false;             // Take another name rather than replace a file; no file without rejects.
  bool strict = false;                            // Stop at the first reject.
  std::uint64_t rejects_max = ~std::uint64_t{0};  // Stop when more than so many records are refused.
  bool dry_run = false;                           // Check everything, duplicates too, but build nothing.
  std::uint32_t threads = 0;                      // 0: all cores.
  std::uint64_t memory_limit = 0;                 // Bytes that the whole process may take; 0: any.
  InputFormat format = InputFormat::kAuto;
  std::function<void(const LoadProgress&)> on_progress = {};  // Called a few times a second from one thread.
  RecordTranslatorFactory new_translator = {};  // Set: records are of a foreign shape and pass through one of these.
  // Called once before LoadFiles returns, if records were refused, also when the load fails: the report lacks its segment then.
  std::function<void(const struct LoadReport&)> on_rejects = {};
};

struct LoadReport {
  std::shared_ptr<const Segment> segment;  // Null after a dry run.
  std::uint64_t records = 0, rejected = 0,
                bytes = 0;            // Records in the segment; those left out, duplicates included; decompressed bytes read.
  std::vector<Reject> first_rejects;  // At most 10, in input order.
  std::vector<RejectCause> causes;    // Most frequent first.
  std::uint64_t other_causes = 0;     // Rejects whose causes were too many to be kept.
  std::string rejects_path;           // Of the file with all rejects; empty when none was made.
  double parse_seconds = 0, seal_seconds = 0;
};

// `paths`: files of NDJSON, one JSON array, or a table each, plain, gzip or zstd (recognised by content); "-" is standard input.
// Several files are one load: ids are unique across them, the first record of an id in input order stays. NotFound,
// PermissionDenied, DataLoss (broken compression), InvalidArgument (a header that makes no client records) stop the load; bad
// records do not, unless strict: then the status is InvalidArgument with the first reject's text. Aborted: more rejects than
// allowed. ResourceExhausted: it does not fit into the memory limit, or into the machine. Duplicates only show when everything
// has been read, so in strict mode another bad record is reported before them; in the rejects file they stand at the end, their
// text that of the record as it would be answered (nothing in a dry run).
absl::StatusOr<LoadReport> LoadFiles(const std::vector<std::string>& paths, const LoadOptions& options);

}  // namespace clientele
