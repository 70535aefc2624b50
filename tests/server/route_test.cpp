#include "server/route.h"

#include <string>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

std::string Named(std::string_view target) {
  const Route route = FindRoute(target);
  switch (route.kind) {
    case Route::Kind::kNone: return "none";
    case Route::Kind::kClients: return "clients of " + std::string(route.clients_path);
    case Route::Kind::kClient: return std::to_string(route.id) + " of " + std::string(route.clients_path);
    case Route::Kind::kBulk: return "bulk of " + std::string(route.clients_path);
    case Route::Kind::kAlive: return "alive";
    case Route::Kind::kReady: return "ready";
    case Route::Kind::kMetrics: return "metrics";
  }
  return "?";
}

TEST_CASE("a target names clients, one client, bulk writes or a probe", "[server][route]") {
  CHECK(Named("/clients") == "clients of /clients");
  CHECK(Named("/iam/clients?limit=1") == "clients of /iam/clients");
  CHECK(Named("/clients/7") == "7 of /clients");
  CHECK(Named("/iam/clients/-9223372036854775808?purge=true") == "-9223372036854775808 of /iam/clients");
  CHECK(Named("/clients/0") == "0 of /clients");
  CHECK(Named("/clients/bulk") == "bulk of /clients");
  CHECK(Named("http://host/clients/9223372036854775807") == "9223372036854775807 of /clients");
  CHECK(Named("/healthz?x") == "alive");
  CHECK(Named("/readyz") == "ready");
  CHECK(Named("/metrics") == "metrics");
  CHECK(FindRoute("/clients/7?purge=true").query_string == "purge=true");
  CHECK(FindRoute("http://host/clients/7?a").path == "/clients/7");
}

TEST_CASE("ids have one spelling, and what is none names nothing", "[server][route]") {
  for (const char* target : {"/",
                             "",
                             "*",
                             "/client",
                             "/clientsx",
                             "/clients/",
                             "/clients//7",
                             "/clients/7/",
                             "/clients/7/x",
                             "/clients/07",
                             "/clients/-0",
                             "/clients/+7",
                             "/clients/-",
                             "/clients/7a",
                             "/clients/%37",
                             "/clients/9223372036854775808",
                             "/clients/99999999999999999999999999",
                             "/clients/bulk/",
                             "/clients/Bulk",
                             "/CLIENTS",
                             "/iam",
                             "http://host"}) {
    CAPTURE(target);
    CHECK(Named(target) == "none");
  }
}

}  // namespace
}  // namespace clientele
