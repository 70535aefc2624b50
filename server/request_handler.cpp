#include "server/request_handler.h"

#include <algorithm>
#include <array>
#include <utility>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include "index/absl_view.h"

namespace clientele {

namespace http = boost::beast::http;

namespace {

enum class Route : std::uint8_t { kClients, kAlive, kReady };
struct Path {
  std::string_view path;
  Route route;
};
constexpr std::array<Path, 4> kPaths{
    {{"/clients", Route::kClients}, {"/iam/clients", Route::kClients}, {"/healthz", Route::kAlive}, {"/readyz", Route::kReady}}};

struct Target {
  std::string_view path, query_string;
};

// A request target (RFC 9112, 3.2) cut into path and query; the absolute form loses its scheme and authority.
Target SplitTarget(std::string_view target) {
  if (absl::StartsWithIgnoreCase(AbslView(target), "http://")) {
    const std::size_t path_at = target.find_first_of("/?", 7);
    target = path_at == std::string_view::npos ? "/" : target.substr(path_at);
  }
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

Problem NotFound() {
  return {.status = http::status::not_found, .detail = "there is nothing at this path; clients are at /clients", .errors = {}};
}

Problem BadMethod() {
  return {.status = http::status::method_not_allowed, .detail = "only GET and HEAD are answered here", .errors = {}};
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

}  // namespace

std::optional<ListJob> RequestHandler::Handle(const RequestHead& head, const ReplyContext& context, Clock::time_point now,
                                              std::string& out) {
  const auto refuse = [&](const Problem& problem) -> std::optional<ListJob> {
    AppendProblem(context, problem, out);
    return std::nullopt;
  };
  const Target target = SplitTarget(head.target);
  const auto* const known = std::ranges::find(kPaths, target.path, &Path::path);
  if (known == kPaths.end()) return refuse(NotFound());
  if (head.method != http::verb::get && head.method != http::verb::head) return refuse(BadMethod());
  if (known->route == Route::kAlive) {
    AppendResponse(context, R"({"status":"alive"})", out);
    return std::nullopt;
  }
  Refresh();
  if (known->route == Route::kReady) {
    if (service_ == nullptr) return refuse(NotReady());
    AppendResponse(context, absl::StrCat(R"({"status":"ready","clients":)", service_->ClientCount(), "}"), out);
    return std::nullopt;
  }
  if (const std::optional<Problem> problem = Authorize(head)) return refuse(*problem);
  if (service_ == nullptr) return refuse(NotReady());
  return HandleList(known->path, target.query_string, context, now, out);
}

std::optional<Problem> RequestHandler::Authorize(const RequestHead& head) const {
  if (!shared_.keys) return std::nullopt;
  if (head.authorization_count == 0) return Unauthorized("a key is needed: Authorization: apikey <token>");
  const std::optional<std::string_view> token = TokenOf(head.authorization);
  if (head.authorization_count > 1 || !token) return Unauthorized("expected one field: Authorization: apikey <token>");
  const ApiKey* const key = shared_.keys->Find(*token);
  if (key == nullptr) return Unauthorized("this key is not known here");
  if (MayListClients(key->role)) return std::nullopt;
  return Problem{.status = http::status::forbidden,
                 .detail = absl::StrCat("a key with the role '", AbslView(RoleName(key->role)), "' may not list clients"),
                 .errors = {}};
}

std::optional<ListJob> RequestHandler::HandleList(std::string_view path, std::string_view query_string,
                                                  const ReplyContext& context, Clock::time_point now, std::string& out) {
  auto parsed = ParseListRequest(path, query_string);
  if (const Problem* problem = std::get_if<Problem>(&parsed)) {
    AppendProblem(context, *problem, out);
    return std::nullopt;
  }
  auto& request = std::get<ListRequest>(parsed);
  bool must_stream = false;
  std::shared_ptr<const ListService> service = service_->At(request.query);
  if (service == nullptr) service = service_;
  if (service->LooksCheap(request.query)) {
    const std::size_t start = out.size();
    const OpenResponse open = BeginResponse(context, http::status::ok, kJsonType, {}, out);
    const ExecuteOptions execute{.threads = 1, .deadline = now + shared_.options.inline_budget};
    const absl::StatusOr<bool> whole = AppendWholeBody(*service, request, shared_.options.inline_rows, execute, out);
    if (whole.ok() && *whole) {
      EndResponse(context, open, out);
      return std::nullopt;
    }
    out.resize(start);
    must_stream = whole.ok();
    // Any failure, not only a spent budget, is left to the job: it runs the query anew and reports what is wrong.
  }
  return ListJob{.service = std::move(service),
                 .request = std::move(request),
                 .context = context,
                 .deadline = now + shared_.options.query_timeout,
                 .must_stream = must_stream};
}

}  // namespace clientele
