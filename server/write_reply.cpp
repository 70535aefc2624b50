#include "server/write_reply.h"

#include <algorithm>
#include <cstdio>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "server/entity_tag.h"

namespace clientele {

namespace http = boost::beast::http;

namespace {

Problem Refused(http::status status, std::string detail) {
  return {.status = status, .detail = std::move(detail), .errors = {}};
}

std::string TagLine(RecordVersion version) {
  return version == 0 ? "" : absl::StrCat("ETag: ", EntityTag(version), "\r\n");
}

// 200 or 201 with the record, or what stands for it when the caller does not want to see it.
void AppendWritten(const ReplyContext& context, const WriteRequest& request, const WriteResult& result, bool is_repeated,
                   std::string& out) {
  const bool is_new = result.code == WriteResult::Code::kCreated;
  std::string headers = TagLine(result.version);
  if (is_new) absl::StrAppend(&headers, "Location: ", AbslView(request.clients_path), "/", result.id, "\r\n");
  if (is_repeated) headers += "Idempotency-Replayed: true\r\n";
  if (!request.wants_record) headers += "Preference-Applied: return=minimal\r\n";
  if (!request.wants_record && !is_new) return AppendEmptyResponse(context, http::status::no_content, headers, out);
  const OpenResponse open = BeginResponse(context, is_new ? http::status::created : http::status::ok,
                                          request.wants_record ? kJsonType : std::string_view(), headers, out);
  if (request.wants_record) out += result.json;
  EndResponse(context, open, out);
}

}  // namespace

Problem WriteProblem(const absl::Status& status) {
  const std::string detail(StdView(status.message()));
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted: return Refused(http::status::insufficient_storage, detail);
    case absl::StatusCode::kFailedPrecondition: return Refused(http::status::unprocessable_entity, detail);
    case absl::StatusCode::kAborted: return Refused(http::status::conflict, detail);
    case absl::StatusCode::kInvalidArgument: return Refused(http::status::payload_too_large, detail);
    case absl::StatusCode::kUnavailable: return ToProblem(status);
    default:
      std::fprintf(stderr, "clientele: a write failed: %s\n", status.ToString().c_str());
      return Refused(http::status::internal_server_error, "the server cannot write any more until it is restarted");
  }
}

std::string_view RefusalName(WriteResult::Code code) {
  switch (code) {
    case WriteResult::Code::kExists: return "exists";
    case WriteResult::Code::kMissing: return "missing";
    case WriteResult::Code::kPreconditionFailed: return "precondition_failed";
    case WriteResult::Code::kNotTried: return "not_tried";
    default: return "invalid";
  }
}

Problem RefusalProblem(const WriteResult& result) {
  switch (result.code) {
    case WriteResult::Code::kExists:
      return Refused(http::status::conflict, absl::StrCat("there is a client with the id ", result.id, " already"));
    case WriteResult::Code::kMissing: return Refused(http::status::not_found, "there is no client with this id");
    case WriteResult::Code::kPreconditionFailed:
      return Refused(http::status::precondition_failed, "the client is not, or no longer, what the request takes it for");
    case WriteResult::Code::kInvalid: {
      Problem problem = Refused(http::status::unprocessable_entity, "the record is not valid");
      problem.values.push_back(result.problem);
      return problem;
    }
    default: return Refused(http::status::internal_server_error, "the server failed to answer this request");
  }
}

void AppendWriteOutcome(const ReplyContext& context, const WriteRequest& request, const WriteOutcome& outcome, std::string& out) {
  if (const auto* const problem = std::get_if<Problem>(&outcome)) return AppendProblem(context, *problem, out);
  const WriteReply& reply = std::get<WriteReply>(outcome);
  if (reply.results.size() != 1) {
    return AppendProblem(context, Refused(http::status::internal_server_error, "the server failed to answer this request"), out);
  }
  const WriteResult& result = reply.results.front();
  switch (result.code) {
    case WriteResult::Code::kCreated:
    case WriteResult::Code::kReplaced:
    case WriteResult::Code::kPatched: return AppendWritten(context, request, result, reply.is_repeated, out);
    case WriteResult::Code::kDeleted:
    case WriteResult::Code::kPurged: return AppendEmptyResponse(context, http::status::no_content, TagLine(result.version), out);
    default: {
      Problem problem = RefusalProblem(result);
      if (reply.is_repeated) problem.header_lines = "Idempotency-Replayed: true\r\n";
      return AppendProblem(context, problem, out);
    }
  }
}

void AppendStoredClient(const ReplyContext& context, const RequestHead& head,
                        const absl::StatusOr<std::optional<StoredClient>>& found, std::string& out) {
  const auto refuse = [&](http::status status, std::string detail) {
    AppendProblem(context, Refused(status, std::move(detail)), out);
  };
  if (!found.ok()) return AppendProblem(context, ToProblem(found.status()), out);
  if (!*found) return refuse(http::status::not_found, "there is no client with this id");
  const StoredClient& client = **found;
  const auto holds = [&](const std::vector<RecordVersion>& versions) {
    return std::ranges::find(versions, client.version) != versions.end();
  };
  if (head.if_match.count > 0) {
    const auto tags = ParseEntityTags(head.if_match.text);
    if (!tags) return refuse(http::status::bad_request, "If-Match: expected * or entity-tags, such as \"0123456789abcdef\"");
    if (!tags->any && !holds(tags->strong)) {
      return refuse(http::status::precondition_failed, "the client is not, or no longer, what the request takes it for");
    }
  }
  const std::string tag_line = TagLine(client.version);
  if (head.if_none_match.count > 0) {
    const auto tags = ParseEntityTags(head.if_none_match.text);
    if (!tags) return refuse(http::status::bad_request, "If-None-Match: expected * or entity-tags");
    // Compared weakly here (RFC 9110, 13.1.2).
    if (tags->any || holds(tags->strong) || holds(tags->weak)) {
      return AppendEmptyResponse(context, http::status::not_modified, tag_line, out);
    }
  }
  const OpenResponse open = BeginResponse(context, http::status::ok, kJsonType, tag_line, out);
  out += client.json;
  EndResponse(context, open, out);
}

}  // namespace clientele
