#include "server/write_request.h"

#include <catch2/catch.hpp>

namespace clientele {
namespace {

namespace http = boost::beast::http;

TEST_CASE("the methods that a route takes are those that Allow names", "[server][write]") {
  const bool can_write = GENERATE(true, false);
  for (const Route::Kind kind : {Route::Kind::kClients, Route::Kind::kClient, Route::Kind::kBulk, Route::Kind::kAlive,
                                 Route::Kind::kReady, Route::Kind::kMetrics}) {
    const std::string allowed = ", " + std::string(AllowedMethods(kind, can_write)) + ",";
    for (int i = 0; i <= static_cast<int>(http::verb::unlink); ++i) {
      const auto method = static_cast<http::verb>(i);
      const auto name = http::to_string(method);
      CAPTURE(allowed, i);
      CHECK(IsAllowed(kind, method, can_write) ==
            (allowed.find(", " + std::string(name.data(), name.size()) + ",") != std::string::npos));
    }
  }
}

TEST_CASE("flags are true, false, 1 or 0, and nothing else is a parameter", "[server][write]") {
  bool flag = false;
  CHECK(!ParseFlags("flag=true", {{"flag", &flag}}));
  CHECK(flag);
  CHECK(!ParseFlags("flag=0", {{"flag", &flag}}));
  CHECK(!flag);
  CHECK(!ParseFlags("flag=", {{"flag", &flag}}));  // As everywhere, without a value it counts as absent.
  CHECK(!flag);
  for (const char* bad : {"flag=yes", "flga=true", "flag=true&x=", "flag=%zz"}) {
    CAPTURE(bad);
    CHECK(ParseFlags(bad, {{"flag", &flag}}));
  }
}

}  // namespace
}  // namespace clientele
