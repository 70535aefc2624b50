#include "server/connection.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include "server/event_loop.h"
#include "server/response.h"

namespace clientele {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kInputBytes = 4'096;  // Grown for larger heads, and given back when idle.
constexpr std::size_t kInputBytesKept = 16'384;
constexpr std::size_t kBulkInputBytes = 131'072;
constexpr std::size_t kBatchBytes = 65'536;    // Answers to pipelined requests are sent when they have grown to this.
constexpr std::chrono::milliseconds kTurn{5};  // Of one connection, when others may be waiting.
constexpr std::size_t kUnsentBytesKept = 262'144;
constexpr std::size_t kLingerBytes = 1'048'576;  // Read and dropped behind the last answer.
constexpr std::chrono::seconds kLingerTime{2};

}  // namespace

Connection::Connection(EventLoop& loop, TcpSocket socket, SlotCounter::Slot slot)
    : loop_(loop), socket_(std::move(socket)), slot_(std::move(slot)) {}

void Connection::Start() {
  error_code ignored;
  socket_.set_option(net::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (slot_) {
    parser_.emplace(loop_.shared().options, head_);
    Read();
    return;
  }
  context_.keep_alive = false;
  close_when_sent_ = true;
  std::string out;
  AppendProblem(context_,
                {.status = http::status::service_unavailable,
                 .detail = "too many connections; try again soon",
                 .errors = {},
                 .retry_after_seconds = 1},
                out);
  if (SendNow(out)) Continue();
}

// What comes next when all that was answered has been sent.
void Connection::Continue() {
  if (close_when_sent_)
    Linger();
  else if (job_)
    StartJob();
  else if (writing_ && writing_->complete)
    StartWrite();
  else
    Serve();
}

// Answers the complete requests in the input, as one batch or, when they are many, in turns with other connections.
void Connection::Serve() {
  std::string& out = loop_.output();
  const Clock::time_point turn_end = Clock::now() + kTurn;
  bool input_used_up = false;
  const auto is_answered_later = [&] { return job_ || (writing_ && writing_->complete); };
  while (!input_used_up && !is_answered_later() && !close_when_sent_ && out.size() < kBatchBytes && answering_since_ < turn_end) {
    input_used_up = !AnswerNext(out);
  }
  if (!SendNow(out)) return;  // OnSent() goes on.
  if (is_answered_later() || close_when_sent_) return Continue();
  if (!input_used_up) return Yield();
  if (writing_ && writing_->bulk && (writing_->bulk->finished() || !writing_->bulk->HasRoom())) return AwaitBulk();
  if (loop_.stopping() && !in_request_ && !writing_ && input_begin_ == input_end_) return Linger();
  Read();
}

void Connection::Yield() {
  phase_ = Phase::kWaiting;
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->phase_ != Phase::kClosed) self->Continue();
  });
}

// Answers the next request in the input, or leaves it as job_. False when no complete request is there.
bool Connection::AnswerNext(std::string& out) {
  if (!parser_->got_some()) {
    // Empty lines before a request are to be tolerated (RFC 9112, 2.2).
    while (input_begin_ < input_end_ && (input_[input_begin_] == '\r' || input_[input_begin_] == '\n')) ++input_begin_;
  }
  if (input_begin_ == input_end_) return false;
  error_code error;
  Put(error);
  if (!error && parser_->awaits_decision()) {
    if (!Decide(out, error)) return true;
    if (!error && !parser_->is_done() && input_begin_ < input_end_) Put(error);
  }
  if (writing_) return TakeBody(error, out);
  context_ = {.http_1_1 = head_.http_1_1, .keep_alive = false, .head = head_.method == http::verb::head};
  if (error && error != http::error::need_more) {
    AppendProblem(context_, parser_->Refusal(error), out);
    close_when_sent_ = true;
    return true;
  }
  // Who waits for "100 Continue" gets the final answer instead, without the body, and a closed connection.
  if (IsStuck()) {
    AppendProblem(context_, parser_->Refusal(http::error::bad_chunk), out);
    close_when_sent_ = true;
    return true;
  }
  const bool complete = parser_->is_done();
  if (!complete && !(parser_->is_header_done() && head_.expects_continue)) return false;
  context_.keep_alive = complete && parser_->keep_alive() && !loop_.stopping();
  const std::size_t start = out.size();
  try {
    answering_since_ = Clock::now();
    job_ = loop_.handler().Handle(head_, context_, answering_since_, out);
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "clientele: request failed: %s\n", exception.what());
    out.resize(start);
    AppendProblem(context_, ToProblem(absl::InternalError("")), out);
  }
  close_when_sent_ = !job_ && !context_.keep_alive;
  EndRequest();
  return true;
}

