// Boost.Beast's HTTP/1 parser, told to keep only what we ask of a request: nothing is allocated for header fields that nobody
// reads, and the few that are read go to strings that the connection uses again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/verb.hpp>

#include "server/problem.h"
#include "server/server_options.h"

namespace clientele {

// The value of a field that may be given several times: joined, as RFC 9110 (5.3) has it.
struct FieldText {
  std::string text;
  std::uint32_t count = 0;  // Fields of this name; 0: none, which is not the same as an empty one.

  void Add(std::string_view value) {
    if (count++ > 0) text += ", ";
    text += value;
  }
  void Clear() {  // Keeps the memory.
    if (count > 0) text.clear();
    count = 0;
  }
};

// What we look at in a request's head.
struct RequestHead {
  boost::beast::http::verb method = boost::beast::http::verb::unknown;
  bool http_1_1 = true;
  std::string target;         // As sent: path and query, percent-encoded.
  std::string authorization;  // Value of the Authorization field.
  std::uint32_t authorization_count = 0, host_count = 0;
  bool expects_continue = false;  // Asks for "100 Continue" before it sends its body.
  // Of requests that may write:
  FieldText content_type, content_encoding, if_match, if_none_match, idempotency_key, prefer;
  std::optional<std::uint64_t> content_length;
  bool is_chunked = false;

  void Clear();  // Keeps the strings' memory.
};

// Parses one request into `head`, which must outlive the parser; emplace a new parser for the next one. Bodies are dropped, but
// put() stops behind the head of a request that may write, so that somebody can decide what becomes of its body.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  RequestParser(const ServerOptions& options, RequestHead& head);

  // The head of a POST, PUT, PATCH or DELETE is here, and nothing was decided yet.
  bool awaits_decision() const { return awaits_decision_; }
  // The decision: the body is appended to `body`, up to `bytes_max` of it; or dropped. An error when it is known to be too long.
  void KeepBody(std::string& body, std::uint64_t bytes_max, boost::system::error_code& error);
  void DropBody(boost::system::error_code& error);

  // The answer to a request that put() refused with `error` (not need_more).
  Problem Refusal(boost::system::error_code error) const;

 private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb method, string_view method_text, string_view target, int version,
                       error_code& error) override;
  void on_field_impl(boost::beast::http::field field, string_view name, string_view value, error_code& error) override;
  void on_header_impl(error_code& error) override;
  std::size_t on_body_impl(string_view body, error_code&) override { return TakeBody(body); }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override { return TakeBody(body); }

  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  void LimitBody(std::uint64_t bytes_max, error_code& error);
  std::size_t TakeBody(string_view body) {
    if (body_ != nullptr) body_->append(body.data(), body.size());
    return body.size();
  }

  const ServerOptions& options_;
  RequestHead& head_;
  std::size_t field_bytes_ = 0;  // Of all fields so far: the base class bounds only what one put() is given.
  bool has_request_line_ = false;
  bool awaits_decision_ = false;
  std::string* body_ = nullptr;  // Where it goes; null: nowhere.
  std::uint64_t body_bytes_max_ = 0;
};

}  // namespace clientele
