#include "server/apply_files.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include <absl/base/thread_annotations.h>
#include <absl/strings/str_cat.h>

#include "loader/block_source.h"
#include "loader/bulk_line.h"
#include "loader/json_pointer.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;
using Code = WriteResult::Code;

constexpr auto kProgressInterval = std::chrono::milliseconds(200);
constexpr std::uint32_t kThreadsMax = 256;
// On their way to the set: below what it lets wait.
constexpr std::uint32_t kBatchesAhead = 12;
constexpr std::uint64_t kBytesAhead = std::uint64_t{64} << 20;
constexpr std::uint64_t kAtomicBytesMax = std::uint64_t{256} << 20;

struct Line {
  std::uint64_t number = 0;  // In its file, from 1.
  WriteKind kind = WriteKind::kPut;
  std::string_view text = {};
};

struct Refused {
  Line line;
  RecordProblem problem;
};

// Lines of one file that are submitted together.
struct Batch {
  std::shared_ptr<const std::string> text;  // That the lines are views of. Of an atomic batch of several blocks: null.
  std::uint32_t file = 0;
  std::vector<Line> lines;  // Of each write.
  std::vector<Write> writes;
  std::vector<Refused> refused;  // Lines that are no writes.
  std::uint64_t bytes = 0;       // Of the lines' text.

  // What the set counts it with.
  std::uint64_t Weight() const { return bytes + lines.size() * sizeof(Write); }
};

struct Outcome {
  Batch batch;  // Without its writes.
  absl::StatusOr<WriteReply> reply;
  std::uint64_t bytes_ahead = 0;  // That it was counted with.
};

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// Where a line says whose client it means.
std::string_view IdPointer(WriteKind kind) {
  switch (kind) {
    case WriteKind::kDelete: return "/_delete";
    case WriteKind::kPurge: return "/_purge";
    default: return "/id";
  }
}

RecordProblem ProblemOf(const WriteResult& result, const Line& line) {
  if (result.code != Code::kMissing) return result.problem;
  return {std::string(IdPointer(line.kind)), std::to_string(result.id), "the id of a client"};
}

// Takes the lines of one block batch by batch.
class BlockLines {
 public:
  BlockLines(const Block& block, std::size_t line_bytes_max)
      : text_(std::make_shared<const std::string>(std::string(block.text()) + block.broken_text)),
        size_(block.size),
        file_(block.file),
        next_line_(block.first_line),
        line_bytes_max_(line_bytes_max) {
    if (block.broken) broken_ = {block.broken->pointer, block.broken->value, block.broken->expected};
  }

  // False when there is no more. With `stop_at_refused`, a line that is no write ends the batch.
  bool Next(std::uint64_t lines_max, bool stop_at_refused, BulkLineReader& reader, Batch& batch) {
    if (ended_) return false;
    batch.text = text_;
    batch.file = file_;
    while (at_ < size_) {
      if (batch.lines.size() >= lines_max || (stop_at_refused && !batch.refused.empty())) return true;
      const std::size_t end = std::min(text_->find('\n', at_), size_);
      TakeLine(std::string_view(*text_).substr(at_, end - at_), reader, batch);
      at_ = end + 1;
    }
    if (stop_at_refused && !batch.refused.empty()) return true;
    if (broken_) batch.refused.push_back({{.number = next_line_, .text = std::string_view(*text_).substr(size_)}, *broken_});
    ended_ = true;
    return true;
  }
  bool ended() const { return ended_; }

 private:
  void TakeLine(std::string_view text, BulkLineReader& reader, Batch& batch) {
    Line line{.number = next_line_++, .text = text};
    batch.bytes += text.size() + 1;
    if (IsBlank(text)) return;
    Write write;
    RecordProblem problem;
    if (text.size() > line_bytes_max_) {
      problem = {"", Excerpt(text), absl::StrCat("a record of at most ", line_bytes_max_, " bytes")};
      line.text = text.substr(0, kBrokenTextBytes);
    } else if (reader.Read(text, write, problem)) {
      line.kind = write.kind;
      batch.lines.push_back(line);
      batch.writes.push_back(std::move(write));
      return;
    }
    batch.refused.push_back({line, std::move(problem)});
  }

