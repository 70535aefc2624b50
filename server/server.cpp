#include "server/server.h"

#include <algorithm>
#include <utility>

#include <absl/strings/str_cat.h>

#include "server/listen_address.h"

namespace clientele {

namespace net = boost::asio;
using boost::system::error_code;

namespace {

// SO_REUSEPORT would let a second server of the same user share the port in silence. Without that option binding tells whether
// somebody listens there.
absl::Status CheckPortIsFree(const net::ip::tcp::endpoint& endpoint) {
  if (endpoint.port() == 0) return absl::OkStatus();
  net::io_context context;
  net::ip::tcp::acceptor probe(context);
  error_code error;
  probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(net::socket_base::reuse_address(true), error);
  if (!error) probe.bind(endpoint, error);
  if (!error) probe.listen(1, error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", endpoint.address().to_string(), ":", endpoint.port(), ": ", error.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, std::optional<ApiKeys> keys) {
  if (absl::Status status = CheckExposure(options.listen, keys.has_value()); !status.ok()) return status;
  if (options.io_threads == 0) options.io_threads = std::max(std::thread::hardware_concurrency(), 1u);
  std::unique_ptr<Server> server(new Server(options, std::move(keys)));
  if (absl::Status status = server->Listen(); !status.ok()) return status;
  for (const auto& loop : server->loops_) server->threads_.emplace_back([&loop = *loop] { loop.Run(); });
  return server;
}

Server::Server(const ServerOptions& options, std::optional<ApiKeys> keys) : shared_(options, std::move(keys)) {
  for (std::uint32_t i = 0; i < options.io_threads; ++i) loops_.push_back(std::make_unique<EventLoop>(shared_));
}

absl::Status Server::Listen() {
  endpoint_ = shared_.options.listen;
  if (absl::Status status = CheckPortIsFree(endpoint_); !status.ok()) return status;
  for (const auto& loop : loops_) {
    if (absl::Status status = loop->Listen(endpoint_); !status.ok()) return status;
    endpoint_ = loop->local_endpoint();  // The first chooses the port when it is 0; the others join it.
  }
  return absl::OkStatus();
}

Server::~Server() {
  if (!threads_.empty()) {
    stopping_ = true;
    for (const auto& loop : loops_) loop->Stop(Clock::now());
    Wait();
  }
  shared_.bulk_pool.Stop();
  shared_.pool.Stop();
}

void Server::Publish(std::shared_ptr<const ListService> lists, std::shared_ptr<WriteService> writes) {
  shared_.published.Set({.lists = std::move(lists), .writes = std::move(writes)});
}

void Server::Stop() {
  const auto patience = stopping_.exchange(true) ? Clock::duration::zero() : Clock::duration(shared_.options.stop_timeout);
  for (const auto& loop : loops_) loop->Stop(Clock::now() + patience);
}

void Server::Wait() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::uint64_t Server::requests() const {
  return shared_.requests.load(std::memory_order_relaxed);
}

}  // namespace clientele
