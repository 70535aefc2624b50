#include "loader/block_source.h"

#include <new>
#include <utility>

#include "loader/memory_limit.h"

namespace clientele {

BlockSource::BlockSource(std::span<const std::string> paths, const SplitLimits& limits)
    : paths_(paths), limits_(limits), page_cache_(PageCacheFor(paths, AvailableMemoryBytes())), thread_([this] { ReadAll(); }) {}

BlockSource::~BlockSource() {
  Stop();
  thread_.join();
}

void BlockSource::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_.store(true, std::memory_order_relaxed);
  changed_.notify_all();
}

bool BlockSource::Next(Block& block) {
  std::unique_lock lock(mutex_);
  if (block.buffer.capacity() > 0) spare_.push_back(std::exchange(block, {}));
  changed_.wait(lock, [&] { return !ready_.empty() || at_end_ || stopped(); });
  if (ready_.empty() || stopped()) return false;
  block = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  return true;
}

void BlockSource::ReadAll() {
  absl::Status status;
  try {
    for (std::size_t file = 0; file < paths_.size() && status.ok() && !stopped(); ++file) status = ReadFile(file);
  } catch (const std::bad_alloc&) {
    status = absl::ResourceExhaustedError("not enough memory to read the input");
  }
  const std::lock_guard lock(mutex_);
  status_ = status;
  at_end_ = true;
  changed_.notify_all();
}

absl::Status BlockSource::ReadFile(std::size_t file) {
  absl::StatusOr<std::unique_ptr<InputFile>> input = InputFile::Open(paths_[file], page_cache_);
  if (!input.ok()) return input.status();
  RecordSplitter splitter(*std::move(input), limits_);
  for (;;) {
    Block block = TakeSpare();
    const std::size_t old_capacity = block.buffer.capacity();
    const absl::StatusOr<bool> got = splitter.Next(block);
    buffer_bytes_.fetch_add(block.buffer.capacity() - old_capacity, std::memory_order_relaxed);
    raw_bytes_.store(finished_bytes_ + splitter.file().raw_bytes(), std::memory_order_relaxed);
    if (!got.ok()) return got.status();
    if (!*got) {
      GiveBack(std::move(block));
      break;
    }
    block.sequence = next_sequence_++;
    block.file = static_cast<std::uint32_t>(file);
    if (!Push(std::move(block))) return absl::OkStatus();
  }
  finished_bytes_ += splitter.file().raw_bytes();
  return absl::OkStatus();
}

Block BlockSource::TakeSpare() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return {};
  Block block = std::move(spare_.back());  // The latest one is likely to be in a cache still.
  spare_.pop_back();
  return block;
}

void BlockSource::GiveBack(Block block) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(block));
}

bool BlockSource::Push(Block block) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ready_.size() < kBlocksAhead || stopped(); });
  if (stopped()) return false;
  ready_.push_back(std::move(block));
  changed_.notify_all();
  return true;
}

absl::Status BlockSource::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace clientele
