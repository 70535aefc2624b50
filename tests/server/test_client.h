// A blocking HTTP client and a server on a free loopback port, for tests. Every read gives up after some seconds, so that a
// server that does not answer fails a test instead of hanging it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/time.h>

#include "server/server.h"
#include "tests/server/fake_list_service.h"

namespace clientele {

struct Answer {
  unsigned status = 0;
  bool complete = false;  // The whole body came.
  bool keep_alive = false;
  std::string body;
  boost::beast::http::fields fields;

  std::string operator[](std::string_view name) const {
    const auto value = fields[boost::beast::string_view(name.data(), name.size())];
    return std::string(value.data(), value.size());
  }
};

class TestClient {
 public:
  explicit TestClient(const boost::asio::ip::tcp::endpoint& server) : socket_(context_) {
    socket_.connect(server);
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }

  void Send(std::string_view bytes) {
    boost::system::error_code ignored;  // The server may have hung up already; what it said can still be read.
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), ignored);
  }

  // Reads one response; status 0 when the connection ended before a head came.
  Answer Receive(bool of_head_request = false) {
    boost::beast::http::response_parser<boost::beast::http::string_body> parser;
    parser.body_limit(boost::none);
    parser.skip(of_head_request);
    boost::system::error_code error;
    boost::beast::http::read(socket_, buffer_, parser, error);
    if (!parser.is_header_done()) return {};
    return {.status = parser.get().result_int(),
            .complete = !error && parser.is_done(),
            .keep_alive = parser.keep_alive(),
            .body = parser.get().body(),
            .fields = parser.get().base()};
  }

  Answer Get(std::string_view target, std::string_view fields = {}, std::string_view method = "GET") {
    Send(std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n");
    return Receive(method == "HEAD");
  }

  // A request with a body of a known length.
  Answer Ask(std::string_view method, std::string_view target, std::string_view body,
             std::string_view fields = "Content-Type: application/json\r\n") {
    Send(std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
    return Receive(method == "HEAD");
  }

  // Everything up to the end of the connection. nullopt when that was a reset.
  std::optional<std::string> ReceiveToEnd() {
    std::string all(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    buffer_.clear();
    char piece[65'536];
    while (true) {
      boost::system::error_code error;
      const std::size_t size = socket_.read_some(boost::asio::buffer(piece), error);
      all.append(piece, size);
      if (error == boost::asio::error::eof) return all;
      if (error) return std::nullopt;
    }
  }

  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

inline ServerOptions TestOptions() {
  ServerOptions options;
  options.listen.port(0);
  options.io_threads = 2;
  // Inline attempts would decide by the clock; the tests say which queries are cheap.
  options.inline_budget = std::chrono::seconds(5);
  return options;
}

inline std::unique_ptr<Server> StartServer(std::optional<FakeClients> clients, const ServerOptions& options = TestOptions(),
                                           std::optional<ApiKeys> keys = {}) {
  auto server = Server::Start(options, std::move(keys));
  REQUIRE(server.ok());
  if (clients) (*server)->Publish(std::make_shared<FakeListService>(*clients));
  return *std::move(server);
}

// Waits until `condition` holds; false after some seconds.
template <typename Condition>
bool Eventually(Condition condition) {
  for (int i = 0; i < 1'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace clientele
