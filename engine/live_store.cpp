// What a store does once it is open; how it is opened stands in live_store_opening.cpp.
#include "engine/live_store.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>
#include <sqlite3.h>
#include <unistd.h>

#include "engine/live_store_parts.h"
#include "engine/write_ahead_index.h"
#include "index/absl_view.h"
#include "index/snapshot_directory.h"
#include "index/thread_name.h"

namespace clientele {
namespace {

constexpr std::uint64_t kFrameHeaderBytes = 24, kWriteAheadHeaderBytes = 32;
// What is left to carry over while nobody can write.
constexpr std::uint64_t kLastStepBytes = 2 << 20;
constexpr int kCheckpointRounds = 4;
constexpr std::uint64_t kRepliesAtOnce = 1'000;
constexpr std::chrono::seconds kMaintenanceInterval{60}, kRetryInterval{1};

std::int64_t Seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

absl::Status RegisterSegment(SqliteConnection& database, const LiveSegment& segment) {
  absl::StatusOr<SqliteStatement> insert = database.Prepare("INSERT OR IGNORE INTO segment VALUES(?, ?, ?, ?, ?, ?)");
  if (!insert.ok()) return insert.status();
  const SegmentFile& file = segment.file;
  if (absl::Status status = insert->Bind(1, segment.number())
                                .Bind(2, file.rows)
                                .Bind(3, file.bytes)
                                .Bind(4, file.checksum.low)
                                .Bind(5, file.checksum.high)
                                .Bind(6, segment.tombstones)
                                .Run();
      !status.ok()) {
    return status;
  }
  if (database.changed_rows() == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(database.path(), ": '", file.name, "' is registered already"));
}

LiveStore::~LiveStore() {
  {
    const std::lock_guard lock(waking_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (maintenance_.joinable()) maintenance_.join();
  insert_group_.reset();
  insert_reply_.reset();
  find_reply_.reset();
  // Closing the last connection carries live.db-wal over, which must not touch anything after a failure.
  if (!failure_.ok()) {
    for (SqliteConnection* connection : {writer_.get(), checkpointer_.get(), reader_.get()}) {
      if (connection != nullptr) sqlite3_db_config(connection->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
  }
}

absl::Status LiveStore::Replay(const Visitor& visitor) {
  const std::lock_guard lock(finding_);
  absl::StatusOr<SqliteStatement> log =
      reader_->Prepare("SELECT sequence, codec, plain_bytes, checksum, payload FROM log ORDER BY sequence");
  if (!log.ok()) return log.status();
  for (;;) {
    const absl::StatusOr<bool> row = log->Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    const absl::StatusOr<std::string> payload =
        LogPayload::Unpack(static_cast<LogPayload::Codec>(log->Number(1)), log->Number(2), log->Number(3), log->Bytes(4));
    if (!payload.ok()) {
      return absl::DataLossError(absl::StrCat(reader_->path(), ": log group ", log->Number(0), ": ", payload.status().message()));
    }
    if (absl::Status status = visitor(log->Number(0), *payload); !status.ok()) return status;
  }
}

absl::Status LiveStore::Writable() const {
  if (options_.read_only) return absl::FailedPreconditionError(absl::StrCat(folder_, " is open for reading only"));
  return failure_;
}

absl::Status LiveStore::Final(absl::Status status) {
  if (!status.ok() && !MayPass(status)) {
    failure_ = status;
    has_failed_ = true;
  }
  return status;
}

// With writing_ held.
template <class Body>
absl::Status LiveStore::Transact(Body body) {
  if (absl::Status status = Writable(); !status.ok()) return status;
  absl::Status status = writer_->Begin();
  if (status.ok()) status = body();
  bool has_tried_commit = false;
  if (status.ok()) {
    has_tried_commit = true;
    status = writer_->Commit();
  }
  if (status.ok()) {
    if (!is_in_doubt_) DropRefusedFiles();
    if (write_ahead_bytes_ >= options_.checkpoint_from_bytes) {
      {
        const std::lock_guard lock(waking_);
        is_due_ = true;
      }
      wake_.notify_one();
    }
    return status;
  }
  const absl::Status rolled_back = writer_->Rollback();
  status = Final(rolled_back.ok() || !MayPass(status) ? status : rolled_back);
  return has_tried_commit && MayPass(status) ? Refuse(status) : status;
}

// Sees to it that a restart does not find what a commit was refused for want of room. Returns `status`, unless that fails for
// good. With writing_ held.
absl::Status LiveStore::Refuse(const absl::Status& status) {
  const absl::StatusOr<std::uint64_t> refused = RefusedFrames();
  is_in_doubt_ = !refused.ok() || *refused > 0;
  absl::Status superseded;
  if (is_in_doubt_) superseded = Supersede();
  if (!superseded.ok()) {
    // It may stand there in the end, although it was refused as well.
    const absl::StatusOr<std::uint64_t> left = RefusedFrames();
    is_in_doubt_ = !refused.ok() || !left.ok() || *left == *refused;
  }
  if (!is_in_doubt_) DropRefusedFiles();
  return superseded.ok() || MayPass(superseded) ? status : superseded;
}

// How many frames a restart would find of what was refused just now. A commit that runs out of room may be in live.db-wal as a
// whole all the same: its pages are written and synced before SQLite makes its index of that file longer, and a page for which
// the disk claims to have no room may stand there from before. With writing_ held.
absl::StatusOr<std::uint64_t> LiveStore::RefusedFrames() {
  const absl::StatusOr<WriteAheadEnd> committed = CommittedWriteAheadEnd(*writer_);
  if (!committed.ok()) return committed.status();
  const absl::StatusOr<WriteAheadEnd> found = FindWriteAheadEnd(WriteAheadPath(folder_), *committed);
  if (!found.ok()) return found.status();
  // Of a log that is to be begun anew, all was carried over.
  return found->salt == committed->salt ? found->frames - std::min(found->frames, committed->frames) : 0;
}

// Commits something in the place of what was refused, of one page, for which there is room if there was any for the other. With
// writing_ held.
absl::Status LiveStore::Supersede() {
  absl::Status status = writer_->Begin();
  // Always another number: SQLite does not write pages that stay as they are.
  if (status.ok()) status = writer_->Execute(absl::StrCat("INSERT OR REPLACE INTO state VALUES('refusals', ", ++refusals_, ")"));
  if (status.ok()) status = writer_->Commit();
  if (status.ok()) return status;
  const absl::Status rolled_back = writer_->Rollback();
  return Final(rolled_back.ok() || !MayPass(status) ? status : rolled_back);
}

// When no restart finds them named. With writing_ held.
void LiveStore::DropRefusedFiles() {
  for (const std::string& name : std::exchange(refused_files_, {})) unlink(absl::StrCat(folder_, "/", name).c_str());
}

absl::Status LiveStore::Append(std::span<const LogGroup> groups) {
  const std::lock_guard lock(writing_);
  std::uint64_t last_sequence = last_sequence_, next_reply = next_reply_;
  const absl::Status status = Transact([&]() -> absl::Status {
    for (const LogGroup& group : groups) {
      if (group.sequence <= last_sequence) {
        return absl::InvalidArgumentError(
            absl::StrCat("log group ", group.sequence, ": expected a sequence above ", last_sequence));
      }
      last_sequence = group.sequence;
      if (absl::Status inserted = insert_group_->Bind(1, group.sequence)
                                      .Bind(2, group.rows)
                                      .Bind(3, static_cast<std::uint64_t>(group.payload.codec))
                                      .Bind(4, group.payload.plain_bytes)
                                      .Bind(5, group.payload.checksum)
                                      .Bind(6, group.payload.bytes)
                                      .Run();
          !inserted.ok()) {
        return inserted;
      }
      for (const RememberedReply& reply : group.replies) {
        if (absl::Status inserted = insert_reply_->Bind(1, next_reply++)
                                        .Bind(2, static_cast<std::uint64_t>(reply.time_s))
                                        .Bind(3, reply.key)
                                        .Bind(4, reply.fingerprint)
                                        .Bind(5, reply.reply)
                                        .Run();
            !inserted.ok()) {
          return inserted;
        }
      }
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  last_sequence_ = last_sequence;
  log_groups_ += groups.size();
  const std::lock_guard finding(finding_);
  for (const LogGroup& group : groups) {
    log_rows_ += group.rows;
    log_bytes_ += group.payload.plain_bytes;
    for (const RememberedReply& reply : group.replies) reply_of_key_[ReplyKeyHash(reply.key)] = next_reply_++;
  }
  return status;
}

absl::Status LiveStore::ReplaceSegments(const SegmentChange& change) {
  {
    const std::lock_guard lock(writing_);
    std::uint64_t dropped_groups = 0, dropped_rows = 0, dropped_bytes = 0;
    const auto change_one = [&](const char* sql, std::uint64_t number, std::string_view tombstones) -> absl::Status {
      absl::StatusOr<SqliteStatement> statement = writer_->Prepare(sql);
      if (!statement.ok()) return statement.status();
      statement->Bind(1, number);
      if (tombstones.data() != nullptr) statement->Bind(2, tombstones);
      if (absl::Status status = statement->Run(); !status.ok()) return status;
      if (writer_->changed_rows() == 1) return absl::OkStatus();
      return absl::InvalidArgumentError(absl::StrCat(writer_->path(), ": segment ", number, " is not registered"));
    };
    const absl::Status status = Transact([&]() -> absl::Status {
      for (const LiveSegment& segment : change.added) {
        if (absl::Status added = RegisterSegment(*writer_, segment); !added.ok()) return added;
      }
      for (const std::uint64_t number : change.removed) {
        if (absl::Status removed = change_one("DELETE FROM segment WHERE number=?1", number, {}); !removed.ok()) return removed;
      }
      for (const SegmentChange::Masked& masked : change.masked) {
        if (absl::Status masking =
                change_one("UPDATE segment SET tombstones=?2 WHERE number=?1", masked.number, masked.tombstones);
            !masking.ok()) {
          return masking;
        }
      }
      for (const SequenceRange& range : change.covered) {
        absl::StatusOr<SqliteStatement> sums =
            writer_->Prepare("SELECT count(*), total(rows), total(plain_bytes) FROM log WHERE sequence BETWEEN ? AND ?");
        if (!sums.ok()) return sums.status();
        if (const auto row = sums->Bind(1, range.first).Bind(2, range.last).Step(); !row.ok()) return row.status();
        dropped_groups += sums->Number(0), dropped_rows += sums->Number(1), dropped_bytes += sums->Number(2);
        sums->Reset();
        absl::StatusOr<SqliteStatement> drop = writer_->Prepare("DELETE FROM log WHERE sequence BETWEEN ? AND ?");
        if (!drop.ok()) return drop.status();
        if (absl::Status dropped = drop->Bind(1, range.first).Bind(2, range.last).Run(); !dropped.ok()) return dropped;
      }
      // What the dropped groups and removed segments can no longer tell.
      return writer_->Execute(absl::StrCat("UPDATE state SET value=", last_sequence_,
                                           " WHERE name='last_sequence'; UPDATE state SET value=", last_segment_number_.load(),
                                           " WHERE name='last_segment'"));
    });
    if (absl::IsResourceExhausted(status)) {
      for (const LiveSegment& segment : change.added) refused_files_.push_back(segment.file.name);
      if (!is_in_doubt_) DropRefusedFiles();
    }
    if (!status.ok()) return status;
    log_groups_ -= dropped_groups, log_rows_ -= dropped_rows, log_bytes_ -= dropped_bytes;
  }
  // A large file takes its time to go; writers do not wait for it.
  for (const std::uint64_t number : change.removed) unlink(absl::StrCat(folder_, "/", SegmentFileName(number)).c_str());
  return absl::OkStatus();
}

std::string LiveStore::NewSegmentName() {
  return SegmentFileName(++last_segment_number_);
}

absl::StatusOr<std::optional<RememberedReply>> LiveStore::Find(std::string_view key, std::chrono::system_clock::time_point now) {
  const std::lock_guard lock(finding_);
  const auto found = reply_of_key_.find(ReplyKeyHash(key));
  if (found == reply_of_key_.end()) return std::nullopt;
  absl::StatusOr<SqliteStatement> read_only;
  if (!find_reply_) {
    read_only = reader_->Prepare("SELECT time_s, key, fingerprint, reply FROM reply WHERE id=?");
    if (!read_only.ok()) return read_only.status();
  }
  SqliteStatement& find = find_reply_ ? *find_reply_ : *read_only;
  const absl::StatusOr<bool> row = find.Bind(1, found->second).Step();
  if (!row.ok()) return row.status();
  const absl::Cleanup reset = [&] { find.Reset(); };
  if (!*row || find.Bytes(1) != key) return std::nullopt;  // Forgotten in this moment, or another key of the same hash.
  const auto time_s = static_cast<std::int64_t>(find.Number(0));
  if (time_s + options_.reply_lifetime.count() <= Seconds(now)) return std::nullopt;
  return RememberedReply{
      .key = std::string(key), .fingerprint = std::string(find.Bytes(2)), .reply = std::string(find.Bytes(3)), .time_s = time_s};
}

absl::Status LiveStore::Maintain(std::chrono::system_clock::time_point now) {
  if (absl::Status status = ForgetReplies(now); !status.ok()) return status;
  return write_ahead_bytes_ >= options_.checkpoint_from_bytes ? Checkpoint() : absl::OkStatus();
}

absl::Status LiveStore::Checkpoint() {
  const std::lock_guard lock(checkpointing_);
  if (absl::Status status = failure(); !status.ok()) return status;
  const auto carry_over = [this](int mode, std::uint64_t& left_bytes) -> absl::Status {
    int frames = 0, done = 0;
    errno = 0;
    const int code = sqlite3_wal_checkpoint_v2(checkpointer_->handle(), nullptr, mode, &frames, &done);
    left_bytes = frames > done ? WriteAheadBytes(frames - done) : 0;
    return code == SQLITE_OK ? absl::OkStatus() : checkpointer_->Failure(code);
  };
  // Writers go on while most of the file is carried over; what they add meanwhile is less with each round.
  std::uint64_t left_bytes = 0;
  absl::Status status;
  for (int round = 0; round < kCheckpointRounds && status.ok(); ++round) {
    status = carry_over(SQLITE_CHECKPOINT_PASSIVE, left_bytes);
    if (left_bytes <= kLastStepBytes) break;
  }
  const std::lock_guard writing(writing_);
  if (status.ok()) status = carry_over(SQLITE_CHECKPOINT_RESTART, left_bytes);
  if (status.ok()) write_ahead_bytes_ = 0;
  return Final(status);
}

absl::Status LiveStore::ForgetReplies(std::chrono::system_clock::time_point now) {
  const std::int64_t expired_s = Seconds(now) - options_.reply_lifetime.count();
  for (bool is_more = true; is_more;) {
    const std::lock_guard lock(writing_);
    if (absl::Status status = Writable(); !status.ok()) return status;
    const std::uint64_t keep_from = next_reply_ - std::min(next_reply_, options_.replies_max);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> forgotten;  // Hash of the key, number.
    {
      absl::StatusOr<SqliteStatement> oldest = writer_->Prepare("SELECT id, time_s, key FROM reply ORDER BY id LIMIT ?");
      if (!oldest.ok()) return Final(oldest.status());
      oldest->Bind(1, kRepliesAtOnce);
      for (;;) {
        const absl::StatusOr<bool> row = oldest->Step();
        if (!row.ok()) return Final(row.status());
        if (!*row || (oldest->Number(0) >= keep_from && static_cast<std::int64_t>(oldest->Number(1)) > expired_s)) break;
        forgotten.emplace_back(ReplyKeyHash(oldest->Bytes(2)), oldest->Number(0));
      }
    }
    if (forgotten.empty()) return absl::OkStatus();
    is_more = forgotten.size() == kRepliesAtOnce;
    const std::uint64_t last = forgotten.back().second;
    const absl::Status status = Transact([&] { return writer_->Execute(absl::StrCat("DELETE FROM reply WHERE id<=", last)); });
    if (!status.ok()) return status;
    const std::lock_guard finding(finding_);
    first_reply_ = last + 1;
    for (const auto& [hash, number] : forgotten) {
      if (const auto entry = reply_of_key_.find(hash); entry != reply_of_key_.end() && entry->second == number)
        reply_of_key_.erase(entry);
    }
  }
  return absl::OkStatus();
}

void LiveStore::RunMaintenance() {
  NameThread("store upkeep");
  std::chrono::seconds interval = kMaintenanceInterval;
  for (std::unique_lock lock(waking_); !stopping_;) {
    wake_.wait_for(lock, interval, [this] { return stopping_ || is_due_; });
    if (stopping_) return;
    is_due_ = false;
    lock.unlock();
    // What is final shows with the next write. Anything else passes, and is tried again.
    const bool is_ok = Maintain(std::chrono::system_clock::now()).ok();
    interval = is_ok ? kMaintenanceInterval : kRetryInterval;
    lock.lock();
    // After a failure not at once, whatever was written meanwhile.
    if (!is_ok) wake_.wait_for(lock, kRetryInterval, [this] { return stopping_; });
  }
}

std::uint64_t LiveStore::WriteAheadBytes(int frames) const {
  return kWriteAheadHeaderBytes + static_cast<std::uint64_t>(frames) * (page_bytes_ + kFrameHeaderBytes);
}

absl::Status LiveStore::failure() const {
  if (!has_failed_) return absl::OkStatus();
  const std::lock_guard lock(writing_);
  return failure_;
}

LiveStore::Figures LiveStore::figures() const {
  const std::lock_guard finding(finding_);
  return {.log_groups = log_groups_,
          .log_rows = log_rows_,
          .log_bytes = log_bytes_,
          .write_ahead_bytes = write_ahead_bytes_,
          .replies = next_reply_ - first_reply_};
}

}  // namespace clientele
