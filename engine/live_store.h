// What makes a live set durable: one SQLite database, live.db, in the set's folder. It names the segment files of the set, and
// keeps the log of those writes that are in no segment file yet. A new segment file is registered, and the log groups that it
// covers are dropped, in one transaction; so after any crash every write is in exactly one of the two.
//
// The database is in WAL mode with synchronous=FULL: a transaction is synced when it returns. Commits only ever append to the
// file live.db-wal; a thread of the store carries them over to live.db on a connection of its own (checkpoint), and the file is
// used again from its beginning. Pages of dropped log groups are used again by later ones: live.db grows to the most that it ever
// held at a time, and is not given back to the disk. Bytes of dropped groups stay readable in free pages until they are
// overwritten.
//
// A failed sync is final: what the system has kept of the bytes is then unknown, and syncing again would claim that all is well.
// So after any failure but a full disk, every write returns the same error until the program is started anew; reading goes on.
//
// Thread-safe. Writers take turns; Find only waits for other Finds.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "engine/log_payload.h"
#include "engine/sqlite_connection.h"
#include "index/folder_lock.h"
#include "index/snapshot_writer.h"

namespace clientele {

// Whether the folder holds a live set: live.db is then what names its segments, and no snapshot may be saved there. O(1).
bool IsLiveFolder(const std::string& folder);

// A reply that is given again, instead of writing again, when a request comes again with the same key.
struct RememberedReply {
  std::string key;          // As the caller sent it.
  std::string fingerprint;  // Of the request, so that another request under the same key is told apart.
  std::string reply;        // Opaque here.
  std::int64_t time_s = 0;  // Of the write, in seconds since 1970.
  bool operator==(const RememberedReply&) const = default;
};

// What is written, and read again at a restart, as a whole.
struct LogGroup {
  std::uint64_t sequence = 0;  // Ascending over the life of the set, from 1; gaps are allowed. Below 2^63.
  std::uint64_t rows = 0;      // For reports only.
  LogPayload payload;          // Opaque here.
  std::vector<RememberedReply> replies;
};

// A segment file of the set. Tombstones are what the caller makes of them: opaque here, replaced as a whole.
struct LiveSegment {
  SegmentFile file;
  std::string tombstones = {};
  std::uint64_t number() const;  // From the file's name.
  bool operator==(const LiveSegment&) const = default;
};

struct SequenceRange {
  std::uint64_t first = 0, last = 0;  // Both ends included.
};

// One change of the set of segment files.
struct SegmentChange {
  struct Masked {
    std::uint64_t number = 0;
    std::string tombstones;
  };
  std::vector<LiveSegment> added = {};      // Their files are written and synced (WriteSegmentFile).
  std::vector<std::uint64_t> removed = {};  // Numbers.
  std::vector<Masked> masked = {};          // New tombstones of segments that stay.
  std::vector<SequenceRange> covered = {};  // Log groups that are in segment files now, in whole.
};

struct LiveStoreOptions {
  // Pages of a new database. Measured for both ends of the load by bench/engine/live_store_bench.
  std::uint32_t page_bytes = 8 << 10;
  // From this size of live.db-wal on, it is carried over. It ends up to about twice as large.
  std::uint64_t checkpoint_from_bytes = 32 << 20;
  std::chrono::seconds reply_lifetime = std::chrono::hours(24);
  std::uint64_t replies_max = 100'000;  // The oldest beyond are forgotten.
  // For reading beside a program that has the set open for writing: no lock, and every writing function is FailedPrecondition.
  // The version seen is that of Open. To be closed soon: it keeps live.db-wal of the writing program from being used again.
  bool read_only = false;
  // Whether the store runs Maintain() by itself, when it is due.
  bool maintenance_thread = true;
};

class LiveStore {
 public:
  struct Recovered {
    std::vector<LiveSegment> segments;  // By number; a number says nothing about age.
    std::uint64_t last_sequence = 0;    // Of all groups ever appended; 0 when there was none.
    std::uint64_t log_groups = 0, log_rows = 0;
    std::uint64_t log_bytes = 0;      // Before compression.
    std::uint64_t files_removed = 0;  // Segment files without an entry, as a crash before ReplaceSegments leaves them.
  };

  struct Figures {
    std::uint64_t log_groups = 0, log_rows = 0, log_bytes = 0;
    std::uint64_t write_ahead_bytes = 0;  // In live.db-wal that are not carried over yet.
    std::uint64_t replies = 0;
  };

  // Makes the folder and the database when they are missing. A new database takes the segments of the folder's MANIFEST over, in
  // the step in which it appears, and is the authority from then on; the MANIFEST is removed. Segment files that are not named
  // are removed. Costs the reading of all but the payloads. Errors name the file:
  //   Unavailable: open for writing by another process;
  //   FailedPrecondition: a folder of other files, or a database of another version;
  //   DataLoss: the database is damaged, or a segment file is missing or has another size;
  //   ResourceExhausted: the disk is full; Internal and others: reading or writing failed.
  static absl::StatusOr<std::unique_ptr<LiveStore>> Open(const std::string& folder, const LiveStoreOptions& options = {});

