// Reading JSON records, for those parts of the engine that meet JSON: writes and the log. Given from outside, since parsing is
// the loader's (loader/json_record_reader.h).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "index/client_record.h"

namespace clientele {

// What is wrong with a record.
struct RecordProblem {
  std::string pointer;   // JSON pointer of the bad value; empty for the whole record.
  std::string value;     // What was found, cut to some 80 bytes; empty when nothing was.
  std::string expected;  // What was expected there.
  bool operator==(const RecordProblem&) const = default;
};

// One per thread.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  // Reads one JSON object into `record`, whose views are valid until the next call. False: `problem` says what is wrong.
  virtual bool Read(std::string_view json, ClientRecord& record, RecordProblem& problem) = 0;

  // `target` changed by the merge patch (RFC 7396), numbers and unknown members as they are spelt. InvalidArgument: the patch is
  // no JSON object.
  virtual absl::StatusOr<std::string> MergePatch(std::string_view target, std::string_view patch) = 0;
};

using NewRecordReader = std::function<std::unique_ptr<RecordReader>()>;

}  // namespace clientele
