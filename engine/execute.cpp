#include "engine/execute.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/merged_rows.h"
#include "engine/order_plan.h"
#include "engine/segment_matches.h"
#include "engine/stopwatch.h"
#include "index/segment.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;

// A query over a snapshot. Snapshot, query and options outlive it, and it outlives the rows that it orders.
class Execution {
 public:
  Execution(const Snapshot& snapshot, const Query& query, const ExecuteOptions& options)
      : snapshot_(snapshot), query_(query), options_(options) {}

  // Filters. Afterwards count() is exact, and the matches are there unless only the count was wanted.
  absl::Status Filter(bool count_only) {
    if (snapshot_.sealed != nullptr) {
      const std::span<const SegmentView> views = snapshot_.sealed->segments();
      SegmentFilter filter(query_, views, count_only, options_, explain_);
      if (!count_only) found_.reserve(views.size());
      for (std::size_t i = 0; i < views.size(); ++i) {
        if (SmallSegmentMatches* const known = options_.explain == nullptr ? filter.Known(i) : nullptr) {
          count_ += known->count;
          if (known->count > 0 && !count_only) found_.emplace_back(&views[i], std::move(known->matches));
          continue;
        }
        auto found = filter.Filter(i);
        if (!found.ok()) return found.status();
        count_ += found->count;
        if (found->count > 0 && !count_only) found_.emplace_back(&views[i], std::move(found->matches));
      }
    }
    if (snapshot_.live != nullptr) {
      count_ += snapshot_.live->answer.count;
      explain_.rows_total += snapshot_.live->clients;
      explain_.rows_matched += snapshot_.live->answer.count;
      explain_.rows_touched += snapshot_.live->answer.rows_touched;
      explain_.live_plan = snapshot_.live->answer.plan;
    }
    return absl::OkStatus();
  }

  // Orders the matches from the query's offset on; null when the page is empty. To be called once.
  std::unique_ptr<OrderedRows> Order() {
    const std::uint64_t limit = query_.limit.value_or(count_);
    if (query_.offset >= count_ || limit == 0) return nullptr;
    const std::uint64_t wanted = std::min(limit, count_ - query_.offset);
    const bool has_live = snapshot_.live != nullptr && snapshot_.live->answer.count > 0;
    // Numbers of rows in the first segment are those in the snapshot.
    if (!has_live && found_.size() == 1 && found_[0].first->first_row == 0) {
      const Segment& segment = *found_[0].first->segment;
      keys_ = ResolveOrder(segment, query_.order_by);
      const OrderTask task{&segment, found_[0].second, keys_, query_.offset, wanted};
      explain_.order_plan = ChooseOrderPlan(task, options_.force_order);
      return StartOrder(task, explain_.order_plan);
    }
    MergeTask task{.sources = {}, .keys = query_.order_by, .offset = query_.offset, .limit = wanted};
    if (task.keys.empty()) task.keys.push_back({Field::kId, false});
    task.sources.reserve(found_.size() + 1);
    for (const auto& [view, matches] : found_) task.sources.push_back(SegmentSource(*view, matches));
    if (has_live) {
      const LiveAnswer& answer = snapshot_.live->answer;
      const std::uint32_t first_row = snapshot_.sealed == nullptr ? 0 : snapshot_.sealed->row_count();
      task.sources.push_back(answer.sorted != nullptr ? SortedLiveSource(answer, first_row) : LiveSource(answer, first_row));
    }
    MergedRows merged = MergeRows(std::move(task), options_.force_merge);
    explain_.order_plan = OrderPlan::kMerge;
    explain_.merge_plan = merged.plan;
    return std::move(merged.rows);
  }

  std::uint64_t count() const { return count_; }
  Explain& explain() { return explain_; }
  void Report() const {
    if (options_.explain != nullptr) *options_.explain = explain_;
  }

 private:
  const Snapshot& snapshot_;
  const Query& query_;
  const ExecuteOptions& options_;
  std::vector<std::pair<const SegmentView*, std::shared_ptr<const MatchSet>>> found_;  // Segments that have matches.
  std::vector<ResolvedKey> keys_;
  std::uint64_t count_ = 0;
  Explain explain_;
};

class SnapshotRowStream final : public RowStream {
 public:
  SnapshotRowStream(Snapshot snapshot, Query query, const ExecuteOptions& options)
      : snapshot_(std::move(snapshot)), query_(std::move(query)), options_(options), execution_(snapshot_, query_, options_) {}

  absl::Status Start() {
    if (auto status = execution_.Filter(query_.limit == 0); !status.ok()) return status;
    const Stopwatch order_watch(options_.explain != nullptr);
    rows_ = execution_.Order();
    execution_.explain().order_us = order_watch.Microseconds();
    execution_.Report();
    return absl::OkStatus();
  }

  std::uint64_t count() const override { return execution_.count(); }
  std::size_t Next(std::span<std::uint32_t> rows) override {
    if (rows_ == nullptr || !status_.ok()) return 0;
    const std::size_t count = rows_->Next(rows);
    status_ = RequireRecords(snapshot_, rows.first(count));
    return status_.ok() ? count : 0;
  }
  absl::Status status() const override { return status_; }

 private:
  const Snapshot snapshot_;
  const Query query_;
  const ExecuteOptions options_;
  Execution execution_;
  std::unique_ptr<OrderedRows> rows_;
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
  if (const auto rows = execution.Order()) {
    page.rows.resize(std::min(query.limit.value_or(page.count), page.count - query.offset));
    std::size_t filled = 0;
    while (filled < page.rows.size()) {
      const std::size_t count = rows->Next(std::span(page.rows).subspan(filled));
      if (count == 0) break;
      filled += count;
    }
    page.rows.resize(filled);
    if (absl::Status status = RequireRecords(snapshot, page.rows); !status.ok()) return status;
    execution.explain().rows_touched += rows->rows_touched;
  }
  execution.explain().order_us = order_watch.Microseconds();
  if (options.deadline != Clock::time_point::max() && Clock::now() > options.deadline)
    return absl::DeadlineExceededError("the query ran out of time while ordering");
  execution.Report();
  return page;
}

absl::StatusOr<std::unique_ptr<RowStream>> RowStream::Open(Snapshot snapshot, const Query& query, const ExecuteOptions& options) {
  auto stream = std::make_unique<SnapshotRowStream>(std::move(snapshot), query, options);
  if (auto status = stream->Start(); !status.ok()) return status;
  return std::unique_ptr<RowStream>(std::move(stream));
}

}  // namespace clientele