  // Carries live.db-wal over, unless a write has failed for good. Not while another thread is in a function.
  ~LiveStore();

  const Recovered& recovered() const { return recovered_; }

  // The log groups as Open found them and in ascending order of sequences; to be called before the first Append. Stops at the
  // first error of the visitor, and returns it. DataLoss: a damaged group. Reads about 1 GB/s of plain bytes.
  using Visitor = std::function<absl::Status(std::uint64_t sequence, std::string_view payload)>;
  absl::Status Replay(const Visitor& visitor);

  // One transaction, synced when it returns OK: all groups and replies, or none of them. Costs a sync, and per packed byte about
  // 1 ns. ResourceExhausted: no room, nothing was written, and a later Append may succeed; InvalidArgument: a sequence that is
  // not above the last one. Any other error is final.
  absl::Status Append(std::span<const LogGroup> groups);

  // One transaction, synced when it returns OK: all of the change, or nothing. Then the removed files are unlinked; who has one
  // mapped keeps it. Costs a sync, and about 0.1 ms for each MiB of dropped groups. Errors as Append's; InvalidArgument: a
  // segment that is not there, or is already. After ResourceExhausted the added files are unlinked as soon as no restart can find
  // the change done: mostly at once, else after the next write that succeeds. After any other error they stay.
  absl::Status ReplaceSegments(const SegmentChange& change);

  // The name for a new segment file: of a number that no file of this set ever had. Not durable before it is registered.
  std::string NewSegmentName();

  // What was written with that key in the last 24 hours (LiveStoreOptions). About 10 us. Internal or DataLoss: it cannot be read.
  absl::StatusOr<std::optional<RememberedReply>> Find(std::string_view key, std::chrono::system_clock::time_point now);

  // Carries live.db-wal over when it is large, and forgets old replies. The first may take seconds on a slow disk, during which
  // writes go on but for the last moments. Runs by itself (LiveStoreOptions::maintenance_thread). Errors as Append's.
  absl::Status Maintain(std::chrono::system_clock::time_point now);

  // The error that every write returns from now on, or OK. Does not wait for writes while there is none.
  absl::Status failure() const;

  Figures figures() const;  // Does not wait for writes.
  const std::string& folder() const { return folder_; }

 private:
  LiveStore(std::string folder, const LiveStoreOptions& options) : folder_(std::move(folder)), options_(options) {}

  absl::Status OpenExisting();
  absl::Status Recover();
  absl::Status RecoverReplies();
  absl::Status RemoveUnnamedFiles();
  absl::Status Writable() const;
  template <class Body>
  absl::Status Transact(Body body);
  absl::StatusOr<std::uint64_t> RefusedFrames();
  absl::Status Supersede();
  void DropRefusedFiles();
  absl::Status Final(absl::Status status);
  absl::Status Refuse(const absl::Status& status);
  absl::Status Checkpoint();
  absl::Status ForgetReplies(std::chrono::system_clock::time_point now);
  void RunMaintenance();
  std::uint64_t WriteAheadBytes(int frames) const;

  const std::string folder_;
  const LiveStoreOptions options_;
  std::optional<FolderLock> lock_;  // First in, last out.
  Recovered recovered_;
  std::uint64_t page_bytes_ = 0;
  std::atomic<std::uint64_t> last_segment_number_ = 0;

  // std::mutex, not Abseil's: see server/worker_pool.h. When several are taken, then in the order in which they stand here.
  std::mutex checkpointing_;
  std::unique_ptr<SqliteConnection> checkpointer_;  // Guarded by checkpointing_.

  mutable std::mutex writing_;
  std::unique_ptr<SqliteConnection> writer_;  // Guarded by writing_, as is all up to the next comment.
  std::optional<SqliteStatement> insert_group_, insert_reply_;
  std::uint64_t last_sequence_ = 0;
  absl::Status failure_;
  bool is_in_doubt_ = false;                // A restart finds what was refused last; until something is written in its place.
  std::vector<std::string> refused_files_;  // To be unlinked when there is no doubt.
  std::uint64_t refusals_ = 0;

  // Changed by writers, but read without waiting for a sync.
  std::atomic<std::uint64_t> log_groups_ = 0, log_rows_ = 0, log_bytes_ = 0;
  std::atomic<bool> has_failed_ = false;

  mutable std::mutex finding_;
  std::unique_ptr<SqliteConnection> reader_;  // Guarded by finding_, as is all up to the next mutex.
  std::optional<SqliteStatement> find_reply_;
  // By the hash of the key, the newest entry with it. Here rather than in an index of the database, whose pages would be written
  // all over with every group; like this, replies are only ever appended, and dropped from the other end.
  absl::flat_hash_map<std::uint64_t, std::uint64_t> reply_of_key_;
  std::uint64_t first_reply_ = 1, next_reply_ = 1;  // Numbers of the entries: [first, next).

  std::atomic<std::uint64_t> write_ahead_bytes_ = 0;
  std::mutex waking_;
  std::condition_variable wake_;
  bool is_due_ = false, stopping_ = false;  // Guarded by waking_.
  std::thread maintenance_;
};

}  // namespace clientele
