#include "server/event_loop.h"

#include <thread>
#include <utility>

#include <absl/strings/str_cat.h>
#include <boost/asio/post.hpp>

#include "index/thread_name.h"
#include "index/thread_priority.h"

namespace clientele {

namespace net = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::milliseconds kAcceptPause{100};  // When the process has run out of descriptors.
constexpr std::size_t kOutputBytesKept = 1'048'576;
constexpr std::size_t kRefusalsAtOnce = 1'024;  // Connections beyond the cap that are told so; others are just closed.

using ReusePort = net::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

}  // namespace

EventLoop::EventLoop(ServerShared& shared)
    : shared_(shared),
      handler_(shared),
      work_(context_.get_executor()),
      acceptor_(context_),
      tick_(context_),
      accept_pause_(context_) {}

EventLoop::~EventLoop() {
  gate_->Shut();
  // Connections that handlers in the queue still own leave before the list does.
  connections_.clear();
}

absl::Status EventLoop::Listen(const net::ip::tcp::endpoint& endpoint) {
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor_.set_option(ReusePort(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", endpoint.address().to_string(), ":", endpoint.port(), ": ", error.message()));
  }
  return absl::OkStatus();
}

net::ip::tcp::endpoint EventLoop::local_endpoint() const {
  error_code ignored;
  return acceptor_.local_endpoint(ignored);
}

void EventLoop::Run() {
  NameThread("event loop");
  ShortenTimeSlices();  // Merges, bulk requests and expensive queries fill whole slices.
  Accept();
  ScheduleTick();
  while (PollForWork() || context_.run_one() != 0) context_.poll();
  shared_.requests.fetch_add(std::exchange(requests_, 0), std::memory_order_relaxed);
}

// With nothing left to do. False: nothing has come, and it is time to sleep.
bool EventLoop::PollForWork() {
  if (!polling_.Begin(Clock::now())) return false;
  const SlotCounter::Slot slot = shared_.polling_loops.TryTake();
  if (!slot) return false;
  do {
    if (context_.poll() != 0) return true;
    std::this_thread::yield();  // Whoever else wants this core comes first.
  } while (!polling_.GivesUp(Clock::now()));
  return false;
}

void EventLoop::Accept() {
  acceptor_.async_accept(context_, [this](error_code error, TcpSocket socket) { OnAccept(error, std::move(socket)); });
}

void EventLoop::OnAccept(error_code error, TcpSocket socket) {
  if (stopping_) return;
  if (!error) {
    Admit(std::move(socket));
    return Accept();
  }
  if (error == net::error::operation_aborted) return;
  if (error != net::error::no_descriptors && error != net::error::no_memory && error != net::error::no_buffer_space)
    return Accept();
  // Nothing to accept with: the connection stays in the backlog, and asking again at once would spin.
  accept_pause_.expires_after(kAcceptPause);
  accept_pause_.async_wait([this](error_code cancelled) {
    if (!cancelled && !stopping_) Accept();
  });
}

void EventLoop::Admit(TcpSocket socket) {
  SlotCounter::Slot slot = shared_.connections.TryTake();
  if (!slot && connections_.size() > shared_.options.max_connections + kRefusalsAtOnce) return;
  const auto connection = std::make_shared<Connection>(*this, std::move(socket), std::move(slot));
  connections_.push_back(*connection);
  connection->Start();
}

void EventLoop::Remove(Connection& connection) {
  connections_.erase(connections_.iterator_to(connection));
  EndIfDone();
}

void EventLoop::ScheduleTick() {
  tick_.expires_after(kTick);
  tick_.async_wait([this](error_code cancelled) {
    if (cancelled) return;
    OnTick();
    if (!(stopping_ && connections_.empty())) ScheduleTick();
  });
}

void EventLoop::OnTick() {
  const Clock::time_point now = Clock::now();
  shared_.requests.fetch_add(std::exchange(requests_, 0), std::memory_order_relaxed);
  handler_.Refresh();
  if (output_.capacity() > kOutputBytesKept) std::string().swap(output_);
  const bool cut_all = now >= stop_deadline_;
  for (auto next = connections_.begin(); next != connections_.end();) {
    Connection& connection = *next++;  // Advanced first: the connection may leave the list.
    if (cut_all)
      connection.Abort();
    else
      connection.OnTick(now);
  }
}

void EventLoop::Stop(Clock::time_point deadline) {
  net::post(context_, [this, deadline] { BeginStop(deadline); });
}

void EventLoop::BeginStop(Clock::time_point deadline) {
  stop_deadline_ = std::min(stop_deadline_, deadline);
  if (std::exchange(stopping_, true)) return;
  // Who has connected already is still served: closing the listener would reset them.
  error_code error;
  while (true) {
    TcpSocket socket(context_);
    acceptor_.accept(socket, error);
    if (error) break;
    Admit(std::move(socket));
  }
  acceptor_.close(error);
  accept_pause_.cancel();
  for (auto next = connections_.begin(); next != connections_.end();) {
    Connection& connection = *next++;
    connection.StopSoon();
  }
  EndIfDone();
}

void EventLoop::EndIfDone() {
  if (!stopping_ || !connections_.empty()) return;
  tick_.cancel();
  work_.reset();
}

}  // namespace clientele
