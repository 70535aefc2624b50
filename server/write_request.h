// A request that writes, from its head: what is checked before its body is read. No sockets here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/write.h"
#include "server/content_decoder.h"
#include "server/problem.h"
#include "server/request_parser.h"
#include "server/route.h"
#include "server/server_options.h"

namespace clientele {

struct WriteRequest {
  WriteKind kind = WriteKind::kCreate;
  bool is_bulk = false;  // Then `kind` is that of each line.
  std::optional<std::int64_t> id = {};
  Precondition precondition = {};
  ContentCoding coding = ContentCoding::kIdentity;
  bool wants_record = true;              // In the reply; not with Prefer: return=minimal.
  bool atomic = false, dry_run = false;  // Of a bulk request.
  std::string idempotency_key = {};      // With the caller's name; empty: none.
  std::string method_and_path = {};      // For the fingerprint of a request with a key.
  std::string_view clients_path = {};    // For Location; static storage.

  bool takes_body() const { return kind != WriteKind::kDelete && kind != WriteKind::kPurge; }
};

// `route` is one of clients, and `head.method` one that it takes. `caller`: the name of the key, empty without keys.
std::variant<WriteRequest, Problem> ParseWriteRequest(const RequestHead& head, const Route& route, std::string_view caller,
                                                      const ServerOptions& options);

// The methods that a route takes, for Allow; the read-only server takes fewer.
std::string_view AllowedMethods(Route::Kind kind, bool can_write);
bool IsAllowed(Route::Kind kind, boost::beast::http::verb method, bool can_write);

// The parameters of a target that takes only flags: sets those given as true (or 1), false (or 0); a problem names all others.
struct Flag {
  std::string_view name;
  bool* value;
};
std::optional<Problem> ParseFlags(std::string_view query_string, std::initializer_list<Flag> flags);

}  // namespace clientele