  const std::shared_ptr<const std::string> text_;
  const std::size_t size_;
  const std::uint32_t file_;
  std::uint64_t next_line_;
  const std::size_t line_bytes_max_;
  std::optional<RecordProblem> broken_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

// Size on disk of all inputs; 0 when that of one is not known.
std::uint64_t TotalBytes(const std::vector<std::string>& paths) {
  std::uint64_t total = 0;
  for (const std::string& path : paths) {
    const auto size = CheckInputFile(path);
    if (!size.ok() || !size->has_value()) return 0;
    total += **size;
  }
  return total;
}

// Counts outcomes and tells the rejects; on the calling thread.
class OutcomeCounter {
 public:
  OutcomeCounter(const std::vector<std::string>& paths, RejectLog& rejects, ApplyReport& report)
      : paths_(paths), rejects_(rejects), report_(report) {}

  // `parts`: the batch, or of an atomic one the parts of the batch by block, whose writes stand behind each other in the reply.
  void Take(std::span<const Batch> parts, const absl::StatusOr<WriteReply>& reply) {
    std::size_t first_result = 0;
    for (const Batch& part : parts) {
      const std::span<const WriteResult> results =
          reply.ok() ? std::span(reply->results).subspan(first_result, part.lines.size()) : std::span<const WriteResult>();
      TakePart(part, results);
      first_result += part.lines.size();
    }
    if (!reply.ok() && report_.status.ok()) report_.status = reply.status();
  }

 private:
  void TakePart(const Batch& part, std::span<const WriteResult> results) {
    report_.lines += part.lines.size() + part.refused.size();
    BlockRejects block;
    auto early = part.refused.begin();
    for (std::size_t i = 0; i < part.lines.size(); ++i) {
      for (; early != part.refused.end() && early->line.number < part.lines[i].number; ++early)
        Refuse(part, early->line, early->problem, block);
      if (results.empty()) {
        ++report_.not_tried;
      } else if (!Count(results[i].code)) {
        Refuse(part, part.lines[i], ProblemOf(results[i], part.lines[i]), block);
      }
    }
    for (; early != part.refused.end(); ++early) Refuse(part, early->line, early->problem, block);
    rejects_.FinishBlock(sequence_++, std::move(block));
  }

  // False: the line has failed.
  bool Count(Code code) {
    switch (code) {
      case Code::kCreated: ++report_.created; return true;
      case Code::kReplaced: ++report_.replaced; return true;
      case Code::kPatched: ++report_.patched; return true;
      case Code::kDeleted: ++report_.deleted; return true;
      case Code::kPurged: ++report_.purged; return true;
      case Code::kNotTried: ++report_.not_tried; return true;
      default: return false;
    }
  }

  void Refuse(const Batch& part, const Line& line, const RecordProblem& problem, BlockRejects& block) {
    ++report_.failed;
    const std::string& path = paths_[part.file];
    const RecordError error{.pointer = problem.pointer, .value = problem.value, .expected = problem.expected};
    rejects_.Add(sequence_,
                 {.file = path == "-" ? "stdin" : path,
                  .line = line.number,
                  .pointer = problem.pointer,
                  .value = problem.value,
                  .expected = problem.expected},
                 line.text, error, block);
  }

  const std::vector<std::string>& paths_;
  RejectLog& rejects_;
  ApplyReport& report_;
  std::uint64_t sequence_ = 0;
};

// What the threads of one call share.
class Applying {
 public:
  Applying(const std::vector<std::string>& paths, const ApplyOptions& options, ClientSet& set, RejectLog& rejects,
           ApplyReport& report)
      : options_(options),
        set_(set),
        rejects_(rejects),
        report_(report),
        counter_(paths, rejects, report),
        input_bytes_total_(TotalBytes(paths)),
        source_(paths, options.limits) {}

  void Run();

 private:
  void Work();
  void WorkOnBlocks();
  bool ApplyBlock(const Block& block, BulkLineReader& reader);
  bool SubmitInTurn(std::uint64_t block, Batch batch);
  WriteBatch TakeWrites(Batch& batch) const;
  void SubmitStrictly(Batch batch, std::uint64_t bytes_ahead);
  void Deliver(Outcome outcome);
  void Stop(absl::Status status);
  void Collect();
  bool HasRoom(std::uint64_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (batches_ahead_ == 0) return true;
    return !options_.strict && batches_ahead_ < kBatchesAhead && bytes_ahead_ + bytes <= kBytesAhead;
  }
  void TellProgress();

