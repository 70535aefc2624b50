// The blocks of all input files, one file after the other, for any number of parsing threads. A thread of its own reads,
// decompresses and cuts ahead of them, so that none of this waits for the parsing of what it yields. It stays a few blocks ahead
// at most, and buffers are used again, so memory is bounded whatever the input is, pipes included. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/status/status.h>

#include "loader/block.h"
#include "loader/record_splitter.h"

namespace clientele {

class BlockSource {
 public:
  static constexpr std::size_t kBlocksAhead = 3;

  // Begins to read. `paths` must outlive the source.
  BlockSource(std::span<const std::string> paths, const SplitLimits& limits);
  ~BlockSource();  // Stops.
  BlockSource(const BlockSource&) = delete;
  BlockSource& operator=(const BlockSource&) = delete;

  // Gives the next records in `block`, whose old buffer is used again; sequences count up from 0. Waits for them. False at the
  // end, after an error, and after Stop().
  bool Next(Block& block);

  void Stop();

  absl::Status status() const;
  std::uint64_t raw_bytes() const { return raw_bytes_.load(std::memory_order_relaxed); }  // Taken from the files, as on disk.
  // Memory of all blocks, also of those that are being parsed.
  std::uint64_t buffer_bytes() const { return buffer_bytes_.load(std::memory_order_relaxed); }

 private:
  void ReadAll();
  absl::Status ReadFile(std::size_t file);
  Block TakeSpare();
  void GiveBack(Block block);
  bool Push(Block block);  // Waits for room; false after Stop().
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

  const std::span<const std::string> paths_;
  const SplitLimits limits_;
  const PageCache page_cache_;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::uint64_t> raw_bytes_ = 0, buffer_bytes_ = 0;
  std::uint64_t finished_bytes_ = 0;  // Of the files before; of the reading thread alone, as the next one.
  std::uint64_t next_sequence_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Block> ready_ ABSL_GUARDED_BY(mutex_);
  std::vector<Block> spare_ ABSL_GUARDED_BY(mutex_);
  bool at_end_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace clientele
