// Parses the JSON of one client record strictly, by the schema.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "index/client_record.h"

namespace clientele {

// What is wrong with a record, without its place in the input.
struct RecordError {
  std::string pointer;   // JSON pointer of the bad value, such as "/users/0/email"; empty for the whole record.
  std::string value;     // What was found, cut to some 80 bytes.
  std::string expected;  // "one of new, trial, ...", "an integer", ...
};

// One per thread. Not thread-safe.
class RecordParser {
 public:
  RecordParser();
  ~RecordParser();

  // Bytes that must be readable behind `json` for the parser's vector loads.
  static constexpr std::size_t kPadding = 64;

  // Parses one JSON object (surrounding white space allowed) into `record`, whose views then point into `json` and into this
  // parser until the next call. Returns false and fills `error` on a bad record. `json` must be followed by kPadding readable bytes.
  bool Parse(std::string_view json, ClientRecord& record, RecordError& error);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace clientele
