#include "loader/block_source.h"

namespace clientele {

bool BlockSource::Next(Block& block) {
  const std::lock_guard lock(mutex_);
  while (file_ < paths_.size() && status_.ok() && !stopped_.load(std::memory_order_relaxed)) {
    const absl::StatusOr<bool> got = NextOfFile(block);
    if (!got.ok()) {
      status_ = got.status();
    } else if (*got) {
      block.sequence = next_sequence_++;
      block.file = static_cast<std::uint32_t>(file_);
      return true;
    } else {
      finished_bytes_ += splitter_->file().raw_bytes();
      splitter_.reset();
      ++file_;
    }
  }
  return false;
}

absl::StatusOr<bool> BlockSource::NextOfFile(Block& block) {
  if (splitter_ == nullptr) {
    absl::StatusOr<std::unique_ptr<InputFile>> file = InputFile::Open(paths_[file_]);
    if (!file.ok()) return file.status();
    splitter_ = std::make_unique<RecordSplitter>(*std::move(file), limits_);
  }
  absl::StatusOr<bool> got = splitter_->Next(block);
  raw_bytes_.store(finished_bytes_ + splitter_->file().raw_bytes(), std::memory_order_relaxed);
  return got;
}

absl::Status BlockSource::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace clientele
