#include "index/merge_records.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "index/merge_rows.h"
#include "index/parallel.h"
#include "index/record_codec.h"
#include "index/record_transcoder.h"
#include "index/shared_dictionaries.h"

namespace clientele {
namespace {

// Their records are measured, then copied out of the second-level cache.
constexpr std::size_t kRowsTogether = 2'048;
constexpr std::uint32_t kRowsAhead = 8;

// Records written anew may be longer than they were; only addresses are reserved for that.
constexpr std::uint64_t kLongerAtMost = 16;
constexpr std::uint64_t kSpareBytes = 64 << 20;

absl::Status NoMemory() {
  return absl::ResourceExhaustedError("merge: no memory for the records");
}

// A row's place among the records of its source.
class OldRecords {
 public:
  explicit OldRecords(const MergedRows& rows) : rows_(rows) {}
  std::size_t SourceOf(std::uint32_t row) const { return rows_.SourceOf(rows_.old_at[row]); }
  const std::uint8_t* At(std::uint32_t row, std::size_t source) const { return Store(source).Record(OldRow(row, source)); }

  // From the record's first byte to the last of all records.
  std::uint64_t BytesFrom(std::uint32_t row, std::size_t source) const {
    return Store(source).RecordBytes() - Store(source).Offset(OldRow(row, source));
  }

  // Two steps, the second some rows later.
  void FetchOffset(std::uint32_t row) const {
    if (row >= rows_.row_count) return;
    const std::size_t source = SourceOf(row);
    Store(source).PrefetchOffset(OldRow(row, source));
  }
  void Fetch(std::uint32_t row) const {
    if (row >= rows_.row_count) return;
    const std::size_t source = SourceOf(row);
    RecordStore::Prefetch(Store(source).Record(OldRow(row, source)));
  }

 private:
  const RecordStore& Store(std::size_t source) const { return rows_.sources[source].segment->records(); }
  std::uint32_t OldRow(std::uint32_t row, std::size_t source) const { return rows_.old_at[row] - rows_.sources[source].base; }

  const MergedRows& rows_;
};

std::uint64_t BytesToReserve(const MergedRows& rows, const std::vector<bool>& is_foreign) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < rows.sources.size(); ++i) {
    const std::uint64_t records = rows.sources[i].segment->records().RecordBytes();
    bytes += is_foreign[i] ? records * kLongerAtMost + kSpareBytes : records;
  }
  return bytes;
}

// Copies the records of rows [first, last) that are of sources that are not foreign. False when there is no memory.
bool CopyRecords(const MergedRows& rows, const std::vector<bool>& is_foreign, std::uint32_t first, std::uint32_t last,
                 RecordRegion& region, RecordStore& store) {
  struct Piece {
    const std::uint8_t* record;
    std::uint64_t bytes;
  };
  const OldRecords records(rows);
  std::vector<Piece> pieces(last - first);
  std::uint64_t bytes = 0;
  for (std::uint32_t row = first; row < last; ++row) {
    records.FetchOffset(row + 2 * kRowsAhead);
    records.Fetch(row + kRowsAhead);
    const std::size_t source = records.SourceOf(row);
    if (is_foreign[source]) continue;
    const std::uint8_t* const record = records.At(row, source);
    pieces[row - first] = {record, EncodedLength(record)};
    if (pieces[row - first].bytes > records.BytesFrom(row, source)) throw DamagedInput{"a record past the last"};
    bytes += pieces[row - first].bytes;
  }
  if (bytes == 0) return true;
  const auto begin = region.Allocate(bytes);
  if (!begin) return false;
  std::uint64_t offset = *begin;
  for (std::uint32_t row = first; row < last; ++row) {
    const Piece& piece = pieces[row - first];
    if (piece.bytes == 0) continue;
    std::memcpy(region.At(offset), piece.record, piece.bytes);
    store.Set(row, offset);
    offset += piece.bytes;
  }
  return true;
}

// Writes the records of foreign sources anew. False when there is no memory.
bool TranscodeRecords(const MergedRows& rows, const MergedDictionaries& dictionaries, const std::shared_ptr<RecordRegion>& region,
                      RecordStore& store) {
  const OldRecords records(rows);
  RecordTranscoder transcoder(dictionaries.growing);
  RecordAppender appender(region);
  std::string encoded;
  for (std::uint32_t row = 0; row < rows.row_count; ++row) {
    const std::size_t source = records.SourceOf(row);
    if (!dictionaries.is_foreign[source]) continue;
    if (row % 256 == 0) ThrowIfCancelled();
    encoded.clear();
    transcoder.Append(rows.sources[source].segment->dictionaries(), records.At(row, source), encoded);
    const auto offset = appender.Append({reinterpret_cast<const std::uint8_t*>(encoded.data()), encoded.size()});
    if (!offset) return false;
    store.Set(row, *offset);
  }
  return true;
}

}  // namespace

MergedDictionaries ChooseDictionaries(const MergedRows& rows, std::shared_ptr<RecordDictionaries> wanted) {
  MergedDictionaries chosen{nullptr, std::move(wanted), std::vector<bool>(rows.sources.size(), false)};
  const auto dictionaries_of = [&](std::size_t source) { return rows.sources[source].segment->parts().dictionaries; };
  if (chosen.growing == nullptr) {
    for (std::size_t i = 0; i < rows.sources.size(); ++i) {
      const auto holds_all = [&](const MergeSource& other) {
        return IsPrefix(other.segment->dictionaries(), *dictionaries_of(i));
      };
      if (!std::ranges::all_of(rows.sources, holds_all)) continue;
      chosen.shared = dictionaries_of(i);
      return chosen;
    }
    // The codes of the most rows are kept.
    const auto largest =
        std::ranges::max_element(rows.sources, {}, [](const MergeSource& source) { return source.segment->row_count(); });
    chosen.growing = largest == rows.sources.end() ? NewRecordDictionaries() : Thaw(largest->segment->dictionaries());
  }
  for (std::size_t i = 0; i < rows.sources.size(); ++i) chosen.is_foreign[i] = !TakeUp(*dictionaries_of(i), *chosen.growing);
  chosen.shared = chosen.growing;
  return chosen;
}

absl::StatusOr<RecordStore> MergeRecords(const MergedRows& rows, const MergedDictionaries& dictionaries) {
  auto reserved = RecordRegion::Reserve(BytesToReserve(rows, dictionaries.is_foreign));
  if (!reserved.ok()) return reserved.status();
  const std::shared_ptr<RecordRegion> region = *std::move(reserved);
  RecordStore store(region, rows.row_count);
  std::atomic<bool> has_memory = true;
  ParallelRanges(0, rows.row_count, kRowsTogether, [&](std::size_t first, std::size_t last) {
    for (std::size_t at = first; at < last; at += std::min(kRowsTogether, last - at)) {
      const std::size_t end = std::min(last, at + kRowsTogether);
      if (!CopyRecords(rows, dictionaries.is_foreign, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end), *region,
                       store))
        has_memory = false;
    }
  });
  const bool any_foreign = std::ranges::find(dictionaries.is_foreign, true) != dictionaries.is_foreign.end();
  if (any_foreign && !TranscodeRecords(rows, dictionaries, region, store)) has_memory = false;
  if (!has_memory) return NoMemory();
  return store;
}

}  // namespace clientele
