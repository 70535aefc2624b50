#include "loader/reject_log.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace clientele {
namespace {

constexpr std::size_t kBlockLinesMax = std::size_t{256} << 10;  // Bytes that a block may keep before its turn.

}  // namespace

absl::StatusOr<std::unique_ptr<RejectLog>> RejectLog::Create(const std::string& path, bool first_only) {
  int descriptor = -1;
  if (!path.empty()) {
    descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) return absl::ErrnoToStatus(errno, path);
  }
  return std::unique_ptr<RejectLog>(new RejectLog(descriptor, path, first_only));
}

RejectLog::~RejectLog() {
  if (descriptor_ >= 0) close(descriptor_);
}

void RejectLog::Add(std::uint64_t sequence, Reject reject, std::string_view record, BlockRejects& rejects) {
  ++rejects.count;
  if (writes_file()) AppendRejectLine(reject, record, rejects.lines);
  if (rejects.first.size() < kFirstRejects) rejects.first.push_back(std::move(reject));
  if (rejects.lines.size() <= kBlockLinesMax) return;
  std::unique_lock lock(mutex_);
  turn_changed_.wait(lock, [&] { return turn_ == sequence || aborted_; });
  Take(rejects);
}

void RejectLog::FinishBlock(std::uint64_t sequence, BlockRejects rejects) {
  const std::lock_guard lock(mutex_);
  if (sequence != turn_) {
    waiting_.emplace(sequence, std::move(rejects));
    return;
  }
  Take(rejects);
  ++turn_;
  for (auto next = waiting_.begin(); next != waiting_.end() && next->first == turn_; next = waiting_.erase(next)) {
    Take(next->second);
    ++turn_;
  }
  turn_changed_.notify_all();
}

void RejectLog::AddLate(const Reject& reject, std::string_view record) {
  BlockRejects rejects{.count = 1, .first = {reject}, .lines = {}};
  if (writes_file()) AppendRejectLine(reject, record, rejects.lines);
  const std::lock_guard lock(mutex_);
  Take(rejects);
}

void RejectLog::Abort() {
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  turn_changed_.notify_all();
}

void RejectLog::Take(BlockRejects& rejects) {
  if (aborted_) {
    rejects = {};
    return;
  }
  count_ += std::exchange(rejects.count, 0);
  for (Reject& reject : rejects.first) {
    if (first_.size() < kFirstRejects) first_.push_back(std::move(reject));
  }
  rejects.first.clear();
  Write(rejects.lines);
  rejects.lines.clear();
  aborted_ = first_only_ && count_ > 0;
}

void RejectLog::Write(std::string_view lines) {
  while (!lines.empty() && status_.ok()) {
    const ssize_t written = write(descriptor_, lines.data(), lines.size());
    if (written >= 0) {
      lines.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      status_ = absl::ErrnoToStatus(errno, path_);
    }
  }
}

absl::Status RejectLog::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

std::uint64_t RejectLog::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::vector<Reject> RejectLog::first() const {
  const std::lock_guard lock(mutex_);
  return first_;
}

}  // namespace clientele
