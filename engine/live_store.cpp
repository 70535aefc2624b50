#include "engine/live_store.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>
#include <xxhash.h>

#include "engine/write_ahead_check.h"
#include "index/absl_view.h"
#include "index/durable_file.h"
#include "index/snapshot_directory.h"
#include "index/snapshot_manifest.h"

namespace clientele {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::uint64_t kApplicationId = 0x436c7465;  // "Clte".
constexpr std::string_view kNewEnding = ".new";

constexpr std::uint64_t kFrameHeaderBytes = 24, kWriteAheadHeaderBytes = 32;
// What is left to carry over while nobody can write.
constexpr std::uint64_t kLastStepBytes = 2 << 20;
constexpr int kCheckpointRounds = 4;
constexpr std::chrono::milliseconds kCheckpointBusyTimeout{20};
constexpr std::uint64_t kRepliesAtOnce = 1'000;
constexpr std::chrono::seconds kMaintenanceInterval{60}, kRetryInterval{1};

constexpr char kSchema[] = R"(
  CREATE TABLE state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE segment(number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, bytes INTEGER NOT NULL, checksum_low INTEGER NOT NULL,
                       checksum_high INTEGER NOT NULL, tombstones BLOB NOT NULL);
  CREATE TABLE log(sequence INTEGER PRIMARY KEY, rows INTEGER NOT NULL, codec INTEGER NOT NULL, plain_bytes INTEGER NOT NULL,
                   checksum INTEGER NOT NULL, payload BLOB NOT NULL);
  CREATE TABLE reply(id INTEGER PRIMARY KEY, time_s INTEGER NOT NULL, key BLOB NOT NULL, fingerprint BLOB NOT NULL,
                     reply BLOB NOT NULL);
  INSERT INTO state VALUES('last_sequence', 0), ('last_segment', 0);
)";

std::string StorePath(const std::string& folder) {
  return absl::StrCat(folder, "/", AbslView(kLiveStoreName));
}

std::string WriteAheadPath(const std::string& folder) {
  return absl::StrCat(StorePath(folder), "-wal");
}

std::uint64_t KeyHash(std::string_view key) {
  return XXH3_64bits(key.data(), key.size());
}

std::int64_t Seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return absl::ErrnoToStatus(error.value(), folder);
  return names;
}

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error) || fs::create_directory(folder, error)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(folder, ": expected a folder, or a name for a new one: ", error ? error.message() : "it is a file"));
}

// The segments that a new database begins with.
absl::StatusOr<std::vector<SegmentFile>> SegmentsToTakeOver(const std::string& folder) {
  const absl::StatusOr<std::vector<std::string>> names = NamesIn(folder);
  if (!names.ok()) return names.status();
  const auto is_ours = [](std::string_view name) {
    if (name.ends_with(DurableFile::kTemporaryEnding)) name.remove_suffix(DurableFile::kTemporaryEnding.size());
    return name.starts_with(kLiveStoreName) || name == kManifestName;
  };
  if (std::ranges::find(*names, kManifestName) != names->end()) {
    absl::StatusOr<Manifest> manifest = ReadManifest(folder);
    if (!manifest.ok()) return manifest.status();
    return std::move(manifest->segments);
  }
  // Segment files without a MANIFEST may be all that is left of a set: nothing is removed here.
  if (const auto other = std::ranges::find_if_not(*names, is_ours); other != names->end()) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, ": expected an empty folder, a snapshot's or a live set's, but it holds '", *other, "'"));
  }
  return std::vector<SegmentFile>();
}

