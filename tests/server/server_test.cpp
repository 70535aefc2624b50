// What callers see of the server: routes, methods, keys, shapes, the life of connections. The clients are made up.
#include "server/server.h"

#include <catch2/catch.hpp>

#include "tests/server/test_client.h"

namespace clientele {
namespace {

constexpr const char* kProblem = "application/problem+json";

TEST_CASE("the server is alive before its clients are loaded, and ready after", "[server]") {
  const auto server = StartServer(std::nullopt);
  TestClient client(server->endpoint());
  CHECK(client.Get("/healthz").status == 200);
  for (const char* target : {"/readyz", "/clients?limit=1"}) {
    const Answer answer = client.Get(target);
    CHECK(answer.status == 503);
    CHECK(answer["Retry-After"] == "1");
    CHECK(answer["Content-Type"] == kProblem);
  }
  // Whether they may be written is not known yet. What is long is not read to the end.
  for (const std::size_t bytes : {2, 100'000}) {
    for (const char* target : {"/clients", "/clients/bulk"}) {
      CAPTURE(bytes, target);
      const Answer answer = TestClient(server->endpoint()).Ask("POST", target, std::string(bytes, '1'));
      CHECK(answer.status == 503);
      CHECK(answer["Retry-After"] == "1");
    }
  }
  server->Publish(std::make_shared<FakeListService>(FakeClients{.count = 3}));
  for (const std::size_t bytes : {2, 100'000}) {
    CAPTURE(bytes);
    CHECK(TestClient(server->endpoint()).Ask("POST", "/clients/bulk", std::string(bytes, '1')).status == 405);
  }
  CHECK(client.Get("/readyz").body == R"({"status":"ready","clients":3})");
  CHECK(client.Get("/clients?limit=1").status == 200);
}

TEST_CASE("a limit makes an envelope, no limit a bare array", "[server]") {
  const auto server = StartServer(FakeClients{.count = 3, .text_bytes = 1});
  TestClient client(server->endpoint());
  const Answer page = client.Get("/iam/clients?limit=1&offset=1");
  CHECK(page.status == 200);
  CHECK(page["Content-Type"] == "application/json");
  CHECK(
      page.body ==
      R"({"count":3,"next":"/iam/clients?limit=1&offset=2","previous":"/iam/clients?limit=1","results":[{"id":2,"text":"x"}]})");
  CHECK(client.Get("/clients?offset=1").body == R"([{"id":2,"text":"x"},{"id":3,"text":"x"}])");
  CHECK(client.Get("/clients?limit=0").body == R"({"count":3,"next":null,"previous":null,"results":[]})");
  CHECK(client.Get("/clients?offset=9").body == "[]");
}

TEST_CASE("unknown paths are 404 and other methods 405 with Allow", "[server]") {
  const auto server = StartServer(FakeClients{});
  TestClient client(server->endpoint());
  for (const char* target : {"/", "/client", "/clients/", "/clients/01", "*", "/CLIENTS"}) {
    CAPTURE(target);
    CHECK(client.Get(target).status == 404);
  }
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"}) {
    CAPTURE(method);
    const Answer answer = client.Get("/clients", "", method);
    CHECK(answer.status == 405);
    CHECK(answer["Allow"] == "GET, HEAD");
    CHECK(answer["Content-Type"] == kProblem);
  }
  CHECK(client.Get("/healthz").status == 200);  // None of them cost the connection.
}

TEST_CASE("the absolute form of a target is understood", "[server]") {
  const auto server = StartServer(FakeClients{.count = 7});
  TestClient client(server->endpoint());
  CHECK(client.Get("http://test/clients?limit=0").body == R"({"count":7,"next":null,"previous":null,"results":[]})");
}

TEST_CASE("bad parameters are all named in one 400", "[server]") {
  const auto server = StartServer(FakeClients{});
  TestClient client(server->endpoint());
  const Answer answer = client.Get("/clients?cdn=wrong&limit=-1&statsu=active&name=%zz");
  CHECK(answer.status == 400);
  CHECK(answer["Content-Type"] == kProblem);
  for (const char* part :
       {R"("status":400)", R"("errors":{)", R"("cdn":[")", R"("limit":[")", R"("statsu":[")", R"("name":[")"}) {
    CAPTURE(part, answer.body);
    CHECK(answer.body.find(part) != std::string::npos);
  }
}

TEST_CASE("HEAD gives the header of GET and no body", "[server]") {
  const auto server = StartServer(FakeClients{.count = 5});
  TestClient client(server->endpoint());
  for (const char* target : {"/clients?limit=2", "/clients", "/healthz", "/nothing", "/clients?limit=x"}) {
    CAPTURE(target);
    const Answer get = client.Get(target);
    const Answer head = client.Get(target, "", "HEAD");
    CHECK(head.status == get.status);
    CHECK(head.body.empty());
    CHECK(head["Content-Length"] == std::to_string(get.body.size()));
    CHECK(head["Content-Type"] == get["Content-Type"]);
  }
}

TEST_CASE("keys decide who may list clients", "[server][keys]") {
  const std::string text = KeyLine({.name = "shop", .role = Role::kReader, .hash = HashToken("clt_shop")}) +
                           KeyLine({.name = "watch", .role = Role::kMonitor, .hash = HashToken("clt_watch")});
  const auto server = StartServer(FakeClients{}, TestOptions(), *ApiKeys::Parse(text, "keys"));
  TestClient client(server->endpoint());
  const auto status = [&](std::string_view fields) { return client.Get("/clients?limit=1", fields).status; };
  CHECK(status("Authorization: apikey clt_shop\r\n") == 200);
  CHECK(status("authorization: APIKEY clt_shop\r\n") == 200);
  CHECK(status("Authorization: apikey clt_watch\r\n") == 403);
  CHECK(status("") == 401);
  CHECK(status("Authorization: apikey clt_sho\r\n") == 401);
  CHECK(status("Authorization: apikey  clt_shop\r\n") == 401);
  CHECK(status("Authorization: Bearer clt_shop\r\n") == 401);
  CHECK(status("Authorization: clt_shop\r\n") == 401);
  CHECK(status("Authorization: apikey clt_shop\r\nAuthorization: apikey clt_shop\r\n") == 401);
  CHECK(client.Get("/clients")["WWW-Authenticate"] == "apikey");
  CHECK(client.Get("/clients?limit=x").status == 401);  // A stranger learns nothing about parameters.
  CHECK(client.Get("/healthz").status == 200);
  CHECK(client.Get("/readyz").status == 200);
}

TEST_CASE("only a loopback address is bound without keys", "[server][keys]") {
  ServerOptions options = TestOptions();
  options.listen.address(boost::asio::ip::address_v4::any());
  const auto server = Server::Start(options, std::nullopt);
  REQUIRE(!server.ok());
  CHECK(server.status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("a port that is in use is refused", "[server]") {
  const auto server = StartServer(FakeClients{});
  ServerOptions options = TestOptions();
  options.listen = server->endpoint();
  const auto second = Server::Start(options, std::nullopt);
  REQUIRE(!second.ok());
  CHECK(second.status().code() == absl::StatusCode::kUnavailable);
}

TEST_CASE("pipelined requests are answered in order, cheap and expensive ones alike", "[server]") {
  const bool cheap = GENERATE(true, false);
  const auto server = StartServer(FakeClients{.count = 1'000, .text_bytes = 1, .cheap = cheap});
  TestClient client(server->endpoint());
  std::string requests;
  for (int i = 1; i <= 200; ++i) {
    requests += "GET /clients?limit=1&offset=" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\n\r\n";
    if (i % 3 == 0) requests += "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n";
  }
  std::thread sender([&] { client.Send(requests); });
  for (int i = 1; i <= 200; ++i) {
    const Answer answer = client.Receive();
    REQUIRE(answer.status == 200);
    REQUIRE(answer.body.find("\"results\":[{\"id\":" + std::to_string(i + 1) + ",") != std::string::npos);
    if (i % 3 == 0) REQUIRE(client.Receive().body == R"({"status":"alive"})");
  }
  sender.join();
}

TEST_CASE("a connection with a long run of requests lets others have their turn", "[server]") {
  ServerOptions options = TestOptions();
  options.io_threads = 1;
  const auto server = StartServer(FakeClients{.delay = std::chrono::milliseconds(20)}, options);
  TestClient greedy(server->endpoint()), other(server->endpoint());
  CHECK(other.Get("/healthz").status == 200);
  std::string requests;
  for (int i = 0; i < 40; ++i) requests += "GET /clients?limit=1 HTTP/1.1\r\nHost: test\r\n\r\n";
  greedy.Send(requests);
  CHECK(greedy.Receive().status == 200);
  CHECK(other.Get("/healthz").status == 200);
  boost::system::error_code error;
  CHECK(greedy.socket().available(error) < 39 * 100);  // Most of its answers are still to come.
  for (int i = 1; i < 40; ++i) REQUIRE(greedy.Receive().status == 200);
}

TEST_CASE("a request may arrive byte by byte", "[server]") {
  const auto server = StartServer(FakeClients{.count = 1, .text_bytes = 0});
  TestClient client(server->endpoint());
  for (const char c : std::string_view("\r\nGET /clients HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc"))
    client.Send({&c, 1});
  CHECK(client.Receive().body == R"([{"id":1,"text":""}])");
}

TEST_CASE("HTTP/1.0 ends the connection unless it asks for more", "[server]") {
  const auto server = StartServer(FakeClients{.count = 1});
  TestClient once(server->endpoint());
  once.Send("GET /healthz HTTP/1.0\r\n\r\n");
  const auto all = once.ReceiveToEnd();
  REQUIRE(all);
  CHECK(all->find("Connection: close\r\n") != std::string::npos);
  CHECK(all->find("\r\n\r\n{\"status\":\"alive\"}") != std::string::npos);

  TestClient again(server->endpoint());
  for (int i = 0; i < 2; ++i) {
    again.Send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(again.Receive().keep_alive);
  }
}

TEST_CASE("Connection: close ends the connection behind the answer", "[server]") {
  const auto server = StartServer(FakeClients{});
  TestClient client(server->endpoint());
  const Answer answer = client.Get("/healthz", "Connection: close\r\n");
  CHECK(answer.status == 200);
  CHECK(!answer.keep_alive);
  CHECK(client.ReceiveToEnd() == "");
}

TEST_CASE("a failing query is a problem document, and its inner reasons stay inside", "[server]") {
  const auto server = StartServer(FakeClients{.status = absl::InternalError("secret")});
  TestClient client(server->endpoint());
  const Answer answer = client.Get("/clients?limit=1");
  CHECK(answer.status == 500);
  CHECK(answer["Content-Type"] == kProblem);
  CHECK(answer.body.find("secret") == std::string::npos);
}

TEST_CASE("a query that runs out of time is 503, never a shorter answer", "[server]") {
  const bool cheap = GENERATE(true, false);
  const char* target = GENERATE("/clients?limit=1", "/clients");
  ServerOptions options = TestOptions();
  options.inline_budget = std::chrono::milliseconds(1);
  options.query_timeout = std::chrono::milliseconds(50);
  const auto server = StartServer(FakeClients{.cheap = cheap, .delay = std::chrono::seconds(60)}, options);
  TestClient client(server->endpoint());
  const Answer answer = client.Get(target);
  CHECK(answer.status == 503);
  CHECK(answer["Retry-After"] == "1");
  CHECK(client.Get("/healthz").status == 200);
}

TEST_CASE("an expensive query does not hold up the others of its event loop", "[server]") {
  ServerOptions options = TestOptions();
  options.io_threads = 1;
  const auto server = StartServer(FakeClients{.cheap = false, .delay = std::chrono::milliseconds(500)}, options);
  TestClient slow(server->endpoint()), quick(server->endpoint());
  slow.Send("GET /clients?limit=1 HTTP/1.1\r\nHost: test\r\n\r\n");
  for (int i = 0; i < 20; ++i) CHECK(quick.Get("/healthz").status == 200);
  boost::system::error_code error;
  CHECK(slow.socket().available(error) == 0);
  CHECK(slow.Receive().status == 200);
}

TEST_CASE("a stop lets the request under way finish and then ends", "[server]") {
  ServerOptions options = TestOptions();
  const auto server = StartServer(FakeClients{.cheap = false, .delay = std::chrono::milliseconds(300)}, options);
  TestClient idle(server->endpoint()), busy(server->endpoint());
  CHECK(idle.Get("/healthz").status == 200);
  busy.Send("GET /clients?limit=1 HTTP/1.1\r\nHost: test\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  server->Stop();
  CHECK(idle.ReceiveToEnd() == "");
  CHECK(busy.Receive().status == 200);
  CHECK(busy.ReceiveToEnd() == "");
  server->Wait();
  CHECK(server->requests() == 2);
  TestClient* late = nullptr;
  CHECK_THROWS(late = new TestClient(server->endpoint()));
  delete late;
}

TEST_CASE("a second stop cuts what the first was waiting for", "[server]") {
  const auto server = StartServer(FakeClients{.count = 50'000'000});
  TestClient reader(server->endpoint());
  reader.Send("GET /clients HTTP/1.1\r\nHost: test\r\n\r\n");
  REQUIRE(Eventually([] { return FakeRowStream::alive > 0; }));
  server->Stop();
  server->Stop();
  server->Wait();
  CHECK(!reader.Receive().complete);
}

}  // namespace
}  // namespace clientele
