// Gathers the rejects of all parsing threads in input order: counts them, keeps the first few, and writes all to a file as
// NDJSON. Thread-safe. Memory stays bounded however much is refused: a thread whose block yields a lot waits until the blocks
// before it are done and then writes on its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "loader/reject.h"
#include "loader/reject_causes.h"

namespace clientele {

inline constexpr std::size_t kFirstRejects = 10;

// The rejects of one block, in its order.
struct BlockRejects {
  std::uint64_t count = 0;
  std::vector<Reject> first;  // At most kFirstRejects.
  RejectCauses causes;
  std::string lines;  // NDJSON for the rejects file.
};

struct RejectLogOptions {
  std::string path = {};       // Empty: rejects are only counted and the first kept.
  bool keep_existing = false;  // A file that is there is left alone: `x.rejects.ndjson` becomes `x.rejects-2.ndjson`, and so on.
                               // Without rejects no file is made.
  bool first_only = false;     // What comes after the first reject, in input order, is left out.
  std::uint64_t count_max = ~std::uint64_t{0};  // With more the log is full, and takes no more.
};

class RejectLog {
 public:
  // Creates or empties the file at the path, unless existing ones are to be kept.
  static absl::StatusOr<std::unique_ptr<RejectLog>> Create(RejectLogOptions options);
  ~RejectLog();
  RejectLog(const RejectLog&) = delete;
  RejectLog& operator=(const RejectLog&) = delete;

  bool writes_file() const { return !options_.path.empty(); }

  // Adds one to `rejects`, which gathers those of block `sequence`; `record` is the refused text. May wait for the blocks before.
  // `error` is what the reject says; its excerpt is made here, for the few that are kept.
  void Add(std::uint64_t sequence, Reject reject, std::string_view record, const RecordError& error, BlockRejects& rejects);

  // Ends a block, with or without rejects. Each sequence from 0 on is to be finished once, or Abort() called. Never waits.
  void FinishBlock(std::uint64_t sequence, BlockRejects rejects);

  // Adds one found after all blocks were finished.
  void AddLate(const Reject& reject, std::string_view record);

  // Releases all waiting threads: nothing more is written.
  void Abort();

  // First error of writing the file.
  absl::Status status() const;
  std::uint64_t count() const;
  bool is_full() const;               // More than count_max were refused.
  std::vector<Reject> first() const;  // Of the finished blocks, in order.
  RejectCauses causes() const;
  std::string path() const;  // Of the file, under the name that it got; empty when there is none.

 private:
  explicit RejectLog(RejectLogOptions options) : options_(std::move(options)) {}
  absl::Status Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Write(std::string_view lines) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Take(BlockRejects& rejects) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RejectLogOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable turn_changed_;
  std::uint64_t turn_ ABSL_GUARDED_BY(mutex_) = 0;  // The block whose rejects come next.
  bool aborted_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_full_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::uint64_t, BlockRejects> waiting_ ABSL_GUARDED_BY(mutex_);  // Finished before their turn.
  std::uint64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Reject> first_ ABSL_GUARDED_BY(mutex_);
  RejectCauses causes_ ABSL_GUARDED_BY(mutex_);
  int descriptor_ ABSL_GUARDED_BY(mutex_) = -1;
  std::string opened_path_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clientele
