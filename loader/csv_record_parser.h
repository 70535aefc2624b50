// Parses the rows of a table as client records, as strictly as RecordParser parses JSON. Values go straight from the cells to the
// record. What a cell holds follows from its column (csv_columns.h):
//
//   one value           as in JSON, texts without quotes. An empty cell: null, or the default, or the empty text where a text
//   cannot
//                       be null; refused where something is required. `""` is the empty text also where null is possible
//   list of texts       separated by `;` (blanks around are dropped), or a JSON array
//   other composites    JSON
//   service members     `active`, `true`, ...; together they make the object
//   unknown column      kept as an unknown member of type text, unless the cell is empty
#pragma once

#include <memory>

#include "index/client_record.h"
#include "loader/csv_rows.h"
#include "loader/record_error.h"

namespace clientele {

// One per thread. Not thread-safe.
class CsvRecordParser {
 public:
  CsvRecordParser();
  ~CsvRecordParser();
  CsvRecordParser(const CsvRecordParser&) = delete;
  CsvRecordParser& operator=(const CsvRecordParser&) = delete;

  // Makes the row's record; its views point into the row's cells and into this parser until the next call. False and `error` when
  // the row is refused. `header` has passed CheckClientHeader. O(bytes).
  bool Parse(const std::shared_ptr<const CsvHeader>& header, const CsvRows& row, ClientRecord& record, RecordError& error);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether the row is one of a table with these columns at all: quotes well-formed, as many cells as names, valid UTF-8. False and
// `error` when it is not.
bool CheckRow(const CsvHeader& header, const CsvRows& row, RecordError& error);

}  // namespace clientele
