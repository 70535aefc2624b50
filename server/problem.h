// Errors as documents for the caller: application/problem+json of RFC 9457, with the reference API's `errors` member for bad
// parameters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <boost/beast/http/status.hpp>

#include "engine/query_parser.h"
#include "engine/record_reader.h"

namespace clientele {

struct Problem {
  boost::beast::http::status status = boost::beast::http::status::internal_server_error;
  std::string detail;                      // One sentence for people.
  ParameterErrors errors;                  // For 400: what is wrong, by parameter.
  std::uint32_t retry_after_seconds = 0;   // For 503; 0: no Retry-After.
  std::vector<RecordProblem> values = {};  // For 422: what is wrong, by place in the record.
  std::string_view allow = "GET, HEAD";    // For 405. Static storage.
  std::string_view header_lines = {};      // More of them, each ended by CRLF. Static storage.
};

inline constexpr std::string_view kProblemType = "application/problem+json";

// A failed query as a problem. Internal errors, and which file is damaged, are not described to the caller: their text goes to
// the log.
Problem ToProblem(const absl::Status& status);
Problem BadParameters(ParameterErrors errors);

// {"type":"about:blank","title":...,"status":...,"detail":...} and "errors" when there are any: an object of lists of sentences
// for parameters, a list of {"pointer":...,"value":...,"expected":...} for records. With the type about:blank the title is the
// status' own phrase, as the RFC wants it.
void AppendProblemJson(const Problem& problem, std::string& out);

// The members of the document up to and including "detail", without the braces; for documents with members of their own.
void AppendProblemMembers(const Problem& problem, std::string& out);

// "pointer":...,"value":...,"expected":..., without braces.
void AppendRecordProblem(const RecordProblem& problem, std::string& out);

// The header lines that go with the status, each ended by CRLF: Allow for 405, WWW-Authenticate for 401, Retry-After.
std::string ProblemHeaders(const Problem& problem);

}  // namespace clientele
