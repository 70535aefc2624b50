// One thread's share of the server: an io_context with its own listening socket on the common port (the kernel spreads
// connections over them), its connections, and what they reuse. Nothing here is shared with other loops but ServerShared, so
// requests take no locks.
#pragma once

#include <memory>
#include <string>

#include <absl/status/statusor.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "server/connection.h"
#include "server/idle_polling.h"
#include "server/loop_gate.h"
#include "server/request_handler.h"
#include "server/server_shared.h"

namespace clientele {

class EventLoop {
 public:
  explicit EventLoop(ServerShared& shared);
  ~EventLoop();

  // Binds and listens; called once, before Run.
  absl::Status Listen(const boost::asio::ip::tcp::endpoint& endpoint);
  boost::asio::ip::tcp::endpoint local_endpoint() const;

  void Run();  // Serves until stopped and until the last connection has ended.

  // Takes no more connections, finishes the requests under way, cuts what is left at `deadline`; a second call may only bring the
  // deadline forward. From any thread.
  void Stop(Clock::time_point deadline);

  // For the loop's own connections, on its thread.
  ServerShared& shared() { return shared_; }
  RequestHandler& handler() { return handler_; }
  const std::shared_ptr<LoopGate>& gate() const { return gate_; }
  std::string& output() { return output_; }  // Where answers are put together; empty between uses.
  bool stopping() const { return stopping_; }
  void CountRequest() { ++requests_; }
  void OnInput(Clock::time_point now) { polling_.End(now); }
  void Remove(Connection& connection);

 private:
  // With the executor's own type, as TcpSocket.
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, boost::asio::io_context::executor_type>;

  bool PollForWork();
  void Accept();
  void OnAccept(boost::system::error_code error, TcpSocket socket);
  void Admit(TcpSocket socket);
  void ScheduleTick();
  void OnTick();
  void BeginStop(Clock::time_point deadline);
  void EndIfDone();

  ServerShared& shared_;
  RequestHandler handler_;
  std::string output_;
  std::uint64_t requests_ = 0;  // Not yet added to the shared count.
  IdlePolling polling_;
  bool stopping_ = false;
  Clock::time_point stop_deadline_ = Clock::time_point::max();

  boost::intrusive::list<Connection> connections_;  // Owned by their handlers.
  boost::asio::io_context context_{1};
  const std::shared_ptr<LoopGate> gate_ = std::make_shared<LoopGate>(context_);  // For those who are not ours.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  Acceptor acceptor_;
  Timer tick_, accept_pause_;
};

}  // namespace clientele
