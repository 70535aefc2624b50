// Where records of a foreign shape become client records: between the reading of an input and the parsing of its records.
//
//   JSON text of one object, or one row of a table  ->  RecordTranslator  ->  JSON of a client record  ->  RecordParser
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <absl/status/status.h>

#include "loader/csv_rows.h"
#include "loader/record_error.h"

namespace clientele {

// One record as it stands in the input: JSON, or a row of a table when there is a header. Views are valid during the call.
struct ForeignRecord {
  std::string_view json;  // Unchecked; followed by RecordParser::kPadding readable bytes. Empty for rows.

  const CsvHeader* header = nullptr;        // Null for JSON. Stays the same as long as `input` does.
  std::span<const std::string_view> cells;  // As many as header->names; unquoted. Each followed by CsvRows::kPadding bytes.
  const CsvRows* row = nullptr;             // The same row, for who wants to know which cells were quoted.

  std::uint32_t input = 0;  // Number of the file within the load, from 0.
  std::uint64_t line = 0;   // Of the record's first byte; in a JSON array, the element's number. From 1.
};

// One per parsing thread; used by that thread alone.
class RecordTranslator {
 public:
  virtual ~RecordTranslator() = default;

  // Whether rows under this header can be translated. InvalidArgument stops the load. Called before the rows of each block.
  virtual absl::Status CheckHeader(const CsvHeader& /*header*/, std::uint32_t /*input*/) { return absl::OkStatus(); }

  // Replaces the content of `client_json` by the JSON of one client record, which is then parsed as strictly as any other. False
  // and `error` when the record cannot be translated; it is refused then. Text of rows is valid UTF-8, JSON may be anything.
  virtual bool Translate(const ForeignRecord& in, std::string& client_json, RecordError& error) = 0;

  // The JSON that the latest call made was refused with `error`: may say where in the foreign record its value came from.
  virtual void Locate(const ForeignRecord& /*in*/, RecordError& /*error*/) {}
};

using RecordTranslatorFactory = std::function<std::unique_ptr<RecordTranslator>()>;  // Called on the parsing threads.

}  // namespace clientele