void Connection::Put(error_code& error) {
  input_begin_ += parser_->put(net::const_buffer(&input_[input_begin_], input_end_ - input_begin_), error);
}

// The parser waits for the end of a chunk's header or of the trailers, which it consumes whole, and they are too long.
bool Connection::IsStuck() const {
  return parser_->is_header_done() && !parser_->is_done() && input_end_ - input_begin_ > loop_.shared().options.max_header_bytes;
}

// Behind the last byte that is read of a request.
void Connection::EndRequest() {
  loop_.CountRequest();
  parser_.emplace(loop_.shared().options, head_);
  in_request_ = false;
}

// Sends `out` and empties it. False when the socket would not take all of it: the rest follows, then OnSent; or it is closed.
bool Connection::SendNow(std::string& out) {
  std::size_t sent = 0;
  // Tried at once, as it nearly always succeeds: asio's asynchronous write would cost another turn of the loop.
  while (sent < out.size()) {
    error_code error;
    sent += socket_.write_some(net::buffer(out.data() + sent, out.size() - sent), error);
    if (error == net::error::would_block) break;
    if (error) {
      out.clear();
      Close();
      return false;
    }
  }
  if (sent == out.size()) {
    out.clear();
    return true;
  }
  unsent_.swap(out);
  out.clear();
  phase_ = Phase::kWriting;
  deadline_ = Clock::now() + loop_.shared().options.write_timeout;
  net::async_write(socket_, net::buffer(unsent_.data() + sent, unsent_.size() - sent),
                   [self = shared_from_this()](error_code error, std::size_t) {
                     if (error)
                       self->Close();
                     else
                       self->OnSent();
                   });
  return false;
}

void Connection::OnSent() {
  if (phase_ == Phase::kClosed) return;
  if (unsent_.capacity() > kUnsentBytesKept) std::string().swap(unsent_);
  unsent_.clear();
  Continue();
}

void Connection::Read() {
  MakeRoom();
  phase_ = Phase::kReading;
  if (!parser_->got_some() && input_begin_ == input_end_) {
    deadline_ = Clock::now() + loop_.shared().options.idle_timeout;
  } else if (writing_ && writing_->bulk) {
    in_request_ = true;
    deadline_ = Clock::now() + loop_.shared().options.request_timeout;  // As long as it keeps sending.
  } else if (!in_request_) {
    // Once a request, not once a read: a peer that sends a byte now and then gains no time by it.
    in_request_ = true;
    deadline_ = Clock::now() + loop_.shared().options.request_timeout;
  }
  socket_.async_read_some(net::buffer(&input_[input_end_], input_capacity_ - input_end_),
                          [self = shared_from_this()](error_code error, std::size_t size) {
                            if (self->phase_ != Phase::kReading) return;
                            if (error) return self->Close();
                            self->input_end_ += size;
                            self->loop_.OnInput(Clock::now());
                            self->Serve();
                          });
}

void Connection::MakeRoom() {
  if (input_begin_ == input_end_) {
    input_begin_ = input_end_ = 0;
    const bool is_long = writing_ && (writing_->bulk || writing_->body.size() > kInputBytesKept);
    const std::size_t least = is_long ? kBulkInputBytes : kInputBytes, most = is_long ? kBulkInputBytes : kInputBytesKept;
    if (input_capacity_ >= least && input_capacity_ <= most) return;
    input_capacity_ = least;
    input_ = std::make_unique_for_overwrite<char[]>(input_capacity_);
    return;
  }
  if (input_end_ < input_capacity_) return;
  // Bounded: the parser refuses a head that does not fit into its limits, and consumes bodies as they come.
  const std::size_t size = input_end_ - input_begin_;
  const std::size_t capacity = size * 2 > input_capacity_ ? input_capacity_ * 2 : input_capacity_;
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  std::memcpy(larger.get(), &input_[input_begin_], size);
  input_ = std::move(larger);
  input_capacity_ = capacity;
  input_begin_ = 0;
  input_end_ = size;
}

