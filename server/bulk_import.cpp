#include "server/bulk_import.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "server/write_reply.h"

namespace clientele {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kPiecesBytesMax = 2'097'152;  // That wait to be taken up; a sender is told to wait beyond.
constexpr std::size_t kReadBytes = 262'144;         // Decoded at a time.
constexpr std::size_t kTurnBytes = 8'388'608;       // Decoded by one job, when no batch comes of it: blank lines, a bomb.

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

BulkImport::BulkImport(WriteRequest request, std::shared_ptr<WriteService> service, ServerShared& shared, SlotCounter::Slot slot,
                       absl::AnyInvocable<void()> notify)
    : request_(std::move(request)),
      service_(std::move(service)),
      shared_(shared),
      decoder_(request_.coding),
      slot_(std::move(slot)),
      notify_(std::move(notify)) {}

void BulkImport::Feed(std::string piece) {
  const std::lock_guard lock(mutex_);
  if (failure_ || body_complete_) return;
  pieces_bytes_ += piece.size();
  pieces_.push_back(std::move(piece));
  Schedule();
}

void BulkImport::End() {
  const std::lock_guard lock(mutex_);
  body_complete_ = true;
  Schedule();
}

void BulkImport::Fail(Problem problem) {
  const std::lock_guard lock(mutex_);
  EndWith(std::move(problem));
}

void BulkImport::Abandon() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  slot_ = {};
  pieces_.clear();
}

bool BulkImport::HasRoom() const {
  const std::lock_guard lock(mutex_);
  return pieces_bytes_ < kPiecesBytesMax;
}

bool BulkImport::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

void BulkImport::AppendResponse(const ReplyContext& context, std::string& out) {
  const std::lock_guard lock(mutex_);
  report_.AppendResponse(context, failure_, request_.atomic, out);
}

// The service refuses what too many wait for already; requests that share what it lets wait are slowed down instead.
std::uint32_t BulkImport::BatchesAheadMax() const {
  const ServerOptions& options = shared_.options;
  const std::size_t share = options.bulk_batches_ahead_all / std::max<std::size_t>(shared_.bulks.taken(), 1);
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(share, 1, options.bulk_batches_ahead));
}

// Under the lock, also when it uses the pool: once Abandon() has returned, the pool may be gone.
void BulkImport::Schedule() {
  if (job_runs_ || abandoned_ || failure_ || all_submitted_) return;
  if (waits_for_reply_ && batches_ahead_ >= BatchesAheadMax()) return;
  job_runs_ = true;
  shared_.bulk_pool.Submit([self = shared_from_this()] { self->RunTurn(); });
}

void BulkImport::EndWith(Problem problem) {
  if (failure_ || finished_) return;
  failure_ = std::move(problem);
  pieces_.clear();
  pieces_bytes_ = 0;
  FinishIfDone();
}

void BulkImport::FinishIfDone() {
  if (finished_ || job_runs_ || batches_ahead_ > 0 || !(all_submitted_ || failure_)) return;
  finished_ = true;
  slot_ = {};
  if (!abandoned_) notify_();
}

void BulkImport::RunTurn() {
  bool again = false;
  std::optional<Problem> failure;
  try {
    again = TakeTurn();
  } catch (const std::bad_alloc&) {
    failure = Problem{.status = http::status::service_unavailable, .detail = "not enough memory for this request", .errors = {}};
  } catch (const std::exception& error) {
    std::fprintf(stderr, "clientele: a bulk request failed: %s\n", error.what());
    failure = ToProblem(absl::InternalError(""));
  }
  const std::lock_guard lock(mutex_);
  job_runs_ = false;
  if (failure) return EndWith(*std::move(failure));
  // What came while this job was about to end did not schedule another.
  if (again || !pieces_.empty() || (body_complete_ && !waits_for_reply_)) Schedule();
  FinishIfDone();
}

// One batch, or as much as one job may do. True when there is more to do at once.
bool BulkImport::TakeTurn() {
  {
    const std::lock_guard lock(mutex_);
    if (failure_ || abandoned_) return false;
    waits_for_reply_ = false;
  }
  const Progress progress = Gather();
  std::unique_lock lock(mutex_);
  if (progress == Progress::kFailed || failure_ || abandoned_) return false;
  if (progress == Progress::kTurnOver) return true;
  const bool is_last = progress == Progress::kAtEnd;
  if (progress == Progress::kStarved && (request_.atomic || batch_.writes.writes.empty() || batches_ahead_ > 0)) {
    return false;  // Feed, End or the reply to an earlier batch goes on.
  }
  if (batches_ahead_ >= BatchesAheadMax()) {
    waits_for_reply_ = true;
    return false;
  }
  const bool has_writes = !batch_.writes.writes.empty();
  if (is_last) all_submitted_ = true;
  if (has_writes) ++batches_ahead_;
  lock.unlock();
  if (has_writes) SubmitBatch();
  return !is_last;
}

