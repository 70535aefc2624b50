#include "server/route.h"

#include <charconv>
#include <optional>

#include <absl/strings/match.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

constexpr std::string_view kClientsPaths[] = {"/clients", "/iam/clients"};

std::optional<std::int64_t> ParseId(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || (digits.front() == '0' && text != "0")) return std::nullopt;
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

// Of a path that begins with a path of clients: what the rest of it names.
void ResolveBelow(std::string_view rest, Route& route) {
  if (rest.empty()) {
    route.kind = Route::Kind::kClients;
  } else if (rest == "/bulk") {
    route.kind = Route::Kind::kBulk;
  } else if (const auto id = rest.front() == '/' ? ParseId(rest.substr(1)) : std::nullopt) {
    route.kind = Route::Kind::kClient;
    route.id = *id;
  }
}

}  // namespace

Route FindRoute(std::string_view target) {
  if (absl::StartsWithIgnoreCase(AbslView(target), "http://")) {
    const std::size_t path_at = target.find_first_of("/?", 7);
    target = path_at == std::string_view::npos ? "/" : target.substr(path_at);
  }
  const std::size_t mark = target.find('?');
  Route route{.path = target.substr(0, mark)};
  if (mark != std::string_view::npos) route.query_string = target.substr(mark + 1);
  for (const std::string_view clients_path : kClientsPaths) {
    if (!route.path.starts_with(clients_path)) continue;
    route.clients_path = clients_path;
    ResolveBelow(route.path.substr(clients_path.size()), route);
    return route;
  }
  if (route.path == "/healthz") route.kind = Route::Kind::kAlive;
  if (route.path == "/readyz") route.kind = Route::Kind::kReady;
  if (route.path == "/metrics") route.kind = Route::Kind::kMetrics;
  return route;
}

}  // namespace clientele
