#include <algorithm>

#include "engine/execute.h"
#include "index/segment.h"

namespace clientele {
namespace {

// Finds where a row of a snapshot is kept. Rows of a page mostly come from the largest segment, which stands first.
class RowFinder {
 public:
  explicit RowFinder(const Snapshot& snapshot) : snapshot_(snapshot) {}

  // Null for a live row.
  const SegmentView* SegmentOf(std::uint32_t row) const {
    if (snapshot_.sealed == nullptr || row >= snapshot_.sealed->row_count()) return nullptr;
    const auto& segments = snapshot_.sealed->segments();
    auto view = segments.begin();
    while (row - view->first_row >= view->segment->row_count()) ++view;
    return &*view;
  }
  const LiveRow& Live(std::uint32_t row) const {
    return snapshot_.live->answer.Row(row - (snapshot_.sealed == nullptr ? 0 : snapshot_.sealed->row_count()));
  }

 private:
  const Snapshot& snapshot_;
};

}  // namespace

void RenderRows(const Snapshot& snapshot, std::span<const std::uint32_t> rows, FieldMask fields, std::string_view separator,
                std::string& out) {
  // Records lie where they arrived and rows where they are like others, so an offset and its record are cache misses of their
  // own: each is fetched some rows ahead.
  constexpr std::size_t kRecordsAhead = 8, kOffsetsAhead = 32;
  const RowFinder finder(snapshot);
  const auto prefetch_offset = [&](std::uint32_t row) {
    if (const SegmentView* view = finder.SegmentOf(row)) view->segment->records().PrefetchOffset(row - view->first_row);
  };
  const auto prefetch = [&](std::uint32_t row) {
    if (const SegmentView* view = finder.SegmentOf(row)) view->segment->records().Prefetch(row - view->first_row);
  };
  for (std::size_t i = 0; i < std::min(kOffsetsAhead, rows.size()); ++i) prefetch_offset(rows[i]);
  for (std::size_t i = 0; i < std::min(kRecordsAhead, rows.size()); ++i) prefetch(rows[i]);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kOffsetsAhead < rows.size()) prefetch_offset(rows[i + kOffsetsAhead]);
    if (i + kRecordsAhead < rows.size()) prefetch(rows[i + kRecordsAhead]);
    if (i > 0) out += separator;
    if (const SegmentView* view = finder.SegmentOf(rows[i])) {
      RenderRecord(view->segment->dictionaries(), view->segment->records().Record(rows[i] - view->first_row), fields, out);
    } else {
      RenderLiveRow(finder.Live(rows[i]), fields, out);
    }
  }
}

std::int64_t ClientId(const Snapshot& snapshot, std::uint32_t row) {
  const RowFinder finder(snapshot);
  const SegmentView* const view = finder.SegmentOf(row);
  return view != nullptr ? view->segment->ClientId(row - view->first_row) : finder.Live(row).id;
}

absl::Status RequireRecords(const Snapshot& snapshot, std::span<const std::uint32_t> rows) {
  if (snapshot.sealed == nullptr) return absl::OkStatus();
  for (const SegmentView& view : snapshot.sealed->segments()) {
    if (view.segment->is_checked()) continue;
    std::vector<std::uint32_t> own;
    for (const std::uint32_t row : rows) {
      if (row - view.first_row < view.segment->row_count()) own.push_back(row - view.first_row);
    }
    if (own.empty()) continue;
    if (absl::Status status = view.segment->RequireRecords(own); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace clientele
