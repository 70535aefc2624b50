#include "engine/sqlite_connection.h"

#include <cerrno>
#include <chrono>
#include <cstring>

#include <absl/strings/str_cat.h>
#include <sqlite3.h>

namespace clientele {
namespace {

// Of locks that other processes hold; connections of one LiveStore do not wait for each other inside SQLite.
constexpr std::chrono::milliseconds kBusyTimeout{10'000};

bool IsNoRoom(int error) {
  return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

// What went wrong, in the order of how much it tells.
absl::StatusCode CodeOf(int code, int system_error) {
  switch (code & 0xff) {
    case SQLITE_FULL: return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return absl::StatusCode::kDataLoss;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return absl::StatusCode::kUnavailable;
    case SQLITE_PERM:
    case SQLITE_READONLY: return absl::StatusCode::kPermissionDenied;
    case SQLITE_CANTOPEN: return system_error == 0 ? absl::StatusCode::kInternal : absl::ErrnoToStatusCode(system_error);
    case SQLITE_IOERR:
      // SQLite knows ENOSPC of its own writes only, not quotas, limits and the shared index of the log. A sync that found no room
      // stays a failed sync: what it should have written may be lost.
      if (IsNoRoom(system_error) && (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_TRUNCATE))
        return absl::StatusCode::kResourceExhausted;
      return absl::StatusCode::kInternal;
    default: return absl::StatusCode::kInternal;
  }
}

// The system's reason for a failed call. sqlite3_system_errno() will not do: commits do not set it, so it may be an earlier
// one's.
int SystemError(sqlite3* database, int code) {
  const int last = errno;  // Set to 0 before the call.
  if (code != SQLITE_IOERR_WRITE) return last;
  // A connection that commits writes to the log only, and one that carries the log over to the database only.
  sqlite3_file* log = nullptr;
  int error = 0;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log != nullptr && log->pMethods != nullptr) log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
  if (error == 0) sqlite3_file_control(database, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
  return error;
}

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement& SqliteStatement::Bind(int parameter, std::uint64_t number) {
  sqlite3_bind_int64(statement_.get(), parameter, static_cast<sqlite3_int64>(number));
  return *this;
}

SqliteStatement& SqliteStatement::Bind(int parameter, std::string_view bytes) {
  // An empty view may have no address, and a blob without an address is NULL.
  if (bytes.empty())
    sqlite3_bind_zeroblob(statement_.get(), parameter, 0);
  else
    sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

absl::StatusOr<bool> SqliteStatement::Step() {
  errno = 0;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  // Read before the reset, which may set it anew.
  absl::Status status = code == SQLITE_DONE ? absl::OkStatus() : connection_->Failure(code);
  sqlite3_reset(statement_.get());
  if (!status.ok()) return status;
  return false;
}

absl::Status SqliteStatement::Run() {
  for (;;) {
    const absl::StatusOr<bool> row = Step();
    if (!row.ok() || !*row) return row.status();
  }
}

void SqliteStatement::Reset() {
  sqlite3_reset(statement_.get());
}

std::uint64_t SqliteStatement::Number(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_.get(), column));
}

std::string_view SqliteStatement::Bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void SqliteConnection::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path, Access access) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (access == Access::kCreate) flags |= SQLITE_OPEN_CREATE;
  sqlite3* database = nullptr;
  errno = 0;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  if (database == nullptr) return absl::ResourceExhaustedError(absl::StrCat(path, ": out of memory"));
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(path, database));
  if (code != SQLITE_OK) return connection->Failure(code);
  sqlite3_busy_timeout(database, static_cast<int>(kBusyTimeout.count()));
  return connection;
}

absl::StatusOr<SqliteStatement> SqliteConnection::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  errno = 0;
  const int code =
      sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return Failure(code);
  return SqliteStatement(this, statement);
}

absl::Status SqliteConnection::Execute(const std::string& sql) {
  errno = 0;
  const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Failure(code);
}

absl::StatusOr<std::uint64_t> SqliteConnection::Number(const std::string& sql) {
  absl::StatusOr<SqliteStatement> statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  const absl::StatusOr<bool> row = statement->Step();
  if (!row.ok()) return row.status();
  return *row ? statement->Number(0) : 0;
}

absl::Status SqliteConnection::Begin() {
  return Execute("BEGIN IMMEDIATE");
}

absl::Status SqliteConnection::Commit() {
  return Execute("COMMIT");
}

absl::Status SqliteConnection::Rollback() {
  // Some errors roll back by themselves.
  return sqlite3_get_autocommit(handle()) != 0 ? absl::OkStatus() : Execute("ROLLBACK");
}

std::uint64_t SqliteConnection::changed_rows() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(handle()));
}

absl::Status SqliteConnection::Failure(int code) const {
  const int system_error = SystemError(handle(), code);
  const absl::StatusCode status_code = CodeOf(code, system_error);
  std::string message = absl::StrCat(path_, ": ", sqlite3_errstr(code), " (SQLite ", code, ")");
  if ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN)
    absl::StrAppend(&message, ": ", std::strerror(system_error));
  else if (status_code == absl::StatusCode::kInternal)
    absl::StrAppend(&message, ": ", sqlite3_errmsg(handle()));
  return absl::Status(status_code, message);
}

}  // namespace clientele
