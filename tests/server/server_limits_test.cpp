// What the server refuses: oversized and malformed requests, too many of everything, peers that are too slow.
#include <catch2/catch.hpp>

#include "tests/server/test_client.h"

namespace clientele {
namespace {

ServerOptions SmallLimits() {
  ServerOptions options = TestOptions();
  options.max_uri_bytes = 200;
  options.max_header_bytes = 1'000;
  options.max_body_bytes = 100;
  return options;
}

std::string Text(std::size_t size) {
  return std::string(size, 'a');
}

TEST_CASE("a request target up to its limit is served, one byte more is 414", "[server][limits]") {
  const auto server = StartServer(FakeClients{}, SmallLimits());
  const std::string fits = "/clients?limit=1&name=" + Text(200 - 22);
  CHECK(TestClient(server->endpoint()).Get(fits).status == 200);
  for (const std::size_t extra : {1, 100, 10'000, 1'000'000}) {
    CAPTURE(extra);
    TestClient client(server->endpoint());
    const Answer answer = client.Get(fits + Text(extra));
    CHECK(answer.status == 414);
    CHECK(answer["Content-Type"] == "application/problem+json");
    CHECK(client.ReceiveToEnd() == "");
  }
}

TEST_CASE("header fields beyond their limit are 431", "[server][limits]") {
  const auto server = StartServer(FakeClients{}, SmallLimits());
  CHECK(TestClient(server->endpoint()).Get("/healthz", "X: " + Text(900) + "\r\n").status == 200);
  CHECK(TestClient(server->endpoint()).Get("/healthz", "X: " + Text(1'000) + "\r\n").status == 431);
  CHECK(TestClient(server->endpoint()).Get("/healthz", "X: " + Text(1'000'000) + "\r\n").status == 431);
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "X: 1\r\n";
  CHECK(TestClient(server->endpoint()).Get("/healthz", many).status == 431);
}

TEST_CASE("many small fields that arrive one by one still meet the limit", "[server][limits]") {
  const auto server = StartServer(FakeClients{}, SmallLimits());
  TestClient client(server->endpoint());
  client.Send("GET /healthz HTTP/1.1\r\nHost: test\r\n");
  for (int i = 0; i < 200; ++i) {
    client.Send("X-Some-Field: some value\r\n");
    if (i % 10 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  CHECK(client.Receive().status == 431);
}

TEST_CASE("a body is dropped up to its limit and beyond it 413", "[server][limits]") {
  const auto server = StartServer(FakeClients{}, SmallLimits());
  TestClient client(server->endpoint());
  client.Send("GET /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n" + Text(100));
  CHECK(client.Receive().status == 200);
  client.Send(
      "GET /healthz HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nAuthorization: x\r\n\r\n");
  CHECK(client.Receive().status == 200);
  client.Send("GET /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 101\r\n\r\n" + Text(101));
  CHECK(client.Receive().status == 413);
  // What cannot be written whatever its length is told so.
  TestClient writer(server->endpoint());
  writer.Send("POST /clients HTTP/1.1\r\nHost: test\r\nContent-Length: 101\r\n\r\n" + Text(101));
  const Answer refused = writer.Receive();
  CHECK(refused.status == 405);
  CHECK(!refused.keep_alive);
  TestClient chunks(server->endpoint());
  chunks.Send("GET /healthz HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + Text(64) + "\r\n40\r\n" +
              Text(64));
  CHECK(chunks.Receive().status == 413);
}

TEST_CASE("who waits for 100 Continue gets the final answer and a closed connection", "[server][limits]") {
  const auto server = StartServer(FakeClients{}, SmallLimits());
  TestClient client(server->endpoint());
  const Answer answer = client.Get("/clients", "Expect: 100-continue\r\nContent-Length: 10\r\n", "POST");
  CHECK(answer.status == 405);
  CHECK(!answer.keep_alive);
}

TEST_CASE("what is no HTTP request is refused", "[server][limits]") {
  const auto server = StartServer(FakeClients{}, SmallLimits());
  const auto status = [&](std::string_view bytes) {
    TestClient client(server->endpoint());
    client.Send(bytes);
    const Answer answer = client.Receive();
    CHECK((answer.status == 0 || !answer.keep_alive));
    return answer.status;
  };
  CHECK(status("GET\r\n\r\n") == 400);
  CHECK(status("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + Text(80) + "\r\n\r\n") == 400);
  CHECK(status("GET /healthz HTTP/1.1\nHost: test\n\n\r\n\r\n") >= 400);
  CHECK(status("GET /healthz HTTP/2.0\r\n\r\n") == 505);
  CHECK(status("GET /healthz HTTP/1.1\r\n\r\n") == 400);  // No Host.
  CHECK(status("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
  CHECK(status("GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n") == 400);
  CHECK(status("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);
  CHECK(status("GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n") == 400);
  CHECK(status("GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n") == 400);
  CHECK(status("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n") == 400);
  CHECK(status("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n") == 400);
  CHECK(TestClient(server->endpoint()).Get("/healthz").status == 200);
}

TEST_CASE("random bytes never bring the server down", "[server][limits]") {
  const auto server = StartServer(FakeClients{}, SmallLimits());
  const std::string seed =
      "GET /clients?limit=1&name=%C3%A4 HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  std::uint64_t state = 88'172'645'463'325'252;
  const auto random = [&] { return state ^= state << 13, state ^= state >> 7, state ^= state << 17; };
  for (int round = 0; round < 300; ++round) {
    std::string bytes = seed;
    for (std::uint64_t changes = random() % 4; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    TestClient client(server->endpoint());
    client.Send(bytes.substr(0, random() % bytes.size()));
    client.Send(bytes);
    if (round % 3 == 0) continue;  // Some hang up at once, the others say that they are done.
    boost::system::error_code ignored;
    client.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    client.ReceiveToEnd();
  }
  CHECK(TestClient(server->endpoint()).Get("/healthz").status == 200);
}

TEST_CASE("one connection too many is told 503", "[server][limits]") {
  ServerOptions options = TestOptions();
  options.max_connections = 2;
  const auto server = StartServer(FakeClients{}, options);
  auto first = std::make_unique<TestClient>(server->endpoint());
  TestClient second(server->endpoint());
  CHECK(first->Get("/healthz").status == 200);
  CHECK(second.Get("/healthz").status == 200);
  TestClient third(server->endpoint());
  const Answer answer = third.Get("/healthz");
  CHECK(answer.status == 503);
  CHECK(answer["Retry-After"] == "1");
  CHECK(second.Get("/healthz").status == 200);
  first.reset();  // Whose place is free again.
  CHECK(Eventually([&] { return TestClient(server->endpoint()).Get("/healthz").status == 200; }));
}

TEST_CASE("expensive queries beyond the waiting room are told 503", "[server][limits]") {
  ServerOptions options = TestOptions();
  options.max_waiting = 1;
  options.io_threads = 1;
  const auto server = StartServer(FakeClients{.cheap = false, .delay = std::chrono::milliseconds(300)}, options);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<TestClient>(server->endpoint()));
    clients.back()->Send("GET /clients?limit=1 HTTP/1.1\r\nHost: test\r\n\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  int served = 0, refused = 0;
  for (const auto& client : clients) {
    const Answer answer = client->Receive();
    served += answer.status == 200;
    refused += answer.status == 503 && answer["Retry-After"] == "1";
  }
  CHECK(served >= 2);
  CHECK(refused >= 1);
  CHECK(served + refused == 6);
}

TEST_CASE("a long run of refused pipelined requests is answered in full", "[server][limits]") {
  ServerOptions options = TestOptions();
  options.max_waiting = 0;
  const auto server = StartServer(FakeClients{.cheap = false}, options);
  TestClient client(server->endpoint());
  std::string requests;
  for (int i = 0; i < 3'000; ++i) requests += "GET /clients?limit=1 HTTP/1.1\r\nHost: test\r\n\r\n";
  std::thread sender([&] { client.Send(requests); });
  for (int i = 0; i < 3'000; ++i) REQUIRE(client.Receive().status == 503);
  sender.join();
}

TEST_CASE("a request that dawdles is 408, an idle connection is closed", "[server][limits]") {
  ServerOptions options = TestOptions();
  options.request_timeout = std::chrono::milliseconds(600);
  options.idle_timeout = std::chrono::milliseconds(600);
  const auto server = StartServer(FakeClients{}, options);
  TestClient slow(server->endpoint()), idle(server->endpoint());
  std::thread dripper([&] {
    for (int i = 0; i < 8; ++i) {
      slow.Send("G");
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
    }
  });
  CHECK(slow.Receive().status == 408);
  CHECK(idle.ReceiveToEnd() == "");
  dripper.join();
}

}  // namespace
}  // namespace clientele
