#include "engine/set_state.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/execute.h"
#include "index/segment_builder.h"

namespace clientele {
namespace {

// Address space for a segment's records: most records are a few hundred bytes.
constexpr std::uint64_t kRecordBytesMin = std::uint64_t{64} << 20;

}  // namespace

std::vector<std::uint32_t> DiedSince(const Tombstones& before, const Tombstones& now) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t chunk = 0; chunk < now.chunk_count(); ++chunk) {
    if (before.CountInChunk(chunk) == now.CountInChunk(chunk)) continue;  // Rows never come back to life.
    const std::uint64_t* const words = now.Chunk(chunk);
    const std::uint64_t* const old_words = before.Chunk(chunk);
    for (std::uint32_t word = 0; word < kChunkWords; ++word) {
      for (std::uint64_t bits = words[word] & ~old_words[word]; bits != 0; bits &= bits - 1)
        rows.push_back(chunk * kChunkRows + word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
    }
  }
  return rows;
}

SetState::SetState(std::shared_ptr<RecordDictionaries> dictionaries, std::vector<SetSegment> segments,
                   std::uint32_t live_capacity)
    : dictionaries_(std::move(dictionaries)),
      live_capacity_(live_capacity),
      segments_(std::move(segments)),
      live_(std::make_shared<LiveTable>(live_capacity, dictionaries_)),
      twin_(std::make_shared<LiveTable>(live_capacity, dictionaries_)),
      current_(Sealed(), live_, twin_) {}

std::shared_ptr<const SealedVersion> SetState::Sealed() const {
  std::vector<SegmentView> views;
  views.reserve(segments_.size());
  for (const SetSegment& one : segments_) views.push_back({.segment = one.segment, .tombstones = one.tombstones});
  std::ranges::stable_sort(views, std::greater(), [](const SegmentView& view) { return view.segment->row_count(); });
  return std::make_shared<const SealedVersion>(std::move(views));
}

Location SetState::Locate(std::int64_t id) const {
  if (const LiveRow* row = live_->Find(id)) return {.kind = Location::Kind::kLive, .live = row};
  for (const SetSegment& one : segments_) {
    const auto row = one.segment->RowOf(id);
    if (row && !one.tombstones->Test(*row)) return {.kind = Location::Kind::kSegment, .segment = one.segment.get(), .row = *row};
  }
  return {};
}

void SetState::AppendJson(const Location& at, std::string& out) const {
  if (at.kind == Location::Kind::kLive) return RenderLiveRow(*at.live, kAllFields, out);
  RenderRecord(at.segment->dictionaries(), at.segment->records().Record(at.row), kAllFields, out);
}

void SetState::Apply(std::vector<ClientChange>& changes, SequenceRange sequences) {
  Finish();
  last_sequence_ = sequences.last;
  if (changes.empty()) return;
  if (changes.size() > kStepRows)
    ApplyAsSegment(changes, sequences);
  else
    ApplyToLive(changes, sequences);
  changes.clear();
}

void SetState::Finish() {
  current_.Finish();
  if (live_->full()) SealLive();
}

// Marks the sealed rows of these clients dead; the next version says so.
void SetState::Bury(std::span<const std::int64_t> ids) {
  std::vector<std::vector<std::uint32_t>> rows(segments_.size());
  for (const std::int64_t id : ids) {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      const auto row = segments_[i].segment->RowOf(id);
      if (!row || segments_[i].tombstones->Test(*row)) continue;
      rows[i].push_back(*row);
      break;
    }
  }
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (!rows[i].empty()) segments_[i].tombstones = segments_[i].tombstones->With(*segments_[i].segment, rows[i]);
  }
}

void SetState::ApplyToLive(std::vector<ClientChange>& changes, SequenceRange sequences) {
  if (live_first_sequence_ == 0) live_first_sequence_ = sequences.first;
  live_last_sequence_ = sequences.last;
  std::vector<std::int64_t> ids;
  for (const ClientChange& change : changes) ids.push_back(change.id);
  Bury(ids);
  current_.PublishFirst(Sealed(), changes);
}

