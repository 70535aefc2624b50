// Decides what a request gets: routes, methods, keys, and the list query when it is cheap. One per event loop, used by its
// thread only; no sockets here.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/list_reply.h"
#include "server/request_parser.h"
#include "server/server_shared.h"

namespace clientele {

class RequestHandler {
 public:
  explicit RequestHandler(const ServerShared& shared) : shared_(shared) {}

  // Lets go of an outdated version of the clients; requests do so anyway, but an idle loop has none.
  void Refresh() { shared_.published.Refresh(service_, service_version_); }

  // Appends the whole response to `out`; or appends nothing and returns a job, when answering here would hold up the loop.
  std::optional<ListJob> Handle(const RequestHead& head, const ReplyContext& context, Clock::time_point now, std::string& out);

 private:
  std::optional<Problem> Authorize(const RequestHead& head) const;
  std::optional<ListJob> HandleList(std::string_view path, std::string_view query_string, const ReplyContext& context,
                                    Clock::time_point now, std::string& out);

  const ServerShared& shared_;
  std::shared_ptr<const ListService> service_;  // Null while the clients are being loaded: list requests are told 503.
  std::uint64_t service_version_ = 0;
};

}  // namespace clientele
