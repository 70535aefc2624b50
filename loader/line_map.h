// Where the records that went into the store stood in the input, a few bytes for each block: to tell the line of a duplicate,
// which only shows at sealing. Records mostly fill every line, so only the exceptions are kept. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>

namespace clientele {

// Lines of one block that hold no stored record, as runs. Filled front to back by the thread that parses the block.
class SkippedLines {
 public:
  // A line was left out after `records_before` records of the block had been stored.
  void Add(std::uint32_t records_before) {
    if (runs_.empty() || runs_.back().records_before != records_before) runs_.push_back({records_before, skipped_});
    runs_.back().skipped = ++skipped_;
  }

  // How many lines before stored record `index` were left out. O(log runs).
  std::uint32_t Before(std::uint32_t index) const;

 private:
  struct Run {
    std::uint32_t records_before;
    std::uint32_t skipped;  // Up to the end of this run.
  };
  std::vector<Run> runs_;
  std::uint32_t skipped_ = 0;
};

class LineMap {
 public:
  struct Place {
    std::uint32_t file;  // Index of the path.
    std::uint64_t line;
    bool is_element = false;  // The number is that of an array's element.
  };

  // `first` is where the block begins, as for a record that stood there.
  void AddBlock(std::uint64_t sequence, const Place& first, SkippedLines skipped);

  // Of the stored record number `index` of a block that was added.
  Place Find(std::uint64_t sequence, std::uint32_t index) const;

 private:
  struct BlockLines {
    Place first;
    SkippedLines skipped;
  };
  mutable std::mutex mutex_;
  absl::flat_hash_map<std::uint64_t, BlockLines> blocks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clientele