void SetState::Apply(std::shared_ptr<const Segment> sealed, SequenceRange sequences) {
  Finish();
  last_sequence_ = sequences.last;
  std::vector<std::int64_t> ids;
  ids.reserve(sealed->row_count());
  for (std::uint32_t row = 0; row < sealed->row_count(); ++row) ids.push_back(sealed->ClientId(row));
  Add(std::move(sealed), std::move(ids), sequences);
}

void SetState::ApplyAsSegment(std::vector<ClientChange>& changes, SequenceRange sequences) {
  std::vector<const LiveRow*> rows;
  std::vector<std::int64_t> ids;
  for (const ClientChange& change : changes) {
    ids.push_back(change.id);
    if (change.row != nullptr) rows.push_back(change.row.get());
  }
  Add(SegmentOf(rows), std::move(ids), sequences);
}

// Puts a segment in the place of what these clients were; some of them may be in no row of it, and are gone.
void SetState::Add(std::shared_ptr<const Segment> segment, std::vector<std::int64_t> ids, SequenceRange sequences) {
  // Rows of the live table that are replaced are dead rows of a segment first: taking many out one by one would hold up readers.
  std::vector<ClientChange> replaced;
  for (const std::int64_t id : ids) {
    if (live_->Find(id) != nullptr) replaced.push_back({.id = id, .row = nullptr});
  }
  if (replaced.size() > kStepRows) {
    SealLive();
    replaced.clear();
  }
  std::ranges::sort(ids);  // In this order they are found much faster.
  Bury(ids);
  auto none = Tombstones::None(*segment);
  segments_.push_back({.segment = std::move(segment), .tombstones = std::move(none), .number = 0, .sequences = sequences});
  current_.Publish(Sealed(), replaced);
}

std::shared_ptr<const Segment> SetState::SegmentOf(std::span<const LiveRow* const> rows) const {
  std::uint64_t bytes = kRecordBytesMin;
  for (const LiveRow* row : rows) bytes += 2 * row->bytes;
  SegmentBuilder builder(dictionaries_, bytes);
  SegmentBatch batch(builder.shared());
  ClientRecord record;
  for (const LiveRow* row : rows) {
    row->Unpack(record);
    batch.Append(record);
  }
  builder.Add(0, std::move(batch));
  return std::move(builder).Seal({}, 1).segment;
}

void SetState::SealLive() {
  std::shared_ptr<LiveTable> fresh[2];
  for (auto& table : fresh) table = std::make_shared<LiveTable>(live_capacity_, dictionaries_);
  if (live_->size() > 0) {
    const std::vector<const LiveRow*> rows = live_->CurrentRows();
    std::shared_ptr<const Segment> segment = SegmentOf(rows);
    auto none = Tombstones::None(*segment);
    segments_.push_back({.segment = std::move(segment),
                         .tombstones = std::move(none),
                         .number = 0,
                         .sequences = {live_first_sequence_, live_last_sequence_}});
  }
  retired_.push_back(std::exchange(live_, fresh[0]));
  retired_.push_back(std::exchange(twin_, fresh[1]));
  live_first_sequence_ = live_last_sequence_ = 0;
  current_.PublishTables(Sealed(), live_, twin_);
}

void SetState::CatchUp(std::span<const SetSegment> inputs, std::vector<std::shared_ptr<const Tombstones>>& since,
                       SetSegment& merged) {
  std::vector<std::uint32_t> dead;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (const std::uint32_t row : DiedSince(*since[i], *inputs[i].tombstones)) {
      if (const auto merged_row = merged.segment->RowOf(inputs[i].segment->ClientId(row))) dead.push_back(*merged_row);
    }
    since[i] = inputs[i].tombstones;
  }
  if (!dead.empty()) merged.tombstones = merged.tombstones->With(*merged.segment, dead);
}

std::vector<SetSegment> SetState::Now(std::span<const std::shared_ptr<const Segment>> segments) const {
  std::vector<SetSegment> now;
  for (const auto& segment : segments) now.push_back(*std::ranges::find(segments_, segment, &SetSegment::segment));
  return now;
}

void SetState::Replace(std::span<const std::shared_ptr<const Segment>> inputs, SetSegment merged) {
  std::erase_if(segments_, [&](const SetSegment& one) { return std::ranges::find(inputs, one.segment) != inputs.end(); });
  if (merged.segment->row_count() > 0) segments_.push_back(std::move(merged));
  current_.Publish(Sealed(), {});
}

}  // namespace clientele
