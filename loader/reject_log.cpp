#include "loader/reject_log.h"

#include <cerrno>
#include <utility>

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <unistd.h>

namespace clientele {
namespace {

constexpr std::size_t kBlockLinesMax = std::size_t{256} << 10;  // Bytes that a block may keep before its turn.

// `x.rejects.ndjson`, then `x.rejects-2.ndjson`, ...
std::string NumberedPath(const std::string& path, int number) {
  if (number == 1) return path;
  const std::size_t slash = path.rfind('/');
  std::size_t dot = path.rfind('.');
  if (dot == std::string::npos || (slash != std::string::npos && dot < slash)) dot = path.size();
  return absl::StrCat(path.substr(0, dot), "-", number, path.substr(dot));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RejectLog>> RejectLog::Create(RejectLogOptions options) {
  std::unique_ptr<RejectLog> log(new RejectLog(std::move(options)));
  const std::lock_guard lock(log->mutex_);
  if (log->writes_file() && !log->options_.keep_existing) {
    if (const absl::Status status = log->Open(); !status.ok()) return status;
  }
  return log;
}

RejectLog::~RejectLog() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status RejectLog::Open() {
  constexpr int kNumberMax = 10'000;
  for (int number = 1; number <= kNumberMax; ++number) {
    opened_path_ = NumberedPath(options_.path, number);
    const int replace = options_.keep_existing ? O_EXCL : O_TRUNC;
    descriptor_ = open(opened_path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | replace, 0666);
    if (descriptor_ >= 0) return absl::OkStatus();
    if (errno != EEXIST || !options_.keep_existing) break;
  }
  return absl::ErrnoToStatus(errno, std::exchange(opened_path_, {}));
}

void RejectLog::Add(std::uint64_t sequence, Reject reject, std::string_view record, const RecordError& error,
                    BlockRejects& rejects) {
  ++rejects.count;
  rejects.causes.Add(reject.pointer, reject.expected);
  if (writes_file()) AppendRejectLine(reject, record, rejects.lines);
  if (rejects.first.size() < kFirstRejects) {
    reject.source = ExcerptOf(record, error);
    rejects.first.push_back(std::move(reject));
  }
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
  BlockRejects rejects{.count = 1, .first = {reject}, .causes = {}, .lines = {}};
  rejects.causes.Add(reject.pointer, reject.expected);
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
  causes_.Merge(std::exchange(rejects.causes, {}));
  Write(rejects.lines);
  rejects.lines.clear();
  is_full_ = count_ > options_.count_max;
  aborted_ = (options_.first_only && count_ > 0) || is_full_;
}

void RejectLog::Write(std::string_view lines) {
  if (!lines.empty() && descriptor_ < 0 && status_.ok()) status_ = Open();
  while (!lines.empty() && status_.ok()) {
    const ssize_t written = write(descriptor_, lines.data(), lines.size());
    if (written >= 0) {
      lines.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      status_ = absl::ErrnoToStatus(errno, opened_path_);
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

bool RejectLog::is_full() const {
  const std::lock_guard lock(mutex_);
  return is_full_;
}

RejectCauses RejectLog::causes() const {
  const std::lock_guard lock(mutex_);
  return causes_;
}

std::string RejectLog::path() const {
  const std::lock_guard lock(mutex_);
  return opened_path_;
}

}  // namespace clientele
