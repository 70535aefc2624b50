// What became of the lines of a bulk request.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/write.h"
#include "server/problem.h"
#include "server/response.h"

namespace clientele {

struct BulkError {
  std::uint64_t line = 0;  // From 1, as in the body: blank lines count.
  std::int64_t id = 0;     // 0 when it is not known.
  RecordProblem problem = {};
  std::string_view code = {};  // RefusalName; static storage.
};

// One thread at a time.
class BulkReport {
 public:
  static constexpr std::size_t kErrorsMax = 1'000;  // The first of them are told; memory is bounded by them.

  void AddLines(std::uint64_t lines) { lines_ += lines; }  // Read: each has one result in the end, or was not tried.
  void AddError(BulkError error);                          // In any order.
  // `only_checked`: nothing was wrong with the line, but it was not carried out, as others of an atomic request failed.
  void Add(const WriteResult& result, std::uint64_t line, bool only_checked = false);

  std::uint64_t failed() const { return failed_; }

  // The whole response. `failure`: what ended the request early.
  void AppendResponse(const ReplyContext& context, const std::optional<Problem>& failure, bool atomic, std::string& out);

 private:
  void KeepFirstErrors();
  void AppendCounts(std::string& out);

  std::uint64_t lines_ = 0, created_ = 0, replaced_ = 0, patched_ = 0, deleted_ = 0, purged_ = 0, failed_ = 0;
  std::vector<BulkError> errors_;
};

}  // namespace clientele
