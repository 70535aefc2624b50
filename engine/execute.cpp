#include "engine/execute.h"

#include <algorithm>
#include <thread>

#include "engine/filter.h"
#include "engine/first_use.h"
#include "engine/order_plan.h"
#include "index/segment.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;

// Measures phases for explain only: reading the clock would be a good part of the cheapest queries.
class Stopwatch {
 public:
  explicit Stopwatch(bool runs) : start_(runs ? Clock::now() : Clock::time_point()), runs_(runs) {}
  double Microseconds() const { return runs_ ? std::chrono::duration<double, std::micro>(Clock::now() - start_).count() : 0; }

 private:
  const Clock::time_point start_;
  const bool runs_;
};

std::vector<ExplainFilter> DescribeFilters(const Query& query, const std::vector<Conjunct>& conjuncts) {
  std::vector<ExplainFilter> filters;
  for (const Conjunct& conjunct : conjuncts) {
    Query one;
    one.all_of = {query.all_of[conjunct.predicate]};
    one.limit = 0;
    filters.push_back({DebugString(one.all_of[0]), std::string(conjunct.name), conjunct.cardinality, conjunct.exact});
  }
  return filters;
}

// A single condition whose number of rows is stored needs no evaluation when only the count is asked for.
bool CountIsStored(const std::vector<Conjunct>& conjuncts) {
  return conjuncts.size() == 1 && conjuncts[0].exact;
}

Parallelism AllowedParallelism(std::uint32_t threads) {
  if (threads == 0) return Parallelism::kWhenBig;
  return threads == 1 ? Parallelism::kNever : Parallelism::kAlways;
}

class Execution {
 public:
  Execution(const Snapshot& snapshot, const Query& query, const ExecuteOptions& options)
      : segment_(*snapshot.segment), query_(query), options_(options) {
    explain_.rows_total = segment_.row_count();
  }

  // Filters. Afterwards count() is exact, and the matches are there unless only the count was wanted.
  absl::Status Filter(bool count_only) {
    if (!segment_.is_checked()) {
      if (absl::Status status = RequireForQuery(segment_, query_); !status.ok()) return status;
    }
    const Stopwatch plan_watch(options_.explain != nullptr);
    std::vector<Conjunct> conjuncts = ResolveConjuncts(segment_, query_);
    if (options_.explain != nullptr) explain_.filters = DescribeFilters(query_, conjuncts);
    explain_.plan_us = plan_watch.Microseconds();
    const Stopwatch filter_watch(options_.explain != nullptr);
    if (count_only && CountIsStored(conjuncts)) {
      explain_.filter_plan = FilterPlan::kStored;
      count_ = conjuncts[0].cardinality;
    } else {
      FilterCost cost;
      auto matches =
          EvaluateFilter({&segment_, std::move(conjuncts), AllowedParallelism(options_.threads), options_.deadline}, cost);
      if (!matches.ok()) return matches.status();
      matches_ = std::make_shared<const MatchSet>(*std::move(matches));
      count_ = matches_->count;
      explain_.filter_plan = cost.plan;
      explain_.rows_touched = cost.rows_touched;
      explain_.chunks_touched = cost.chunks_touched;
      explain_.text_blocks_scanned = cost.text_blocks_scanned;
      if (cost.went_parallel)
        explain_.threads = options_.threads > 0 ? options_.threads : std::max(1u, std::thread::hardware_concurrency());
    }
    explain_.rows_matched = count_;
    explain_.filter_us = filter_watch.Microseconds();
    return absl::OkStatus();
  }

  // Orders the matches from the query's offset on; null when the page is empty. `keys` outlive the result.
  std::unique_ptr<OrderedRows> Order(std::span<const ResolvedKey> keys) {
    const std::uint64_t limit = query_.limit.value_or(count_);
    if (query_.offset >= count_ || limit == 0) return nullptr;
    const OrderTask task{&segment_, matches_, keys, query_.offset, std::min(limit, count_ - query_.offset)};
    explain_.order_plan = ChooseOrderPlan(task, options_.force_order);
    return StartOrder(task, explain_.order_plan);
  }

  std::uint64_t count() const { return count_; }
  Explain& explain() { return explain_; }
  void Report() const {
    if (options_.explain != nullptr) *options_.explain = explain_;
  }

