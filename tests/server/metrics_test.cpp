// What monitoring sees of a server.
#include "server/metrics.h"

#include <map>
#include <regex>
#include <sstream>

#include <absl/strings/match.h>
#include <catch2/catch.hpp>

#include "engine/client_set.h"
#include "loader/json_record_reader.h"
#include "server/set_services.h"
#include "tests/loader/temporary_files.h"
#include "tests/server/test_client.h"

namespace clientele {
namespace {

// Values by name; every line must be of the text format, and every metric be described before it is told.
std::map<std::string, double> Parsed(const std::string& text) {
  static const std::regex sample("(clientele_[a-z_]+) ([0-9.e+-]+)"), comment("# (HELP|TYPE) (clientele_[a-z_]+) .+");
  std::map<std::string, double> values;
  std::map<std::string, int> described;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    std::smatch match;
    if (std::regex_match(line, match, comment)) {
      ++described[match[2]];
      continue;
    }
    REQUIRE(std::regex_match(line, match, sample));
    CHECK(described[match[1]] == 2);
    CHECK(values.emplace(match[1], std::stod(match[2])).second);
  }
  CHECK(absl::EndsWith(text, "\n"));
  return values;
}

std::string Record(int id) {
  return "{\"id\":" + std::to_string(id) +
         ",\"email\":\"a@b.example\",\"status\":\"active\",\"companyName\":\"A\",\"created_at\":\"2024-05-06T07:08:09Z\"}";
}

}  // namespace

TEST_CASE("metrics tell what is known, before and after the clients are loaded", "[server][metrics]") {
  const auto server = StartServer(std::nullopt);
  TestClient client(server->endpoint());
  const Answer before = client.Get("/metrics");
  CHECK(before.status == 200);
  CHECK(before["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8");
  const auto early = Parsed(before.body);
  CHECK(early.at("clientele_ready") == 0);
  CHECK(early.at("clientele_connections") == 1);
  CHECK_FALSE(early.contains("clientele_clients"));
  server->Publish(std::make_shared<FakeListService>(FakeClients{.count = 3}));
  const auto loaded = Parsed(client.Get("/metrics").body);
  CHECK(loaded.at("clientele_ready") == 1);
  CHECK(loaded.at("clientele_clients") == 3);
  CHECK_FALSE(loaded.contains("clientele_segments"));
  CHECK(client.Get("/metrics", "", "HEAD").body.empty());
  CHECK(client.Get("/metrics", "", "POST").status == 405);
}

TEST_CASE("metrics of a live set follow its writes", "[server][metrics][live]") {
  const TemporaryFolder folder;
  ClientSetOptions options;
  options.new_reader = NewJsonRecordReader;
  auto opened = ClientSet::Open(folder.Path("live"), std::move(options));
  REQUIRE(opened.ok());
  const std::shared_ptr<ClientSet> set = *std::move(opened);
  const auto server = StartServer(std::nullopt);
  server->Publish(MakeListService(std::shared_ptr<const ClientSet>(set)), MakeWriteService(set));
  TestClient client(server->endpoint());
  for (int id = 1; id <= 5; ++id) REQUIRE(client.Ask("POST", "/clients", Record(id)).status == 201);
  REQUIRE(client.Get("/clients/5?purge=true", "", "DELETE").status == 204);
  auto values = Parsed(client.Get("/metrics").body);
  CHECK(values.at("clientele_clients") == 4);
  CHECK(values.at("clientele_live_rows") == 4);
  CHECK(values.at("clientele_segments") == 0);
  CHECK(values.at("clientele_log_groups") == 6);
  CHECK(values.at("clientele_log_rows") == 6);
  CHECK(values.at("clientele_write_batches_total") == 6);
  CHECK(values.at("clientele_write_ahead_bytes") > 0);
  const double epoch = values.at("clientele_epoch");
  REQUIRE(set->Flush().ok());
  REQUIRE(client.Get("/clients/4?purge=true", "", "DELETE").status == 204);
  values = Parsed(client.Get("/metrics").body);
  CHECK(values.at("clientele_clients") == 3);
  CHECK(values.at("clientele_live_rows") == 0);
  CHECK(values.at("clientele_segments") == 1);
  CHECK(values.at("clientele_dead_rows") == 1);
  CHECK(values.at("clientele_log_rows") == 1);
  CHECK(values.at("clientele_merges_total") == 1);
  CHECK(values.at("clientele_segment_files_written_total") == 1);
  CHECK(values.at("clientele_segment_bytes_written_total") > 0);
  CHECK(values.at("clientele_epoch") > epoch);
}

TEST_CASE("with keys, metrics are for any key", "[server][metrics]") {
  const std::string text = KeyLine({.name = "watch", .role = Role::kMonitor, .hash = HashToken("clt_watch")});
  const auto server = StartServer(FakeClients{}, TestOptions(), *ApiKeys::Parse(text, "keys"));
  TestClient client(server->endpoint());
  const Answer without = client.Get("/metrics");
  CHECK(without.status == 401);
  CHECK_FALSE(absl::StrContains(without.body, "clientele_"));
  CHECK(client.Get("/metrics", "Authorization: apikey clt_other\r\n").status == 401);
  CHECK(client.Get("/metrics", "Authorization: apikey clt_watch\r\n").status == 200);
}

}  // namespace clientele
