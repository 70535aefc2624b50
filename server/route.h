// What a request's target names.
#pragma once

#include <cstdint>
#include <string_view>

namespace clientele {

struct Route {
  enum class Kind : std::uint8_t {
    kNone,
    kClients,  // /clients
    kClient,   // /clients/{id}
    kBulk,     // /clients/bulk
    kAlive,    // /healthz
    kReady,    // /readyz
    kMetrics,  // /metrics
  };
  Kind kind = Kind::kNone;
  std::string_view clients_path = {};  // "/clients" or "/iam/clients", for links; static storage.
  std::int64_t id = 0;                 // Of kClient.
  std::string_view path = {};          // Without the query; a view of the target, as the next.
  std::string_view query_string = {};  // Behind the '?', still encoded.
};

// Of a request target (RFC 9112, 3.2); the absolute form loses its scheme and authority. An id has one spelling: decimal, without
// zeros in front, within 64 bits; anything else names nothing.
Route FindRoute(std::string_view target);

}  // namespace clientele
