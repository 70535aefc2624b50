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

// Appends the stream's next rows to `answer`; false at the end, or when something is wrong.
bool ReadOn(RowStream& stream, std::vector<std::uint32_t>& buffer, EngineAnswer& answer) {
  const std::size_t more = stream.Next(buffer);
  if (more > buffer.size()) {
    answer.problem = "the stream gave more rows than were asked for";
    return false;
  }
  answer.rows.insert(answer.rows.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(more));
  if (answer.rows.size() > answer.count) answer.problem = "the stream gave more rows than it counted";
  return more > 0 && answer.problem.empty();
}

EngineAnswer AskStream(const Snapshot& snapshot, const Query& query, const ExecuteOptions& options, const AskOptions& ask) {
  std::vector<std::unique_ptr<RowStream>> streams;
  std::vector<EngineAnswer> answers;
  for (int i = 0; i < (ask.twin ? 2 : 1); ++i) {
    auto stream = RowStream::Open(snapshot, query, options);
    if (!stream.ok()) return {.count = 0, .rows = {}, .problem = stream.status().ToString()};
    answers.push_back({.count = (*stream)->count(), .rows = {}, .problem = {}});
    streams.push_back(*std::move(stream));
  }
  std::vector<std::uint32_t> buffer(ask.stream_batch);
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < streams.size(); ++i) more |= ReadOn(*streams[i], buffer, answers[i]);
  }
  if (answers[0].problem.empty() && streams[0]->Next(buffer) != 0) answers[0].problem = "the stream went on behind its end";
  if (ask.twin && answers[0].problem.empty() && answers[0].rows != answers[1].rows) {
    answers[0].problem = "two streams read in turn differ";
  }
  return std::move(answers[0]);
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
  const ExecuteOptions execute{
      .explain = &explain, .threads = options.threads, .force_order = options.force_order, .force_merge = options.force_merge};
  const bool stream = options.stream || !query.limit;
  const EngineAnswer answer = stream ? AskStream(snapshot, query, execute, options) : AskPage(snapshot, query, execute);
  const OracleAnswer right = oracle.Ask(query);
  std::string problem = AnswerProblem(right, answer, snapshot, options);
  if (problem.empty() && explain.rows_matched != right.count) problem = "the explanation names another number of matches";
  if (problem.empty() && !stream) {
    // What is not to be explained may be evaluated no further than to an empty condition.
    ExecuteOptions unexplained = execute;
    unexplained.explain = nullptr;
    const EngineAnswer again = AskPage(snapshot, query, unexplained);
    if (again.count != answer.count || again.rows != answer.rows) problem = "the answer without an explanation is another one";
  }
  if (problem.empty()) return {};
  std::ostringstream text;
  text << problem << "\nquery: " << DebugString(query) << "\nasked by " << (stream ? "stream" : "page") << ", batch "
       << options.stream_batch << (options.twin ? " twice" : "") << ", threads " << options.threads << ", forced order "
       << OrderPlanName(options.force_order) << ", forced merge " << MergePlanName(options.force_merge) << "\n"
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
