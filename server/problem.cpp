#include "server/problem.h"

#include <utility>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "loader/json_text.h"
#include "server/http_status.h"

namespace clientele {

namespace http = boost::beast::http;

Problem ToProblem(const absl::Status& status) {
  Problem problem{.status = ToHttp(status.code()), .detail = std::string(StdView(status.message())), .errors = {}};
  if (problem.status == http::status::internal_server_error) problem.detail = "the server failed to answer this request";
  if (status.code() == absl::StatusCode::kDataLoss) {
    problem.detail = "a part of the snapshot that this query needs is damaged";
  } else if (problem.status == http::status::service_unavailable) {
    problem.retry_after_seconds = 1;
  }
  return problem;
}

Problem BadParameters(ParameterErrors errors) {
  std::string names;
  for (const auto& [name, sentences] : errors) absl::StrAppend(&names, names.empty() ? "" : ", ", name);
  return {.status = http::status::bad_request,
          .detail = absl::StrCat(errors.size() == 1 ? "bad parameter: " : "bad parameters: ", names),
          .errors = std::move(errors)};
}

void AppendProblemMembers(const Problem& problem, std::string& out) {
  out += R"("type":"about:blank","title":)";
  AppendJsonString(http::obsolete_reason(problem.status), out);
  absl::StrAppend(&out, ",\"status\":", static_cast<unsigned>(problem.status), ",\"detail\":");
  AppendJsonString(problem.detail, out);
}

void AppendRecordProblem(const RecordProblem& problem, std::string& out) {
  out += "\"pointer\":";
  AppendJsonString(problem.pointer, out);
  out += ",\"value\":";
  AppendJsonString(problem.value, out);
  out += ",\"expected\":";
  AppendJsonString(problem.expected, out);
}

void AppendProblemJson(const Problem& problem, std::string& out) {
  out += '{';
  AppendProblemMembers(problem, out);
  if (!problem.values.empty()) {
    const char* before_value = ",\"errors\":[{";
    for (const RecordProblem& value : problem.values) {
      out += before_value;
      AppendRecordProblem(value, out);
      before_value = "},{";
    }
    out += "}]}";
    return;
  }
  const char* before_name = ",\"errors\":{";
  for (const auto& [name, sentences] : problem.errors) {
    out += before_name;
    AppendJsonString(name, out);
    const char* before_sentence = ":[";
    for (const std::string& sentence : sentences) {
      out += before_sentence;
      AppendJsonString(sentence, out);
      before_sentence = ",";
    }
    out += sentences.empty() ? ":[]" : "]";
    before_name = ",";
  }
  out += problem.errors.empty() ? "}" : "}}";
}

std::string ProblemHeaders(const Problem& problem) {
  std::string headers;
  if (problem.status == http::status::unauthorized) headers += "WWW-Authenticate: apikey\r\n";
  if (problem.status == http::status::method_not_allowed) absl::StrAppend(&headers, "Allow: ", AbslView(problem.allow), "\r\n");
  if (problem.retry_after_seconds > 0) absl::StrAppend(&headers, "Retry-After: ", problem.retry_after_seconds, "\r\n");
  headers += problem.header_lines;
  return headers;
}

}  // namespace clientele
