#include "loader/json_record_reader.h"

#include <utility>

#include "loader/json_pointer.h"

namespace clientele {
namespace {

constexpr std::size_t kTextBytesKept = std::size_t{1} << 20;  // Not more after a freak record.

}  // namespace

bool JsonRecordReader::Read(std::string_view json, ClientRecord& record, RecordProblem& problem) {
  if (text_.capacity() > kTextBytesKept && json.size() < kTextBytesKept) std::string().swap(text_);
  text_.assign(json).append(RecordParser::kPadding, '\0');
  RecordError error;
  if (parser_.Parse(std::string_view(text_).substr(0, json.size()), record, error)) return true;
  problem = {.pointer = std::move(error.pointer), .value = std::move(error.value), .expected = std::move(error.expected)};
  return false;
}

absl::StatusOr<std::string> JsonRecordReader::MergePatch(std::string_view target, std::string_view patch) {
  const std::size_t begin = patch.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || patch[begin] != '{') {
    return absl::InvalidArgumentError("the patch: expected a JSON object, got " +
                                      (begin == std::string_view::npos ? "nothing" : Excerpt(patch.substr(begin))));
  }
  return patcher_.Apply(target, patch);
}

std::unique_ptr<RecordReader> NewJsonRecordReader() {
  return std::make_unique<JsonRecordReader>();
}

}  // namespace clientele
