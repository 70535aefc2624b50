// Parses the JSON of one client record strictly, by the schema (contract, section 6).
//
// A record is refused for: a missing required member, a known member given twice (an alias counts as its field), a value of the
// wrong JSON type or outside of what its field allows, null where a field is not nullable (a default stands in for an absent
// member only), bad UTF-8 or escapes anywhere, or anything but one JSON object. Inside users, service states and features a
// member that is missing, null or unknown is kept verbatim instead, unless a filter looks at it.
#pragma once

#include <memory>
#include <string_view>

#include "index/client_record.h"
#include "loader/record_error.h"

namespace clientele {

// One per thread. Not thread-safe.
class RecordParser {
 public:
  RecordParser();
  ~RecordParser();
  RecordParser(const RecordParser&) = delete;
  RecordParser& operator=(const RecordParser&) = delete;

  // Bytes that must be readable behind `json` for the parser's vector loads.
  static constexpr std::size_t kPadding = 64;

  // Parses one JSON object (surrounding white space allowed) into `record`, whose views then point into `json` and into this
  // parser until the next call. Returns false and fills `error` on a bad record; `record` then holds anything. `json` must be
  // followed by kPadding readable bytes. O(bytes); allocates only on errors and while its buffers grow.
  bool Parse(std::string_view json, ClientRecord& record, RecordError& error);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace clientele
