#include "server/bulk_report.h"

#include <algorithm>
#include <utility>

#include <absl/strings/str_cat.h>

#include "loader/json_text.h"
#include "server/write_reply.h"

namespace clientele {

namespace http = boost::beast::http;

namespace {

std::string_view ExpectedOf(WriteResult::Code code) {
  switch (code) {
    case WriteResult::Code::kExists: return "no client with this id";
    case WriteResult::Code::kMissing: return "a client with this id";
    default: return "";
  }
}

void AppendError(const BulkError& error, std::string& out) {
  absl::StrAppend(&out, "{\"line\":", error.line, ",\"id\":");
  if (error.id == 0)
    out += "null";
  else
    absl::StrAppend(&out, error.id);
  out += ',';
  AppendRecordProblem(error.problem, out);
  out += ",\"code\":";
  AppendJsonString(error.code, out);
  out += '}';
}

}  // namespace

void BulkReport::AddError(BulkError error) {
  ++failed_;
  errors_.push_back(std::move(error));
  if (errors_.size() >= 2 * kErrorsMax) KeepFirstErrors();
}

void BulkReport::KeepFirstErrors() {
  std::ranges::sort(errors_, {}, &BulkError::line);
  if (errors_.size() > kErrorsMax) errors_.resize(kErrorsMax);
}

void BulkReport::Add(const WriteResult& result, std::uint64_t line, bool only_checked) {
  if (only_checked && !IsRefused(result.code)) return;
  switch (result.code) {
    case WriteResult::Code::kCreated: ++created_; return;
    case WriteResult::Code::kReplaced: ++replaced_; return;
    case WriteResult::Code::kPatched: ++patched_; return;
    case WriteResult::Code::kDeleted: ++deleted_; return;
    case WriteResult::Code::kPurged: ++purged_; return;
    case WriteResult::Code::kNotTried: return;
    default: break;
  }
  BulkError error{.line = line, .id = result.id, .problem = result.problem, .code = RefusalName(result.code)};
  if (error.problem.expected.empty()) error.problem.expected = ExpectedOf(result.code);
  AddError(std::move(error));
}

void BulkReport::AppendCounts(std::string& out) {
  KeepFirstErrors();
  const std::uint64_t carried_out = created_ + replaced_ + patched_ + deleted_ + purged_;
  const std::uint64_t outcomes = std::min(carried_out + failed_, lines_);
  absl::StrAppend(&out, "\"lines\":", lines_, ",\"created\":", created_, ",\"replaced\":", replaced_, ",\"patched\":", patched_);
  absl::StrAppend(&out, ",\"deleted\":", deleted_, ",\"purged\":", purged_, ",\"failed\":", failed_);
  absl::StrAppend(&out, ",\"not_tried\":", lines_ - outcomes, ",\"errors\":[");
  const char* separator = "";
  for (const BulkError& error : errors_) {
    out += separator;
    AppendError(error, out);
    separator = ",";
  }
  absl::StrAppend(&out, "],\"errors_omitted\":", failed_ - errors_.size());
}

void BulkReport::AppendResponse(const ReplyContext& context, const std::optional<Problem>& failure, bool atomic,
                                std::string& out) {
  if (!failure && failed_ == 0) {
    const OpenResponse open = BeginResponse(context, http::status::ok, kJsonType, {}, out);
    out += '{';
    AppendCounts(out);
    out += '}';
    return EndResponse(context, open, out);
  }
  Problem problem{.status = http::status::unprocessable_entity,
                  .detail = absl::StrCat(failed_, failed_ == 1 ? " line" : " lines", " failed; ",
                                         atomic ? "as the request is atomic, nothing was written" : "the others were written"),
                  .errors = {}};
  if (failure) problem = *failure;
  const OpenResponse open = BeginResponse(context, problem.status, kProblemType, ProblemHeaders(problem), out);
  out += '{';
  AppendProblemMembers(problem, out);
  out += ',';
  AppendCounts(out);
  out += '}';
  EndResponse(context, open, out);
}

}  // namespace clientele
