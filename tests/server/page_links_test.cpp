#include "server/page_links.h"

#include <catch2/catch.hpp>

namespace clientele {
namespace {

using Parameters = std::vector<Parameter>;

std::string Link(const Parameters& parameters, std::uint64_t offset) {
  std::string out;
  AppendPageLink("/clients", parameters, offset, out);
  return out;
}

std::string Members(const Parameters& parameters, std::uint64_t count, std::uint64_t offset, std::uint64_t limit) {
  std::string out;
  AppendLinkMembers("/c", parameters, count, offset, limit, out);
  return out;
}

TEST_CASE("a link keeps every other parameter in its order", "[server][links]") {
  const Parameters parameters{{"status", "active"}, {"offset", "20"}, {"limit", "10"}, {"ordering", "-created_at,id"}};
  CHECK(Link(parameters, 30) == "/clients?status=active&offset=30&limit=10&ordering=-created_at,id");
  CHECK(Link(parameters, 0) == "/clients?status=active&limit=10&ordering=-created_at,id");
}

TEST_CASE("an offset that was not there comes last, and alone when nothing else is there", "[server][links]") {
  CHECK(Link({{"limit", "10"}}, 10) == "/clients?limit=10&offset=10");
  CHECK(Link({}, 10) == "/clients?offset=10");
  CHECK(Link({{"offset", "5"}}, 0) == "/clients");
  CHECK(Link({{"offset", "5"}, {"limit", "5"}}, 0) == "/clients?limit=5");
}

TEST_CASE("repeated and empty parameters are kept as they were", "[server][links]") {
  CHECK(Link({{"cdn", ""}, {"id__in", "1,2"}, {"id__in", "3"}, {"limit", "1"}}, 1) ==
        "/clients?cdn=&id__in=1,2&id__in=3&limit=1&offset=1");
}

TEST_CASE("an empty offset gives way to the new one", "[server][links]") {
  CHECK(Link({{"offset", ""}, {"limit", "1"}}, 1) == "/clients?offset=1&limit=1");
}

TEST_CASE("what the encoding gives a meaning is escaped, and comes back when it is decoded", "[server][links]") {
  const Parameters parameters{{"name", "a b+c&d=e%f#g?h;\"i\\j'"},
                              {"companyName", "\xC3\x84\xF0\x9F\x98\x80"},
                              {"custom_id", std::string("\0\n\x7F", 3)}};
  const std::string link = Link(parameters, 0);
  CHECK(link.find_first_of(" \"\\<>+#;'") == std::string::npos);
  CHECK(link.starts_with(
      "/clients?name=a%20b%2Bc%26d%3De%25f%23g%3Fh%3B%22i%5Cj%27&companyName=%C3%84%F0%9F%98%80&custom_id=%00%0A%7F"));
  const auto decoded = DecodeQueryString(std::string_view(link).substr(link.find('?') + 1));
  REQUIRE(std::holds_alternative<Parameters>(decoded));
  CHECK(std::get<Parameters>(decoded) == parameters);
}

TEST_CASE("next leads to the following page and is null on the last", "[server][links]") {
  CHECK(Members({{"limit", "10"}}, 25, 0, 10) == R"("next":"/c?limit=10&offset=10","previous":null)");
  CHECK(Members({{"limit", "10"}}, 21, 10, 10) == R"("next":"/c?limit=10&offset=20","previous":"/c?limit=10")");
  CHECK(Members({{"limit", "10"}}, 20, 10, 10) == R"("next":null,"previous":"/c?limit=10")");
  CHECK(Members({{"limit", "10"}}, 0, 0, 10) == R"("next":null,"previous":null)");
}

TEST_CASE("previous carries no offset when it would be 0 or less, and is null at 0", "[server][links]") {
  CHECK(Members({{"limit", "10"}}, 100, 25, 10).ends_with(R"("previous":"/c?limit=10&offset=15")"));
  CHECK(Members({{"limit", "10"}}, 100, 10, 10).ends_with(R"("previous":"/c?limit=10")"));
  CHECK(Members({{"limit", "10"}}, 100, 3, 10).ends_with(R"("previous":"/c?limit=10")"));
}

TEST_CASE("past the end only previous is left", "[server][links]") {
  CHECK(Members({{"limit", "10"}}, 5, 1'000, 10) == R"("next":null,"previous":"/c?limit=10&offset=990")");
}

TEST_CASE("a page of no rows has no neighbours", "[server][links]") {
  CHECK(Members({{"limit", "0"}}, 100, 50, 0) == R"("next":null,"previous":null)");
}

TEST_CASE("limits and offsets of any size do not overflow", "[server][links]") {
  constexpr std::uint64_t kMax = ~std::uint64_t{0};
  CHECK(Members({}, 100, 1, kMax) == R"("next":null,"previous":"/c")");
  CHECK(Members({}, 100, kMax, 1) == R"("next":null,"previous":"/c?offset=18446744073709551614")");
  CHECK(Members({}, 100, kMax, kMax) == R"("next":null,"previous":"/c")");
}

}  // namespace
}  // namespace clientele
