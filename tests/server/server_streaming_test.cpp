// Bodies that are longer than one buffer: streamed with flat memory, cut visibly when something breaks.
#include <catch2/catch.hpp>

#include "tests/server/test_client.h"

namespace clientele {
namespace {

std::string Expected(std::uint64_t count, std::size_t text_bytes) {
  std::string all = "[";
  for (std::uint64_t id = 1; id <= count; ++id) {
    all += (id > 1 ? ",{\"id\":" : "{\"id\":") + std::to_string(id) + ",\"text\":\"" + std::string(text_bytes, 'x') + "\"}";
  }
  return all + "]";
}

TEST_CASE("a long array comes in chunks and the connection lives on", "[server][stream]") {
  const bool cheap = GENERATE(true, false);
  const std::size_t piece_bytes = GENERATE(16, 5'000, 262'144);
  ServerOptions options = TestOptions();
  options.stream_piece_bytes = piece_bytes;
  const auto server = StartServer(FakeClients{.count = 5'000, .text_bytes = 40, .cheap = cheap}, options);
  TestClient client(server->endpoint());
  for (int i = 0; i < 2; ++i) {
    const Answer answer = client.Get("/clients");
    CHECK(answer.complete);
    CHECK(answer["Transfer-Encoding"] == "chunked");
    CHECK(answer.body == Expected(5'000, 40));
  }
  CHECK(client.Get("/healthz").status == 200);
  CHECK(Eventually([] { return FakeRowStream::alive == 0; }));
}

TEST_CASE("a long page is streamed as well, in its envelope", "[server][stream]") {
  const auto server = StartServer(FakeClients{.count = 30'000, .text_bytes = 0});
  TestClient client(server->endpoint());
  const Answer answer = client.Get("/clients?limit=29000&offset=500");
  CHECK(answer["Transfer-Encoding"] == "chunked");
  CHECK(answer.body.starts_with(
      R"({"count":30000,"next":"/clients?limit=29000&offset=29500","previous":"/clients?limit=29000","results":[{"id":501,)"));
  CHECK(answer.body.ends_with(R"({"id":29500,"text":""}]})"));
}

TEST_CASE("an HTTP/1.0 reader gets the array up to the end of the connection", "[server][stream]") {
  const auto server = StartServer(FakeClients{.count = 5'000, .text_bytes = 40});
  TestClient client(server->endpoint());
  client.Send("GET /clients HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto all = client.ReceiveToEnd();
  REQUIRE(all);
  const std::size_t body_at = all->find("\r\n\r\n") + 4;
  CHECK(all->substr(0, body_at).find("chunked") == std::string::npos);
  CHECK(all->substr(0, body_at).find("Connection: close\r\n") != std::string::npos);
  CHECK(all->substr(body_at) == Expected(5'000, 40));
}

TEST_CASE("HEAD of a long array has no body", "[server][stream]") {
  const auto server = StartServer(FakeClients{.count = 5'000});
  TestClient client(server->endpoint());
  const Answer answer = client.Get("/clients", "", "HEAD");
  CHECK(answer.status == 200);
  CHECK(answer["Transfer-Encoding"] == "chunked");
  CHECK(client.Get("/healthz").body == R"({"status":"alive"})");
}

TEST_CASE("a stream that breaks is reset, so that nobody takes it for complete", "[server][stream]") {
  const auto server = StartServer(FakeClients{.count = 1'000'000, .text_bytes = 100, .breaks_after = 20'000});
  TestClient chunked(server->endpoint());
  const Answer answer = chunked.Get("/clients");
  CHECK(answer.status == 200);
  CHECK(!answer.complete);
  TestClient old(server->endpoint());
  old.Send("GET /clients HTTP/1.0\r\n\r\n");
  CHECK(old.ReceiveToEnd() == std::nullopt);
  CHECK(Eventually([] { return FakeRowStream::alive == 0; }));
}

TEST_CASE("a stream that breaks before its first byte is an ordinary error", "[server][stream]") {
  const auto server = StartServer(FakeClients{.count = 1'000'000, .cheap = false, .breaks_after = 0});
  CHECK(TestClient(server->endpoint()).Get("/clients").status == 500);
}

TEST_CASE("a reader that does not read is waited for, and others are served meanwhile", "[server][stream]") {
  ServerOptions options = TestOptions();
  options.io_threads = 1;
  const auto server = StartServer(FakeClients{.count = 200'000, .text_bytes = 100}, options);
  TestClient slow(server->endpoint()), other(server->endpoint());
  slow.Send("GET /clients HTTP/1.1\r\nHost: test\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(other.Get("/clients?limit=5").status == 200);
  const Answer answer = slow.Receive();
  CHECK(answer.complete);
  CHECK(answer.body.size() == Expected(200'000, 100).size());
}

TEST_CASE("a reader that never reads is cut", "[server][stream]") {
  ServerOptions options = TestOptions();
  options.write_timeout = std::chrono::milliseconds(300);
  const auto server = StartServer(FakeClients{.count = 1'000'000, .text_bytes = 100}, options);
  TestClient client(server->endpoint());
  client.Send("GET /clients HTTP/1.1\r\nHost: test\r\n\r\n");
  REQUIRE(Eventually([] { return FakeRowStream::alive > 0; }));
  CHECK(Eventually([] { return FakeRowStream::alive == 0; }));
  CHECK(!client.Receive().complete);
}

TEST_CASE("a reader that leaves frees its stream", "[server][stream]") {
  const auto server = StartServer(FakeClients{.count = 50'000'000});
  for (int i = 0; i < 20; ++i) {
    TestClient client(server->endpoint());
    client.Send("GET /clients HTTP/1.1\r\nHost: test\r\n\r\n");
    char piece[100'000];
    boost::system::error_code error;
    client.socket().read_some(boost::asio::buffer(piece), error);
  }
  CHECK(Eventually([] { return FakeRowStream::alive == 0; }));
}

TEST_CASE("streams beyond their number are told 503", "[server][stream]") {
  ServerOptions options = TestOptions();
  options.max_streams = 1;
  const auto server = StartServer(FakeClients{.count = 50'000'000}, options);
  auto first = std::make_unique<TestClient>(server->endpoint());
  first->Send("GET /clients HTTP/1.1\r\nHost: test\r\n\r\n");
  REQUIRE(Eventually([] { return FakeRowStream::alive > 0; }));
  TestClient second(server->endpoint());
  const Answer answer = second.Get("/clients");
  CHECK(answer.status == 503);
  CHECK(answer["Retry-After"] == "1");
  CHECK(second.Get("/clients?limit=10").status == 200);
  first.reset();
  REQUIRE(Eventually([] { return FakeRowStream::alive == 0; }));
}

}  // namespace
}  // namespace clientele
