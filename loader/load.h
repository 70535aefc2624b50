// Reads client records from files or standard input into a SegmentBuilder, on all cores with bounded memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace clientele {

class Segment;

struct LoadProgress {
  std::string_view phase;  // "reading", then the seal's phases.
  std::uint64_t records = 0, rejected = 0;
  std::uint64_t bytes = 0;                               // Decompressed JSON bytes parsed so far.
  std::uint64_t input_bytes = 0, input_bytes_total = 0;  // Of the files as they lie on disk; total 0 when unknown (stdin).
  double seal_fraction = 0;
  double seconds = 0;
};

struct LoadOptions {
  std::string rejects_path;   // Empty: rejected records are counted and the first few kept, but not written.
  bool strict = false;        // Stop at the first reject.
  std::uint32_t threads = 0;  // 0: all cores.
  std::function<void(const LoadProgress&)> on_progress;  // Called a few times a second from one thread.
};

// One rejected record.
struct Reject {
  std::string file;
  std::uint64_t line = 0;  // 1-based line of an NDJSON file; in a JSON array, the element's 1-based number.
  std::string pointer;     // JSON pointer (RFC 6901), such as "/users/0/email"; empty for the whole record.
  std::string value;       // What was found, cut.
  std::string expected;
  std::string ToString() const;  // "clients.ndjson:17: /status: expected one of new, ..., got \"actve\""
};

struct LoadReport {
  std::shared_ptr<const Segment> segment;
  std::uint64_t records = 0, rejected = 0, bytes = 0;
  std::vector<Reject> first_rejects;  // At most 10, in input order.
  double parse_seconds = 0, seal_seconds = 0;
};

// `paths`: NDJSON or one JSON array each, plain or gzip (recognised by content); "-" is standard input. Several files are one
// load: ids are unique across them. NotFound, PermissionDenied, DataLoss (broken gzip) stop the load; bad records do not, unless
// strict.
absl::StatusOr<LoadReport> LoadFiles(const std::vector<std::string>& paths, const LoadOptions& options);

}  // namespace clientele
