#include "server/api_keys.h"

#include <cstdio>
#include <fstream>
#include <set>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace clientele {
namespace {

const char kAbcHash[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // SHA-256 of "abc", FIPS 180-2.

std::string ErrorOf(std::string_view text) {
  const auto keys = ApiKeys::Parse(text, "keys");
  return keys.ok() ? "no error" : std::string(keys.status().message());
}

TEST_CASE("a token is hashed with SHA-256", "[server][keys]") {
  CHECK(KeyLine({.name = "a", .role = Role::kReader, .hash = HashToken("abc")}) == std::string("a:reader:") + kAbcHash + "\n");
}

TEST_CASE("a key is found by its token and by nothing else", "[server][keys]") {
  const auto keys = ApiKeys::Parse(std::string("# comment\n\nshop:reader:") + kAbcHash + "\r\n" +
                                       KeyLine({.name = "boss", .role = Role::kAdmin, .hash = HashToken("x")}),
                                   "keys");
  REQUIRE(keys.ok());
  REQUIRE(keys->keys().size() == 2);
  REQUIRE(keys->Find("abc") != nullptr);
  CHECK(keys->Find("abc")->name == "shop");
  CHECK(keys->Find("x")->role == Role::kAdmin);
  for (const char* other : {"", "ab", "abcd", "ABC", kAbcHash}) CHECK(keys->Find(other) == nullptr);
}

TEST_CASE("no keys let nobody in", "[server][keys]") {
  const auto keys = ApiKeys::Parse("", "keys");
  REQUIRE(keys.ok());
  CHECK(keys->Find("") == nullptr);
}

TEST_CASE("a malformed line is refused with its number", "[server][keys]") {
  const std::string hash = kAbcHash;
  CHECK(ErrorOf("a:reader:" + hash) == "no error");
  CHECK(ErrorOf("\n#\na:reader\n").starts_with("keys:3: "));
  CHECK(ErrorOf("a:reader:" + hash + ":x") != "no error");
  CHECK(ErrorOf(":reader:" + hash) != "no error");
  CHECK(ErrorOf("a b:reader:" + hash) != "no error");
  CHECK(ErrorOf("a:owner:" + hash).find("'owner'") != std::string::npos);
  CHECK(ErrorOf("a:reader:" + hash.substr(1)) != "no error");
  CHECK(ErrorOf("a:reader:g" + hash.substr(1)) != "no error");
  CHECK(ErrorOf("a:reader:" + hash + "\na:admin:" + std::string(64, '0')).starts_with("keys:2: "));
  CHECK(ErrorOf("a:reader:" + hash + "\nb:admin:" + hash).starts_with("keys:2: "));
}

TEST_CASE("tokens are long, printable and never the same", "[server][keys]") {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) {
    const auto token = NewToken();
    REQUIRE(token.ok());
    CHECK(token->size() == 47);
    CHECK(token->starts_with("clt_"));
    CHECK(token->find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == std::string::npos);
    tokens.insert(*token);
  }
  CHECK(tokens.size() == 100);
}

TEST_CASE("the token of an Authorization field is what follows the word and one space", "[server][keys]") {
  CHECK(TokenOf("apikey abc") == "abc");
  CHECK(TokenOf("APIKey a$b==") == "a$b==");
  for (const char* bad : {"", "apikey", "apikey ", "apikey  abc", "apikey\tabc", "apikey a b", "apikeyabc", "abc", "Basic abc"}) {
    CAPTURE(bad);
    CHECK(!TokenOf(bad));
  }
}

TEST_CASE("roles have names", "[server][keys]") {
  for (const Role role : {Role::kMonitor, Role::kReader, Role::kWriter, Role::kAdmin}) CHECK(FindRole(RoleName(role)) == role);
  CHECK(!FindRole("Reader"));
  CHECK(!MayListClients(Role::kMonitor));
  CHECK(MayListClients(Role::kReader));
  CHECK(MayListClients(Role::kWriter));
  CHECK(MayListClients(Role::kAdmin));
  CHECK(!MayWriteClients(Role::kMonitor));
  CHECK(!MayWriteClients(Role::kReader));
  CHECK(MayWriteClients(Role::kWriter));
  CHECK(MayWriteClients(Role::kAdmin));
}

TEST_CASE("a keys file that anybody may write is refused", "[server][keys]") {
  char path[] = "/tmp/clientele_keys_XXXXXX";
  close(mkstemp(path));
  std::ofstream(path) << "a:reader:" << kAbcHash << "\n";
  chmod(path, 0640);
  CHECK(ApiKeys::Load(path).ok());
  chmod(path, 0602);
  CHECK(ApiKeys::Load(path).status().code() == absl::StatusCode::kPermissionDenied);
  std::remove(path);
  CHECK(ApiKeys::Load(path).status().code() == absl::StatusCode::kNotFound);
  CHECK(ApiKeys::Load("/tmp").status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace clientele