// Takes lines from the body until a batch is full or something else ends it.
BulkImport::Progress BulkImport::Gather() {
  std::size_t decoded_bytes = 0;
  while (true) {
    if (!TakeLines(std::string_view(content_).substr(taken_))) return CheckAtomic() ? Progress::kBatchFull : Progress::kFailed;
    if (!CheckAtomic()) return Progress::kFailed;
    if (at_end_) return Progress::kAtEnd;
    if (decoded_bytes >= kTurnBytes) return Progress::kTurnOver;
    const absl::StatusOr<std::size_t> got = ReadContent();
    if (absl::IsUnavailable(got.status())) return Progress::kStarved;
    if (!got.ok()) {
      Fail({.status = http::status::bad_request,
            .detail = absl::StrCat("the body cannot be decompressed: ", got.status().message()),
            .errors = {}});
      return Progress::kFailed;
    }
    decoded_bytes += *got;
    at_end_ = *got == 0;
  }
}

// Decodes some more behind what is left of the content.
absl::StatusOr<std::size_t> BulkImport::ReadContent() {
  {
    const std::lock_guard lock(mutex_);
    const bool had_room = pieces_bytes_ < kPiecesBytesMax;
    for (std::string& piece : pieces_) decoder_.Feed(std::move(piece));
    pieces_.clear();
    pieces_bytes_ = 0;
    if (body_complete_) decoder_.End();
    if (!had_room && !abandoned_) notify_();
  }
  content_.erase(0, taken_);
  taken_ = 0;
  const std::size_t kept = content_.size();
  content_.resize(kept + kReadBytes);
  absl::StatusOr<std::size_t> got = decoder_.Read(content_.data() + kept, kReadBytes);
  content_.resize(kept + (got.ok() ? *got : 0));
  return got;
}

// Takes whole lines, and the last one at the end of the content. False when the batch is full.
bool BulkImport::TakeLines(std::string_view content) {
  const std::size_t line_bytes_max = shared_.options.max_record_bytes;
  while (!content.empty() || at_end_) {
    if (IsFull()) return false;
    if (content.empty()) return true;
    std::size_t length = content.find('\n');
    const bool is_whole = length != std::string_view::npos || at_end_;
    const std::size_t taken = std::min(length, content.size() - 1) + 1;
    length = std::min(length, content.size());
    if (!is_whole && !skipping_line_ && length <= line_bytes_max) return true;  // The rest is still to come.
    if (!skipping_line_) {
      ++line_;
      if (length > line_bytes_max) {
        AddError({.pointer = "", .value = "", .expected = absl::StrCat("a line of at most ", line_bytes_max, " bytes")});
      } else {
        TakeLine(content.substr(0, length));
      }
    }
    skipping_line_ = !is_whole;
    taken_ += taken;
    content.remove_prefix(taken);
  }
  return true;
}

void BulkImport::TakeLine(std::string_view line) {
  if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);  // A byte order mark.
  if (IsBlank(line)) return;
  Write write;
  RecordProblem problem;
  if (!reader_.Read(line, write, problem)) return AddError(std::move(problem));
  batch_.bytes += line.size();
  batch_.writes.writes.push_back(std::move(write));
  batch_.lines.push_back(line_);
}

void BulkImport::AddError(RecordProblem problem) {
  has_errors_ = true;
  const std::lock_guard lock(mutex_);
  report_.AddLines(1);
  report_.AddError({.line = line_, .id = 0, .problem = std::move(problem), .code = "invalid"});
}

bool BulkImport::IsFull() const {
  const ServerOptions& options = shared_.options;
  if (request_.atomic) return batch_.lines.size() > options.max_atomic_lines || batch_.bytes > options.max_atomic_bytes;
  return batch_.lines.size() >= options.bulk_batch_lines || batch_.bytes >= options.bulk_batch_bytes;
}

// False, and the request has failed, when it is atomic and too long for that.
bool BulkImport::CheckAtomic() {
  if (!request_.atomic || !IsFull()) return true;
  Fail({.status = http::status::payload_too_large,
        .detail = absl::StrCat("an atomic request has at most ", shared_.options.max_atomic_lines, " lines and ",
                               shared_.options.max_atomic_bytes, " bytes; nothing was written"),
        .errors = {}});
  return false;
}

void BulkImport::SubmitBatch() {
  Batch batch = std::exchange(batch_, {});
  batch.writes.atomic = request_.atomic;
  batch.writes.want_versions = false;
  // Nothing of an atomic request is written when one of its lines got as far as this; the others are checked all the same.
  batch.writes.dry_run = request_.dry_run || (request_.atomic && has_errors_);
  {
    const std::lock_guard lock(mutex_);
    report_.AddLines(batch.lines.size());
  }
  service_->Submit(std::move(batch.writes), [self = shared_from_this(), lines = std::move(batch.lines)](
                                                const absl::StatusOr<WriteReply>& reply) { self->OnReply(lines, reply); });
}

void BulkImport::OnReply(const std::vector<std::uint64_t>& lines, const absl::StatusOr<WriteReply>& reply) {
  const bool is_whole = !reply.ok() || reply->results.size() == lines.size();
  const absl::Status status = is_whole ? reply.status() : absl::InternalError("a batch was answered in part");
  const std::lock_guard lock(mutex_);
  --batches_ahead_;
  if (!status.ok()) {
    EndWith(WriteProblem(status));
  } else {
    const bool only_checked = request_.atomic && report_.failed() > 0;
    for (std::size_t i = 0; i < lines.size(); ++i) report_.Add(reply->results[i], lines[i], only_checked);
  }
  Schedule();
  FinishIfDone();
}

}  // namespace clientele
