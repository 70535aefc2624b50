// A batch of writes on its way from the caller to the log: prepared by the caller's thread, decided and made durable by the
// committing one.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "engine/log_payload.h"
#include "engine/record_reader.h"
#include "engine/set_state.h"
#include "engine/write.h"
#include "index/live_row.h"

namespace clientele {

// What was found out about a write without looking at the set.
struct PreparedWrite {
  std::int64_t id = 0;        // 0: not known.
  LiveRowPtr row;             // Of a record that was read; null otherwise.
  RecordVersion version = 0;  // Of that record, when the batch wants it.
  std::string json;           // The same, as the set renders it.
  bool is_invalid = false;
  RecordProblem problem;
};

struct PendingBatch {
  WriteBatch batch;
  std::vector<PreparedWrite> prepared;  // One for each write.
  // The log group's payload if every write is accepted and none depends on what is there; packed ahead, by the caller's thread.
  std::optional<LogPayload> payload;

  // Decided:
  absl::Status status;  // Of the batch as a whole.
  WriteReply reply;
  std::vector<ClientChange> changes;  // In order; a client may be changed more than once.
  std::string log;                    // Operations, where `payload` does not hold them.
};

// Reads records and makes rows of them; one per thread.
class WriteWorkbench {
 public:
  WriteWorkbench(std::unique_ptr<RecordReader> reader, const std::shared_ptr<RecordDictionaries>& dictionaries)
      : reader_(std::move(reader)), maker_(dictionaries) {}

  // Fills `prepared` from a record's JSON. O(bytes), some microseconds. `want_json`: its version and its JSON as well.
  void Read(std::string_view json, bool want_json, PreparedWrite& prepared);

  RecordReader& reader() { return *reader_; }

 private:
  std::unique_ptr<RecordReader> reader_;
  LiveRowMaker maker_;
  ClientRecord record_;
};

// Workbenches for whichever threads come. Thread-safe.
class WorkbenchPool {
 public:
  WorkbenchPool(NewRecordReader new_reader, std::shared_ptr<RecordDictionaries> dictionaries)
      : new_reader_(std::move(new_reader)), dictionaries_(std::move(dictionaries)) {}

  std::unique_ptr<WriteWorkbench> Take();
  void GiveBack(std::unique_ptr<WriteWorkbench> workbench);

 private:
  const NewRecordReader new_reader_;
  const std::shared_ptr<RecordDictionaries> dictionaries_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<WriteWorkbench>> idle_;  // Guarded by mutex_.
};

// Reads all records of the batch, and packs its payload when nothing but the records decides it.
PendingBatch PrepareBatch(WriteBatch batch, WriteWorkbench& workbench);

}  // namespace clientele
