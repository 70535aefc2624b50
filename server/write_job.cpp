#include "server/write_job.h"

#include <exception>
#include <utility>

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "server/api_keys.h"

namespace clientele {

namespace http = boost::beast::http;

namespace {

// SHA-256: a caller could make other hashes collide, though it would fool nobody but itself.
std::string Fingerprint(const WriteRequest& request, const std::string& content) {
  const TokenHash hash = HashToken(request.method_and_path + content);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

Problem DecodingProblem(const absl::Status& status) {
  const bool too_long = status.code() == absl::StatusCode::kOutOfRange;
  return {.status = too_long ? http::status::payload_too_large : http::status::bad_request,
          .detail = absl::StrCat(too_long ? "" : "the body cannot be decompressed: ", status.message()),
          .errors = {}};
}

WriteBatch BatchOf(const WriteRequest& request, std::string content) {
  WriteBatch batch;
  batch.want_records = request.wants_record && request.takes_body();
  if (!request.idempotency_key.empty()) {
    batch.idempotency = {.key = request.idempotency_key, .fingerprint = Fingerprint(request, content)};
  }
  batch.writes.push_back(
      {.kind = request.kind, .id = request.id, .json = std::move(content), .precondition = request.precondition});
  return batch;
}

}  // namespace

void RunWriteJob(WriteJob job, absl::AnyInvocable<void(WriteOutcome)> done) {
  absl::StatusOr<std::string> content = Decode(job.request.coding, std::move(job.body), job.max_record_bytes);
  if (!content.ok()) return done(DecodingProblem(content.status()));
  job.service->Submit(BatchOf(job.request, *std::move(content)),
                      [done = std::move(done)](absl::StatusOr<WriteReply> reply) mutable {
                        if (reply.ok())
                          done(*std::move(reply));
                        else
                          done(WriteProblem(reply.status()));
                      });
}

}  // namespace clientele
