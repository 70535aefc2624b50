// Runs a Query against a Snapshot. The count is always exact; rows come in the query's order, ties by id ascending.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "engine/query.h"
#include "engine/snapshot.h"

namespace clientele {

// How the order of the answer was produced; tests assert it.
enum class OrderPlan : std::uint8_t {
  kNone,         // Only a count was asked for, or nothing matched.
  kArithmetic,   // Every client matches: the page is a slice of the permutation.
  kWalk,         // The permutation is walked, testing each row against the filter.
  kGather,       // Ranks of all matches are gathered, the page selected and sorted.
  kHistogram,    // Matches counted per rank bucket to find the page's start, then a short walk.
  kBitPlanes,    // Rank bit planes descended to find the page's start, then a short walk.
  kValueGroups,  // A word key first: value by value, each group ordered by the remaining keys.
  kMerge,        // Several segments, or live rows as well: each in order by a plan of its own, then merged.
};
std::string_view OrderPlanName(OrderPlan plan);

// How the start of a merged page was found; tests assert it.
enum class MergePlan : std::uint8_t {
  kNone,        // Nothing was merged.
  kFromStart,   // All sources merged from their first match on.
  kFromGuess,   // The same, but the largest source from where the page most likely begins; the guess was right.
  kSelected,    // The sources were searched for where the page begins (multi-sequence selection), and merged from there.
  kWordGroups,  // A word key first: word by word, each with a plan of its own.
};
std::string_view MergePlanName(MergePlan plan);

// How the filters were evaluated as a whole.
enum class FilterPlan : std::uint8_t {
  kAll,         // No filter.
  kStored,      // The count of one stored value or range answers; rows were not touched.
  kCandidates,  // A short candidate list (rare value, ids, rare text) probed against the other filters.
  kChunks,      // Bitmaps intersected chunk by chunk.
};
std::string_view FilterPlanName(FilterPlan plan);

struct ExplainFilter {
  std::string text;               // The predicate, readable.
  std::string access;             // "bitmap", "posting list", "rank range", "text signature", "text scan", "hash", ...
  std::uint64_t cardinality = 0;  // Rows that match this filter alone, exact, or its upper bound when `exact` is false.
  bool exact = true;
};

// What ran and what it cost. Times are microseconds of wall clock.
struct Explain {
  FilterPlan filter_plan = FilterPlan::kAll;  // Of the first segment.
  OrderPlan order_plan = OrderPlan::kNone;
  MergePlan merge_plan = MergePlan::kNone;
  std::uint32_t segments = 0;
  std::uint32_t small_segments = 0;      // Of these, filtered by engine/small_segment_filter.h.
  std::uint32_t ruled_out_segments = 0;  // Of these, without a search: the signature of their texts lacks a searched one.
  std::string_view live_plan;            // Of the live rows (engine/live_answer.h); empty when there are none.
  std::vector<ExplainFilter> filters;    // In the order of evaluation.
  std::uint64_t rows_total = 0, rows_matched = 0;
  std::uint64_t rows_touched = 0;  // Rows, or permutation positions, that were looked at one by one.
  std::uint64_t chunks_touched = 0, text_blocks_scanned = 0;
  std::uint32_t threads = 1;
  double plan_us = 0, filter_us = 0, order_us = 0;
};
std::string ExplainText(const Explain& explain);  // Several lines, for `--explain`.

struct ExecuteOptions {
  Explain* explain = nullptr;  // Filled when given.
  std::uint32_t threads = 0;   // 0: as many as the machine has, when the query is big enough; 1: never more; else
                               // several even for a small one, which tests use.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // For tests and benchmarks: this plan where it is possible, else the planner's.
  OrderPlan force_order = OrderPlan::kNone;
  MergePlan force_merge = MergePlan::kNone;
};

struct Page {
  std::uint64_t count = 0;          // Exact number of matches before paging.
  std::vector<std::uint32_t> rows;  // Rows of the snapshot: [offset, offset + limit) of the matches in order.
};

// Answers a query with a limit. A snapshot with live rows must have been taken for this query. DeadlineExceeded when it ran out
// of time: never a shorter answer. DataLoss when a part of a lazily opened segment that the query needs turned out to be damaged
// (index/segment.h); the rows of a page may be rendered. Thread-safe.
absl::StatusOr<Page> ExecutePage(const Snapshot& snapshot, const Query& query, const ExecuteOptions& options = {});

// Streams the matches of a query in order, page after page, with memory that does not grow with their number.
class RowStream {
 public:
  // Evaluates the filter; `query.limit` and `query.offset` apply. Keeps the snapshot alive.
  static absl::StatusOr<std::unique_ptr<RowStream>> Open(Snapshot snapshot, const Query& query,
                                                         const ExecuteOptions& options = {});
  virtual ~RowStream() = default;

  virtual std::uint64_t count() const = 0;  // Exact number of matches before paging.

  // Fills `rows` with the next rows and returns how many; 0 at the end, or when status() says why there are no more.
  virtual std::size_t Next(std::span<std::uint32_t> rows) = 0;

  // DataLoss when the next rows' records turned out to be damaged.
  virtual absl::Status status() const { return absl::OkStatus(); }
};

// Appends the JSON of each row's record to `out`, separated by `separator`; records are prefetched. Thread-safe.
void RenderRows(const Snapshot& snapshot, std::span<const std::uint32_t> rows, FieldMask fields, std::string_view separator,
                std::string& out);

// Whether the records of these rows may be read: DataLoss when that of a lazily opened segment turned out to be damaged.
absl::Status RequireRecords(const Snapshot& snapshot, std::span<const std::uint32_t> rows);

// Id of the client in a row of the snapshot.
std::int64_t ClientId(const Snapshot& snapshot, std::uint32_t row);

}  // namespace clientele
