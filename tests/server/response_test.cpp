#include "server/response.h"

#include <boost/beast/http.hpp>
#include <catch2/catch.hpp>

namespace clientele {
namespace {

namespace http = boost::beast::http;

// Parses one response off the front of `bytes`; fails the test when it is malformed or incomplete.
http::response<http::string_body> TakeResponse(std::string& bytes) {
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  boost::system::error_code error;
  const std::size_t used = parser.put(boost::asio::buffer(bytes), error);
  REQUIRE(!error);
  REQUIRE(parser.is_done());
  bytes.erase(0, used);
  return parser.release();
}

TEST_CASE("responses stand one behind the other, each with its own length", "[server][response]") {
  std::string bytes;
  AppendResponse({}, "{}", bytes);
  AppendProblem({}, {.status = http::status::not_found, .detail = "gone", .errors = {}}, bytes);
  AppendResponse({.keep_alive = false}, std::string(12'345, 'x'), bytes);
  CHECK(TakeResponse(bytes).body() == "{}");
  const auto problem = TakeResponse(bytes);
  CHECK(problem.result_int() == 404);
  CHECK(problem[http::field::content_type] == "application/problem+json");
  const auto last = TakeResponse(bytes);
  CHECK(last[http::field::content_length] == "12345");
  CHECK(last[http::field::cache_control] == "no-store");
  CHECK(!last[http::field::date].empty());
  CHECK(!last.keep_alive());
  CHECK(bytes.empty());
}

TEST_CASE("chunks of any size make up the body", "[server][response]") {
  const ReplyContext context;
  const std::size_t size = GENERATE(1, 15, 16, 4'096, 1'000'000);
  std::string bytes;
  AppendStreamHead(context, bytes);
  for (const bool last : {false, true}) {
    const std::size_t chunk_at = BeginChunk(context, bytes);
    bytes.append(size, last ? 'b' : 'a');
    EndChunk(context, chunk_at, last, bytes);
  }
  CHECK(TakeResponse(bytes).body() == std::string(size, 'a') + std::string(size, 'b'));
  CHECK(bytes.empty());
}

TEST_CASE("HTTP/1.0 gets no chunks", "[server][response]") {
  const ReplyContext context{.http_1_1 = false, .keep_alive = false};
  std::string bytes;
  AppendStreamHead(context, bytes);
  const std::size_t head_size = bytes.size();
  const std::size_t chunk_at = BeginChunk(context, bytes);
  bytes += "abc";
  EndChunk(context, chunk_at, true, bytes);
  CHECK(bytes.substr(head_size) == "abc");
  CHECK(bytes.find("Transfer-Encoding") == std::string::npos);
}

TEST_CASE("the answer to HEAD ends behind its header", "[server][response]") {
  std::string bytes;
  AppendResponse({.head = true}, "{\"a\":1}", bytes);
  CHECK(bytes.ends_with("Content-Length:                    7\r\n\r\n"));
}

}  // namespace
}  // namespace clientele
