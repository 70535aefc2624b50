// The streaming half of Connection: one piece is sent while the next is made, so at most two pieces exist however long the body
// and however slow the reader.
#include <cstdio>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "server/connection.h"
#include "server/event_loop.h"

namespace clientele {

namespace net = boost::asio;

void Connection::StartStreaming(ListReply reply) {
  streaming_ = std::make_unique<Streaming>();
  streaming_->stream = std::move(reply.stream);
  streaming_->slot = std::move(reply.stream_slot);
  streaming_->next = std::move(reply.bytes);
  streaming_->ready = true;
  phase_ = Phase::kStreaming;
  SendPiece();
}

void Connection::SendPiece() {
  Streaming& streaming = *streaming_;
  streaming.current.swap(streaming.next);
  streaming.next.clear();
  streaming.ready = false;
  streaming.sending = true;
  deadline_ = Clock::now() + loop_.shared().options.write_timeout;
  if (streaming.more) MakePiece();
  net::async_write(socket_, net::buffer(streaming.current),
                   [self = shared_from_this()](boost::system::error_code error, std::size_t) { self->OnPieceSent(error); });
}

void Connection::MakePiece() {
  streaming_->making = true;
  loop_.shared().pool.Submit([self = shared_from_this(), executor = socket_.get_executor()]() mutable {
    Streaming& streaming = *self->streaming_;
    const std::size_t piece_bytes = self->loop_.shared().options.stream_piece_bytes;
    absl::StatusOr<bool> more = AppendFramedPiece(*streaming.stream, self->context_, piece_bytes, streaming.next);
    net::post(executor, [self = std::move(self), more = std::move(more)]() mutable { self->OnPiece(std::move(more)); });
  });
}

void Connection::OnPiece(absl::StatusOr<bool> more) {
  streaming_->making = false;
  if (phase_ == Phase::kClosed) return;
  if (!more.ok()) {
    std::fprintf(stderr, "clientele: a streamed reply was cut: %s\n", more.status().ToString().c_str());
    return Abort();
  }
  streaming_->more = *more;
  streaming_->ready = true;
  if (!streaming_->sending) SendPiece();
}

void Connection::OnPieceSent(boost::system::error_code error) {
  if (phase_ == Phase::kClosed) return;
  if (error) return Close();
  streaming_->sending = false;
  if (streaming_->ready) return SendPiece();
  if (streaming_->making) return;  // OnPiece goes on.
  streaming_.reset();
  Continue();
}

}  // namespace clientele
