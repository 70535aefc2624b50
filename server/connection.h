// One client's connection: reads requests, answers them in order, streams long bodies, and is cut when it is too slow. Lives on
// one event loop and is used by its thread only. Handlers and jobs under way keep it alive; Close() ends it.
//
//            request complete          for others to answer             longer than one buffer
//   reading ------------------> answer ------------------> waiting ------------------> streaming
//      ^                          |                           |                           |
//      +--------------------------+---------------------------+---------------------------+--> lingering -> closed
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list_hook.hpp>

#include "server/bulk_import.h"
#include "server/list_reply.h"
#include "server/request_parser.h"
#include "server/server_shared.h"
#include "server/write_reply.h"
#include "server/write_request.h"

namespace clientele {

class EventLoop;

// With the executor's own type: no virtual calls and no allocation, unlike asio's default.
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class Connection final : public std::enable_shared_from_this<Connection>, public boost::intrusive::list_base_hook<> {
 public:
  // `slot`: one of the allowed connections, or none when there were none left.
  Connection(EventLoop& loop, TcpSocket socket, SlotCounter::Slot slot);

  void Start();                        // Serves requests, or says 503 when it has no slot.
  void OnTick(Clock::time_point now);  // Ends it when it has been too slow.
  void StopSoon();                     // Ends it behind the requests that have arrived.
  void Abort();                        // Ends it now, with a reset: the peer must not take a cut body for a whole one.

 private:
  enum class Phase { kReading, kWriting, kWaiting, kStreaming, kLingering, kClosed };

  // While `making`, a job of the pool owns `stream` and `next`; otherwise all of it is the event loop's.
  struct Streaming {
    std::unique_ptr<ListStream> stream;
    SlotCounter::Slot slot;
    std::string current;  // Being sent.
    std::string next;     // Being made, or ready.
    bool sending = false, making = false, ready = false;
    bool more = true;  // The stream has pieces that nobody has begun to make.
  };

  // A request that writes, from its head to its answer.
  struct Writing {
    WriteRequest request;
    std::shared_ptr<WriteService> service;
    std::string body;  // So far; of a bulk request, what was not handed on yet.
    std::shared_ptr<BulkImport> bulk;
    bool complete = false;           // Nothing more is read of it.
    std::optional<Problem> refusal;  // The answer, behind a body that is dropped.
  };

  void Continue();
  void Serve();
  void Yield();
  bool AnswerNext(std::string& out);
  bool SendNow(std::string& out);
  void OnSent();
  void Read();
  void MakeRoom();
  void Linger();
  void ReadToEnd();
  void Close();

  void Put(boost::system::error_code& error);
  bool Decide(std::string& out, boost::system::error_code& error);
  bool Refuse(Problem problem, std::string& out, boost::system::error_code& error);
  bool StartBulk(WriteRequest request, std::string& out);
  bool TakeBody(boost::system::error_code error, std::string& out);
  void EndRequest();
  bool IsStuck() const;
  void StartWrite();
  void OnWriteOutcome(const WriteOutcome& outcome);
  void AwaitBulk();
  void OnBulkChange();
  void AnswerBulk();

  void StartJob();
  void OnListReply(ListReply reply);
  void StartStreaming(ListReply reply);
  void MakePiece();
  void SendPiece();
  void OnPiece(absl::StatusOr<bool> more);
  void OnPieceSent(boost::system::error_code error);

  EventLoop& loop_;
  TcpSocket socket_;
  SlotCounter::Slot slot_;
  Phase phase_ = Phase::kReading;
  Clock::time_point deadline_;  // Of the phase.

  std::unique_ptr<char[]> input_;
  std::size_t input_capacity_ = 0, input_begin_ = 0, input_end_ = 0;
  RequestHead head_;
  std::optional<RequestParser> parser_;
  std::size_t dropped_bytes_ = 0;  // Read while lingering.
  bool in_request_ = false;        // Some bytes of the next request are here, and deadline_ is for the rest.

  std::string unsent_;                 // What the socket would not take at once.
  Clock::time_point answering_since_;  // When the latest request was taken up.
  bool close_when_sent_ = false;
  ReplyContext context_;        // Of the request that is being answered.
  std::optional<ListJob> job_;  // To be started when all answers before it are sent.
  std::unique_ptr<Streaming> streaming_;
  std::unique_ptr<Writing> writing_;
  std::shared_ptr<Connection> self_;  // While no handler of the loop keeps it alive: the service does not.
};

}  // namespace clientele