  const ApplyOptions& options_;
  ClientSet& set_;
  RejectLog& rejects_;
  ApplyReport& report_;  // Of the calling thread, as the counter.
  OutcomeCounter counter_;
  const std::uint64_t input_bytes_total_;
  const Clock::time_point began_ = Clock::now();
  BlockSource source_;

  // std::mutex, not Abseil's: see server/worker_pool.h.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t turn_ ABSL_GUARDED_BY(mutex_) = 0;  // The block whose batches come next.
  std::uint32_t batches_ahead_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t bytes_ahead_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<Outcome> outcomes_ ABSL_GUARDED_BY(mutex_);
  std::uint32_t running_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status stop_status_ ABSL_GUARDED_BY(mutex_);
};

void Applying::Run() {
  const std::uint32_t wanted = options_.threads != 0 ? options_.threads : std::thread::hardware_concurrency();
  running_ = std::clamp(wanted, 1U, kThreadsMax);
  std::vector<std::jthread> threads;
  for (std::uint32_t i = running_; i > 0; --i) threads.emplace_back([this] { Work(); });
  Collect();
  threads.clear();
  report_.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  if (report_.status.ok()) report_.status = stop_status_;
  if (report_.status.ok()) report_.status = source_.status();
  if (report_.status.ok()) report_.status = rejects_.status();
}

void Applying::Work() {
  try {
    WorkOnBlocks();
  } catch (const std::bad_alloc&) {
    Stop(absl::ResourceExhaustedError("not enough memory to apply the input"));
  }
  const std::lock_guard lock(mutex_);
  --running_;
  changed_.notify_all();
}

void Applying::WorkOnBlocks() {
  BulkLineReader reader;
  Block block;
  while (source_.Next(block)) {
    if (!ApplyBlock(block, reader)) return;
  }
}

// False: no more is to be applied.
bool Applying::ApplyBlock(const Block& block, BulkLineReader& reader) {
  BlockLines lines(block, options_.limits.record_bytes_max);
  for (Batch batch; lines.Next(options_.batch_lines, options_.strict, reader, batch); batch = {}) {
    if (!SubmitInTurn(block.sequence, std::move(batch))) return false;
  }
  const std::lock_guard lock(mutex_);
  ++turn_;
  changed_.notify_all();
  return !stopped_;
}

WriteBatch Applying::TakeWrites(Batch& batch) const {
  WriteBatch writes;
  writes.writes = std::move(batch.writes);
  writes.dry_run = options_.dry_run;
  writes.want_versions = false;
  writes.atomic = options_.strict;
  return writes;
}

// Prepares the batch at once, and submits it when those before it have been submitted and few of them are on their way.
bool Applying::SubmitInTurn(std::uint64_t block, Batch batch) {
  const std::uint64_t bytes = batch.Weight();
  std::optional<PendingBatch> pending;
  if (!options_.strict) pending = set_.Prepare(TakeWrites(batch));
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || (turn_ == block && HasRoom(bytes)); });
    if (stopped_) return false;
    ++batches_ahead_;
    bytes_ahead_ += bytes;
  }
  if (options_.strict) {
    SubmitStrictly(std::move(batch), bytes);
    return true;
  }
  auto shared = std::make_shared<Batch>(std::move(batch));
  set_.SubmitPrepared(*std::move(pending), [this, shared = std::move(shared), bytes](absl::StatusOr<WriteReply> reply) {
    Deliver({.batch = std::move(*shared), .reply = std::move(reply), .bytes_ahead = bytes});
  });
  return true;
}

// All of the batch, or, when a line of it fails, the lines before that one. Waits for the set.
void Applying::SubmitStrictly(Batch batch, std::uint64_t bytes_ahead) {
  absl::StatusOr<WriteReply> reply = set_.Commit(TakeWrites(batch));
  const auto fails = [](const WriteResult& result) { return IsRefused(result.code) && result.code != Code::kNotTried; };
  if (reply.ok() && std::ranges::any_of(reply->results, fails)) {
    const auto first = static_cast<std::size_t>(std::ranges::find_if(reply->results, fails) - reply->results.begin());
    const WriteResult failed = reply->results[first];
    batch.lines.resize(first + 1);
    batch.refused.clear();  // It would stand behind.
    BulkLineReader reader;
    RecordProblem none;
    for (std::size_t i = 0; i < first; ++i) reader.Read(batch.lines[i].text, batch.writes.emplace_back(), none);
    reply = set_.Commit(TakeWrites(batch));
    if (reply.ok()) reply->results.push_back(failed);
  }
  Deliver({.batch = std::move(batch), .reply = std::move(reply), .bytes_ahead = bytes_ahead});
}

