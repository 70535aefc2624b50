// Boost.Beast's HTTP/1 parser, told to keep only what we ask of a request: nothing is allocated for header fields that nobody
// reads, and the few that are read go to strings that the connection uses again and again.
#pragma once

#include <cstddef>
#include <string>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/verb.hpp>

#include "server/problem.h"
#include "server/server_options.h"

namespace clientele {

// What we look at in a request's head.
struct RequestHead {
  boost::beast::http::verb method = boost::beast::http::verb::unknown;
  bool http_1_1 = true;
  std::string target;         // As sent: path and query, percent-encoded.
  std::string authorization;  // Value of the Authorization field.
  std::uint32_t authorization_count = 0, host_count = 0;
  bool expects_continue = false;  // Asks for "100 Continue" before it sends its body.

  void Clear();  // Keeps the strings' memory.
};

// Parses one request into `head`, which must outlive the parser; emplace a new parser for the next one. Bodies are dropped.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  RequestParser(const ServerOptions& options, RequestHead& head);

  // The answer to a request that put() refused with `error` (not need_more).
  Problem Refusal(boost::system::error_code error) const;

 private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb method, string_view method_text, string_view target, int version,
                       error_code& error) override;
  void on_field_impl(boost::beast::http::field field, string_view name, string_view value, error_code& error) override;
  void on_header_impl(error_code& error) override;
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override { return body.size(); }

  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  const ServerOptions& options_;
  RequestHead& head_;
  std::size_t field_bytes_ = 0;  // Of all fields so far: the base class bounds only what one put() is given.
  bool has_request_line_ = false;
};

}  // namespace clientele
