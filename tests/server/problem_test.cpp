#include "server/problem.h"

#include <catch2/catch.hpp>

#include "server/http_status.h"

namespace clientele {
namespace {

namespace http = boost::beast::http;

std::string Json(const Problem& problem) {
  std::string out;
  AppendProblemJson(problem, out);
  return out;
}

TEST_CASE("a problem is a document of RFC 9457", "[server][problem]") {
  CHECK(Json({.status = http::status::not_found, .detail = "nothing \"here\"", .errors = {}}) ==
        R"({"type":"about:blank","title":"Not Found","status":404,"detail":"nothing \"here\""})");
}

TEST_CASE("bad parameters are listed with all that is wrong with each", "[server][problem]") {
  CHECK(Json(BadParameters({{"cdn", {"one", "two"}}, {"limit", {"three"}}})) ==
        R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"bad parameters: cdn, limit",)"
        R"("errors":{"cdn":["one","two"],"limit":["three"]}})");
}

TEST_CASE("each status brings the header fields that it needs", "[server][problem]") {
  CHECK(ProblemHeaders({.status = http::status::unauthorized, .detail = {}, .errors = {}}) == "WWW-Authenticate: apikey\r\n");
  CHECK(ProblemHeaders({.status = http::status::method_not_allowed, .detail = {}, .errors = {}}) == "Allow: GET, HEAD\r\n");
  CHECK(ProblemHeaders(ToProblem(absl::UnavailableError("busy"))) == "Retry-After: 1\r\n");
  CHECK(ProblemHeaders({.status = http::status::bad_request, .detail = {}, .errors = {}}).empty());
}

TEST_CASE("a failure of time, memory or room is 503 and the caller may come again", "[server][problem]") {
  for (const absl::Status& status :
       {absl::DeadlineExceededError("t"), absl::ResourceExhaustedError("m"), absl::UnavailableError("r")}) {
    const Problem problem = ToProblem(status);
    CHECK(problem.status == http::status::service_unavailable);
    CHECK(problem.detail == std::string(status.message()));
    CHECK(problem.retry_after_seconds == 1);
  }
}

TEST_CASE("what went wrong inside is not told", "[server][problem]") {
  for (const absl::Status& status :
       {absl::InternalError("secret"), absl::AbortedError("secret"), absl::UnknownError("secret")}) {
    const Problem problem = ToProblem(status);
    CHECK(problem.status == http::status::internal_server_error);
    CHECK(problem.detail.find("secret") == std::string::npos);
  }
}

TEST_CASE("damaged data is 503 without a hint to come again, and which file it is in is not told", "[server][problem]") {
  const Problem problem = ToProblem(absl::DataLossError("secret"));
  CHECK(problem.status == http::status::service_unavailable);
  CHECK(problem.retry_after_seconds == 0);
  CHECK(problem.detail == "a part of the snapshot that this query needs is damaged");
}

TEST_CASE("every status code has its HTTP status", "[server][problem]") {
  CHECK(ToHttp(absl::StatusCode::kOk) == http::status::ok);
  CHECK(ToHttp(absl::StatusCode::kInvalidArgument) == http::status::bad_request);
  CHECK(ToHttp(absl::StatusCode::kOutOfRange) == http::status::bad_request);
  CHECK(ToHttp(absl::StatusCode::kUnauthenticated) == http::status::unauthorized);
  CHECK(ToHttp(absl::StatusCode::kPermissionDenied) == http::status::forbidden);
  CHECK(ToHttp(absl::StatusCode::kNotFound) == http::status::not_found);
  CHECK(ToHttp(absl::StatusCode::kUnimplemented) == http::status::not_implemented);
}

TEST_CASE("whatever a parameter held, the document around it is valid", "[server][problem]") {
  const std::string json = Json(BadParameters({{"a\"\n\xFF", {std::string("\0\\\xC3", 3)}}}));
  CHECK(json.find("\"errors\":{\"a\\\"\\n\xEF\xBF\xBD\":[\"\\u0000\\\\\xEF\xBF\xBD\"]}}") != std::string::npos);
}

}  // namespace
}  // namespace clientele