// Closes our side and waits for the peer's end: closed at once with unread input, the socket would send a reset that may overtake
// and destroy the answer (RFC 9112, 9.6).
void Connection::Linger() {
  error_code error;
  socket_.shutdown(net::ip::tcp::socket::shutdown_send, error);
  if (error) return Close();
  phase_ = Phase::kLingering;
  deadline_ = Clock::now() + kLingerTime;
  input_begin_ = input_end_ = 0;
  MakeRoom();
  ReadToEnd();
}

void Connection::ReadToEnd() {
  socket_.async_read_some(net::buffer(&input_[0], input_capacity_),
                          [self = shared_from_this()](error_code error, std::size_t size) {
                            if (self->phase_ == Phase::kClosed) return;
                            self->dropped_bytes_ += size;
                            if (error || self->dropped_bytes_ > kLingerBytes) return self->Close();
                            self->ReadToEnd();
                          });
}

void Connection::OnTick(Clock::time_point now) {
  if (now < deadline_) return;
  switch (phase_) {
    case Phase::kReading: {
      if (!in_request_) return Close();
      if (writing_ && writing_->bulk) {
        writing_->bulk->Fail(
            {.status = http::status::request_timeout, .detail = "the rest of the request did not arrive in time", .errors = {}});
        writing_->complete = true;
        context_.keep_alive = false;
        socket_.cancel();
        return AwaitBulk();
      }
      writing_.reset();
      std::string out;
      context_ = {.http_1_1 = head_.http_1_1, .keep_alive = false, .head = false};
      AppendProblem(context_,
                    {.status = http::status::request_timeout, .detail = "the request did not arrive in time", .errors = {}}, out);
      socket_.cancel();
      close_when_sent_ = true;
      phase_ = Phase::kWriting;  // The cancelled read must not close the connection.
      if (SendNow(out)) Continue();
      return;
    }
    case Phase::kWaiting: return;  // The query keeps its own time.
    case Phase::kStreaming:
      if (streaming_->sending) Abort();
      return;
    case Phase::kWriting: return Abort();
    case Phase::kLingering: return Close();
    case Phase::kClosed: return;
  }
}

void Connection::StopSoon() {
  if (phase_ != Phase::kReading || in_request_) return;
  // A request may have reached the socket already: it is still served, and told that the connection ends.
  error_code error;
  const std::size_t waiting = socket_.available(error);
  if (error || waiting == 0) Close();
}

void Connection::Abort() {
  error_code ignored;
  socket_.set_option(net::socket_base::linger(true, 0), ignored);
  Close();
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  error_code ignored;
  socket_.close(ignored);
  slot_ = {};
  job_.reset();
  if (writing_ && writing_->bulk) writing_->bulk->Abandon();
  if (self_ != nullptr) net::post(socket_.get_executor(), [self = std::move(self_)] {});  // Not while it is in use.
  loop_.Remove(*this);  // Buffers and the stream go with the last handler or job that uses them, which is soon.
}

void Connection::StartJob() {
  phase_ = Phase::kWaiting;
  auto job = [self = shared_from_this(), list_job = std::move(*job_), executor = socket_.get_executor()]() mutable {
    ListReply reply = RunListJob(std::move(list_job), self->loop_.shared());
    net::post(executor, [self = std::move(self), reply = std::move(reply)]() mutable { self->OnListReply(std::move(reply)); });
  };
  job_.reset();
  deadline_ = Clock::time_point::max();
  if (loop_.shared().pool.TrySubmit(std::move(job))) return;
  ListReply refusal{.context = context_, .bytes = {}, .stream = {}, .stream_slot = {}};
  AppendProblem(context_, ToProblem(absl::UnavailableError("too many expensive queries are waiting; try again soon")),
                refusal.bytes);
  // Posted, not called: a long run of pipelined requests would nest the calls as deep.
  net::post(socket_.get_executor(),
            [self = shared_from_this(), reply = std::move(refusal)]() mutable { self->OnListReply(std::move(reply)); });
}

void Connection::OnListReply(ListReply reply) {
  if (phase_ == Phase::kClosed) return;
  context_ = reply.context;
  close_when_sent_ = !context_.keep_alive;
  if (reply.stream != nullptr) return StartStreaming(std::move(reply));
  if (SendNow(reply.bytes)) Continue();
}

}  // namespace clientele
