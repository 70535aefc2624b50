// Decides what a request gets: routes, methods, keys, and the list query when it is cheap. One per event loop, used by its
// thread only; no sockets here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "server/list_reply.h"
#include "server/request_parser.h"
#include "server/route.h"
#include "server/server_shared.h"
#include "server/write_request.h"

namespace clientele {

class RequestHandler {
 public:
  explicit RequestHandler(const ServerShared& shared) : shared_(shared) {}

  // Lets go of an outdated version of the clients; requests do so anyway, but an idle loop has none.
  void Refresh() { shared_.published.Refresh(services_, services_version_); }

  // Appends the whole response to `out`; or appends nothing and returns a job, when answering here would hold up the loop.
  std::optional<ListJob> Handle(const RequestHead& head, const ReplyContext& context, Clock::time_point now, std::string& out);

  // A request that writes, whose body may come; what is wrong with its head; or nothing: then Handle() says what the request
  // gets.
  using Admission = std::variant<std::monostate, WriteRequest, Problem>;
  Admission Admit(const RequestHead& head);

  const std::shared_ptr<WriteService>& writes() const { return services_.writes; }  // Not null for requests just admitted.

 private:
  std::optional<Problem> FindKey(const RequestHead& head, const ApiKey*& key) const;
  std::optional<Problem> Authorize(const RequestHead& head, bool to_write, const ApiKey*& key) const;
  void HandleMetrics(const ReplyContext& context, std::string& out) const;
  std::optional<ListJob> HandleList(const Route& route, const ReplyContext& context, Clock::time_point now, std::string& out);
  void HandleClient(const RequestHead& head, const Route& route, const ReplyContext& context, std::string& out) const;

  const ServerShared& shared_;
  Services services_;
  std::uint64_t services_version_ = 0;
};

}  // namespace clientele
