#include "server/response.h"

#include <charconv>
#include <ctime>

#include <absl/strings/str_cat.h>

namespace clientele {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kLengthDigits = 20;    // 2^64 - 1 has 20.
constexpr std::size_t kChunkSizeDigits = 8;  // Chunks stay far below 4 GiB.

// "Date: ..." and CRLF, made anew once a second. The C library's names of days and months are those of the C locale, which this
// program never leaves.
std::string_view DateLine() {
  thread_local std::time_t made_at = 0;
  thread_local char line[48];
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    size = std::strftime(line, sizeof(line), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    made_at = now;
  }
  return {line, size};
}

void AppendStatusAndFields(const ReplyContext& context, http::status status, std::string_view content_type,
                           std::string_view extra_headers, std::string& out) {
  if (status == http::status::ok) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    const boost::beast::string_view reason = http::obsolete_reason(status);
    absl::StrAppend(&out, "HTTP/1.1 ", static_cast<unsigned>(status), " ", absl::string_view(reason.data(), reason.size()),
                    "\r\n");
  }
  if (!content_type.empty()) {
    out += "Content-Type: ";
    out += content_type;
    out += "\r\n";
  }
  out += "Cache-Control: no-store\r\n";  // Personal data has no business in a cache on the way.
  out += DateLine();
  out += extra_headers;
  if (!context.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!context.http_1_1) {
    out += "Connection: keep-alive\r\n";
  }
}

}  // namespace

OpenResponse BeginResponse(const ReplyContext& context, http::status status, std::string_view content_type,
                           std::string_view extra_headers, std::string& out) {
  AppendStatusAndFields(context, status, content_type, extra_headers, out);
  // The digits are written when the body is complete, right-aligned: RFC 9110 allows any white space before a value, and the body
  // need not be made elsewhere and copied.
  out += "Content-Length: ";
  out.append(kLengthDigits, ' ');
  const std::size_t length_end = out.size();
  out += "\r\n\r\n";
  return {.length_end = length_end, .body_at = out.size()};
}

void EndResponse(const ReplyContext& context, const OpenResponse& open, std::string& out) {
  char digits[kLengthDigits];
  const char* const end = std::to_chars(digits, digits + kLengthDigits, out.size() - open.body_at).ptr;
  const auto count = static_cast<std::size_t>(end - digits);
  out.replace(open.length_end - count, count, digits, count);
  if (context.head) out.resize(open.body_at);
}

void AppendEmptyResponse(const ReplyContext& context, http::status status, std::string_view extra_headers, std::string& out) {
  AppendStatusAndFields(context, status, {}, extra_headers, out);
  out += "\r\n";
}

void AppendResponse(const ReplyContext& context, std::string_view body, std::string& out) {
  const OpenResponse open = BeginResponse(context, http::status::ok, kJsonType, {}, out);
  out += body;
  EndResponse(context, open, out);
}

void AppendProblem(const ReplyContext& context, const Problem& problem, std::string& out) {
  const OpenResponse open = BeginResponse(context, problem.status, kProblemType, ProblemHeaders(problem), out);
  AppendProblemJson(problem, out);
  EndResponse(context, open, out);
}

void AppendStreamHead(const ReplyContext& context, std::string& out) {
  AppendStatusAndFields(context, http::status::ok, kJsonType, {}, out);
  out += context.http_1_1 ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n";
}

std::size_t BeginChunk(const ReplyContext& context, std::string& out) {
  if (context.http_1_1) out.append(kChunkSizeDigits, '0').append("\r\n");
  return out.size();
}

void EndChunk(const ReplyContext& context, std::size_t chunk_at, bool last, std::string& out) {
  if (!context.http_1_1) return;
  char digits[kChunkSizeDigits];
  const char* const end = std::to_chars(digits, digits + kChunkSizeDigits, out.size() - chunk_at, 16).ptr;
  const auto count = static_cast<std::size_t>(end - digits);
  out.replace(chunk_at - 2 - count, count, digits, count);  // Leading zeros stay: the size line is 1*HEXDIG.
  out += last ? "\r\n0\r\n\r\n" : "\r\n";
}

}  // namespace clientele
