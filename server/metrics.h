// The figures of a server in the text format of Prometheus, version 0.0.4 (GET /metrics).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/client_set.h"

namespace clientele {

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

struct ServerFigures {
  std::uint64_t requests = 0;                             // Answered so far.
  std::uint64_t connections = 0, streams = 0, bulks = 0;  // At present.
  std::optional<std::uint64_t> clients = {};              // None: they are not loaded yet.
  std::optional<ClientSetFigures> set = {};               // None: clients are never written.
};

// Each metric with its HELP and TYPE lines. What is not known is left out rather than told as 0.
std::string MetricsText(const ServerFigures& figures);

}  // namespace clientele
