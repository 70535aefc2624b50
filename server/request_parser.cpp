#include "server/request_parser.h"

#include <absl/strings/str_cat.h>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

namespace clientele {

namespace http = boost::beast::http;

namespace {
constexpr std::size_t kRequestLineExtra = 64;  // Method, version and separators beside the target.

bool MayWrite(http::verb method) {
  return method == http::verb::post || method == http::verb::put || method == http::verb::patch || method == http::verb::delete_;
}
}  // namespace

void RequestHead::Clear() {
  method = http::verb::unknown;
  http_1_1 = true;
  target.clear();
  authorization.clear();
  authorization_count = host_count = 0;
  expects_continue = false;
  for (FieldText* const field : {&content_type, &content_encoding, &if_match, &if_none_match, &idempotency_key, &prefer})
    field->Clear();
  content_length.reset();
  is_chunked = false;
}

RequestParser::RequestParser(const ServerOptions& options, RequestHead& head) : options_(options), head_(head) {
  head_.Clear();
  header_limit(static_cast<std::uint32_t>(std::max(options.max_uri_bytes + kRequestLineExtra, options.max_header_bytes)));
  body_limit(boost::none);  // Ours comes when the head is known: see LimitBody.
  eager(true);
}

void RequestParser::on_request_impl(http::verb method, string_view, string_view target, int version, error_code& error) {
  if (target.size() > options_.max_uri_bytes) {
    error = http::error::header_limit;
    return;
  }
  has_request_line_ = true;
  head_.method = method;
  head_.http_1_1 = version >= 11;
  head_.target.assign(target.data(), target.size());
}

void RequestParser::on_field_impl(http::field field, string_view name, string_view value, error_code& error) {
  if (is_header_done()) return;  // Trailers of a chunked body must not pass for header fields.
  field_bytes_ += name.size() + value.size() + 4;
  if (field_bytes_ > options_.max_header_bytes) {
    error = http::error::header_limit;
    return;
  }
  switch (field) {
    case http::field::authorization:
      ++head_.authorization_count;
      head_.authorization.assign(value.data(), value.size());
      break;
    case http::field::host: ++head_.host_count; break;
    case http::field::expect: head_.expects_continue = boost::beast::iequals(value, "100-continue"); break;
    case http::field::transfer_encoding:
      // Any other coding would be taken for "no body" by the base class, and the body for the next request.
      if (!head_.http_1_1 || !boost::beast::iequals(value, "chunked")) error = http::error::bad_transfer_encoding;
      break;
    case http::field::content_type: head_.content_type.Add({value.data(), value.size()}); break;
    case http::field::content_encoding: head_.content_encoding.Add({value.data(), value.size()}); break;
    case http::field::if_match: head_.if_match.Add({value.data(), value.size()}); break;
    case http::field::if_none_match: head_.if_none_match.Add({value.data(), value.size()}); break;
    case http::field::prefer: head_.prefer.Add({value.data(), value.size()}); break;
    case http::field::unknown:
      if (boost::beast::iequals(name, "Idempotency-Key")) head_.idempotency_key.Add({value.data(), value.size()});
      break;
    default: break;
  }
}

void RequestParser::on_header_impl(error_code& error) {
  if (head_.http_1_1 && head_.host_count != 1) {
    error = http::error::bad_field;  // RFC 9112, 3.2.
    return;
  }
  if (!MayWrite(head_.method)) return LimitBody(options_.max_body_bytes, error);
  if (const auto length = content_length()) head_.content_length = *length;
  head_.is_chunked = chunked();
  awaits_decision_ = true;
  eager(false);
}

void RequestParser::KeepBody(std::string& body, std::uint64_t bytes_max, boost::system::error_code& error) {
  awaits_decision_ = false;
  eager(true);
  body_ = &body;
  LimitBody(bytes_max, error);
}

void RequestParser::DropBody(boost::system::error_code& error) {
  awaits_decision_ = false;
  eager(true);
  LimitBody(options_.max_body_bytes, error);
}

// The base class looks at a Content-Length before it calls us, and at the size of each chunk later.
void RequestParser::LimitBody(std::uint64_t bytes_max, error_code& error) {
  body_bytes_max_ = bytes_max;
  body_limit(bytes_max);
  const auto length = content_length();
  if (length && *length > bytes_max) error = http::error::body_limit;
}

Problem RequestParser::Refusal(boost::system::error_code error) const {
  if (error == http::error::header_limit && !has_request_line_) {
    return {.status = http::status::uri_too_long,
            .detail = absl::StrCat("the request's target is longer than ", options_.max_uri_bytes, " bytes"),
            .errors = {}};
  }
  if (error == http::error::header_limit) {
    return {.status = http::status::request_header_fields_too_large,
            .detail = absl::StrCat("the header fields are longer than ", options_.max_header_bytes, " bytes"),
            .errors = {}};
  }
  if (error == http::error::body_limit) {
    return {.status = http::status::payload_too_large,
            .detail = absl::StrCat("the body is longer than ", body_bytes_max_, " bytes"),
            .errors = {}};
  }
  if (error == http::error::bad_version) {
    return {.status = http::status::http_version_not_supported, .detail = "expected HTTP/1.0 or HTTP/1.1", .errors = {}};
  }
  if (error == http::error::bad_field && has_request_line_ && head_.http_1_1 && head_.host_count != 1) {
    return {.status = http::status::bad_request, .detail = "an HTTP/1.1 request has one Host field", .errors = {}};
  }
  return {
      .status = http::status::bad_request, .detail = absl::StrCat("not a valid HTTP request: ", error.message()), .errors = {}};
}

}  // namespace clientele
