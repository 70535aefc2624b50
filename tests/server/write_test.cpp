// The endpoints that read and write one client, behind a real server and before a service that is a map.
#include <catch2/catch.hpp>
#include <zstd.h>

#include "server/entity_tag.h"
#include "tests/loader/parsed_record.h"
#include "tests/server/fake_write_service.h"
#include "tests/server/gzip.h"
#include "tests/server/test_client.h"

namespace clientele {
namespace {

constexpr const char* kProblem = "application/problem+json";
constexpr const char* kJson = "Content-Type: application/json\r\n";

struct WritableServer {
  explicit WritableServer(const ServerOptions& options = TestOptions(), std::optional<ApiKeys> keys = {})
      : server(StartServer(std::nullopt, options, std::move(keys))) {
    server->Publish(ListsBeside(service), service);
  }

  std::shared_ptr<FakeWriteService> service = std::make_shared<FakeWriteService>();
  std::unique_ptr<Server> server;
};

std::string Record(int id, std::string_view members = "") {
  return Replaced(SmallRecord(members), "\"id\":7", "\"id\":" + std::to_string(id));
}

TEST_CASE("a posted client is there, and where its Location says", "[server][write]") {
  const bool later = GENERATE(true, false);
  const std::string prefix = GENERATE("", "/iam");
  WritableServer world;
  world.service->later = later;
  TestClient client(world.server->endpoint());
  const Answer made = client.Ask("POST", prefix + "/clients", Record(7, R"("allowed_traffic_gb":1.50)"));
  CHECK(made.status == 201);
  CHECK(made["Content-Type"] == "application/json");
  CHECK(made["Location"] == prefix + "/clients/7");
  CHECK(made.body == Record(7, R"("allowed_traffic_gb":1.50)"));
  CHECK(made["ETag"] == EntityTag(FakeWriteService::Version(made.body)));
  const Answer got = client.Get(made["Location"]);
  CHECK(got.status == 200);
  CHECK(got.body == made.body);
  CHECK(got["ETag"] == made["ETag"]);
  const Answer head = client.Get(made["Location"], "", "HEAD");
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(head["ETag"] == made["ETag"]);
  CHECK(head["Content-Length"] == std::to_string(got.body.size()));
  const Answer again = client.Ask("POST", "/clients", Record(7));
  CHECK(again.status == 409);
  CHECK(again["Content-Type"] == kProblem);
}

TEST_CASE("a client is replaced, patched, marked as deleted and purged", "[server][write]") {
  WritableServer world;
  TestClient client(world.server->endpoint());
  CHECK(client.Ask("PUT", "/clients/7", Record(7)).status == 201);
  const Answer replaced = client.Ask("PUT", "/clients/7", Record(7, R"("name":"n")"));
  CHECK(replaced.status == 200);
  CHECK(replaced.body == Record(7, R"("name":"n")"));
  CHECK(replaced["Location"].empty());
  const Answer patched =
      client.Ask("PATCH", "/clients/7", R"({"name":null,"promocode":"x"})", "Content-Type: application/merge-patch+json\r\n");
  CHECK(patched.status == 200);
  CHECK(patched.body == Record(7, R"("promocode":"x")"));
  const Answer deleted = client.Get("/clients/7", "", "DELETE");
  CHECK(deleted.status == 204);
  CHECK(deleted.body.empty());
  CHECK(deleted["Content-Type"].empty());
  CHECK(deleted["Content-Length"].empty());
  CHECK(client.Get("/clients/7").body == Record(7, R"("promocode":"x","deleted":true)"));
  CHECK(client.Get("/clients/7?purge=true", "", "DELETE").status == 204);
  for (const char* method : {"GET", "DELETE"}) {
    const Answer missing = client.Get("/clients/7", "", method);
    CHECK(missing.status == 404);
    CHECK(missing["Content-Type"] == kProblem);
  }
  CHECK(client.Ask("PATCH", "/clients/7", "{}").status == 404);
}

TEST_CASE("Prefer: return=minimal spares the reply", "[server][write]") {
  WritableServer world;
  TestClient client(world.server->endpoint());
  const std::string fields = std::string(kJson) + "Prefer: respond-async, return=minimal\r\n";
  const Answer made = client.Ask("POST", "/clients", Record(7), fields);
  CHECK(made.status == 201);
  CHECK(made.body.empty());
  CHECK(made["Location"] == "/clients/7");
  const Answer replaced = client.Ask("PUT", "/clients/7", Record(7), fields);
  CHECK(replaced.status == 204);
  CHECK(replaced["ETag"] == made["ETag"]);
  CHECK(replaced["Preference-Applied"] == "return=minimal");
  CHECK(client.Ask("PUT", "/clients/7", Record(7), std::string(kJson) + "Prefer: return=representation\r\n").status == 200);
}

TEST_CASE("If-Match and If-None-Match guard against lost updates", "[server][write][etag]") {
  WritableServer world;
  TestClient client(world.server->endpoint());
  const auto put = [&](std::string_view condition, std::string_view members = "") {
    return client.Ask("PUT", "/clients/7", Record(7, members), kJson + std::string(condition) + "\r\n");
  };
  CHECK(put("If-Match: *").status == 412);
  const std::string first = put("If-None-Match: *")["ETag"];
  CHECK(put("If-None-Match: *").status == 412);
  CHECK(put("If-Match: \"0000000000000001\"").status == 412);
  CHECK(put("If-Match: W/" + first).status == 412);
  CHECK(put("If-Match: \"no-tag-of-ours\"").status == 412);
  const Answer second = put("If-Match: \"0000000000000001\", " + first, R"("name":"b")");
  CHECK(second.status == 200);
  CHECK(put("If-Match: " + first).status == 412);
  CHECK(put("If-Match: \"0000000000000001\"\r\nIf-Match: " + second["ETag"], R"("name":"b")").status == 200);
  CHECK(put("If-Match: *").status == 200);
  for (const char* bad : {"If-Match: x", "If-Match:", "If-None-Match: \"0000000000000001\"", "If-Match: *\r\nIf-None-Match: *"}) {
    CAPTURE(bad);
    CHECK(put(bad).status == 400);
  }
  CHECK(client.Ask("PATCH", "/clients/7", "{}", std::string(kJson) + "If-Match: \"0000000000000001\"\r\n").status == 412);
  CHECK(client.Get("/clients/7", "If-Match: \"0000000000000001\"\r\n", "DELETE").status == 412);
  CHECK(client.Ask("POST", "/clients", Record(8), std::string(kJson) + "If-Match: *\r\n").status == 400);
}

TEST_CASE("a reader who has the version already is told 304", "[server][write][etag]") {
  WritableServer world;
  TestClient client(world.server->endpoint());
  const std::string tag = client.Ask("PUT", "/clients/7", Record(7))["ETag"];
  for (const std::string& held : {tag, "W/" + tag, "\"x\", " + tag, std::string("*")}) {
    const Answer answer = client.Get("/clients/7", "If-None-Match: " + held + "\r\n");
    CHECK(answer.status == 304);
    CHECK(answer["ETag"] == tag);
    CHECK(answer.body.empty());
  }
  CHECK(client.Get("/clients/7", "If-None-Match: \"0000000000000001\"\r\n").status == 200);
  CHECK(client.Get("/clients/7", "If-Match: " + tag + "\r\n").status == 200);
  CHECK(client.Get("/clients/7", "If-Match: \"0000000000000001\"\r\n").status == 412);
  CHECK(client.Get("/clients/7", "If-None-Match: x\r\n").status == 400);
  CHECK(client.Get("/clients/8", "If-None-Match: *\r\n").status == 404);
}

TEST_CASE("a repeated POST with its Idempotency-Key is answered as the first was", "[server][write]") {
  WritableServer world;
  TestClient client(world.server->endpoint());
  const auto post = [&](std::string_view body, std::string_view key, std::string_view path = "/clients") {
    return client.Ask("POST", path, body, kJson + ("Idempotency-Key: " + std::string(key) + "\r\n"));
  };
  const Answer first = post(Record(7), "a b\"c");
  const Answer second = post(Record(7), "a b\"c");
  CHECK(first.status == 201);
  CHECK(second.status == 201);
  CHECK(second.body == first.body);
  CHECK(second["Location"] == first["Location"]);
  CHECK(first["Idempotency-Replayed"].empty());
  CHECK(second["Idempotency-Replayed"] == "true");
  CHECK(post(Record(8), "a b\"c").status == 422);
  CHECK(post(Record(7), "a b\"c", "/iam/clients").status == 422);
  CHECK(post(Record(7), "another").status == 409);
  CHECK(post(Record(9), std::string(255, 'k')).status == 201);
  CHECK(post(Record(10), std::string(256, 'k')).status == 400);
  CHECK(post(Record(10), "").status == 400);
  CHECK(post(Record(10), "\xC3\xA9").status == 400);
  CHECK(post(Record(10), "a\r\nIdempotency-Key: b").status == 400);
  CHECK(client.Ask("PUT", "/clients/7", Record(7), std::string(kJson) + "Idempotency-Key: a\r\n").status == 400);
  CHECK(world.service->size() == 2);
}

TEST_CASE("callers do not meet each other's idempotency keys", "[server][write][keys]") {
  std::string text;
  for (const char* name : {"one", "two"}) {
    text += KeyLine({.name = name, .role = Role::kWriter, .hash = HashToken(std::string("clt_") + name)});
  }
  WritableServer world(TestOptions(), *ApiKeys::Parse(text, "keys"));
  TestClient client(world.server->endpoint());
  const auto post = [&](const std::string& name, int id) {
    return client
        .Ask("POST", "/clients", Record(id), kJson + ("Idempotency-Key: k\r\nAuthorization: apikey clt_" + name + "\r\n"))
        .status;
  };
  CHECK(post("one", 7) == 201);
  CHECK(post("two", 8) == 201);
  CHECK(post("one", 8) == 422);
}

TEST_CASE("an invalid record is 422 and says where and what", "[server][write]") {
  WritableServer world;
  TestClient client(world.server->endpoint());
  const Answer answer = client.Ask("POST", "/clients", Replaced(Record(7), "active", "actve"));
  CHECK(answer.status == 422);
  CHECK(answer["Content-Type"] == kProblem);
  CHECK(answer.body.find(R"("errors":[{"pointer":"/status","value":"\"actve\"","expected":"one of new, )") != std::string::npos);
  for (const char* body : {"", "{", "[]", "null", "{}"}) {
    CAPTURE(body);
    CHECK(client.Ask("PUT", "/clients/7", body).status == 422);
  }
  CHECK(client.Ask("PUT", "/clients/8", Record(7)).status == 422);
  CHECK(world.service->size() == 0);
  CHECK(client.Get("/healthz").status == 200);
}

TEST_CASE("each route takes its methods and names them", "[server][write]") {
  WritableServer world;
  TestClient client(world.server->endpoint());
  const auto allow = [&](std::string_view target, std::string_view method) {
    const Answer answer = client.Get(target, "", method);
    CHECK(answer.status == 405);
    return answer["Allow"];
  };
  CHECK(allow("/clients", "PUT") == "GET, HEAD, POST");
  CHECK(allow("/clients/7", "POST") == "GET, HEAD, PUT, PATCH, DELETE");
  CHECK(allow("/clients/bulk", "GET") == "POST");
  CHECK(allow("/healthz", "DELETE") == "GET, HEAD");
  CHECK(client.Get("/clients/07").status == 404);
  CHECK(client.Ask("PUT", "/clients/9223372036854775808", Record(7)).status == 404);
}

TEST_CASE("a server without a write side says so", "[server][write]") {
  const auto server = StartServer(FakeClients{});
  TestClient client(server->endpoint());
  CHECK(client.Get("/clients/7", "", "PUT")["Allow"] == "GET, HEAD");
  for (const char* target : {"/clients", "/clients/7", "/clients/bulk"}) {
    CAPTURE(target);
    const Answer answer = client.Ask("POST", target, "{}");
    CHECK(answer.status == 405);
    CHECK(answer.body.find("nothing can be written here") != std::string::npos);
    CHECK(answer.keep_alive);
  }
}

TEST_CASE("keys decide who may write", "[server][write][keys]") {
  std::string text;
  for (const Role role : {Role::kMonitor, Role::kReader, Role::kWriter, Role::kAdmin}) {
    const std::string name(RoleName(role));
    text += KeyLine({.name = name, .role = role, .hash = HashToken("clt_" + name)});
  }
  WritableServer world(TestOptions(), *ApiKeys::Parse(text, "keys"));
  TestClient client(world.server->endpoint());
  const auto fields = [](const std::string& name) { return "Authorization: apikey clt_" + name + "\r\n" + kJson; };
  CHECK(client.Ask("PUT", "/clients/7", Record(7), kJson).status == 401);
  CHECK(client.Ask("PUT", "/clients/7", Record(7), fields("stranger")).status == 401);
  CHECK(TestClient(world.server->endpoint()).Ask("PUT", "/clients/7", std::string(100'000, '1'), fields("stranger")).status ==
        401);
  CHECK(client.Ask("PUT", "/clients/7", Record(7), fields("monitor")).status == 403);
  CHECK(client.Ask("PUT", "/clients/7", Record(7), fields("reader")).status == 403);
  CHECK(client.Ask("POST", "/clients/bulk", Record(7), fields("reader")).status == 403);
  CHECK(client.Get("/clients/7", fields("reader"), "DELETE").status == 403);
  CHECK(world.service->batches().empty());
  CHECK(client.Ask("PUT", "/clients/7", Record(7), fields("writer")).status == 201);
  CHECK(client.Ask("PUT", "/clients/7", Record(7), fields("admin")).status == 200);
  CHECK(client.Get("/clients/7", fields("reader")).status == 200);
  CHECK(client.Get("/clients/7", fields("monitor")).status == 403);
  CHECK(client.Get("/clients/7").status == 401);
}

TEST_CASE("the type and coding of a body are checked", "[server][write]") {
  WritableServer world;
  const auto status = [&](std::string_view method, std::string_view target, std::string_view fields) {
    return TestClient(world.server->endpoint()).Ask(method, target, Record(7), fields).status;
  };
  CHECK(status("PUT", "/clients/7", "") == 415);
  CHECK(status("PUT", "/clients/7", "Content-Type: text/plain\r\n") == 415);
  CHECK(status("PUT", "/clients/7", "Content-Type: application/merge-patch+json\r\n") == 415);
  CHECK(status("PUT", "/clients/7", "Content-Type: Application/JSON; charset=utf-8\r\n") == 201);
  CHECK(status("PUT", "/clients/7", "Content-Type: application/json\r\nContent-Type: application/json\r\n") == 415);
  CHECK(status("PUT", "/clients/7", std::string(kJson) + "Content-Encoding: br\r\n") == 415);
  CHECK(status("PUT", "/clients/7", std::string(kJson) + "Content-Encoding: gzip, gzip\r\n") == 415);
  CHECK(status("PUT", "/clients/7", std::string(kJson) + "Content-Encoding: identity\r\n") == 200);
  CHECK(status("PUT", "/clients/7", std::string(kJson) + "Content-Encoding: gzip\r\n") == 400);  // It is not.
}

std::string Zstd(std::string_view text, int window_log = 0) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  if (window_log != 0) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  }
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return packed;
}

TEST_CASE("a compressed record is taken, a bomb or a cut one is not", "[server][write]") {
  const bool by_zstd = GENERATE(true, false);
  WritableServer world;
  const auto pack = [&](std::string_view text) { return by_zstd ? Zstd(text) : Gzip(text); };
  const auto put = [&](std::string_view body) {
    const std::string fields = kJson + std::string(by_zstd ? "Content-Encoding: zstd\r\n" : "Content-Encoding: gzip\r\n");
    return TestClient(world.server->endpoint()).Ask("PUT", "/clients/7", body, fields);
  };
  const std::string packed = pack(Record(7, "\"name\":\"n\""));
  CHECK(put(packed).body == Record(7, "\"name\":\"n\""));
  CHECK(put(packed.substr(0, packed.size() - 1)).status == 400);
  CHECK(put(packed.substr(0, packed.size() / 2)).status == 400);
  CHECK(put(packed + "x").status == 400);
  std::string broken = packed;
  broken[packed.size() / 2] = static_cast<char>(broken[packed.size() / 2] ^ 0x55);
  CHECK(put(broken).status >= 400);
  CHECK(put(pack(std::string(1'048'576 - Record(7).size(), ' ') + Record(7))).status == 200);
  CHECK(put(pack(std::string(2'000'000, ' ') + Record(7))).status == 413);
  CHECK(put(pack(std::string(500'000'000, ' '))).status == 413);
}

TEST_CASE("a record is as long as allowed and no longer, however it is framed", "[server][write]") {
  ServerOptions options = TestOptions();
  options.max_record_bytes = 1'000;
  options.max_body_bytes = 100;  // Is for bodies that nobody wants.
  WritableServer world(options);
  const std::string fits = Record(7) + std::string(1'000 - Record(7).size(), ' ');
  CHECK(TestClient(world.server->endpoint()).Ask("PUT", "/clients/7", fits).status == 201);
  CHECK(TestClient(world.server->endpoint()).Ask("PUT", "/clients/7", fits + " ").status == 413);
  const auto chunked = [&](std::string_view chunks) {
    TestClient client(world.server->endpoint());
    client.Send("PUT /clients/7 HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.Send(chunks);
    return client.Receive().status;
  };
  CHECK(chunked("3e8\r\n" + fits + "\r\n0\r\n\r\n") == 200);
  CHECK(chunked("3e8\r\n" + fits + "\r\n1\r\n \r\n0\r\n\r\n") == 413);
  CHECK(chunked("3e9\r\n") == 413);
  CHECK(chunked("ffffffffffffffff\r\n") == 413);
  CHECK(chunked("fffffffffffffffff\r\n") == 400);
  CHECK(chunked("x\r\n") == 400);
  CHECK(chunked("3\r\nabcd\r\n0\r\n\r\n") == 400);
  CHECK(chunked(std::string(100'000, '0')) == 400);
  CHECK(chunked("1;" + std::string(100'000, 'x')) == 400);
}

TEST_CASE("a body without a length is 411, bad lengths are 400", "[server][write]") {
  WritableServer world;
  const auto status = [&](std::string_view fields) {
    TestClient client(world.server->endpoint());
    return client.Get("/clients/7", kJson + std::string(fields), "PUT").status;
  };
  CHECK(status("") == 411);
  CHECK(status("Content-Length: -1\r\n") == 400);
  CHECK(status("Content-Length: 1\r\nContent-Length: 2\r\n") == 400);
  CHECK(status("Content-Length: 99999999999999999999\r\n") == 400);
  CHECK(status("Content-Length: 18446744073709551615\r\n") == 413);
  CHECK(status("Content-Length: 0\r\n") == 422);
}

TEST_CASE("who expects 100 Continue gets it when the head is in order", "[server][write]") {
  WritableServer world;
  const std::string record = Record(7);
  const std::string fields = "Expect: 100-continue\r\nContent-Length: " + std::to_string(record.size()) + "\r\n";
  TestClient client(world.server->endpoint());
  client.Send("GET /healthz HTTP/1.1\r\nHost: test\r\n\r\nPUT /clients/7 HTTP/1.1\r\nHost: test\r\n" + fields + kJson + "\r\n");
  CHECK(client.Receive().body == R"({"status":"alive"})");
  CHECK(client.Receive().status == 100);
  client.Send(record);
  const Answer answer = client.Receive();
  CHECK(answer.status == 201);
  CHECK(answer.keep_alive);
  TestClient refused(world.server->endpoint());
  const Answer refusal = refused.Get("/clients/7", fields + "Content-Type: text/plain\r\n", "PUT");
  CHECK(refusal.status == 415);
  CHECK(!refusal.keep_alive);
  CHECK(TestClient(world.server->endpoint()).Get("/healthz", fields, "PUT").status == 405);
}

TEST_CASE("pipelined writes and reads are answered in order, each seeing those before", "[server][write]") {
  const bool later = GENERATE(true, false);
  WritableServer world;
  world.service->later = later;
  TestClient client(world.server->endpoint());
  std::string requests;
  for (int i = 1; i <= 300; ++i) {
    const std::string record = Record(7, "\"seller\":" + std::to_string(i));
    requests += "PUT /clients/7 HTTP/1.1\r\nHost: test\r\n" + std::string(kJson) +
                "Content-Length: " + std::to_string(record.size()) + "\r\n\r\n" + record +
                "GET /clients/7 HTTP/1.1\r\nHost: test\r\n\r\n";
    if (i % 3 == 0)
      requests += "DELETE /clients/7 HTTP/1.1\r\nHost: test\r\n\r\nGET /clients?limit=1 HTTP/1.1\r\nHost: test\r\n\r\n";
  }
  std::thread sender([&] { client.Send(requests); });
  for (int i = 1; i <= 300; ++i) {
    REQUIRE(client.Receive().status == (i == 1 ? 201 : 200));
    REQUIRE(client.Receive().body == Record(7, "\"seller\":" + std::to_string(i)));
    if (i % 3 == 0) {
      REQUIRE(client.Receive().status == 204);
      REQUIRE(client.Receive().body.starts_with("{\"count\":100,"));
    }
  }
  sender.join();
}

TEST_CASE("a write may arrive byte by byte", "[server][write]") {
  WritableServer world;
  TestClient client(world.server->endpoint());
  const bool chunked = GENERATE(true, false);
  std::string request = "PUT /clients/7 HTTP/1.1\r\nHost: test\r\n" + std::string(kJson);
  if (chunked) {
    request += "Transfer-Encoding: chunked\r\n\r\n";
    for (const char c : Record(7)) request += std::string("1;x=y\r\n") + c + "\r\n";
    request += "0\r\nIf-Match: *\r\n\r\n";  // A trailer is no header field.
  } else {
    request += "Content-Length: " + std::to_string(Record(7).size()) + "\r\n\r\n" + Record(7);
  }
  for (const char c : request) client.Send({&c, 1});
  CHECK(client.Receive().status == 201);
}

TEST_CASE("errors of the service have their statuses", "[server][write]") {
  WritableServer world;
  TestClient client(world.server->endpoint());
  const auto status = [&](const absl::Status& error) {
    world.service->fails = [error](const WriteBatch&) { return error; };
    return client.Ask("PUT", "/clients/7", Record(7)).status;
  };
  CHECK(status(absl::ResourceExhaustedError("full")) == 507);
  CHECK(status(absl::UnavailableError("busy")) == 503);
  CHECK(status(absl::AbortedError("under way")) == 409);
  CHECK(status(absl::FailedPreconditionError("another")) == 422);
  CHECK(status(absl::InvalidArgumentError("long")) == 413);
  const Answer answer = [&] {
    world.service->fails = [](const WriteBatch&) { return absl::DataLossError("secret"); };
    return client.Ask("PUT", "/clients/7", Record(7));
  }();
  CHECK(answer.status == 500);
  CHECK(answer.body.find("secret") == std::string::npos);
  CHECK(client.Get("/clients?limit=1").status == 200);
}

TEST_CASE("a caller who hangs up while a write is under way harms nobody", "[server][write]") {
  WritableServer world;
  world.service->Hold(true);
  for (int i = 0; i < 20; ++i) {
    TestClient client(world.server->endpoint());
    const std::string record = Record(i + 1);
    client.Send("PUT /clients/" + std::to_string(i + 1) + " HTTP/1.1\r\nHost: test\r\n" + kJson +
                "Content-Length: " + std::to_string(record.size()) + "\r\n\r\n" + record);
    REQUIRE(Eventually([&] { return world.service->waiting() == static_cast<std::size_t>(i + 1); }));
  }
  world.service->Hold(false);
  CHECK(Eventually([&] { return world.service->waiting() == 0; }));
  CHECK(world.service->size() == 20);
  CHECK(TestClient(world.server->endpoint()).Get("/clients/20").status == 200);
}

TEST_CASE("a server may end while the service still owes answers", "[server][write]") {
  auto service = std::make_shared<FakeWriteService>();
  {
    const auto server = StartServer(std::nullopt);
    server->Publish(ListsBeside(service), service);
    service->Hold(true);
    TestClient client(server->endpoint());
    client.Send("PUT /clients/7 HTTP/1.1\r\nHost: test\r\n" + std::string(kJson) +
                "Content-Length: " + std::to_string(Record(7).size()) + "\r\n\r\n" + Record(7));
    REQUIRE(Eventually([&] { return service->waiting() == 1; }));
    server->Stop();
    server->Stop();
    server->Wait();
  }
  service->Hold(false);
  CHECK(Eventually([&] { return service->waiting() == 0; }));
}

TEST_CASE("unknown and bad parameters of writes are 400", "[server][write]") {
  WritableServer world;
  TestClient client(world.server->endpoint());
  CHECK(client.Get("/clients/7?purge=maybe", "", "DELETE").body.find(R"("errors":{"purge":[")") != std::string::npos);
  CHECK(client.Get("/clients/7?prge=true", "", "DELETE").status == 400);
  CHECK(client.Get("/clients/7?limit=1").status == 400);
  CHECK(client.Get("/clients/7?purge=%zz", "", "DELETE").status == 400);
}

TEST_CASE("a record that dawdles is 408", "[server][write]") {
  ServerOptions options = TestOptions();
  options.request_timeout = std::chrono::milliseconds(500);
  WritableServer world(options);
  TestClient client(world.server->endpoint());
  client.Send("PUT /clients/7 HTTP/1.1\r\nHost: test\r\n" + std::string(kJson) + "Content-Length: 1000\r\n\r\n");
  std::thread dripper([&] {
    for (int i = 0; i < 10; ++i) {
      client.Send(" ");
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
    }
  });
  CHECK(client.Receive().status == 408);
  dripper.join();
  CHECK(world.service->batches().empty());
}

}  // namespace
}  // namespace clientele
