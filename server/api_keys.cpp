#include "server/api_keys.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <numeric>

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

constexpr std::string_view kRoleNames[] = {"monitor", "reader", "writer", "admin"};
constexpr std::size_t kTokenBytes = 32;

std::optional<TokenHash> ParseHash(absl::string_view hex) {
  TokenHash hash;
  if (hex.size() != 2 * hash.size()) return std::nullopt;
  if (!std::all_of(hex.begin(), hex.end(), [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }))
    return std::nullopt;
  const std::string bytes = absl::HexStringToBytes(hex);
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

// One line without its newline; what is wrong with it is the error's message.
absl::StatusOr<ApiKey> ParseLine(absl::string_view line) {
  const std::vector<absl::string_view> parts = absl::StrSplit(line, ':');
  if (parts.size() != 3) return absl::InvalidArgumentError("expected name:role:hash");
  if (!IsKeyName(StdView(parts[0]))) {
    return absl::InvalidArgumentError("the name: expected 1 to 64 letters, digits, '-', '_', '.' or '@'");
  }
  const std::optional<Role> role = FindRole(StdView(parts[1]));
  if (!role)
    return absl::InvalidArgumentError(absl::StrCat("the role: expected monitor, reader, writer or admin, got '", parts[1], "'"));
  const std::optional<TokenHash> hash = ParseHash(parts[2]);
  if (!hash) return absl::InvalidArgumentError("the hash: expected the 64 hex digits of a SHA-256");
  return ApiKey{.name = std::string(parts[0]), .role = *role, .hash = *hash};
}

}  // namespace

std::string_view RoleName(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}

std::optional<Role> FindRole(std::string_view name) {
  const auto* const found = std::find(std::begin(kRoleNames), std::end(kRoleNames), name);
  if (found == std::end(kRoleNames)) return std::nullopt;
  return static_cast<Role>(found - std::begin(kRoleNames));
}

TokenHash HashToken(std::string_view token) {
  // Fetched once: EVP_sha256() would look the algorithm up again in every digest.
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  TokenHash hash{};
  EVP_Digest(token.data(), token.size(), hash.data(), nullptr, kSha256, nullptr);
  return hash;
}

bool IsKeyName(std::string_view name) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || std::string_view("-_.@").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
}

absl::StatusOr<ApiKeys> ApiKeys::Parse(std::string_view text, std::string_view file_name) {
  ApiKeys result;
  std::size_t line_number = 0;
  for (absl::string_view line : absl::StrSplit(AbslView(text), '\n')) {
    ++line_number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    absl::StatusOr<ApiKey> key = ParseLine(line);
    if (key.ok()) {
      const auto clashes = [&](const ApiKey& other) { return other.name == key->name || other.hash == key->hash; };
      if (std::any_of(result.keys_.begin(), result.keys_.end(), clashes)) {
        key = absl::InvalidArgumentError("a key of this name, or with this hash, stands above");
      }
    }
    if (!key.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(AbslView(file_name), ":", line_number, ": ", key.status().message()));
    }
    result.keys_.push_back(*std::move(key));
  }
  result.by_hash_.resize(result.keys_.size());
  std::iota(result.by_hash_.begin(), result.by_hash_.end(), 0u);
  std::ranges::sort(result.by_hash_, {}, [&](std::uint32_t i) { return result.keys_[i].hash; });
  return result;
}

absl::StatusOr<ApiKeys> ApiKeys::Load(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return absl::NotFoundError(absl::StrCat("keys file ", path, ": cannot be found"));
  if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError(absl::StrCat("keys file ", path, ": not a regular file"));
  if ((info.st_mode & S_IWOTH) != 0) {
    return absl::PermissionDeniedError(absl::StrCat("keys file ", path, ": anybody may write it; chmod o-w it first"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::PermissionDeniedError(absl::StrCat("keys file ", path, ": cannot be read"));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return Parse(text, path);
}

const ApiKey* ApiKeys::Find(std::string_view token) const {
  const TokenHash hash = HashToken(token);
  const auto found = std::ranges::lower_bound(by_hash_, hash, {}, [&](std::uint32_t i) { return keys_[i].hash; });
  if (found == by_hash_.end()) return nullptr;
  const ApiKey& key = keys_[*found];
  return CRYPTO_memcmp(key.hash.data(), hash.data(), hash.size()) == 0 ? &key : nullptr;
}

std::optional<std::string_view> TokenOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "apikey ";
  if (authorization.size() <= kScheme.size()) return std::nullopt;
  if (!absl::EqualsIgnoreCase(AbslView(authorization.substr(0, kScheme.size())), AbslView(kScheme))) return std::nullopt;
  const std::string_view token = authorization.substr(kScheme.size());
  if (token.find(' ') != std::string_view::npos) return std::nullopt;
  return token;
}

absl::StatusOr<std::string> NewToken() {
  unsigned char bytes[kTokenBytes];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) return absl::InternalError("the system's random generator failed");
  std::string encoded;
  absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<const char*>(bytes), sizeof(bytes)), &encoded);
  OPENSSL_cleanse(bytes, sizeof(bytes));
  return absl::StrCat("clt_", encoded);
}

std::string KeyLine(const ApiKey& key) {
  const absl::string_view bytes(reinterpret_cast<const char*>(key.hash.data()), key.hash.size());
  return absl::StrCat(key.name, ":", AbslView(RoleName(key.role)), ":", absl::BytesToHexString(bytes), "\n");
}

}  // namespace clientele
