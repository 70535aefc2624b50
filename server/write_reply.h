// What became of writes, as responses. Thread-safe.
#pragma once

#include <string>
#include <variant>

#include <absl/status/statusor.h>

#include "server/list_service.h"
#include "server/problem.h"
#include "server/response.h"
#include "server/write_request.h"
#include "server/write_service.h"

namespace clientele {

// An error of WriteService as a problem; see there what each code means.
Problem WriteProblem(const absl::Status& status);

// Of one write that was refused.
Problem RefusalProblem(const WriteResult& result);

// The short name of a refusal: "invalid", "exists", "missing", "precondition_failed", "not_tried".
std::string_view RefusalName(WriteResult::Code code);

// The reply to a request that writes one client, or what kept it from being carried out.
using WriteOutcome = std::variant<WriteReply, Problem>;
void AppendWriteOutcome(const ReplyContext& context, const WriteRequest& request, const WriteOutcome& outcome, std::string& out);

// The reply to GET and HEAD of one client: 200, 304, 404 or 412.
void AppendStoredClient(const ReplyContext& context, const RequestHead& head,
                        const absl::StatusOr<std::optional<StoredClient>>& found, std::string& out);

}  // namespace clientele
