// What callers of the server see of a lazily opened snapshot, and of one that is damaged.
#include <filesystem>

#include <absl/strings/match.h>
#include <catch2/catch.hpp>

#include "index/snapshot_reader.h"
#include "server/list_service.h"
#include "tests/engine/random_world.h"
#include "tests/index/snapshot_bytes.h"
#include "tests/server/test_client.h"

namespace clientele {
namespace {

std::shared_ptr<const ListService> ServiceOf(const Segment& segment, const std::vector<std::string>& damaged_sections,
                                             Verify verify) {
  std::string bytes = SnapshotBytes(segment);
  for (const SectionPlace& section : SectionsOf(bytes)) {
    if (std::ranges::find(damaged_sections, section.name) != damaged_sections.end()) {
      for (std::size_t at = section.begin; at < section.end; at += 1'000) bytes[at] = static_cast<char>(bytes[at] ^ 4);
    }
  }
  const auto opened = OpenSegment(MappedBytes(bytes), {.verify = verify});
  REQUIRE(opened.ok());
  return MakeListService(SnapshotOf(opened->segment));
}

}  // namespace

TEST_CASE("a lazily opened snapshot is served like one that was verified", "[snapshot][server]") {
  const RandomWorld world = SmallWorld(6);
  const auto full = StartServer(std::nullopt), lazy = StartServer(std::nullopt);
  full->Publish(ServiceOf(*OnlySegment(world.snapshot), {}, Verify::kFull));
  lazy->Publish(ServiceOf(*OnlySegment(world.snapshot), {}, Verify::kLazy));
  TestClient full_client(full->endpoint()), lazy_client(lazy->endpoint());
  for (const char* target :
       {"/clients?limit=5", "/clients?limit=0&status=active", "/clients?ordering=-email&email=a&limit=3", "/clients"}) {
    for (int repeat = 0; repeat < 2; ++repeat) {
      const Answer expected = full_client.Get(target), answer = lazy_client.Get(target);
      CAPTURE(target);
      CHECK(answer.status == 200);
      CHECK(answer.body == expected.body);
    }
  }
}

TEST_CASE("a query that needs a damaged part of a snapshot is 503, other queries are answered", "[snapshot][server]") {
  const RandomWorld world = SmallWorld(6);
  const auto server = StartServer(std::nullopt);
  server->Publish(ServiceOf(*OnlySegment(world.snapshot), {"email.order.row_at", "records.store.records"}, Verify::kLazy));
  TestClient client(server->endpoint());
  for (const char* target : {"/clients?ordering=email&limit=1", "/clients?email=a&limit=0", "/clients?limit=50", "/clients"}) {
    const Answer answer = client.Get(target);
    CAPTURE(target, answer.body);
    CHECK(answer.status == 503);
    CHECK(answer["Content-Type"] == "application/problem+json");
    CHECK(absl::StrContains(answer.body, R"("detail":"a part of the snapshot that this query needs is damaged")"));
    CHECK(answer["Retry-After"].empty());  // Coming again would not help.
  }
  CHECK(client.Get("/clients?limit=0&status=active").status == 200);
  CHECK(client.Get("/clients?limit=0").status == 200);
  CHECK(client.Get("/readyz").status == 200);
}

TEST_CASE("a snapshot gives single clients as its lists do", "[snapshot][server]") {
  const RandomWorld world = SmallWorld(6);
  const Verify verify = GENERATE(Verify::kFull, Verify::kLazy);
  const auto server = StartServer(std::nullopt);
  server->Publish(ServiceOf(*OnlySegment(world.snapshot), {}, verify));
  TestClient client(server->endpoint());
  const Segment& segment = *OnlySegment(world.snapshot);
  for (std::uint32_t row = 0; row < segment.row_count(); row += 97) {
    const std::string id = std::to_string(segment.ClientId(row));
    const Answer one = client.Get("/clients/" + id), list = client.Get("/clients?id=" + id);
    CHECK(one.status == 200);
    CHECK("[" + one.body + "]" == list.body);
    CHECK(client.Get("/iam/clients/" + id, "If-None-Match: " + one["ETag"] + "\r\n").status == 304);
  }
  CHECK(client.Get("/clients/-1").status == 404);
}

TEST_CASE("a client whose record is damaged is 503", "[snapshot][server]") {
  const RandomWorld world = SmallWorld(6);
  const auto server = StartServer(std::nullopt);
  server->Publish(ServiceOf(*OnlySegment(world.snapshot), {"records.store.records"}, Verify::kLazy));
  TestClient client(server->endpoint());
  CHECK(client.Get("/clients/" + std::to_string(OnlySegment(world.snapshot)->ClientId(0))).status == 503);
  CHECK(client.Get("/clients/-1").status == 404);  // Known without any record.
}

}  // namespace clientele