 private:
  const Segment& segment_;
  const Query& query_;
  const ExecuteOptions& options_;
  std::shared_ptr<const MatchSet> matches_;
  std::uint64_t count_ = 0;
  Explain explain_;
};

class SegmentRowStream final : public RowStream {
 public:
  SegmentRowStream(Snapshot snapshot, Query query) : snapshot_(std::move(snapshot)), query_(std::move(query)) {}

  absl::Status Start(const ExecuteOptions& options) {
    Execution execution(snapshot_, query_, options);
    if (auto status = execution.Filter(query_.limit == 0); !status.ok()) return status;
    count_ = execution.count();
    keys_ = ResolveOrder(*snapshot_.segment, query_);
    const Stopwatch order_watch(options.explain != nullptr);
    rows_ = execution.Order(keys_);
    execution.explain().order_us = order_watch.Microseconds();
    execution.Report();
    return absl::OkStatus();
  }

  std::uint64_t count() const override { return count_; }
  std::size_t Next(std::span<std::uint32_t> rows) override {
    if (rows_ == nullptr || !status_.ok()) return 0;
    const std::size_t count = rows_->Next(rows);
    status_ = snapshot_.segment->RequireRecords(rows.first(count));
    return status_.ok() ? count : 0;
  }
  absl::Status status() const override { return status_; }

 private:
  const Snapshot snapshot_;
  const Query query_;
  std::vector<ResolvedKey> keys_;
  std::unique_ptr<OrderedRows> rows_;
  std::uint64_t count_ = 0;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<Page> ExecutePage(const Snapshot& snapshot, const Query& query, const ExecuteOptions& options) {
  Execution execution(snapshot, query, options);
  if (auto status = execution.Filter(query.limit == 0); !status.ok()) return status;
  Page page{execution.count(), {}};
  if (query.limit == 0) {
    execution.Report();
    return page;
  }
  const Stopwatch order_watch(options.explain != nullptr);
  const std::vector<ResolvedKey> keys = ResolveOrder(*snapshot.segment, query);
  if (const auto rows = execution.Order(keys)) {
    page.rows.resize(std::min(query.limit.value_or(page.count), page.count - query.offset));
    std::size_t filled = 0;
    while (filled < page.rows.size()) {
      const std::size_t count = rows->Next(std::span(page.rows).subspan(filled));
      if (count == 0) break;
      filled += count;
    }
    page.rows.resize(filled);
    if (absl::Status status = snapshot.segment->RequireRecords(page.rows); !status.ok()) return status;
    execution.explain().rows_touched += rows->rows_touched;
  }
  execution.explain().order_us = order_watch.Microseconds();
  if (options.deadline != Clock::time_point::max() && Clock::now() > options.deadline)
    return absl::DeadlineExceededError("the query ran out of time while ordering");
  execution.Report();
  return page;
}

absl::StatusOr<std::unique_ptr<RowStream>> RowStream::Open(Snapshot snapshot, const Query& query, const ExecuteOptions& options) {
  auto stream = std::make_unique<SegmentRowStream>(std::move(snapshot), query);
  if (auto status = stream->Start(options); !status.ok()) return status;
  return std::unique_ptr<RowStream>(std::move(stream));
}

void RenderRows(const Snapshot& snapshot, std::span<const std::uint32_t> rows, FieldMask fields, std::string_view separator,
                std::string& out) {
  // Records lie where they arrived and rows where they are like others, so an offset and its record are cache misses of their
  // own: each is fetched some rows ahead.
  constexpr std::size_t kRecordsAhead = 8, kOffsetsAhead = 32;
  const RecordStore& records = snapshot.segment->records();
  for (std::size_t i = 0; i < std::min(kOffsetsAhead, rows.size()); ++i) records.PrefetchOffset(rows[i]);
  for (std::size_t i = 0; i < std::min(kRecordsAhead, rows.size()); ++i) records.Prefetch(rows[i]);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kOffsetsAhead < rows.size()) records.PrefetchOffset(rows[i + kOffsetsAhead]);
    if (i + kRecordsAhead < rows.size()) records.Prefetch(rows[i + kRecordsAhead]);
    if (i > 0) out += separator;
    RenderRecord(snapshot.segment->dictionaries(), records.Record(rows[i]), fields, out);
  }
}

std::int64_t ClientId(const Snapshot& snapshot, std::uint32_t row) {
  return snapshot.segment->ClientId(row);
}

}  // namespace clientele
