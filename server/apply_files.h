// Applies files of writes (the lines of bulk requests, loader/bulk_line.h) to a live set.
//
//   files -> BlockSource -> (several threads: lines -> batches -> ClientSet::Prepare) -> in input order: ClientSet::Submit
//                                              outcomes, in the same order -> counts, RejectLog (the calling thread)
//
// A few batches are on their way to the set at a time, so that the disk always has some to sync, and memory is bounded.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "engine/client_set.h"
#include "loader/progress.h"
#include "loader/record_splitter.h"
#include "loader/reject_log.h"

namespace clientele {

struct ApplyOptions {
  bool atomic = false;        // All lines as one batch, or none. It must fit into what the set takes at once.
  bool dry_run = false;       // Everything is checked, nothing written. A batch does not see what those before it would change.
  bool strict = false;        // The first line that fails ends it: lines before it are applied, none behind.
  std::uint32_t threads = 0;  // That prepare batches; 0: one a core.
  std::uint64_t batch_lines = 4'000;
  // A block is at most a batch's bytes. Lines have at most `record_bytes_max`.
  SplitLimits limits = {.block_bytes = std::size_t{8} << 20, .format = InputFormat::kNdjson};
  std::function<void(const LoadProgress&)> on_progress = {};  // A few times a second, from the calling thread.
};

struct ApplyReport {
  std::uint64_t lines = 0, bytes = 0;  // Read, without blank lines; decompressed.
  std::uint64_t created = 0, replaced = 0, patched = 0, deleted = 0, purged = 0;
  std::uint64_t failed = 0, not_tried = 0;  // Not tried: others of an atomic batch failed, or the set took no more.
  double seconds = 0;
  absl::Status status;  // What ended it before all lines had their outcome, but for `strict`. The counts hold all the same.

  std::uint64_t applied() const { return created + replaced + patched + deleted + purged; }
};

// `paths` as LoadFiles takes them, but NDJSON only. What counts as applied is durable when this returns (or would be applied, in
// a dry run). Lines that fail go to `rejects`, in input order. Errors of inputs and of the set end it: see ApplyReport::status.
ApplyReport ApplyFiles(const std::vector<std::string>& paths, const ApplyOptions& options, ClientSet& set, RejectLog& rejects);

}  // namespace clientele
