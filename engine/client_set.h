// A live set of clients: kept in a folder, read and written by any number of threads, always current.
//
//   writes -> PrepareBatch (caller's thread) -> GroupCommit -> decide, log (synced), apply -> CurrentVersion <- queries
//                                                                                |
//                                      segments merge, become files, leave the log (SegmentMaintenance)
//
// Guarantees:
//   - What Submit reported is durable, and every Take and Find that begins afterwards sees it.
//   - A query sees one version: never half of a write, or of an atomic batch.
//   - Queries wait for no merge, no seal, no sync; for a writer at most while it puts some 64 rows into the live table.
//   - After a failed sync nothing is written until the set is opened anew; queries go on. A full disk only refuses writes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>

#include "engine/group_commit.h"
#include "engine/live_store.h"
#include "engine/pending_batch.h"
#include "engine/segment_maintenance.h"
#include "engine/set_state.h"
#include "engine/snapshot.h"
#include "engine/write.h"
#include "index/snapshot_reader.h"

namespace clientele {

struct ClientSetOptions {
  NewRecordReader new_reader;  // Required.
  Verify verify = Verify::kFull;
  std::uint32_t live_capacity = LiveTable::kDefaultCapacity;
  MaintenanceOptions maintenance = {};
  GroupCommitOptions commit = {};
  LiveStoreOptions store = {};
  // An atomic batch of more writes is refused.
  std::size_t atomic_writes_max = 100'000;
  // Batches of so many records, and groups of so many changes, are a segment of their own at once.
  std::size_t segment_rows = 512;
  // Segments from which on writers wait for merges.
  std::size_t segments_max = 48;
  std::function<void(const absl::Status&)> on_damage = {};                        // As OpenOptions::on_damage.
  std::function<void(std::string_view phase, double fraction)> on_progress = {};  // Of opening.
};

// What opening found.
struct OpenedSet {
  std::uint64_t clients = 0, segments = 0;
  std::uint64_t log_groups = 0, log_rows = 0, log_bytes = 0;  // Replayed.
  std::uint64_t files_removed = 0;                            // That a crash had left behind.
  double seconds = 0, replay_seconds = 0;
};

struct ClientSetFigures {
  std::uint64_t clients = 0, live_rows = 0, dead_rows = 0, segments = 0, epoch = 0;
  LiveStore::Figures log;
  MaintenanceFigures maintenance;
  std::uint64_t groups = 0, batches = 0, waiting = 0;
};

struct FoundClient {
  std::string json;
  RecordVersion version = 0;
};

// Thread-safe.
class ClientSet final : public CommitTarget<PendingBatch> {
 public:
  // Maps the segment files and replays the log. The folder may be new, hold a snapshot (which becomes the set's first segment) or
  // a set. Errors as LiveStore::Open's and OpenSegmentFile's; DataLoss also for a log that cannot be read.
  static absl::StatusOr<std::unique_ptr<ClientSet>> Open(const std::string& folder, ClientSetOptions options);
  ~ClientSet();  // Commits what waits. What is in memory stays in the log.

  const OpenedSet& opened() const { return opened_; }

  Snapshot Take(const Query& query) const { return state_->current().Take(query); }
  std::uint64_t client_count() const { return state_->current().client_count(); }

  // nullopt: there is no such client. A few microseconds.
  absl::StatusOr<std::optional<FoundClient>> Find(std::int64_t id) const;

  // As WriteService::Submit (server/write_service.h). Of a set that was opened for reading, dry runs only.
  using Done = absl::AnyInvocable<void(absl::StatusOr<WriteReply>)>;
  void Submit(WriteBatch batch, Done done);
  absl::StatusOr<WriteReply> Commit(WriteBatch batch);  // The same, and waits.
  // The two halves of Submit, for who prepares on several threads what is to be submitted in order.
  PendingBatch Prepare(WriteBatch batch) const;
  void SubmitPrepared(PendingBatch batch, Done done);
  std::size_t atomic_writes_max() const { return options_.atomic_writes_max; }

  absl::Status Flush() { return maintenance_->Flush(); }    // Everything in memory becomes a file.
  absl::Status Settle() { return maintenance_->Settle(); }  // All merges that are due are done.
  void SealLive();                                          // The live table becomes a segment.

  ClientSetFigures figures() const;          // Some microseconds; waits for no write.
  std::vector<SetSegment> segments() const;  // As they are now, in no order.

 private:
  explicit ClientSet(ClientSetOptions options) : options_(std::move(options)) {}
  absl::Status OpenFolder(const std::string& folder);
  absl::StatusOr<SetSegment> OpenFile(const LiveSegment& file, const std::string& folder,
                                      const std::shared_ptr<RecordDictionaries>& dictionaries) const;
  absl::Status ReplayLog();
  absl::Status Refusal(const WriteBatch& batch) const;
  WriteReply CheckOnly(PendingBatch batch);

  void Validate(std::span<PendingBatch> group) override;
  absl::Status Append(std::span<PendingBatch> group) override;
  void Apply(std::span<PendingBatch> group) override;
  void Finish() override;

  const ClientSetOptions options_;
  OpenedSet opened_;
  std::unique_ptr<LiveStore> store_;
  std::unique_ptr<SetState> state_;
  std::unique_ptr<WorkbenchPool> workbenches_;
  std::unique_ptr<SegmentMaintenance> maintenance_;

  // Of the committing thread; where there is none, guarded by SetState::writing().
  std::unique_ptr<WriteWorkbench> deciding_;
  std::unique_lock<std::mutex> writing_;
  std::uint64_t next_sequence_ = 1;
  std::vector<std::uint64_t> sequences_;  // Of the group's batches; 0: nothing to log.

  std::unique_ptr<GroupCommit<PendingBatch>> commit_;  // First to go.
};

}  // namespace clientele
