// A connection to an SQLite database and its prepared statements, with errors as values.
//
// A connection and its statements belong to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

struct sqlite3;
struct sqlite3_stmt;

namespace clientele {

class SqliteConnection;

class SqliteStatement {
 public:
  // Parameters are numbered from 1. Bytes are not copied: they must live until the statement is stepped to its end or reset.
  SqliteStatement& Bind(int parameter, std::uint64_t number);
  SqliteStatement& Bind(int parameter, std::string_view bytes);

  // True when there is a row to look at; false at the end, which also resets. After an error the statement is reset.
  absl::StatusOr<bool> Step();
  absl::Status Run();  // For statements without rows: Step() to the end.
  void Reset();        // Ends the reading early.

  // Columns are numbered from 0. What is no number is 0; bytes are valid until the next Step or Reset.
  std::uint64_t Number(int column) const;
  std::string_view Bytes(int column) const;

 private:
  friend class SqliteConnection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteStatement(SqliteConnection* connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}
  SqliteConnection* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteConnection {
 public:
  enum class Access { kRead, kWrite, kCreate };

  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path, Access access);

  absl::StatusOr<SqliteStatement> Prepare(std::string_view sql);  // Must not outlive the connection.
  absl::Status Execute(const std::string& sql);                   // Any number of statements; rows are dropped.
  absl::StatusOr<std::uint64_t> Number(const std::string& sql);   // The first column of the first row; 0 without rows.

  absl::Status Begin();
  // Durable when it returns OK (with synchronous=FULL). After any error nothing of the transaction is left to the readers of this
  // process; after an error other than ResourceExhausted a restart may still find it, whole.
  absl::Status Commit();
  absl::Status Rollback();  // Does nothing outside a transaction.

  std::uint64_t changed_rows() const;  // By the last statement.

  // The status of the result code of a call on this connection, with errno as the call has left it; set to 0 before.
  // ResourceExhausted: no room (disk, quota, size of file), and nothing that was written counts; DataLoss: the database is
  // damaged; Unavailable: locked by another process; Internal: reading, writing or syncing failed, or anything else. Messages
  // name the file.
  absl::Status Failure(int code) const;

  sqlite3* handle() const { return database_.get(); }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  SqliteConnection(std::string path, sqlite3* database) : path_(std::move(path)), database_(database) {}
  const std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace clientele
