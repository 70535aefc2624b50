#include "server/request_handler.h"

#include <utility>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "server/metrics.h"
#include "server/write_reply.h"

namespace clientele {

namespace http = boost::beast::http;

namespace {

Problem NotFound() {
  return {.status = http::status::not_found, .detail = "there is nothing at this path; clients are at /clients", .errors = {}};
}

Problem BadMethod(Route::Kind kind, bool can_write) {
  const std::string_view allowed = AllowedMethods(kind, can_write);
  const bool is_for_writes = kind == Route::Kind::kClient || kind == Route::Kind::kBulk || kind == Route::Kind::kClients;
  return {.status = http::status::method_not_allowed,
          .detail = is_for_writes && !can_write
                        ? "this server answers lists of what it was started with; nothing can be written here"
                        : absl::StrCat("only ", AbslView(allowed), " are answered here"),
          .errors = {},
          .allow = allowed};
}

Problem NotReady() {
  return {.status = http::status::service_unavailable,
          .detail = "the clients are still being loaded",
          .errors = {},
          .retry_after_seconds = 1};
}

Problem Unauthorized(std::string detail) {
  return {.status = http::status::unauthorized, .detail = std::move(detail), .errors = {}};
}

bool MayWrite(http::verb method) {
  return method == http::verb::post || method == http::verb::put || method == http::verb::patch || method == http::verb::delete_;
}

}  // namespace

std::optional<ListJob> RequestHandler::Handle(const RequestHead& head, const ReplyContext& context, Clock::time_point now,
                                              std::string& out) {
  const auto refuse = [&](const Problem& problem) -> std::optional<ListJob> {
    AppendProblem(context, problem, out);
    return std::nullopt;
  };
  const Route route = FindRoute(head.target);
  if (route.kind == Route::Kind::kNone) return refuse(NotFound());
  Refresh();
  // While the clients are being loaded it is not known yet, and the answer is that they are.
  const bool can_write = services_.writes != nullptr || services_.lists == nullptr;
  if (!IsAllowed(route.kind, head.method, can_write)) return refuse(BadMethod(route.kind, can_write));
  if (route.kind == Route::Kind::kAlive) {
    AppendResponse(context, R"({"status":"alive"})", out);
    return std::nullopt;
  }
  if (route.kind == Route::Kind::kReady) {
    if (services_.lists == nullptr) return refuse(NotReady());
    AppendResponse(context, absl::StrCat(R"({"status":"ready","clients":)", services_.lists->ClientCount(), "}"), out);
    return std::nullopt;
  }
  const ApiKey* key = nullptr;
  if (route.kind == Route::Kind::kMetrics) {
    if (const std::optional<Problem> problem = FindKey(head, key)) return refuse(*problem);
    HandleMetrics(context, out);
    return std::nullopt;
  }
  if (const std::optional<Problem> problem = Authorize(head, MayWrite(head.method), key)) return refuse(*problem);
  // A write gets as far as this only if writing has become possible since its body was dropped.
  if (services_.lists == nullptr || MayWrite(head.method)) return refuse(NotReady());
  if (route.kind == Route::Kind::kClients) return HandleList(route, context, now, out);
  HandleClient(head, route, context, out);
  return std::nullopt;
}

RequestHandler::Admission RequestHandler::Admit(const RequestHead& head) {
  const Route route = FindRoute(head.target);
  Refresh();
  if (!MayWrite(head.method) || !IsAllowed(route.kind, head.method, true)) return std::monostate();
  // Refused here, what is wrong is told also of a body that is too long to be dropped.
  if (services_.writes == nullptr && services_.lists != nullptr) return BadMethod(route.kind, false);
  const ApiKey* key = nullptr;
  if (std::optional<Problem> problem = Authorize(head, true, key)) return *std::move(problem);
  if (services_.writes == nullptr) return NotReady();
  auto parsed =
      ParseWriteRequest(head, route, key != nullptr ? std::string_view(key->name) : std::string_view(), shared_.options);
  if (Problem* const problem = std::get_if<Problem>(&parsed)) return std::move(*problem);
  return std::get<WriteRequest>(std::move(parsed));
}

// `key`: set to the caller's, of whatever role, unless there are no keys.
std::optional<Problem> RequestHandler::FindKey(const RequestHead& head, const ApiKey*& key) const {
  if (!shared_.keys) return std::nullopt;
  if (head.authorization_count == 0) return Unauthorized("a key is needed: Authorization: apikey <token>");
  const std::optional<std::string_view> token = TokenOf(head.authorization);
  if (head.authorization_count > 1 || !token) return Unauthorized("expected one field: Authorization: apikey <token>");
  key = shared_.keys->Find(*token);
  if (key == nullptr) return Unauthorized("this key is not known here");
  return std::nullopt;
}

std::optional<Problem> RequestHandler::Authorize(const RequestHead& head, bool to_write, const ApiKey*& key) const {
  if (std::optional<Problem> problem = FindKey(head, key)) return problem;
  if (key == nullptr) return std::nullopt;
  if (to_write ? MayWriteClients(key->role) : MayListClients(key->role)) return std::nullopt;
  return Problem{.status = http::status::forbidden,
                 .detail = absl::StrCat("a key with the role '", AbslView(RoleName(key->role)), "' may not ",
                                        to_write ? "write" : "list", " clients"),
                 .errors = {}};
}

void RequestHandler::HandleMetrics(const ReplyContext& context, std::string& out) const {
  ServerFigures figures{.requests = shared_.requests.load(std::memory_order_relaxed),
                        .connections = shared_.connections.taken(),
                        .streams = shared_.streams.taken(),
                        .bulks = shared_.bulks.taken()};
  if (services_.lists != nullptr) {
    figures.clients = services_.lists->ClientCount();
    figures.set = services_.lists->SetFigures();
  }
  const OpenResponse open = BeginResponse(context, http::status::ok, kMetricsType, {}, out);
  out += MetricsText(figures);
  EndResponse(context, open, out);
}

std::optional<ListJob> RequestHandler::HandleList(const Route& route, const ReplyContext& context, Clock::time_point now,
                                                  std::string& out) {
  auto parsed = ParseListRequest(route.clients_path, route.query_string);
  if (const Problem* problem = std::get_if<Problem>(&parsed)) {
    AppendProblem(context, *problem, out);
    return std::nullopt;
  }
  auto& request = std::get<ListRequest>(parsed);
  bool must_stream = false;
  std::shared_ptr<const ListVersion> version = services_.lists->At(request.query);
  if (version->LooksCheap(request.query)) {
    const std::size_t start = out.size();
    const OpenResponse open = BeginResponse(context, http::status::ok, kJsonType, {}, out);
    const ExecuteOptions execute{.threads = 1, .deadline = now + shared_.options.inline_budget};
    const absl::StatusOr<bool> whole = AppendWholeBody(*version, request, shared_.options.inline_rows, execute, out);
    if (whole.ok() && *whole) {
      EndResponse(context, open, out);
      return std::nullopt;
    }
    out.resize(start);
    must_stream = whole.ok();
    // Any failure, not only a spent budget, is left to the job: it runs the query anew and reports what is wrong.
  }
  return ListJob{.version = std::move(version),
                 .request = std::move(request),
                 .context = context,
                 .deadline = now + shared_.options.query_timeout,
                 .must_stream = must_stream};
}

void RequestHandler::HandleClient(const RequestHead& head, const Route& route, const ReplyContext& context,
                                  std::string& out) const {
  if (const auto problem = ParseFlags(route.query_string, {})) return AppendProblem(context, *problem, out);
  AppendStoredClient(context, head, services_.lists->Find(route.id), out);
}

}  // namespace clientele
