#include "server/list_endpoint.h"

#include <algorithm>
#include <span>
#include <utility>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "server/page_links.h"

namespace clientele {
namespace {

constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};
constexpr std::size_t kFirstStepRows = 8, kMaxStepRows = 8'192;
constexpr std::size_t kWholeStepRows = 64, kWholeBodyBytes = 2'097'152;

// Clients of the whole answer, when `count` match.
std::uint64_t RowsToShow(const ListRequest& request, std::uint64_t count) {
  return std::min(request.limit.value_or(kNoLimit), count - std::min(count, request.query.offset));
}

void AppendBodyStart(const ListRequest& request, std::uint64_t count, std::string& out) {
  if (request.limit) {
    absl::StrAppend(&out, "{\"count\":", count, ",");
    AppendLinkMembers(request.path, request.parameters, count, request.query.offset, *request.limit, out);
    out += ",\"results\":";
  }
  out += '[';
}

void AppendBodyEnd(const ListRequest& request, std::string& out) {
  out += request.limit ? "]}" : "]";
}

}  // namespace

std::variant<ListRequest, Problem> ParseListRequest(std::string_view path, std::string_view query_string) {
  auto decoded = DecodeQueryString(query_string);
  if (std::holds_alternative<ParameterErrors>(decoded)) {
    // Asked again for what is wrong besides: errors may be slow, but they come all at once.
    return BadParameters(std::get<ParameterErrors>(ParseQueryString(query_string)));
  }
  ListRequest request{.path = path, .parameters = std::get<std::vector<Parameter>>(std::move(decoded)), .limit = {}, .query = {}};
  auto parsed = ParseQuery(request.parameters);
  if (auto* errors = std::get_if<ParameterErrors>(&parsed)) return BadParameters(std::move(*errors));
  request.query = std::get<Query>(std::move(parsed));
  request.limit = request.query.limit;
  return request;
}

absl::StatusOr<bool> AppendWholeBody(const ListVersion& version, ListRequest& request, std::uint64_t max_rows,
                                     const ExecuteOptions& options, std::string& out) {
  request.query.limit = std::min(request.limit.value_or(kNoLimit), max_rows);
  const absl::StatusOr<Page> page = version.FindPage(request.query, options);
  if (!page.ok()) return page.status();
  const std::uint64_t rows_total = RowsToShow(request, page->count);
  if (rows_total > max_rows) return false;
  // A shorter answer than its own count promises must never leave the house.
  if (page->rows.size() != rows_total) {
    return absl::InternalError(absl::StrCat("a page of ", page->rows.size(), " clients where ", rows_total, " were due"));
  }
  const std::size_t start = out.size();
  AppendBodyStart(request, page->count, out);
  for (std::span<const std::uint32_t> rows = page->rows; !rows.empty();) {
    const auto step = rows.first(std::min(rows.size(), kWholeStepRows));
    version.Render(step, request.query.fields, out);
    rows = rows.subspan(step.size());
    if (!rows.empty()) out += ',';
    // Records may be of any size: rows alone do not bound the buffer.
    if (out.size() - start <= kWholeBodyBytes || rows.empty()) continue;
    out.resize(start);
    return false;
  }
  AppendBodyEnd(request, out);
  return true;
}

ListStream::ListStream(std::shared_ptr<const ListVersion> version, ListRequest request, std::unique_ptr<RowStream> rows)
    : version_(std::move(version)),
      request_(std::move(request)),
      row_stream_(std::move(rows)),
      rows_total_(RowsToShow(request_, row_stream_->count())),
      rows_(kFirstStepRows) {}

absl::StatusOr<std::unique_ptr<ListStream>> ListStream::Open(std::shared_ptr<const ListVersion> version, ListRequest request,
                                                             const ExecuteOptions& options) {
  request.query.limit = request.limit;
  absl::StatusOr<std::unique_ptr<RowStream>> rows = version->OpenStream(request.query, options);
  if (!rows.ok()) return rows.status();
  return std::unique_ptr<ListStream>(new ListStream(std::move(version), std::move(request), *std::move(rows)));
}

absl::StatusOr<bool> ListStream::AppendPiece(std::size_t piece_bytes, std::string& out) {
  const std::size_t start = out.size();
  if (!started_) AppendBodyStart(request_, row_stream_->count(), out);
  started_ = true;
  while (rows_done_ < rows_total_ && out.size() - start < piece_bytes) {
    const std::size_t row_count = row_stream_->Next(rows_);
    if (absl::Status status = row_stream_->status(); !status.ok()) return status;
    if (row_count == 0 || row_count > rows_total_ - rows_done_) {
      return absl::InternalError(absl::StrCat("a stream of ", rows_total_, " clients went wrong after ", rows_done_));
    }
    if (rows_done_ > 0) out += ',';
    const std::size_t before = out.size();
    version_->Render(std::span(rows_).first(row_count), request_.query.fields, out);
    rows_done_ += row_count;
    // The next step is sized by what a row took in this one, so that narrow rows come in few steps and wide ones do not
    // overshoot.
    const std::size_t row_bytes = std::max<std::size_t>((out.size() - before) / row_count, 1);
    const std::size_t room = piece_bytes - std::min(piece_bytes, out.size() - start);
    rows_.resize(std::clamp((room == 0 ? piece_bytes : room) / row_bytes + 1, std::size_t{1}, kMaxStepRows));
  }
  if (rows_done_ < rows_total_) return true;
  AppendBodyEnd(request_, out);
  return false;
}

}  // namespace clientele
