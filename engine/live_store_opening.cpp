// How a store is opened: a database is made where there is none, and what it holds is found.
#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "engine/live_store.h"
#include "engine/live_store_parts.h"
#include "engine/write_ahead_check.h"
#include "engine/write_ahead_index.h"
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

constexpr std::chrono::milliseconds kCheckpointBusyTimeout{20};

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
      if (absl::Status status = RegisterSegment(database, {.file = file}); !status.ok()) return status;
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
  const std::uint64_t log_bytes = options_.checkpoint_from_bytes + options_.checkpoint_from_bytes / 4;
  LengthenWriteAheadLog(folder_, log_bytes);
  // On a full disk the log has this room still; without more, its index would be the first to run out of it.
  LengthenWriteAheadIndex(*writer_, log_bytes / page_bytes_);
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
        self.is_in_doubt_ = false;  // Not called for a commit that has nothing to write.
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
  if (absl::Status status = state("refusals", refusals_); !status.ok()) return status;

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
    reply_of_key_[ReplyKeyHash(replies->Bytes(1))] = id;
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

}  // namespace clientele
