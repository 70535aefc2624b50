// What a live set consists of, and the steps in which it changes. Each step makes what it needs first, and then publishes it at
// once (engine/current_version.h), so that readers see the set before or after it.
//
// A client is in one place: a row of one segment that is not dead, or a current row of the live table.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "engine/current_version.h"
#include "engine/live_store.h"
#include "index/live_row.h"
#include "index/live_table.h"
#include "index/record_dictionaries.h"
#include "index/segment.h"
#include "index/tombstones.h"

namespace clientele {

struct SetSegment {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<const Tombstones> tombstones;  // Never null.
  std::uint64_t number = 0;                      // Of its file; 0: it is in memory only, and its rows are in the log.
  // In memory only: the log groups from which its rows are.
  SequenceRange sequences = {};
  bool is_busy = false;                              // Being merged.
  std::shared_ptr<const Tombstones> kept = nullptr;  // What the store knows of the tombstones; null: nothing.

  std::uint64_t living() const { return segment->row_count() - tombstones->count(); }
};

// Where a client is.
struct Location {
  enum class Kind : std::uint8_t { kNowhere, kLive, kSegment };
  Kind kind = Kind::kNowhere;
  const Segment* segment = nullptr;  // kSegment: its segment and row. Valid until the segment is merged.
  std::uint32_t row = 0;
  const LiveRow* live = nullptr;  // kLive.
};

// All functions need writing() to be held, but those of current().
class SetState {
 public:
  SetState(std::shared_ptr<RecordDictionaries> dictionaries, std::vector<SetSegment> segments, std::uint32_t live_capacity);

  std::mutex& writing() { return writing_; }
  const CurrentVersion& current() const { return current_; }
  const std::shared_ptr<RecordDictionaries>& dictionaries() const { return dictionaries_; }

  std::vector<SetSegment>& segments() { return segments_; }
  std::uint32_t live_rows() const { return live_->size(); }
  std::uint64_t live_first_sequence() const { return live_first_sequence_; }  // 0: no live rows.

  Location Locate(std::int64_t id) const;                       // O(segments x log rows).
  void AppendJson(const Location& at, std::string& out) const;  // Of a client that is somewhere.

  // Makes changes of distinct clients current at once: up to kStepRows of them by way of the live table, more as a segment of
  // their own. `sequences`: the log groups that they are from, the last ones so far. Empties `changes`. Finish must be called
  // before writing() is let go of.
  static constexpr std::size_t kStepRows = 64;
  void Apply(std::vector<ClientChange>& changes, SequenceRange sequences);
  // The same for clients that are sealed already, in a segment that is not of this set yet.
  void Apply(std::shared_ptr<const Segment> sealed, SequenceRange sequences);
  // What readers need not wait for: brings the table that they left up to date, and seals it when it is full.
  void Finish();
  std::uint64_t last_sequence() const { return last_sequence_; }  // Of all that was applied.

  // The live table's rows become a segment in memory. Some milliseconds.
  void SealLive();
  // Live tables that were sealed since the last call. To be let go of when no query has them any more: that takes milliseconds.
  std::vector<std::shared_ptr<const LiveTable>> TakeRetired() { return std::exchange(retired_, {}); }

  // Makes rows of `merged` dead whose rows in the inputs of its merge died since `since`, and brings `since` up to date.
  // Thread-safe, also without writing(): then more may have died by the time it returns.
  static void CatchUp(std::span<const SetSegment> inputs, std::vector<std::shared_ptr<const Tombstones>>& since,
                      SetSegment& merged);
  // The segments with these contents as they are now.
  std::vector<SetSegment> Now(std::span<const std::shared_ptr<const Segment>> segments) const;
  // Puts `merged` in the place of these segments. It must have caught up.
  void Replace(std::span<const std::shared_ptr<const Segment>> inputs, SetSegment merged);

 private:
  void ApplyToLive(std::vector<ClientChange>& changes, SequenceRange sequences);
  void ApplyAsSegment(std::vector<ClientChange>& changes, SequenceRange sequences);
  void Add(std::shared_ptr<const Segment> segment, std::vector<std::int64_t> ids, SequenceRange sequences);
  void Bury(std::span<const std::int64_t> ids);
  std::shared_ptr<const SealedVersion> Sealed() const;
  std::shared_ptr<const Segment> SegmentOf(std::span<const LiveRow* const> rows) const;

  std::mutex writing_;
  const std::shared_ptr<RecordDictionaries> dictionaries_;
  const std::uint32_t live_capacity_;
  std::vector<SetSegment> segments_;
  std::shared_ptr<LiveTable> live_, twin_;  // With the same rows: see CurrentVersion.
  std::vector<std::shared_ptr<const LiveTable>> retired_;
  std::uint64_t live_first_sequence_ = 0;
  std::uint64_t live_last_sequence_ = 0;
  std::uint64_t last_sequence_ = 0;
  CurrentVersion current_;
};

// The rows that died in a segment between two versions of its tombstones, ascending. O(rows / 64).
std::vector<std::uint32_t> DiedSince(const Tombstones& before, const Tombstones& now);

}  // namespace clientele
