// Tells a write-ahead log of SQLite that is damaged from one that ends in a torn write. SQLite takes the first frame that does
// not match its checksum for the end of the log: right for a torn tail, but a bit that has flipped further ahead would take
// synced transactions with it, without a word.
//
// A transaction is synced before the next one is written. So when frames of a later transaction stand behind a commit that SQLite
// would not reach, that commit was synced once, and the frame in the way is damaged. Not seen: damage in the last transaction,
// which looks like a torn write, and in the 32 bytes of the log's header. Format:
// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
#pragma once

#include <cstdint>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace clientele {

// DataLoss names the file and the place. OK for a log that is missing or empty. Sound for a log that one process has written,
// apart from the rest of a transaction that was cut off at its end. Reads the file once, about 1 GB/s.
absl::Status CheckWriteAheadLog(const std::string& path);

// Where a log ends for who reads it after a crash.
struct WriteAheadEnd {
  std::uint64_t salt = 0;    // Of the log's header: another one each time that the file is used again from its beginning.
  std::uint64_t frames = 0;  // Up to the last transaction that is whole.
  bool operator==(const WriteAheadEnd&) const = default;
};

// As the file is now, synced or not. Reads what stands behind `known`, an earlier end of the same log, or all. {0, 0} for a log
// that is missing or has no header; errors name the file. Not while the log is written.
absl::StatusOr<WriteAheadEnd> FindWriteAheadEnd(const std::string& path, const WriteAheadEnd& known = {});

}  // namespace clientele
