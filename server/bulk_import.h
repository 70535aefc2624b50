// A bulk request on its way to the service: pieces of a body go in as they come, batches of lines come out. Memory is bounded
// whatever the body is.
//
//   event loop: Feed -> pieces -> | worker pool: decompress, cut into lines, read them, Submit -> | service: done -> report
//
// Lines are submitted in their order by one job of the pool at a time, a batch a job, so that several requests share the pool
// fairly and none holds a thread while it waits for its sender or for the service. A batch is submitted when it is full, or, so
// that a sender who pauses need not wait, when there is nothing else to do.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <absl/functional/any_invocable.h>

#include "loader/bulk_line.h"
#include "server/bulk_report.h"
#include "server/content_decoder.h"
#include "server/server_options.h"
#include "server/server_shared.h"
#include "server/write_request.h"
#include "server/write_service.h"

namespace clientele {

// Thread-safe.
class BulkImport : public std::enable_shared_from_this<BulkImport> {
 public:
  // `notify` is called, from any thread and under a lock, when finished() or HasRoom() may have become true; it must only post.
  // `shared` must live until Abandon() or the end.
  BulkImport(WriteRequest request, std::shared_ptr<WriteService> service, ServerShared& shared, SlotCounter::Slot slot,
             absl::AnyInvocable<void()> notify);

  void Feed(std::string piece);
  void End();                  // The body is complete.
  void Fail(Problem problem);  // It never will be: lines that were not submitted are not written.
  void Abandon();              // Nobody waits for the outcome any more; what was submitted is still written.

  bool HasRoom() const;   // Else the sender should wait.
  bool finished() const;  // Everything has its outcome. Stays so.

  // The response, once finished.
  void AppendResponse(const ReplyContext& context, std::string& out);

 private:
  // Lines that are submitted together.
  struct Batch {
    WriteBatch writes;
    std::vector<std::uint64_t> lines;  // Of each write.
    std::uint64_t bytes = 0;
  };
  enum class Progress : std::uint8_t { kBatchFull, kTurnOver, kStarved, kAtEnd, kFailed };

  // With the lock held:
  void Schedule();
  void EndWith(Problem problem);
  std::uint32_t BatchesAheadMax() const;
  void FinishIfDone();

  // On the pool:
  void RunTurn();
  bool TakeTurn();
  Progress Gather();
  absl::StatusOr<std::size_t> ReadContent();
  bool TakeLines(std::string_view content);
  void TakeLine(std::string_view line);
  void AddError(RecordProblem problem);
  bool CheckAtomic();
  bool IsFull() const;
  void SubmitBatch();

  void OnReply(const std::vector<std::uint64_t>& lines, const absl::StatusOr<WriteReply>& reply);

  const WriteRequest request_;
  const std::shared_ptr<WriteService> service_;
  ServerShared& shared_;

  // Of the job that runs, and as there is one at a time, of nobody else:
  ContentDecoder decoder_;
  BulkLineReader reader_;
  std::string content_;  // Decoded, but not yet taken: from taken_ on.
  std::size_t taken_ = 0;
  bool at_end_ = false;         // Of the content.
  bool skipping_line_ = false;  // It was too long, and its rest is dropped.
  std::uint64_t line_ = 0;      // Lines begun so far.
  bool has_errors_ = false;     // Some line never got into a batch.
  Batch batch_;

  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  SlotCounter::Slot slot_;
  absl::AnyInvocable<void()> notify_;
  std::deque<std::string> pieces_;
  std::size_t pieces_bytes_ = 0;
  bool body_complete_ = false;
  bool job_runs_ = false, waits_for_reply_ = false;
  bool all_submitted_ = false, abandoned_ = false, finished_ = false;
  std::uint32_t batches_ahead_ = 0;  // Submitted and not answered.
  std::optional<Problem> failure_;
  BulkReport report_;
};

}  // namespace clientele
