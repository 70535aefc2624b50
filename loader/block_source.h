// The blocks of all input files, one file after the other, for any number of parsing threads: each fetches its next block itself,
// so nothing is queued and no more blocks are in memory than threads. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include <absl/base/thread_annotations.h>
#include <absl/status/status.h>

#include "loader/block.h"
#include "loader/record_splitter.h"

namespace clientele {

class BlockSource {
 public:
  // `paths` must outlive the source.
  BlockSource(std::span<const std::string> paths, const SplitLimits& limits) : paths_(paths), limits_(limits) {}

  // Fills `block` with the next records; sequences count up from 0. False at the end, after an error, and after Stop().
  bool Next(Block& block);

  void Stop() { stopped_.store(true, std::memory_order_relaxed); }

  absl::Status status() const;
  std::uint64_t raw_bytes() const { return raw_bytes_.load(std::memory_order_relaxed); }  // Taken from the files, as on disk.

 private:
  absl::StatusOr<bool> NextOfFile(Block& block) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::span<const std::string> paths_;
  const SplitLimits limits_;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::uint64_t> raw_bytes_ = 0;
  mutable std::mutex mutex_;
  std::size_t file_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t finished_bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // Of the files before.
  std::uint64_t next_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<RecordSplitter> splitter_ ABSL_GUARDED_BY(mutex_);  // Of the file being read; null between files.
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clientele