absl::Status Register(SqliteConnection& database, const LiveSegment& segment) {
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

// The database appears under its name whole, with its segments, or not at all.
absl::Status CreateDatabase(const std::string& folder, const LiveStoreOptions& options) {
  const absl::StatusOr<std::vector<SegmentFile>> segments = SegmentsToTakeOver(folder);
  if (!segments.ok()) return segments.status();
  const std::string path = StorePath(folder), new_path = absl::StrCat(path, AbslView(kNewEnding));
  for (const char* ending : {"", "-journal"}) unlink(absl::StrCat(new_path, ending).c_str());
  {
    const absl::StatusOr<std::unique_ptr<SqliteConnection>> opened =
        SqliteConnection::Open(new_path, SqliteConnection::Access::kCreate);
    if (!opened.ok()) return opened.status();
    SqliteConnection& database = **opened;
    std::uint64_t last_number = 0;
    for (const absl::Status& status :
         {database.Execute(absl::StrCat("PRAGMA page_size=", options.page_bytes, "; PRAGMA synchronous=FULL")), database.Begin(),
          database.Execute(absl::StrCat("PRAGMA application_id=", kApplicationId, "; PRAGMA user_version=", kFormatVersion)),
          database.Execute(kSchema)}) {
      if (!status.ok()) return status;
    }
    for (const SegmentFile& file : *segments) {
      if (absl::Status status = Register(database, {.file = file}); !status.ok()) return status;
      last_number = std::max(last_number, SegmentFileNumber(file.name));
    }
    if (absl::Status status =
            database.Execute(absl::StrCat("UPDATE state SET value=", last_number, " WHERE name='last_segment'"));
        !status.ok()) {
      return status;
    }
    if (absl::Status status = database.Commit(); !status.ok()) return status;
  }
  if (rename(new_path.c_str(), path.c_str()) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("renaming to ", path));
  return SyncFolder(folder);
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> Connect(const std::string& folder, SqliteConnection::Access access) {
  absl::StatusOr<std::unique_ptr<SqliteConnection>> connection = SqliteConnection::Open(StorePath(folder), access);
  if (!connection.ok()) return connection;
  // Debian's SQLite overwrites whatever is deleted unless told not to, which would write each dropped group a third time.
  const std::string pragmas =
      "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA secure_delete=OFF; PRAGMA cache_size=-8192; "
      "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF";
  if (absl::Status status = (*connection)->Execute(pragmas); !status.ok()) return status;
  return connection;
}

// Stays in the database. O(1).
absl::Status UseWriteAheadLog(SqliteConnection& database) {
  absl::StatusOr<SqliteStatement> mode = database.Prepare("PRAGMA journal_mode=WAL");
  if (!mode.ok()) return mode.status();
  if (const absl::StatusOr<bool> row = mode->Step(); !row.ok()) return row.status();
  if (mode->Bytes(0) == "wal") return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(database.path(), ": SQLite cannot keep a write-ahead log here; a local file system is needed"));
}

// Makes live.db-wal as long as it will be, with zeros that SQLite takes for the end of the log. Overwriting a file costs one
// write to the disk per sync; making it longer costs two more, of the file system's own journal: a third of the commits a second.
// It is a matter of speed alone, so failures do not matter, and must not be while anybody appends to the log.
void LengthenWriteAheadLog(const std::string& folder, std::uint64_t bytes) {
  const int file = open(WriteAheadPath(folder).c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  const absl::Cleanup close_file = [file] { close(file); };
  const off_t end = lseek(file, 0, SEEK_END);
  if (end < 0) return;
  const std::string zeros(1 << 20, '\0');
  for (auto offset = static_cast<std::uint64_t>(end); offset < bytes; offset += zeros.size()) {
    const std::size_t size = std::min<std::uint64_t>(zeros.size(), bytes - offset);
    if (pwrite(file, zeros.data(), size, static_cast<off_t>(offset)) != static_cast<ssize_t>(size)) return;
  }
  fsync(file);
}

absl::Status CheckFormat(SqliteConnection& database) {
  const absl::StatusOr<std::uint64_t> application = database.Number("PRAGMA application_id");
  if (!application.ok()) return application.status();
  if (*application != kApplicationId)
    return absl::FailedPreconditionError(absl::StrCat(database.path(), ": not a live set's database"));
  const absl::StatusOr<std::uint64_t> version = database.Number("PRAGMA user_version");
  if (!version.ok()) return version.status();
  if (*version == kFormatVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(database.path(), ": format version ", *version, "; this program reads version ", kFormatVersion));
}

// A file that is not as long as it was written cannot be whole; what it holds is checked when it is opened.
absl::Status CheckFile(const std::string& folder, const SegmentFile& named) {
  const std::string path = absl::StrCat(folder, "/", named.name);
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(path, error);
  if (error) return absl::DataLossError(absl::StrCat(path, ": named by ", AbslView(kLiveStoreName), ", but ", error.message()));
  if (bytes == named.bytes) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(path, ": ", bytes, " bytes, but ", AbslView(kLiveStoreName), " names it with ", named.bytes));
}

// Whether the next try may succeed: nothing was written, and what was in the way may go.
bool MayPass(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsUnavailable(status) || absl::IsInvalidArgument(status);
}

}  // namespace

