// A list request carried out on a thread for expensive queries: from the checked request to framed bytes of HTTP.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "server/list_endpoint.h"
#include "server/response.h"
#include "server/server_shared.h"

namespace clientele {

using Clock = std::chrono::steady_clock;

// What an event loop hands over.
struct ListJob {
  std::shared_ptr<const ListVersion> version;
  ListRequest request;
  ReplyContext context;
  Clock::time_point deadline;  // Of the query, queueing included.
  bool must_stream = false;    // Known to be too long for one buffer.
};

// The bytes to send, and the stream that makes more of them when they are not the whole response.
struct ListReply {
  ReplyContext context;  // The job's; but without keep-alive when the body ends only with the connection.
  std::string bytes;
  std::unique_ptr<ListStream> stream;
  SlotCounter::Slot stream_slot;
};

// Never fails: an error is a problem document in `bytes`.
ListReply RunListJob(ListJob job, ServerShared& shared);

// Appends the stream's next piece, framed; true while there is more to come. On an error the connection must be cut.
absl::StatusOr<bool> AppendFramedPiece(ListStream& stream, const ReplyContext& context, std::size_t piece_bytes,
                                       std::string& out);

}  // namespace clientele
