#include "server/listen_address.h"

#include <catch2/catch.hpp>

namespace clientele {
namespace {

std::string Parsed(std::string_view text) {
  const auto endpoint = ParseListenAddress(text);
  return endpoint.ok() ? endpoint->address().to_string() + " " + std::to_string(endpoint->port()) : "refused";
}

TEST_CASE("an address and a port are understood", "[server][listen]") {
  CHECK(Parsed("127.0.0.1:8080") == "127.0.0.1 8080");
  CHECK(Parsed("0.0.0.0:0") == "0.0.0.0 0");
  CHECK(Parsed("[::1]:65535") == "::1 65535");
  CHECK(Parsed("localhost:80") == "127.0.0.1 80");
}

TEST_CASE("anything else is refused", "[server][listen]") {
  for (const char* text :
       {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1: 80",
        "127.0.0.1:+80", "::1:8080", "[::1]", "[127.0.0.1]:80", "example.com:80", "*:80", "256.0.0.1:80"}) {
    CAPTURE(text);
    CHECK(Parsed(text) == "refused");
  }
}

TEST_CASE("only loopback addresses may do without keys", "[server][listen]") {
  const auto allowed = [](const char* text, bool has_keys) { return CheckExposure(*ParseListenAddress(text), has_keys).ok(); };
  CHECK(allowed("127.0.0.1:1", false));
  CHECK(allowed("127.8.9.1:1", false));
  CHECK(allowed("[::1]:1", false));
  for (const char* open : {"0.0.0.0:1", "192.168.0.1:1", "[::]:1", "[::ffff:10.0.0.1]:1"}) {
    CAPTURE(open);
    CHECK(!allowed(open, false));
    CHECK(allowed(open, true));
  }
}

}  // namespace
}  // namespace clientele
