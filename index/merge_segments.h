// Merges sealed segments into one, leaving out dead rows: the same for every query as a segment sealed afresh from the records
// that are left. Nothing is parsed, encoded or folded again. Rows are numbered first (index/merge_rows.h); then fields are merged
// independently: orders and texts (index/merge_orders.h), values (index/merge_values.h), records (index/merge_records.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include <absl/status/statusor.h>

#include "index/record_dictionaries.h"
#include "index/segment.h"
#include "index/tombstones.h"

namespace clientele {

struct MergeInput {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<const Tombstones> tombstones;  // Null: no row is dead.
};

struct MergeOptions {
  // The calling thread among them; 0: all cores; 1: everything runs on the calling thread.
  std::uint32_t threads = 0;
  // Called often and from all threads that work: true ends the merge, within tens of milliseconds.
  std::function<bool()> cancelled = {};
  // Told the fraction of the steps that are done, 0 .. 1; from one thread at a time.
  std::function<void(double fraction)> progress = {};
  // What the merged segment's records are to be read with, and grows when that is needed; null: one of the inputs' own, if that
  // has the codes of all.
  std::shared_ptr<RecordDictionaries> dictionaries = nullptr;
};

// Cancelled; InvalidArgument: one id in two living rows, or more rows than a segment can have; DataLoss: an input that was opened
// lazily is not as it was written; ResourceExhausted: too little memory. No inputs: an empty segment.
// O(rows x inputs + bytes). Beside the result: about 64 bytes for each row of the inputs while rows are ordered, then 12
// (and 24 until ids and creation times have their turn), and up to 24 on each thread for the field that it merges
// (docs/merging.md).
absl::StatusOr<std::shared_ptr<const Segment>> MergeSegments(std::span<const MergeInput> inputs,
                                                             const MergeOptions& options = {});

}  // namespace clientele
