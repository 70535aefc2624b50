#include "server/list_reply.h"

#include <cstdio>
#include <exception>
#include <new>
#include <utility>

namespace clientele {
namespace {

absl::Status TooManyStreams() {
  return absl::ResourceExhaustedError("too many streamed replies are under way; try again soon");
}

// Appends the whole response, or opens the stream and appends its head and first piece.
absl::Status Run(ListJob& job, ServerShared& shared, ListReply& reply) {
  reply.context = job.context;
  const ExecuteOptions execute{.deadline = job.deadline};
  if (Clock::now() >= job.deadline) return absl::DeadlineExceededError("the query waited too long for a free thread");
  if (!job.must_stream) {
    const OpenResponse open = BeginResponse(job.context, boost::beast::http::status::ok, kJsonType, {}, reply.bytes);
    const absl::StatusOr<bool> whole =
        AppendWholeBody(*job.version, job.request, shared.options.inline_rows, execute, reply.bytes);
    if (!whole.ok()) return whole.status();
    if (*whole) {
      EndResponse(job.context, open, reply.bytes);
      return absl::OkStatus();
    }
    reply.bytes.clear();
  }
  reply.context.keep_alive = job.context.keep_alive && job.context.http_1_1;
  AppendStreamHead(reply.context, reply.bytes);
  if (job.context.head) return absl::OkStatus();
  SlotCounter::Slot slot = shared.streams.TryTake();
  if (!slot) return TooManyStreams();
  auto stream = ListStream::Open(job.version, std::move(job.request), execute);
  if (!stream.ok()) return stream.status();
  const absl::StatusOr<bool> more = AppendFramedPiece(**stream, reply.context, shared.options.stream_piece_bytes, reply.bytes);
  if (!more.ok()) return more.status();
  if (*more) {
    reply.stream = *std::move(stream);
    reply.stream_slot = std::move(slot);
  }
  return absl::OkStatus();
}

}  // namespace

ListReply RunListJob(ListJob job, ServerShared& shared) {
  ListReply reply;
  absl::Status status;
  try {
    status = Run(job, shared, reply);
  } catch (const std::bad_alloc&) {
    status = absl::ResourceExhaustedError("not enough memory for this query");
  } catch (const std::exception& error) {
    status = absl::InternalError(error.what());
  }
  if (status.ok()) return reply;
  if (status.code() == absl::StatusCode::kInternal)
    std::fprintf(stderr, "clientele: list query: %s\n", status.ToString().c_str());
  ListReply failure{.context = job.context, .bytes = {}, .stream = {}, .stream_slot = {}};
  AppendProblem(job.context, ToProblem(status), failure.bytes);
  return failure;
}

absl::StatusOr<bool> AppendFramedPiece(ListStream& stream, const ReplyContext& context, std::size_t piece_bytes,
                                       std::string& out) {
  try {
    const std::size_t chunk_at = BeginChunk(context, out);
    absl::StatusOr<bool> more = stream.AppendPiece(piece_bytes, out);
    if (more.ok()) EndChunk(context, chunk_at, !*more, out);
    return more;
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace clientele
