#include "bench/http_client.h"

#include <cstdio>
#include <cstdlib>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace clientele {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = boost::asio::ip::tcp;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "http client: %s\n", what.c_str());
  std::exit(1);
}

}  // namespace

struct HttpClient::State {
  boost::asio::io_context io;
  tcp::socket socket{io};
  beast::flat_buffer buffer;
  std::string body;
  std::string host;

  void Send(const std::string& path) {
    http::request<http::empty_body> request(http::verb::get, path, 11);
    request.set(http::field::host, host);
    beast::error_code error;
    http::write(socket, request, error);
    if (error) Fail("cannot send: " + error.message());
  }

  // The body is read straight into its string: Beast's string_body takes it in small pieces, which would measure the client.
  unsigned Read() {
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    beast::error_code error;
    http::read_header(socket, buffer, parser, error);
    if (error) Fail("cannot read: " + error.message());
    body.resize(parser.content_length().value_or(0));
    const std::size_t at_hand = boost::asio::buffer_copy(boost::asio::buffer(body), buffer.data());
    buffer.consume(at_hand);
    boost::asio::read(socket, boost::asio::buffer(body.data() + at_hand, body.size() - at_hand), error);
    if (error) Fail("cannot read: " + error.message());
    return parser.get().result_int();
  }
};

HttpClient::HttpClient(const std::string& host_and_port) : state_(std::make_unique<State>()) {
  const std::size_t colon = host_and_port.rfind(':');
  if (colon == std::string::npos) Fail("expected HOST:PORT, got " + host_and_port);
  state_->host = host_and_port;
  beast::error_code error;
  tcp::resolver resolver(state_->io);
  const auto endpoints = resolver.resolve(host_and_port.substr(0, colon), host_and_port.substr(colon + 1), error);
  if (!error) boost::asio::connect(state_->socket, endpoints, error);
  if (error) Fail("cannot connect to " + host_and_port + ": " + error.message());
  state_->socket.set_option(tcp::no_delay(true));
}

HttpClient::~HttpClient() = default;

const std::string& HttpClient::Get(const std::string& path) {
  state_->Send(path);
  if (const unsigned status = state_->Read(); status != 200)
    Fail(path + " answered " + std::to_string(status) + " " + state_->body);
  return state_->body;
}

void HttpClient::Send(const std::string& method, const std::string& path, const std::string& type, const std::string& body) {
  http::request<http::string_body> request(http::string_to_verb(method), path, 11);
  request.set(http::field::host, state_->host);
  request.set(http::field::content_type, type);
  request.body() = body;
  request.prepare_payload();
  beast::error_code error;
  http::write(state_->socket, request, error);
  if (error) Fail("cannot send: " + error.message());
  const unsigned status = state_->Read();
  if (status / 100 != 2) Fail(method + " " + path + " answered " + std::to_string(status) + " " + state_->body);
}

std::uint64_t HttpClient::CountStreamedObjects(const std::string& path) {
  state_->Send(path);
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  beast::error_code error;
  http::read_header(state_->socket, state_->buffer, parser, error);
  if (error || parser.get().result_int() != 200) Fail(path + ": no 200");
  // Every record starts an object at depth one; strings and escapes are followed so that nothing inside counts.
  std::uint64_t objects = 0, depth = 0;
  bool in_string = false, escaped = false;
  std::string chunk(256 * 1024, '\0');
  while (!parser.is_done()) {
    parser.get().body().data = chunk.data();
    parser.get().body().size = chunk.size();
    http::read(state_->socket, state_->buffer, parser, error);
    if (error && error != http::error::need_buffer) Fail("cannot read: " + error.message());
    const std::size_t received = chunk.size() - parser.get().body().size;
    for (const char c : std::string_view(chunk).substr(0, received)) {
      if (escaped)
        escaped = false;
      else if (in_string && c == '\\')
        escaped = true;
      else if (c == '"')
        in_string = !in_string;
      else if (!in_string && c == '{')
        objects += depth++ == 0;
      else if (!in_string && c == '}')
        --depth;
    }
  }
  return objects;
}

std::uint64_t CountMember(std::string_view body) {
  const std::size_t at = body.find("\"count\":");
  if (at == std::string_view::npos) Fail("a page without count");
  return std::strtoull(body.data() + at + 8, nullptr, 10);
}

}  // namespace clientele
