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
#include "index/segment.h"
#include "index/segment_builder.h"

namespace clientele {

// What was found out about a write without looking at the set.
struct PreparedWrite {
  std::int64_t id = 0;        // 0: not known.
  LiveRowPtr row;             // Of a record that was read, unless that is in PendingBatch::sealed; null otherwise.
  RecordVersion version = 0;  // Of that record, when the batch wants it.
  std::string json;           // The same, as the set renders it.
  bool is_invalid = false;
  RecordProblem problem;
};

struct PendingBatch {
  WriteBatch batch;
  std::vector<PreparedWrite> prepared;  // One for each write.
  // Of a long batch of records: those that could be read, as the segment that they become when the batch is applied.
  std::shared_ptr<const Segment> sealed;
  // The log group's payload if every write is accepted and none depends on what is there, or of the records in `sealed`; packed
  // ahead, by the caller's thread.
  std::optional<LogPayload> payload;

  // Decided:
  absl::Status status;  // Of the batch as a whole.
  WriteReply reply;
  std::vector<ClientChange> changes;  // In order; a client may be changed more than once. None where `sealed` has them.
  std::string log;                    // Operations, where `payload` does not hold them.

  std::uint64_t changed_rows() const { return sealed != nullptr ? sealed->row_count() : changes.size(); }
};

// Reads records, and keeps what is needed for making something of them; one per thread.
class WriteWorkbench {
 public:
  WriteWorkbench(std::unique_ptr<RecordReader> reader, const std::shared_ptr<RecordDictionaries>& dictionaries)
      : reader_(std::move(reader)), dictionaries_(dictionaries), maker_(dictionaries) {}

  // Fills `prepared` from a record's JSON. O(bytes), some microseconds. `want_json`: its version and its JSON as well.
  void MakeRow(std::string_view json, bool want_json, PreparedWrite& prepared);

  // Fills `prepared` without a row. The record is valid until the next call; null when it is invalid.
  const ClientRecord* Read(std::string_view json, PreparedWrite& prepared);

  RecordReader& reader() { return *reader_; }
  LogPacker& packer() { return packer_; }
  const std::shared_ptr<RecordDictionaries>& dictionaries() const { return dictionaries_; }

 private:
  std::unique_ptr<RecordReader> reader_;
  const std::shared_ptr<RecordDictionaries> dictionaries_;
  LiveRowMaker maker_;
  ClientRecord record_;
  LogPacker packer_;
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

// Reads all records of the batch, and packs its payload when nothing but the records decides it. If these are `segment_rows` or
// more, of distinct clients, they are sealed as well: on the caller's thread, while earlier groups are synced, and without being
// made rows of the live table first, which costs as much as sealing them.
PendingBatch PrepareBatch(WriteBatch batch, WriteWorkbench& workbench, std::size_t segment_rows);

}  // namespace clientele