bool IsLiveFolder(const std::string& folder) {
  std::error_code error;
  return fs::is_regular_file(StorePath(folder), error);
}

std::uint64_t LiveSegment::number() const {
  return SegmentFileNumber(file.name);
}

absl::StatusOr<std::unique_ptr<LiveStore>> LiveStore::Open(const std::string& folder, const LiveStoreOptions& options) {
  std::unique_ptr<LiveStore> store(new LiveStore(folder, options));
  if (!options.read_only) {
    if (absl::Status status = MakeFolder(folder); !status.ok()) return status;
    absl::StatusOr<FolderLock> lock = FolderLock::Take(folder, absl::StrCat(folder, " is open for writing by another process"));
    if (!lock.ok()) return lock.status();
    store->lock_.emplace(*std::move(lock));
    if (!IsLiveFolder(folder)) {
      if (absl::Status status = CreateDatabase(folder, options); !status.ok()) return status;
    }
  }
  // Before SQLite opens the log and takes what it can read for all.
  if (absl::Status status = CheckWriteAheadLog(WriteAheadPath(folder)); !options.read_only && !status.ok()) return status;
  if (absl::Status status = store->OpenExisting(); !status.ok()) return status;
  return store;
}

absl::Status LiveStore::OpenExisting() {
  const auto access = options_.read_only ? SqliteConnection::Access::kRead : SqliteConnection::Access::kWrite;
  absl::StatusOr<std::unique_ptr<SqliteConnection>> reader = Connect(folder_, access);
  if (!reader.ok()) return reader.status();
  reader_ = *std::move(reader);
  if (absl::Status status = CheckFormat(*reader_); !status.ok()) return status;
  // One version for all that is read here.
  if (absl::Status status = reader_->Execute("BEGIN"); !status.ok()) return status;
  if (absl::Status status = Recover(); !status.ok()) return status;
  if (options_.read_only) return absl::OkStatus();
  if (absl::Status status = reader_->Execute("COMMIT"); !status.ok()) return status;
  if (absl::Status status = UseWriteAheadLog(*reader_); !status.ok()) return status;

  for (std::unique_ptr<SqliteConnection>* connection : {&writer_, &checkpointer_}) {
    absl::StatusOr<std::unique_ptr<SqliteConnection>> opened = Connect(folder_, access);
    if (!opened.ok()) return opened.status();
    *connection = *std::move(opened);
    // The first read opens (and creates) live.db-wal.
    if (const auto mode = (*connection)->Number("SELECT count(*) FROM state"); !mode.ok()) return mode.status();
  }
  sqlite3_busy_timeout(checkpointer_->handle(), static_cast<int>(kCheckpointBusyTimeout.count()));
  // Begins the log anew, so that no rest of what an earlier process was killed at is in it (engine/write_ahead_check.h). Where
  // that cannot be now, as on a full disk, the next checkpoint does it.
  if (absl::Status status = Checkpoint(); !status.ok() && !MayPass(status)) return status;
  LengthenWriteAheadLog(folder_, options_.checkpoint_from_bytes + options_.checkpoint_from_bytes / 4);
  // SQLite does not look at the result of syncing the folder after it has created live.db-wal.
  if (absl::Status status = SyncFolder(folder_); !status.ok()) return status;
  if (absl::Status status = RemoveUnnamedFiles(); !status.ok()) return status;

  for (const auto& [statement, connection, sql] :
       {std::tuple(&insert_group_, writer_.get(), "INSERT INTO log VALUES(?, ?, ?, ?, ?, ?)"),
        std::tuple(&insert_reply_, writer_.get(), "INSERT INTO reply VALUES(?, ?, ?, ?, ?)"),
        std::tuple(&find_reply_, reader_.get(), "SELECT time_s, key, fingerprint, reply FROM reply WHERE id=?")}) {
    absl::StatusOr<SqliteStatement> prepared = connection->Prepare(sql);
    if (!prepared.ok()) return prepared.status();
    *statement = *std::move(prepared);
  }
  sqlite3_wal_hook(
      writer_->handle(),
      [](void* store, sqlite3*, const char*, int frames) {
        auto& self = *static_cast<LiveStore*>(store);
        self.write_ahead_bytes_ = self.WriteAheadBytes(frames);
        return SQLITE_OK;
      },
      this);
  if (options_.maintenance_thread) maintenance_ = std::thread(&LiveStore::RunMaintenance, this);
  return absl::OkStatus();
}