// From the set's thread: only hands it on.
void Applying::Deliver(Outcome outcome) {
  const std::lock_guard lock(mutex_);
  outcomes_.push_back(std::move(outcome));
  changed_.notify_all();
}

void Applying::Stop(absl::Status status) {
  source_.Stop();
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  if (stop_status_.ok()) stop_status_ = std::move(status);
  changed_.notify_all();
}

// Takes outcomes until there will be no more.
void Applying::Collect() {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto is_over = [&] { return outcomes_.empty() && running_ == 0 && batches_ahead_ == 0; };
    changed_.wait_for(lock, kProgressInterval, [&] { return !outcomes_.empty() || is_over(); });
    if (is_over()) break;
    std::deque<Outcome> taken = std::exchange(outcomes_, {});
    lock.unlock();
    for (const Outcome& outcome : taken) {
      counter_.Take({&outcome.batch, 1}, outcome.reply);
      report_.bytes += outcome.batch.bytes;
      if (!outcome.reply.ok() || (options_.strict && report_.failed > 0)) Stop(absl::OkStatus());
    }
    if (!rejects_.status().ok()) Stop(rejects_.status());
    TellProgress();
    lock.lock();
    batches_ahead_ -= static_cast<std::uint32_t>(taken.size());
    for (const Outcome& outcome : taken) bytes_ahead_ -= outcome.bytes_ahead;
    changed_.notify_all();
  }
}

void Applying::TellProgress() {
  report_.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  if (!options_.on_progress) return;
  options_.on_progress({.phase = kApplyPhase,
                        .records = report_.lines,
                        .rejected = report_.failed,
                        .bytes = report_.bytes,
                        .input_bytes = source_.raw_bytes(),
                        .input_bytes_total = input_bytes_total_,
                        .seconds = report_.seconds});
}

absl::Status TooLongToBeAtomic(std::size_t lines_max) {
  return absl::InvalidArgumentError(absl::StrCat("with --atomic at most ", lines_max, " lines and ", kAtomicBytesMax,
                                                 " bytes can be applied, and there are more; nothing was applied"));
}

// Reads everything, and submits it as one batch.
absl::Status ApplyAtOnce(const std::vector<std::string>& paths, const ApplyOptions& options, ClientSet& set,
                         OutcomeCounter& counter, ApplyReport& report) {
  BlockSource source(paths, options.limits);
  BulkLineReader reader;
  std::vector<Batch> parts;
  WriteBatch all{.writes = {}, .atomic = true, .dry_run = options.dry_run, .want_versions = false};
  bool any_refused = false;
  for (Block block; source.Next(block);) {
    BlockLines lines(block, options.limits.record_bytes_max);
    Batch part;
    lines.Next(~std::uint64_t{0}, options.strict, reader, part);
    report.bytes += block.size;
    for (Write& write : part.writes) all.writes.push_back(std::move(write));
    part.writes.clear();
    any_refused |= !part.refused.empty();
    parts.push_back(std::move(part));
    if (all.writes.size() > set.atomic_writes_max() || report.bytes > kAtomicBytesMax)
      return TooLongToBeAtomic(set.atomic_writes_max());
    if (options.strict && any_refused) break;
  }
  if (absl::Status status = source.status(); !status.ok()) return status;  // Half of an input is not all of it.
  // Nothing is written when a line got as far as this only; the others are checked all the same.
  all.dry_run |= any_refused;
  absl::StatusOr<WriteReply> reply = set.Commit(std::move(all));
  if (reply.ok() && any_refused) {
    for (WriteResult& result : reply->results) {
      if (!IsRefused(result.code)) result.code = Code::kNotTried;
    }
  }
  counter.Take(parts, reply);
  return absl::OkStatus();
}

}  // namespace

ApplyReport ApplyFiles(const std::vector<std::string>& paths, const ApplyOptions& options, ClientSet& set, RejectLog& rejects) {
  ApplyReport report;
  if (options.atomic) {
    const auto began = Clock::now();
    OutcomeCounter counter(paths, rejects, report);
    if (absl::Status status = ApplyAtOnce(paths, options, set, counter, report); !status.ok()) report.status = status;
    if (report.status.ok()) report.status = rejects.status();
    report.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  } else {
    Applying(paths, options, set, rejects, report).Run();
  }
  return report;
}

}  // namespace clientele
