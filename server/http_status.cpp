#include "server/http_status.h"

namespace clientele {

namespace http = boost::beast::http;

http::status ToHttp(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk: return http::status::ok;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange: return http::status::bad_request;
    case absl::StatusCode::kUnauthenticated: return http::status::unauthorized;
    case absl::StatusCode::kPermissionDenied: return http::status::forbidden;
    case absl::StatusCode::kNotFound: return http::status::not_found;
    case absl::StatusCode::kUnimplemented: return http::status::not_implemented;
    // A query that ran out of its time or memory, or found no room to run: the caller may come again, so 503 with Retry-After.
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    // A damaged part of a snapshot: other queries are answered, and this one will be once the snapshot is replaced.
    case absl::StatusCode::kDataLoss: return http::status::service_unavailable;
    default: return http::status::internal_server_error;
  }
}

}  // namespace clientele
