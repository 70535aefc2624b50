#include "tests/engine/answer_check.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

namespace clientele {
namespace {

struct EngineAnswer {
  std::uint64_t count = 0;
  std::vector<std::uint32_t> rows;
  std::string problem;
};

EngineAnswer AskPage(const Snapshot& snapshot, const Query& query, const ExecuteOptions& options) {
  absl::StatusOr<Page> page = ExecutePage(snapshot, query, options);
  if (!page.ok()) return {.count = 0, .rows = {}, .problem = page.status().ToString()};
  return {.count = page->count, .rows = std::move(page->rows), .problem = {}};
}

EngineAnswer AskStream(const Snapshot& snapshot, const Query& query, const ExecuteOptions& options, std::uint32_t batch) {
  auto stream = RowStream::Open(snapshot, query, options);
  if (!stream.ok()) return {.count = 0, .rows = {}, .problem = stream.status().ToString()};
  EngineAnswer answer{.count = (*stream)->count(), .rows = {}, .problem = {}};
  std::vector<std::uint32_t> rows(batch);
  while (const std::size_t more = (*stream)->Next(rows)) {
    if (more > rows.size()) return {.count = 0, .rows = {}, .problem = "the stream gave more rows than were asked for"};
    answer.rows.insert(answer.rows.end(), rows.begin(), rows.begin() + more);
    if (answer.rows.size() > answer.count)
      return {.count = 0, .rows = {}, .problem = "the stream gave more rows than it counted"};
  }
  if ((*stream)->Next(rows) != 0) answer.problem = "the stream went on behind its end";
  return answer;
}

// What is wrong with the JSON of these rows, by the ids in it.
std::string RenderProblem(const Snapshot& snapshot, const std::vector<std::uint32_t>& rows,
                          const std::vector<std::int64_t>& ids) {
  std::string only_ids, expected, whole;
  RenderRows(snapshot, rows, FieldMask{1} << static_cast<unsigned>(Field::kId), ",", only_ids);
  for (const std::int64_t id : ids) absl::StrAppend(&expected, expected.empty() ? "" : ",", "{\"id\":", id, "}");
  if (only_ids != expected) return "rendered ids are " + only_ids + " instead of " + expected;
  RenderRows(snapshot, rows, kAllFields, "\n", whole);  // A line end in a text is escaped.
  const std::vector<std::string> lines = absl::StrSplit(whole, '\n', absl::SkipEmpty());
  if (lines.size() != ids.size()) return absl::StrCat("rendered ", lines.size(), " records instead of ", ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!lines[i].starts_with(absl::StrCat("{\"id\":", ids[i], ",")) || !lines[i].ends_with("}"))
      return "rendered record is " + lines[i];
  }
  return {};
}

std::string AnswerProblem(const OracleAnswer& right, const EngineAnswer& answer, const Snapshot& snapshot,
                          const AskOptions& options) {
  if (!answer.problem.empty()) return answer.problem;
  if (answer.count != right.count) return absl::StrCat("counted ", answer.count, " instead of ", right.count);
  if (answer.rows.size() != right.ids.size())
    return absl::StrCat("gave ", answer.rows.size(), " rows instead of ", right.ids.size());
  for (std::size_t i = 0; i < right.ids.size(); ++i) {
    const std::int64_t id = ClientId(snapshot, answer.rows[i]);
    if (id != right.ids[i])
      return absl::StrCat("item ", i, " of ", right.ids.size(), " has the id ", id, " instead of ", right.ids[i]);
  }
  return options.render ? RenderProblem(snapshot, answer.rows, right.ids) : "";
}

}  // namespace

std::string Difference(const Oracle& oracle, const Snapshot& snapshot, const Query& query, const AskOptions& options,
                       Explain& explain) {
  const ExecuteOptions execute{.explain = &explain, .threads = options.threads, .force_order = options.force_order};
  const bool stream = options.stream || !query.limit;
  const EngineAnswer answer =
      stream ? AskStream(snapshot, query, execute, options.stream_batch) : AskPage(snapshot, query, execute);
  const std::string problem = AnswerProblem(oracle.Ask(query), answer, snapshot, options);
  if (problem.empty()) return {};
  std::ostringstream text;
  text << problem << "\nquery: " << DebugString(query) << "\nasked by " << (stream ? "stream" : "page") << ", batch "
       << options.stream_batch << ", threads " << options.threads << ", forced order " << OrderPlanName(options.force_order)
       << "\n"
       << ExplainText(explain);
  return text.str();
}

std::string SmallestDifference(const Oracle& oracle, const Snapshot& snapshot, Query query, const AskOptions& options) {
  Explain explain;
  const auto differs = [&](const Query& candidate) { return !Difference(oracle, snapshot, candidate, options, explain).empty(); };
  // Takes a change over when the difference survives it.
  const auto attempt = [&](const auto& change) {
    Query candidate = query;
    change(candidate);
    if (candidate == query || !differs(candidate)) return false;
    query = std::move(candidate);
    return true;
  };
  for (std::size_t i = query.all_of.size(); i-- > 0;) attempt([i](Query& q) { q.all_of.erase(q.all_of.begin() + i); });
  for (std::size_t i = query.order_by.size(); i-- > 0;) attempt([i](Query& q) { q.order_by.erase(q.order_by.begin() + i); });
  attempt([](Query& q) { q.offset = 0; });
  if (query.limit) attempt([](Query& q) { q.limit = 1; });
  if (query.limit) attempt([](Query& q) { q.limit = 0; });
  return Difference(oracle, snapshot, query, options, explain);
}

}  // namespace clientele
