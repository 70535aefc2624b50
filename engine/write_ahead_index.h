// SQLite's index of its write-ahead log: a file in memory that all processes map which have the database open ("-shm"). Format:
// https://www.sqlite.org/walformat.html#the_wal_index_file_format
#pragma once

#include <cstdint>

#include <absl/status/statusor.h>

#include "engine/sqlite_connection.h"
#include "engine/write_ahead_check.h"

namespace clientele {

// Makes the index as long as a log of that many frames needs. It would grow by itself, but a commit first writes and syncs the
// log: on a full disk it would fail for want of a page of the index when it is durable already. By SQLite's own function, since
// opening and closing the file drops the locks that this process has on it. What fails is tried again by SQLite when it is
// needed. The connection has read from a database in WAL mode.
void LengthenWriteAheadIndex(SqliteConnection& database, std::uint64_t frames);

// The end of the log as it is for connections: where the next commit goes. Internal: SQLite has no index of this format. O(1);
// not while another connection commits.
absl::StatusOr<WriteAheadEnd> CommittedWriteAheadEnd(SqliteConnection& database);

}  // namespace clientele
