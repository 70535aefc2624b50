// Reads and parses all records of some inputs on several threads and hands them to a sink, block by block.
//
//   files -> BlockSource -> (each thread: RecordParser or CsvRecordParser -> RecordSink::Worker), what is refused -> RejectLog
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "index/client_record.h"
#include "loader/line_map.h"
#include "loader/progress.h"
#include "loader/record_splitter.h"
#include "loader/record_translator.h"
#include "loader/reject_log.h"

namespace clientele {

// Where the good records go.
class RecordSink {
 public:
  // Takes the records of one parsing thread, used by that thread alone.
  class Worker {
   public:
    virtual ~Worker() = default;
    virtual void Append(const ClientRecord& record) = 0;  // Must copy what it keeps.
    // All records of this block, none or more, have been appended. The reading itself holds `buffer_bytes`. An error stops it: no
    // more records fit.
    virtual absl::Status EndBlock(std::uint64_t sequence, std::uint64_t buffer_bytes) = 0;
  };

  virtual ~RecordSink() = default;
  virtual std::unique_ptr<Worker> NewWorker() = 0;  // Called on the parsing threads, possibly at the same time.
};

struct ReadOptions {
  bool strict = false;                                        // Stop at the first reject in input order.
  std::uint32_t threads = 0;                                  // Parsing threads; 0: one per core.
  SplitLimits limits;                                         // Its any_header follows from new_translator.
  std::function<void(const LoadProgress&)> on_progress = {};  // A few times a second, from the calling thread.
  RecordTranslatorFactory new_translator = {};  // Set: every record passes through one of these before it is parsed.
};

struct ReadCounts {
  std::uint64_t records = 0;  // Given to the sink.
  std::uint64_t bytes = 0;    // Decompressed.
};

// Reads `paths` (as LoadFiles does) to their ends. Rejects go to `rejects`, the lines of stored records to `lines`. An error of
// an input, of the rejects file or of the sink stops everything, as do, in strict mode, a reject (see rejects.first() then) and a
// full log of rejects.
absl::StatusOr<ReadCounts> ReadRecords(const std::vector<std::string>& paths, const ReadOptions& options, RecordSink& sink,
                                       RejectLog& rejects, LineMap& lines);

}  // namespace clientele
