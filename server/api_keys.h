// Keys of callers: `Authorization: apikey <token>`, checked against a file that holds only hashes.
//
// The file has one key a line, `name:role:hash`, where hash is the lower-case hex SHA-256 of the token; blank lines and lines
// that start with '#' are skipped. Tokens are made by us (NewToken) from 256 random bits, so a plain fast hash is sound: what
// salts and slow hashes defend, short secrets that people choose and reuse, does not occur, and a request costs no more than
// one SHA-256. For the same reason a look-up by hash leaks nothing through its timing: nobody can steer a hash towards a stored
// one without knowing the token. The final comparison is constant-time all the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace clientele {

// What a key may do.
enum class Role : std::uint8_t {
  kMonitor,  // Nothing but what needs no key; for later figures of the server.
  kReader,   // Lists clients.
  kWriter,   // Lists and writes clients.
  kAdmin,    // Everything.
};
std::string_view RoleName(Role role);
std::optional<Role> FindRole(std::string_view name);
inline bool MayListClients(Role role) {
  return role != Role::kMonitor;
}
inline bool MayWriteClients(Role role) {
  return role == Role::kWriter || role == Role::kAdmin;
}

using TokenHash = std::array<std::uint8_t, 32>;
TokenHash HashToken(std::string_view token);  // About 0.3 us. Thread-safe.

struct ApiKey {
  std::string name;  // Distinct; letters, digits, '-', '_', '.', '@'.
  Role role = Role::kReader;
  TokenHash hash{};
  bool operator==(const ApiKey&) const = default;
};

// Immutable once read, so any number of threads may ask.
class ApiKeys {
 public:
  // InvalidArgument names `file_name` and the line of a malformed or repeated key.
  static absl::StatusOr<ApiKeys> Parse(std::string_view text, std::string_view file_name);

  // Reads a file. PermissionDenied when others than its owner and group may write it: they could let themselves in.
  static absl::StatusOr<ApiKeys> Load(const std::string& path);

  const ApiKey* Find(std::string_view token) const;          // Null when no key has this token.
  const std::vector<ApiKey>& keys() const { return keys_; }  // In the order of the file.

 private:
  std::vector<ApiKey> keys_;
  std::vector<std::uint32_t> by_hash_;  // Indices into keys_, ascending by hash.
};

// The token of an Authorization field's value: the word "apikey" in any case (RFC 9110, 11.1), one space, the token.
std::optional<std::string_view> TokenOf(std::string_view authorization);

// A fresh token: "clt_" and 43 characters of base64url, 256 bits from the system's generator.
absl::StatusOr<std::string> NewToken();

// The line of a key, newline included.
std::string KeyLine(const ApiKey& key);
bool IsKeyName(std::string_view name);

}  // namespace clientele
