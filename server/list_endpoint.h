// GET /clients: from the request's target to the body of its answer. No sockets here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/status/statusor.h>

#include "engine/query_parser.h"
#include "server/list_service.h"
#include "server/problem.h"

namespace clientele {

// A checked request for clients. Movable, so that it can go to another thread.
struct ListRequest {
  std::string_view path;               // For links; static storage.
  std::vector<Parameter> parameters;   // Decoded, in order; for links.
  std::optional<std::uint64_t> limit;  // As asked: given, the reply is an envelope; else a bare array.
  Query query;                         // Its own limit is set by who runs it.
};

// `query_string`: what follows the '?', still encoded. All bad parameters are reported in one problem.
std::variant<ListRequest, Problem> ParseListRequest(std::string_view path, std::string_view query_string);

// Appends the whole body in either shape if it has at most `max_rows` clients and few megabytes; otherwise returns false and
// appends nothing: it has to be streamed. A failed query appends nothing either.
absl::StatusOr<bool> AppendWholeBody(const ListVersion& version, ListRequest& request, std::uint64_t max_rows,
                                     const ExecuteOptions& options, std::string& out);

// A body of any length, made piece by piece. One thread at a time.
class ListStream {
 public:
  // Evaluates the filter; cost is the query's.
  static absl::StatusOr<std::unique_ptr<ListStream>> Open(std::shared_ptr<const ListVersion> version, ListRequest request,
                                                          const ExecuteOptions& options);

  // Appends the next piece, about `piece_bytes` long; true while there is more to come. An error means that the body cannot be
  // completed: the caller must not let what it has sent pass for a whole body.
  absl::StatusOr<bool> AppendPiece(std::size_t piece_bytes, std::string& out);

 private:
  ListStream(std::shared_ptr<const ListVersion> version, ListRequest request, std::unique_ptr<RowStream> rows);

  std::shared_ptr<const ListVersion> version_;
  ListRequest request_;
  std::unique_ptr<RowStream> row_stream_;
  std::uint64_t rows_total_ = 0, rows_done_ = 0;
  bool started_ = false;             // The body's opening was written.
  std::vector<std::uint32_t> rows_;  // Of one step.
};

}  // namespace clientele
