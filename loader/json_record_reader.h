// The reading of JSON records that the engine is given (engine/record_reader.h): RecordParser, with the padding it needs, and
// merge patches.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/record_reader.h"
#include "loader/merge_patch.h"
#include "loader/record_parser.h"

namespace clientele {

class JsonRecordReader final : public RecordReader {
 public:
  // The record's views point into a copy of `json`, which costs about a hundredth of its parsing.
  bool Read(std::string_view json, ClientRecord& record, RecordProblem& problem) override;
  absl::StatusOr<std::string> MergePatch(std::string_view target, std::string_view patch) override;

 private:
  std::string text_;  // Of the latest record, and padding.
  RecordParser parser_;
  MergePatcher patcher_;
};

std::unique_ptr<RecordReader> NewJsonRecordReader();

}  // namespace clientele
