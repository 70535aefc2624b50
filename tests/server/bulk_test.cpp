// Bulk writes behind a real server: counts and errors, batches and their order, bodies that are slow, cut, compressed or hostile.
#include <catch2/catch.hpp>
#include <simdjson.h>
#include <zstd.h>

#include "tests/loader/parsed_record.h"
#include "tests/server/fake_write_service.h"
#include "tests/server/gzip.h"
#include "tests/server/test_client.h"

namespace clientele {
namespace {

constexpr const char* kNdjson = "Content-Type: application/x-ndjson\r\n";

struct BulkWorld {
  explicit BulkWorld(const ServerOptions& options = TestOptions()) : server(StartServer(std::nullopt, options)) {
    server->Publish(ListsBeside(service), service);
  }
  Answer Post(std::string_view body, std::string_view query = "", std::string_view fields = kNdjson) {
    return TestClient(server->endpoint()).Ask("POST", "/clients/bulk" + std::string(query), body, fields);
  }

  std::shared_ptr<FakeWriteService> service = std::make_shared<FakeWriteService>();
  std::unique_ptr<Server> server;
};

std::string Record(int id, std::string_view members = "") {
  return Replaced(SmallRecord(members), "\"id\":7", "\"id\":" + std::to_string(id));
}

std::string Records(int first, int last) {
  std::string lines;
  for (int id = first; id <= last; ++id) lines += Record(id) + "\n";
  return lines;
}

// The counts of a reply, as "lines created replaced patched deleted purged failed not_tried omitted".
std::string Counts(const Answer& answer) {
  simdjson::dom::parser parser;
  const simdjson::padded_string json(answer.body);
  simdjson::dom::element document;
  if (parser.parse(json).get(document)) return "no JSON: " + answer.body.substr(0, 200);
  std::string counts;
  for (const char* name :
       {"lines", "created", "replaced", "patched", "deleted", "purged", "failed", "not_tried", "errors_omitted"}) {
    std::uint64_t count = 0;
    if (document[name].get(count)) return std::string("no ") + name + " in " + answer.body.substr(0, 200);
    counts += (counts.empty() ? "" : " ") + std::to_string(count);
  }
  return counts;
}

// "line code pointer, ..."
std::string Errors(const Answer& answer) {
  simdjson::dom::parser parser;
  const simdjson::padded_string json(answer.body);
  std::string errors;
  for (const simdjson::dom::element error : parser.parse(json)["errors"].get_array()) {
    errors += (errors.empty() ? "" : ", ") + std::to_string(error["line"].get_uint64().value()) + " " +
              std::string(error["code"].get_string().value()) + " " + std::string(error["pointer"].get_string().value());
  }
  return errors;
}

TEST_CASE("a bulk request does what its lines say and counts it", "[server][bulk]") {
  const bool later = GENERATE(true, false);
  const char* type = GENERATE("application/x-ndjson", "application/ndjson", "application/json; charset=utf-8");
  BulkWorld world;
  world.service->later = later;
  const std::string body = "\xEF\xBB\xBF" + Records(1, 5) + "\r\n\n" + R"({"_patch":{"name":"n"},"id":2})" + "\r\n" +
                           R"({"_delete":3})" + "\n" + R"({"_purge":4})" + "\n" + Record(5, "\"name\":\"x\"");
  const Answer answer = world.Post(body, "", "Content-Type: " + std::string(type) + "\r\n");
  CHECK(answer.status == 200);
  CHECK(answer.keep_alive);
  CHECK(answer["Content-Type"] == "application/json");
  CHECK(answer.body ==
        R"({"lines":9,"created":5,"replaced":1,"patched":1,"deleted":1,"purged":1,"failed":0,"not_tried":0,"errors":[],)"
        R"("errors_omitted":0})");
  CHECK((*world.service->Find(2))->json == Record(2, "\"name\":\"n\""));
  CHECK((*world.service->Find(3))->json == Record(3, "\"deleted\":true"));
  CHECK(!*world.service->Find(4));
  CHECK((*world.service->Find(5))->json == Record(5, "\"name\":\"x\""));
}

TEST_CASE("lines that fail are told with their place, and the others are written", "[server][bulk]") {
  BulkWorld world;
  const std::string body = Record(1) + "\n\n" + Replaced(Record(2), "active", "actve") + "\n" + R"({"_delete":9})" + "\n" +
                           "{\n" + R"({"_purge":"x"})" + "\n" + Record(3) + "\n" + R"({"_patch":{"id":[]},"id":3})" + "\n" +
                           "\xFF\xFE\n";
  const Answer answer = world.Post(body);
  CHECK(answer.status == 422);
  CHECK(answer["Content-Type"] == "application/problem+json");
  CHECK(Counts(answer) == "8 2 0 0 0 0 6 0 0");
  CHECK(Errors(answer) == "3 invalid /status, 4 missing , 5 invalid , 6 invalid /_purge, 8 invalid /id, 9 invalid ");
  CHECK(answer.body.find(R"("line":4,"id":9,"pointer":"","value":"","expected":"a client with this id","code":"missing")") !=
        std::string::npos);
  CHECK(world.service->size() == 2);
}

TEST_CASE("of very many errors the first thousand are told", "[server][bulk]") {
  BulkWorld world;
  std::string body;
  for (int i = 0; i < 5'500; ++i) body += i % 2 == 0 ? "{}\n" : "{\"_delete\":\"x\"}\n";
  const Answer answer = world.Post(body);
  CHECK(Counts(answer) == "5500 0 0 0 0 0 5500 0 4500");
  std::string expected;
  for (int line = 1; line <= 1'000; ++line) {
    expected += (line > 1 ? ", " : "") + std::to_string(line) + (line % 2 == 1 ? " invalid /id" : " invalid /_delete");
  }
  CHECK(Errors(answer) == expected);
}

TEST_CASE("nothing in a body is nothing done", "[server][bulk]") {
  BulkWorld world;
  for (const char* body : {"", "\n", "\r\n \n\t\n"}) {
    const Answer answer = world.Post(body);
    CHECK(answer.status == 200);
    CHECK(Counts(answer) == "0 0 0 0 0 0 0 0 0");
  }
}

TEST_CASE("long bodies come in batches, in order, a few at a time", "[server][bulk]") {
  ServerOptions options = TestOptions();
  options.bulk_batch_lines = 100;
  BulkWorld world(options);
  const Answer answer = world.Post(Records(1, 5'000) + Records(4'001, 6'000));
  CHECK(Counts(answer) == "7000 6000 1000 0 0 0 0 0 0");
  CHECK(world.service->waiting_max <= options.bulk_batches_ahead);
  int next = 1;
  for (const WriteBatch& batch : world.service->batches()) {
    REQUIRE(batch.writes.size() <= 100);
    CHECK(!batch.atomic);
    for (const Write& write : batch.writes) {
      REQUIRE(write.json == Record(next <= 5'000 ? next : next - 1'000));
      ++next;
    }
  }
  CHECK(next == 7'001);
}

TEST_CASE("batches are bounded by their bytes, too", "[server][bulk]") {
  ServerOptions options = TestOptions();
  options.bulk_batch_bytes = 10'000;
  BulkWorld world(options);
  CHECK(world.Post(Records(1, 1'000)).status == 200);
  for (const WriteBatch& batch : world.service->batches()) {
    std::size_t bytes = 0;
    for (const Write& write : batch.writes) bytes += write.json.size();
    CHECK(bytes < 10'000 + 200);
  }
}

TEST_CASE("a sender has to wait while the service is behind, in bounded memory", "[server][bulk]") {
  ServerOptions options = TestOptions();
  options.bulk_batch_lines = 100;
  BulkWorld world(options);
  world.service->Hold(true);
  std::string body;  // Far longer than all buffers on the way.
  const std::string wide = "\"name\":\"" + std::string(1'000, 'n') + "\"";
  for (int id = 1; id <= 30'000; ++id) body += Record(id, wide) + "\n";
  TestClient client(world.server->endpoint());
  std::atomic<bool> sent = false;
  std::thread sender([&] {
    client.Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\n" + std::string(kNdjson) +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    client.Send(body);
    sent = true;
  });
  REQUIRE(Eventually([&] { return world.service->waiting() == options.bulk_batches_ahead; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(!sent);
  CHECK(world.service->waiting() == options.bulk_batches_ahead);
  CHECK(TestClient(world.server->endpoint()).Get("/clients?limit=1").status == 200);
  world.service->Hold(false);
  CHECK(Counts(client.Receive()) == "30000 30000 0 0 0 0 0 0 0");
  sender.join();
}

TEST_CASE("lines are written while their sender pauses, and the pause does not end the request", "[server][bulk]") {
  ServerOptions options = TestOptions();
  options.request_timeout = std::chrono::milliseconds(700);
  BulkWorld world(options);
  TestClient client(world.server->endpoint());
  client.Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\n" + std::string(kNdjson) + "Transfer-Encoding: chunked\r\n\r\n");
  const auto send = [&](std::string_view piece) {
    char size[16];
    std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
    client.Send(size + std::string(piece) + "\r\n");
  };
  for (int id = 1; id <= 8; ++id) {
    send(Record(id) + "\n" + Record(id + 100).substr(0, 20));
    CHECK(Eventually([&] { return world.service->size() == static_cast<std::size_t>(2 * id - 1); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    send(Record(id + 100).substr(20) + "\n");
    CHECK(Eventually([&] { return world.service->size() == static_cast<std::size_t>(2 * id); }));
  }
  client.Send("0\r\n\r\n");
  CHECK(Counts(client.Receive()) == "16 16 0 0 0 0 0 0 0");
}

TEST_CASE("a body that stops coming is 408 and tells what was written", "[server][bulk]") {
  ServerOptions options = TestOptions();
  options.request_timeout = std::chrono::milliseconds(500);
  BulkWorld world(options);
  TestClient client(world.server->endpoint());
  client.Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\n" + std::string(kNdjson) + "Content-Length: 100000\r\n\r\n" +
              Records(1, 10) + Record(11));
  const Answer answer = client.Receive();
  CHECK(answer.status == 408);
  CHECK(!answer.keep_alive);
  CHECK(Counts(answer) == "10 10 0 0 0 0 0 0 0");
}

TEST_CASE("a connection that breaks leaves what was submitted, and nothing of the line it broke in", "[server][bulk]") {
  BulkWorld world;
  for (int i = 0; i < 30; ++i) {
    TestClient client(world.server->endpoint());
    client.Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\n" + std::string(kNdjson) + "Content-Length: 100000\r\n\r\n" +
                Record(1) + "\n" + Record(2));
    if (i % 2 == 0) REQUIRE(Eventually([&] { return world.service->size() == 1; }));
  }
  CHECK(world.Post(Record(3)).status == 200);
  CHECK(!*world.service->Find(2));
  // The places of those who have gone are free again.
  for (int i = 0; i < 40; ++i) CHECK(Eventually([&] { return world.Post(Record(3)).status == 200; }));
}

TEST_CASE("a body whose framing breaks is 400 and tells what was written", "[server][bulk]") {
  BulkWorld world;
  TestClient client(world.server->endpoint());
  const std::string lines = Records(1, 3);
  char size[16];
  std::snprintf(size, sizeof(size), "%zx\r\n", lines.size());
  client.Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\n" + std::string(kNdjson) + "Transfer-Encoding: chunked\r\n\r\n" +
              size + lines);
  REQUIRE(Eventually([&] { return world.service->size() == 3; }));
  client.Send("\r\nnonsense\r\n");
  const Answer answer = client.Receive();
  CHECK(answer.status == 400);
  CHECK(Counts(answer) == "3 3 0 0 0 0 0 0 0");
}

std::string Zstd(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
  return packed;
}

TEST_CASE("compressed bodies are taken, also in many small pieces", "[server][bulk]") {
  const bool by_zstd = GENERATE(true, false);
  const std::string lines = Records(1, 3'000);
  const std::string packed = by_zstd ? Zstd(lines) + Zstd(Records(3'001, 3'100)) : Gzip(lines) + Gzip(Records(3'001, 3'100));
  const std::string fields = kNdjson + std::string(by_zstd ? "Content-Encoding: zstd\r\n" : "Content-Encoding: GZIP\r\n");
  BulkWorld world;
  CHECK(Counts(world.Post(packed, "", fields)) == "3100 3100 0 0 0 0 0 0 0");
  TestClient client(world.server->endpoint());
  client.Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\n" + fields + "Content-Length: " + std::to_string(packed.size()) +
              "\r\n\r\n");
  for (std::size_t at = 0; at < packed.size(); at += 97) client.Send(std::string_view(packed).substr(at, 97));
  CHECK(Counts(client.Receive()) == "3100 0 3100 0 0 0 0 0 0");
}

TEST_CASE("a compressed body that is cut or broken is 400, never a shorter success", "[server][bulk]") {
  const bool by_zstd = GENERATE(true, false);
  const std::string lines = Records(1, 100);
  const std::string packed = by_zstd ? Zstd(lines) : Gzip(lines);
  const std::string fields = kNdjson + std::string(by_zstd ? "Content-Encoding: zstd\r\n" : "Content-Encoding: gzip\r\n");
  BulkWorld world;
  for (const std::size_t size : {std::size_t{1}, std::size_t{10}, packed.size() / 2, packed.size() - 5, packed.size() - 1}) {
    CAPTURE(size, packed.size());
    const Answer answer = world.Post(packed.substr(0, size), "", fields);
    CHECK(answer.status == 400);
    CHECK(Counts(answer).ends_with(" 0"));
  }
  CHECK(world.Post(packed + "trailing", "", fields).status == 400);
  CHECK(world.Post(lines, "", fields).status == 400);
  CHECK(world.Post(packed, "", fields).status == 200);
}

TEST_CASE("a bomb of one endless line, or of none, takes no memory and is told", "[server][bulk]") {
  BulkWorld world;
  const std::string fields = std::string(kNdjson) + "Content-Encoding: gzip\r\n";
  const Answer endless = world.Post(Gzip(Record(1) + "\n" + std::string(300'000'000, 'x') + "\n" + Record(2)), "", fields);
  CHECK(Counts(endless) == "3 2 0 0 0 0 1 0 0");
  CHECK(Errors(endless) == "2 invalid ");
  CHECK(endless.body.find("a line of at most 1048576 bytes") != std::string::npos);
  CHECK(Counts(world.Post(Gzip(std::string(300'000'000, '\n') + Record(3)), "", fields)) == "1 1 0 0 0 0 0 0 0");
}

TEST_CASE("a line is as long as a record may be, and no longer", "[server][bulk]") {
  ServerOptions options = TestOptions();
  options.max_record_bytes = 1'000;
  BulkWorld world(options);
  const auto padded = [](int id, std::size_t size) { return Record(id) + std::string(size - Record(id).size(), ' ') + "\n"; };
  CHECK(Counts(world.Post(padded(1, 1'000) + padded(2, 1'001) + padded(3, 600'000) + Record(4))) == "4 2 0 0 0 0 2 0 0");
}

TEST_CASE("a last line that is cut fails", "[server][bulk]") {
  BulkWorld world;
  const Answer answer = world.Post(Records(1, 2) + Record(3).substr(0, 40));
  CHECK(Counts(answer) == "3 2 0 0 0 0 1 0 0");
}

TEST_CASE("an atomic request is one batch, and nothing when a line fails", "[server][bulk]") {
  ServerOptions options = TestOptions();
  options.bulk_batch_lines = 10;
  BulkWorld world(options);
  CHECK(Counts(world.Post(Records(1, 100), "?atomic=true")) == "100 100 0 0 0 0 0 0 0");
  REQUIRE(world.service->batches().size() == 1);
  CHECK(world.service->batches()[0].atomic);
  // Refused by the service, and before it gets there.
  for (const char* bad : {"{}\n", "{\"_delete\":\"x\"}\n"}) {
    const Answer answer = world.Post(Records(101, 105) + bad + Records(106, 110) + "{\"_delete\":999}\n", "?atomic=true");
    CHECK(answer.status == 422);
    CHECK(Counts(answer) == "12 0 0 0 0 0 2 10 0");
    CHECK(answer.body.find("nothing was written") != std::string::npos);
    CHECK(world.service->size() == 100);
  }
}

TEST_CASE("an atomic request is bounded", "[server][bulk]") {
  ServerOptions options = TestOptions();
  options.max_atomic_lines = 100;
  options.max_atomic_bytes = 50'000;
  BulkWorld world(options);
  CHECK(world.Post(Records(1, 100), "?atomic=1").status == 200);
  CHECK(world.Post(Records(1, 101), "?atomic=1").status == 413);
  std::string wide;
  for (int id = 1; id <= 10; ++id) wide += Record(id, "\"name\":\"" + std::string(6'000, 'n') + "\"") + "\n";
  CHECK(world.Post(wide, "?atomic=1").status == 413);
  CHECK(world.service->size() == 100);
}

TEST_CASE("a dry run says what would happen", "[server][bulk]") {
  const std::string query = GENERATE("?dry_run=true", "?dry_run=true&atomic=true");
  BulkWorld world;
  CHECK(Counts(world.Post(Records(1, 10), query)) == "10 10 0 0 0 0 0 0 0");
  CHECK(world.service->size() == 0);
  for (const WriteBatch& batch : world.service->batches()) CHECK(batch.dry_run);
}

TEST_CASE("when the service fails on the way, the reply tells what was written until then", "[server][bulk]") {
  const auto [error, status] = GENERATE(table<absl::StatusCode, unsigned>(
      {{absl::StatusCode::kResourceExhausted, 507}, {absl::StatusCode::kUnavailable, 503}, {absl::StatusCode::kInternal, 500}}));
  const bool later = GENERATE(true, false);
  ServerOptions options = TestOptions();
  options.bulk_batch_lines = 100;
  BulkWorld world(options);
  world.service->later = later;
  std::atomic<int> batches = 0;
  world.service->fails = [&, error = error](const WriteBatch&) {
    return ++batches > 3 ? absl::Status(error, "no more") : absl::OkStatus();
  };
  const Answer answer = world.Post(Records(1, 1'000));
  CHECK(answer.status == status);
  CHECK(answer["Content-Type"] == "application/problem+json");
  const std::string counts = Counts(answer);
  CHECK(counts.find(" " + std::to_string(world.service->size()) + " 0 0 0 0 0 ") != std::string::npos);
  CHECK(TestClient(world.server->endpoint()).Get("/clients?limit=1").status == 200);
}

TEST_CASE("a failure ends a request whose body is still coming", "[server][bulk]") {
  BulkWorld world;
  world.service->fails = [](const WriteBatch&) { return absl::ResourceExhaustedError("the disk is full"); };
  TestClient client(world.server->endpoint());
  client.Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\n" + std::string(kNdjson) + "Content-Length: 100000\r\n\r\n" +
              Records(1, 10));
  const Answer answer = client.Receive();
  CHECK(answer.status == 507);
  CHECK(!answer.keep_alive);
}

TEST_CASE("bulk requests beyond their number are told 503", "[server][bulk]") {
  ServerOptions options = TestOptions();
  options.max_bulks = 1;
  BulkWorld world(options);
  TestClient first(world.server->endpoint());
  first.Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n" + std::string(kNdjson) +
             "Content-Length: " + std::to_string(Record(1).size()) + "\r\n\r\n");
  REQUIRE(first.Receive().status == 100);  // It has been let in.
  CHECK(world.Post(Record(2)).status == 503);
  first.Send(Record(1));
  CHECK(first.Receive().status == 200);
  CHECK(Eventually([&] { return world.Post(Record(2)).status == 200; }));
}

TEST_CASE("several bulk requests share: none waits for the end of another", "[server][bulk]") {
  ServerOptions options = TestOptions();
  options.io_threads = 1;
  options.bulk_batch_lines = 50;
  BulkWorld world(options);
  const std::string large = Records(1, 200'000);
  TestClient greedy(world.server->endpoint());
  std::thread sender([&] {
    greedy.Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\n" + std::string(kNdjson) +
                "Content-Length: " + std::to_string(large.size()) + "\r\n\r\n");
    greedy.Send(large);
  });
  REQUIRE(Eventually([&] { return world.service->size() > 100; }));
  CHECK(Counts(world.Post(Records(900'001, 900'100))) == "100 100 0 0 0 0 0 0 0");
  CHECK(world.service->size() < 200'000);
  CHECK(Counts(greedy.Receive()) == "200000 200000 0 0 0 0 0 0 0");
  sender.join();
}

TEST_CASE("what does not fit a bulk request is refused with its head", "[server][bulk]") {
  BulkWorld world;
  CHECK(world.Post(Record(1), "", std::string(kNdjson) + "If-Match: *\r\n").status == 400);
  CHECK(world.Post(Record(1), "", std::string(kNdjson) + "Idempotency-Key: a\r\n").status == 400);
  CHECK(world.Post(Record(1), "", "Content-Type: text/csv\r\n").status == 415);
  CHECK(world.Post(Record(1), "?atomc=true").status == 400);
  CHECK(TestClient(world.server->endpoint()).Get("/clients/bulk", kNdjson, "POST").status == 411);
  CHECK(world.service->batches().empty());
}

TEST_CASE("a bulk request waits for 100 Continue, and others follow it on the connection", "[server][bulk]") {
  BulkWorld world;
  TestClient client(world.server->endpoint());
  client.Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n" + std::string(kNdjson) +
              "Transfer-Encoding: chunked\r\n\r\n");
  CHECK(client.Receive().status == 100);
  char size[16];
  std::snprintf(size, sizeof(size), "%zx\r\n", Record(1).size());
  client.Send(size + Record(1) +
              "\r\n0\r\n\r\nGET /clients/1 HTTP/1.1\r\nHost: test\r\n\r\nDELETE /clients/1 HTTP/1.1\r\nHost: test\r\n\r\n");
  CHECK(Counts(client.Receive()) == "1 1 0 0 0 0 0 0 0");
  CHECK(client.Receive().body == Record(1));
  CHECK(client.Receive().status == 204);
}

TEST_CASE("a server may end in the middle of bulk requests", "[server][bulk]") {
  auto service = std::make_shared<FakeWriteService>();
  service->Hold(true);
  {
    const auto server = StartServer(std::nullopt);
    server->Publish(ListsBeside(service), service);
    TestClient waiting(server->endpoint()), sending(server->endpoint());
    for (TestClient* client : {&waiting, &sending}) {
      client->Send("POST /clients/bulk HTTP/1.1\r\nHost: test\r\n" + std::string(kNdjson) + "Content-Length: " +
                   std::to_string(Record(1).size() + (client == &sending ? 100 : 1)) + "\r\n\r\n" + Record(1) + "\n");
    }
    REQUIRE(Eventually([&] { return service->waiting() == 2; }));
    server->Stop();
    server->Stop();
    server->Wait();
  }
  service->Hold(false);
  CHECK(Eventually([&] { return service->waiting() == 0; }));
}

}  // namespace
}  // namespace clientele
