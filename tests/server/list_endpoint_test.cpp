#include "server/list_endpoint.h"

#include <catch2/catch.hpp>

#include "tests/server/fake_list_service.h"

namespace clientele {
namespace {

ListRequest Request(std::string_view query_string) {
  auto parsed = ParseListRequest("/clients", query_string);
  REQUIRE(std::holds_alternative<ListRequest>(parsed));
  return std::get<ListRequest>(std::move(parsed));
}

TEST_CASE("all bad parameters of a request are in one problem, undecodable ones too", "[server][list]") {
  const auto parsed = ParseListRequest("/clients", "status=actve&limit=x&name=%GG&email=%FF&nmae=a&ordering=id,nothing");
  REQUIRE(std::holds_alternative<Problem>(parsed));
  const Problem& problem = std::get<Problem>(parsed);
  CHECK(problem.status == boost::beast::http::status::bad_request);
  for (const char* name : {"status", "limit", "name", "email", "nmae", "ordering"}) {
    CAPTURE(name);
    CHECK(problem.errors.contains(name));
  }
}

TEST_CASE("an answer of up to max_rows is made at once, a longer one is left for streaming", "[server][list]") {
  const FakeListVersion service(FakeClients{.count = 10, .text_bytes = 0});
  const auto whole = [&](std::string_view query_string, std::uint64_t max_rows) {
    std::string out = "kept ";
    ListRequest request = Request(query_string);
    const auto result = AppendWholeBody(service, request, max_rows, {}, out);
    REQUIRE(result.ok());
    CHECK(*result == (out != "kept "));
    return *result;
  };
  CHECK(whole("", 10));
  CHECK(!whole("", 9));
  CHECK(whole("offset=1", 9));
  CHECK(whole("limit=3", 3));
  CHECK(!whole("limit=4", 3));
  CHECK(whole("limit=1000000", 10));
  CHECK(whole("limit=18446744073709551615&offset=8", 2));
  CHECK(whole("limit=5&offset=1000", 3));
}

TEST_CASE("few but enormous records are left for streaming, too", "[server][list]") {
  const FakeListVersion service(FakeClients{.count = 200, .text_bytes = 100'000});
  ListRequest request = Request("limit=150");
  std::string out = "kept";
  const auto whole = AppendWholeBody(service, request, 200, {}, out);
  REQUIRE(whole.ok());
  CHECK(!*whole);
  CHECK(out == "kept");
}

TEST_CASE("a page with fewer rows than its count promises is an error", "[server][list]") {
  const FakeListVersion service(FakeClients{.count = 10, .breaks_after = 5});
  ListRequest request = Request("limit=10");
  std::string out;
  CHECK(AppendWholeBody(service, request, 100, {}, out).status().code() == absl::StatusCode::kInternal);
  CHECK(out.empty());
}

TEST_CASE("a stream of any piece size gives the body that is made at once", "[server][list]") {
  const auto service = std::make_shared<FakeListVersion>(FakeClients{.count = 3'000, .text_bytes = 30});
  for (const char* query_string :
       {"", "offset=2999", "offset=3000", "offset=9000", "limit=2500", "limit=2500&offset=700", "limit=0"}) {
    for (const std::size_t piece_bytes : {1, 1'000, 100'000, 10'000'000}) {
      CAPTURE(query_string, piece_bytes);
      std::string expected, streamed;
      ListRequest request = Request(query_string);
      REQUIRE(AppendWholeBody(*service, request, 10'000, {}, expected).value());
      auto stream = ListStream::Open(service, Request(query_string), {});
      REQUIRE(stream.ok());
      std::size_t longest_piece = 0;
      while (true) {
        const std::size_t before = streamed.size();
        const auto more = (*stream)->AppendPiece(piece_bytes, streamed);
        REQUIRE(more.ok());
        longest_piece = std::max(longest_piece, streamed.size() - before);
        if (!*more) break;
      }
      CHECK(streamed == expected);
      CHECK(longest_piece < 2 * piece_bytes + 5'000);
    }
  }
}

TEST_CASE("a stream that stops short is an error", "[server][list]") {
  const auto service = std::make_shared<FakeListVersion>(FakeClients{.count = 3'000, .breaks_after = 2'000});
  auto stream = ListStream::Open(service, Request(""), {});
  REQUIRE(stream.ok());
  std::string out;
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = (*stream)->AppendPiece(1'000, out);
  CHECK(more.status().code() == absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace clientele