absl::Status LiveStore::Recover() {
  const auto state = [this](std::string_view name, std::uint64_t& value) -> absl::Status {
    const auto number = reader_->Number(absl::StrCat("SELECT value FROM state WHERE name='", AbslView(name), "'"));
    if (number.ok()) value = *number;
    return number.status();
  };
  std::uint64_t last_segment = 0;
  if (absl::Status status = state("last_sequence", last_sequence_); !status.ok()) return status;
  if (absl::Status status = state("last_segment", last_segment); !status.ok()) return status;

  absl::StatusOr<SqliteStatement> segments =
      reader_->Prepare("SELECT number, rows, bytes, checksum_low, checksum_high, tombstones FROM segment ORDER BY number");
  if (!segments.ok()) return segments.status();
  for (;;) {
    const absl::StatusOr<bool> row = segments->Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    const LiveSegment segment{.file = {.name = SegmentFileName(segments->Number(0)),
                                       .rows = segments->Number(1),
                                       .bytes = segments->Number(2),
                                       .checksum = {segments->Number(3), segments->Number(4)}},
                              .tombstones = std::string(segments->Bytes(5))};
    if (absl::Status status = CheckFile(folder_, segment.file); !status.ok()) return status;
    last_segment = std::max(last_segment, segment.number());
    recovered_.segments.push_back(segment);
  }
  last_segment_number_ = last_segment;

  // These columns stand before the payload, whose pages are not read.
  absl::StatusOr<SqliteStatement> log =
      reader_->Prepare("SELECT count(*), total(rows), total(plain_bytes), max(sequence) FROM log");
  if (!log.ok()) return log.status();
  if (const absl::StatusOr<bool> row = log->Step(); !row.ok()) return row.status();
  recovered_.log_groups = log_groups_ = log->Number(0);
  recovered_.log_rows = log_rows_ = log->Number(1);
  recovered_.log_bytes = log_bytes_ = log->Number(2);
  recovered_.last_sequence = last_sequence_ = std::max(last_sequence_, log->Number(3));
  log->Reset();
  page_bytes_ = *reader_->Number("PRAGMA page_size");
  return RecoverReplies();
}

absl::Status LiveStore::RecoverReplies() {
  absl::StatusOr<SqliteStatement> replies = reader_->Prepare("SELECT id, key FROM reply ORDER BY id");
  if (!replies.ok()) return replies.status();
  for (;;) {
    const absl::StatusOr<bool> row = replies->Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    const std::uint64_t id = replies->Number(0);
    if (reply_of_key_.empty()) first_reply_ = id;
    next_reply_ = id + 1;
    reply_of_key_[KeyHash(replies->Bytes(1))] = id;
  }
}

absl::Status LiveStore::RemoveUnnamedFiles() {
  const absl::StatusOr<std::vector<std::string>> names = NamesIn(folder_);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    std::string_view stem = name;
    const bool is_temporary = stem.ends_with(DurableFile::kTemporaryEnding);
    if (is_temporary) stem.remove_suffix(DurableFile::kTemporaryEnding.size());
    const std::uint64_t number = SegmentFileNumber(stem);
    last_segment_number_ = std::max(last_segment_number_.load(), number);
    const bool is_named =
        std::ranges::any_of(recovered_.segments, [&](const LiveSegment& segment) { return segment.file.name == name; });
    if (is_named || (number == 0 && stem != kManifestName)) continue;
    // What cannot be removed now is tried again at the next start.
    if (unlink(absl::StrCat(folder_, "/", name).c_str()) == 0 && number > 0) ++recovered_.files_removed;
  }
  return absl::OkStatus();
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
  if (status.ok()) status = writer_->Commit();
  if (status.ok()) {
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
  return Final(rolled_back.ok() || !MayPass(status) ? status : rolled_back);
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
    for (const RememberedReply& reply : group.replies) reply_of_key_[KeyHash(reply.key)] = next_reply_++;
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
        if (absl::Status added = Register(*writer_, segment); !added.ok()) return added;
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
  const auto found = reply_of_key_.find(KeyHash(key));
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
        forgotten.emplace_back(KeyHash(oldest->Bytes(2)), oldest->Number(0));
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
