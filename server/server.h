// The HTTP server: starts its threads, hands them the clients when they are loaded, and stops them in an orderly way.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <absl/status/statusor.h>

#include "server/api_keys.h"
#include "server/event_loop.h"
#include "server/list_service.h"
#include "server/server_options.h"
#include "server/server_shared.h"

namespace clientele {

class Server {
 public:
  // Listens and serves at once, though list requests are told 503 until Publish. FailedPrecondition when the address is open to
  // others and there are no keys; Unavailable when it cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, std::optional<ApiKeys> keys);
  ~Server();  // Stops without patience.

  // The answers from now on; `writes`: null when nothing can be written. From any thread.
  void Publish(std::shared_ptr<const ListService> lists, std::shared_ptr<WriteService> writes = nullptr);

  // Lets requests under way finish for at most `stop_timeout`; a second call cuts them. From any thread; returns at once.
  void Stop();
  void Wait();  // Until a stop is complete. From one thread.

  const boost::asio::ip::tcp::endpoint& endpoint() const { return endpoint_; }  // With the port that was chosen for 0.
  std::uint64_t requests() const;                                               // Answered; exact after Wait.

 private:
  explicit Server(const ServerOptions& options, std::optional<ApiKeys> keys);
  absl::Status Listen();

  boost::asio::ip::tcp::endpoint endpoint_;
  ServerShared shared_;
  std::vector<std::unique_ptr<EventLoop>> loops_;  // The pool is stopped before they go: its jobs post to them.
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
};

}  // namespace clientele
