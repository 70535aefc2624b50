#include <algorithm>
#include <array>

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
  // What a row is rendered from.
  struct Place {
    const RecordDictionaries* dictionaries;
    const std::uint8_t* record;
  };
  Place Find(std::uint32_t row) const {
    if (const SegmentView* view = SegmentOf(row))
      return {&view->segment->dictionaries(), view->segment->records().Record(row - view->first_row)};
    const LiveRow& live = Live(row);
    return {live.dictionaries, reinterpret_cast<const std::uint8_t*>(live.encoded.data())};
  }
  void PrefetchOffsets(std::span<const std::uint32_t> rows) const {
    for (const std::uint32_t row : rows) {
      if (const SegmentView* view = SegmentOf(row)) view->segment->records().PrefetchOffset(row - view->first_row);
    }
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
  // own. Those of many offsets overlap when they are looked up together; records are fetched some rows ahead.
  constexpr std::size_t kTogether = 64, kRecordsAhead = 8;
  const RowFinder finder(snapshot);
  std::array<RowFinder::Place, kTogether> places;
  const auto together = [&](std::size_t begin) { return rows.subspan(begin, std::min(kTogether, rows.size() - begin)); };
  finder.PrefetchOffsets(together(0));
  for (std::size_t begin = 0; begin < rows.size(); begin += kTogether) {
    const std::size_t count = together(begin).size();
    for (std::size_t i = 0; i < count; ++i) places[i] = finder.Find(rows[begin + i]);
    finder.PrefetchOffsets(together(begin + count));
    for (std::size_t i = 0; i < std::min(kRecordsAhead, count); ++i) RecordStore::Prefetch(places[i].record);
    for (std::size_t i = 0; i < count; ++i) {
      if (i + kRecordsAhead < count) RecordStore::Prefetch(places[i + kRecordsAhead].record);
      if (begin + i > 0) out += separator;
      RenderRecord(*places[i].dictionaries, places[i].record, fields, out);
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
