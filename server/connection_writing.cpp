// The writing half of Connection: bodies on their way in, and the wait for what becomes of them. While a write is with the
// service no handler of the loop knows the connection, which then keeps itself alive; the service holds no more than a weak
// pointer to it and the gate of its loop, so it may answer late or never.
#include <cstdio>
#include <exception>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>

#include "server/connection.h"
#include "server/event_loop.h"
#include "server/response.h"
#include "server/write_job.h"

namespace clientele {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kInlineBytes = 16'384;  // Bodies up to this size are submitted by the event loop: some ten microseconds.

Problem TooBusy(const char* detail) {
  return ToProblem(absl::UnavailableError(detail));
}

}  // namespace

// The head of a request that may write is here. False: it was answered, and its body, if there is one, is not read.
bool Connection::Decide(std::string& out, error_code& error) {
  auto admission = loop_.handler().Admit(head_);
  if (std::holds_alternative<std::monostate>(admission)) {
    parser_->DropBody(error);
    return true;
  }
  context_ = {.http_1_1 = head_.http_1_1, .keep_alive = false, .head = false};
  answering_since_ = Clock::now();
  if (Problem* const problem = std::get_if<Problem>(&admission)) return Refuse(std::move(*problem), out, error);
  auto& request = std::get<WriteRequest>(admission);
  if (request.is_bulk) {
    if (!StartBulk(std::move(request), out)) return false;
  } else {
    writing_ = std::make_unique<Writing>();
    writing_->request = std::move(request);
  }
  writing_->service = loop_.handler().writes();
  if (!writing_->request.takes_body()) {
    parser_->DropBody(error);
  } else if (writing_->bulk) {
    parser_->KeepBody(writing_->body, ~std::uint64_t{0}, error);
  } else {
    parser_->KeepBody(writing_->body, loop_.shared().options.max_record_bytes, error);
  }
  // Who has begun to send does not wait (RFC 9110, 10.1.1).
  if (!error && head_.expects_continue && head_.http_1_1 && !parser_->is_done() && input_begin_ == input_end_) out += kContinue;
  return true;
}

// Behind the body, if that is small, as the connection can then live on; else at once.
bool Connection::Refuse(Problem problem, std::string& out, error_code& error) {
  parser_->DropBody(error);
  const bool is_waiting = head_.expects_continue && !parser_->is_done();
  if (!error && !is_waiting) {
    writing_ = std::make_unique<Writing>();
    writing_->refusal = std::move(problem);
    return true;
  }
  AppendProblem(context_, problem, out);
  close_when_sent_ = true;
  EndRequest();
  return false;
}

bool Connection::StartBulk(WriteRequest request, std::string& out) {
  SlotCounter::Slot slot = loop_.shared().bulks.TryTake();
  if (!slot) {
    AppendProblem(context_, TooBusy("too many bulk requests are under way; try again soon"), out);
    close_when_sent_ = true;
    EndRequest();
    return false;
  }
  writing_ = std::make_unique<Writing>();
  writing_->request = request;
  auto notify = [gate = loop_.gate(), weak = weak_from_this()] {
    gate->Post([weak] {
      if (const auto self = weak.lock()) self->OnBulkChange();
    });
  };
  writing_->bulk = std::make_shared<BulkImport>(std::move(request), loop_.handler().writes(), loop_.shared(), std::move(slot),
                                                std::move(notify));
  return true;
}

// Some of a body, or all of it, has been parsed. False when there is more to read.
bool Connection::TakeBody(error_code error, std::string& out) {
  Writing& writing = *writing_;
  const bool is_bad = error && error != http::error::need_more;
  if (is_bad || IsStuck()) {
    context_.keep_alive = false;
    const Problem problem =
        writing.refusal ? *writing.refusal : parser_->Refusal(is_bad ? error : error_code(http::error::bad_chunk));
    EndRequest();
    if (writing.bulk == nullptr) {
      writing_.reset();
      AppendProblem(context_, problem, out);
      close_when_sent_ = true;
    } else {
      writing.complete = true;
      writing.bulk->Fail(problem);
    }
    return true;
  }
  if (writing.bulk && !writing.body.empty()) writing.bulk->Feed(std::exchange(writing.body, {}));
  if (!parser_->is_done()) return false;
  context_.keep_alive = parser_->keep_alive() && !loop_.stopping();
  EndRequest();
  if (writing.refusal) {
    AppendProblem(context_, *writing.refusal, out);
    close_when_sent_ = !context_.keep_alive;
    writing_.reset();
    return true;
  }
  writing.complete = true;
  if (writing.bulk) writing.bulk->End();
  return true;
}

void Connection::StartWrite() {
  if (writing_->bulk) return AwaitBulk();
  phase_ = Phase::kWaiting;
  deadline_ = Clock::time_point::max();  // The service keeps its own time.
  self_ = shared_from_this();
  auto done = [gate = loop_.gate(), weak = weak_from_this()](WriteOutcome outcome) {
    gate->Post([weak, outcome = std::move(outcome)] {
      if (const auto self = weak.lock()) self->OnWriteOutcome(outcome);
    });
  };
  const bool is_quick = writing_->body.size() <= kInlineBytes && writing_->request.coding == ContentCoding::kIdentity;
  WriteJob job{.request = writing_->request,
               .body = std::move(writing_->body),
               .service = writing_->service,
               .max_record_bytes = loop_.shared().options.max_record_bytes};
  if (is_quick) return RunWriteJob(std::move(job), std::move(done));
  auto run = [job = std::move(job), done]() mutable { RunWriteJob(std::move(job), std::move(done)); };
  if (!loop_.shared().pool.TrySubmit(std::move(run))) done(TooBusy("too many expensive requests are waiting; try again soon"));
}

void Connection::OnWriteOutcome(const WriteOutcome& outcome) {
  if (phase_ != Phase::kWaiting || !writing_) return;
  std::string& out = loop_.output();
  AppendWriteOutcome(context_, writing_->request, outcome, out);
  close_when_sent_ = !context_.keep_alive;
  writing_.reset();
  self_.reset();  // The caller has another.
  if (SendNow(out)) Continue();
}

// Until the import has room again, or has finished.
void Connection::AwaitBulk() {
  phase_ = Phase::kWaiting;
  deadline_ = Clock::time_point::max();
  self_ = shared_from_this();
  // Looked at once more from the loop: what happened before this was not waited for.
  net::post(socket_.get_executor(), [self = self_] { self->OnBulkChange(); });
}

void Connection::OnBulkChange() {
  if (phase_ == Phase::kClosed || !writing_ || !writing_->bulk) return;
  if (writing_->bulk->finished()) {
    if (phase_ == Phase::kReading) {  // It has failed before all of it was sent.
      socket_.cancel();
      phase_ = Phase::kWaiting;  // The cancelled read must not close the connection.
    }
    if (phase_ == Phase::kWaiting) AnswerBulk();
  } else if (phase_ == Phase::kWaiting && !writing_->complete && writing_->bulk->HasRoom()) {
    self_.reset();
    Serve();
  }
}

void Connection::AnswerBulk() {
  std::string& out = loop_.output();
  context_.keep_alive = context_.keep_alive && writing_->complete;
  writing_->bulk->AppendResponse(context_, out);
  close_when_sent_ = !context_.keep_alive;
  writing_.reset();
  self_.reset();
  if (SendNow(out)) Continue();
}

}  // namespace clientele
