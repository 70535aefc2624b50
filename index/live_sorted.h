// The current rows of a live table in the order of one sort key, as an array: an index of the table that is made when it is first
// asked for, and brought up to date when it is asked for after writes. Deep pages over several sources are found by binary
// searches in it, where a tree would have to be walked or all rows be partitioned.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "index/live_row.h"
#include "index/schema.h"

namespace clientele {

class LiveTable;

struct LiveSortedRow {
  std::uint64_t number;  // Of the key: rows with different numbers are ordered as these are. Texts with equal ones may differ.
  const LiveRow* row;
  std::uint32_t slot;
};

// By ascending key, nulls last, ties by ascending id.
using LiveSortedRows = std::vector<LiveSortedRow>;

// The rows of one table by one key. Thread-safe among readers of the table.
class LiveSorted {
 public:
  // `writes`: how often the table has been written so far. O(1) when it was not written since the last call; else O(rows), about
  // a nanosecond each, and O(log rows) for each that came since; the first time some dozen nanoseconds a row. The rows of
  // the result are valid as long as the table, whatever is written to it. `key` is kId, kEmail, kName, kCompanyName or
  // kCreatedAt, the same always.
  std::shared_ptr<const LiveSortedRows> Rows(const LiveTable& table, Field key, std::uint64_t writes);

  // For the writer, after writes and while nobody reads the table: what the next call of Rows would do, when some dozen writes
  // have come together and somebody asked of late. It takes the time that queries would.
  void CatchUp(const LiveTable& table, Field key, std::uint64_t writes);

 private:
  void MakeAnew(const LiveTable& table, Field key);
  void Update(const LiveTable& table, Field key);

  std::mutex lock_;  // Guards what follows.
  std::shared_ptr<const LiveSortedRows> rows_;
  std::uint64_t writes_ = 0;
  int catching_up_ = 0;         // So often, unless somebody asks again.
  std::uint32_t appended_ = 0;  // Slots below it were looked at.
};

}  // namespace clientele
