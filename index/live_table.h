// The clients that are not sealed yet: at most some thousands of rows under ordered indices, made for a write in microseconds and
// for exact counts without looking at rows.
//
// Rows get slots, 0, 1, 2, ... in the order of their insertion. A row that is replaced or erased leaves the indices and loses its
// bit in alive(), but neither its slot nor its memory are used again: both live as long as the table, so that readers who hold
// the table may keep plain pointers to rows. The writer starts a new table when appended() reaches capacity().
//
// Four ways to the rows:
//   - Indices (Boost.MultiIndex, ranked): every value's rows, counted in O(log rows), and the rows in the order of each sort key.
//     For few rows, and for the first rows of an order.
//   - Bits by value and slot (index/live_value_bits.h): for conditions on fields of few values.
//   - Columns by slot (index/live_columns.h): for conditions that many rows fulfil, tested 64 rows at a time.
//   - Texts by slot (index/live_text.h): for contains-search.
//
// Externally synchronised: const calls may run at the same time, Insert and Erase exclude all others.
// Memory: about 1 KB a row beside the rows themselves.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <absl/functional/function_ref.h>

#include "index/live_columns.h"
#include "index/live_row.h"
#include "index/live_sorted.h"
#include "index/live_text.h"
#include "index/live_value_bits.h"
#include "index/schema.h"

namespace clientele {

// An index whose values can be counted. Keys: kId: the id; kCreatedAt: microseconds; kStatus: the word's index; kCountry:
// CountryCode, or LiveRow::kNoCountry; kService + i: the state of service i, or kServiceAbsent.
enum class LiveIndex : std::uint8_t { kId, kCreatedAt, kStatus, kCountry, kService };
inline LiveIndex LiveIndexOfService(std::size_t service) {
  return static_cast<LiveIndex>(static_cast<std::size_t>(LiveIndex::kService) + service);
}

// Keys first .. last of an index, both included; last < first: none. Status: a single key only, since words are ordered by the
// alphabet.
struct LiveRange {
  LiveIndex index = LiveIndex::kId;
  std::int64_t first = 0, last = 0;
};

class LiveTable {
 public:
  static constexpr std::uint32_t kDefaultCapacity = 8'192;

  // `dictionaries`: what its rows were made with; kept as long as the table, since rows do not.
  explicit LiveTable(std::uint32_t capacity = kDefaultCapacity, std::shared_ptr<const RecordDictionaries> dictionaries = nullptr);
  ~LiveTable();
  LiveTable(const LiveTable&) = delete;
  LiveTable& operator=(const LiveTable&) = delete;

  // Adds a row, in place of the one with the same id if there is one; returns that, or nullptr. Goes beyond the capacity when it
  // must, at the same cost. O(log rows + texts), some microseconds.
  const LiveRow* Insert(LiveRowPtr row);

  // Takes the row with this id out; nullptr when there is none. O(log rows).
  const LiveRow* Erase(std::int64_t id);

  const LiveRow* Find(std::int64_t id) const;                    // O(1); nullptr when there is none.
  std::optional<std::uint32_t> FindSlot(std::int64_t id) const;  // The same.

  std::uint32_t size() const { return size_; }                                         // Rows that are current.
  std::uint32_t appended() const { return static_cast<std::uint32_t>(rows_.size()); }  // Rows inserted so far.
  std::uint32_t capacity() const { return capacity_; }
  bool full() const { return appended() >= capacity_; }
  std::uint64_t bytes() const;  // Of rows, indices, columns and texts, about.

  // By slot, below appended(); rows that are no longer current included.
  const LiveRow& Row(std::uint32_t slot) const { return *rows_[slot]; }
  std::span<const std::uint64_t> alive() const { return alive_; }  // Bit i of word w: slot 64 w + i is current.
  bool IsAlive(std::uint32_t slot) const { return (alive_[slot / 64] >> (slot % 64)) & 1; }

  // The current rows in the order of their slots, such as for sealing. O(appended).
  std::vector<const LiveRow*> CurrentRows() const;

  // Current rows with these keys. O(log rows).
  std::uint32_t Count(const LiveRange& range) const;

  // Gets a slot; false: enough.
  using OnSlot = absl::FunctionRef<bool(std::uint32_t slot)>;

  // Current rows with these keys, ascending by key; rows with one key by ascending id, but those with one country or one state of
  // a service in any order, which makes them much faster to insert.
  void Visit(const LiveRange& range, OnSlot on_slot) const;

  // All current rows in the order of a sort key, ascending or descending, ties by ascending id; nulls last or, descending, first.
  // `key` is kId, kEmail, kName, kCompanyName, kStatus or kCreatedAt.
  void VisitInOrder(Field key, bool descending, OnSlot on_slot) const;

  // All current rows in the ascending order of a sort key, nulls last, ties by ascending id; what it costs is told in
  // index/live_sorted.h. `key` is kId, kEmail, kName, kCompanyName or kCreatedAt.
  std::shared_ptr<const LiveSortedRows> SortedBy(Field key) const;

  // To be called after some writes: brings up to date what SortedBy was asked for of late, so that queries need not.
  void CatchUpSorted();

  const LiveColumns& columns() const { return columns_; }
  const LiveValueBits& value_bits() const { return value_bits_; }
  const LiveTexts& texts(LiveText text) const { return texts_[static_cast<std::size_t>(text)]; }  // The searched ones.

 private:
  struct Indices;

  const std::uint32_t capacity_;
  const std::shared_ptr<const RecordDictionaries> dictionaries_;
  std::uint32_t size_ = 0;
  std::uint64_t writes_ = 0;  // Rows inserted and erased.
  std::uint64_t row_bytes_ = 0;
  std::vector<LiveRowPtr> rows_;  // By slot.
  std::vector<std::uint64_t> alive_;
  LiveColumns columns_;
  LiveValueBits value_bits_;
  std::array<LiveTexts, kSearchedTextCount> texts_;
  std::unique_ptr<Indices> indices_;
  mutable std::array<LiveSorted, kFieldCount> sorted_;  // Those of sort keys are used.
};

}  // namespace clientele
