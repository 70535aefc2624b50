// Writes HTTP responses into one buffer, head and body together, so that an answer (or a batch of pipelined ones) leaves in one
// system call. Nothing from a request is ever copied into a header field.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/beast/http/status.hpp>

#include "server/problem.h"

namespace clientele {

// How the answer to one request has to be framed.
struct ReplyContext {
  bool http_1_1 = true;    // Of the request: HTTP/1.0 knows no chunks.
  bool keep_alive = true;  // False: the connection is closed behind this answer.
  bool head = false;       // HEAD: the same header, no body.
};

inline constexpr std::string_view kJsonType = "application/json";

// Where a response of a length that is not yet known stands in its buffer.
struct OpenResponse {
  std::size_t length_end = 0;  // End of the room for Content-Length's digits.
  std::size_t body_at = 0;
};

// Appends the head; the caller then appends the body and calls EndResponse. `extra_headers`: whole lines, each ended by CRLF.
OpenResponse BeginResponse(const ReplyContext& context, boost::beast::http::status status, std::string_view content_type,
                           std::string_view extra_headers, std::string& out);
void EndResponse(const ReplyContext& context, const OpenResponse& open, std::string& out);

// A response that has no body by its status: 204, 304.
void AppendEmptyResponse(const ReplyContext& context, boost::beast::http::status status, std::string_view extra_headers,
                         std::string& out);

// Tells who expects it that the body may come. No response of its own: the real one follows.
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// A whole response at once.
void AppendResponse(const ReplyContext& context, std::string_view body, std::string& out);  // 200, JSON.
void AppendProblem(const ReplyContext& context, const Problem& problem, std::string& out);

// Appends the head of a 200 whose body follows in chunks, or, for HTTP/1.0, up to the end of the connection.
void AppendStreamHead(const ReplyContext& context, std::string& out);

// Appends room for a chunk's size line; what is appended from there up to EndChunk is the chunk. `last`: the body ends with it.
std::size_t BeginChunk(const ReplyContext& context, std::string& out);
void EndChunk(const ReplyContext& context, std::size_t chunk_at, bool last, std::string& out);

}  // namespace clientele
