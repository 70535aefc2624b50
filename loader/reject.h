// One record that was left out of a load, and why.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace clientele {

struct Reject {
  std::string file;
  std::uint64_t line = 0;  // 1-based line of an NDJSON file; in a JSON array, the element's 1-based number.
  std::string pointer;     // JSON pointer (RFC 6901), such as "/users/0/email"; empty for the whole record.
  std::string value;       // What was found, as raw JSON, cut; empty when nothing was.
  std::string expected;

  // `clients.ndjson:17: /status: expected one of new, ..., got "actve"`
  std::string ToString() const;

  bool operator==(const Reject&) const = default;
};

// Appends the reject as one line of NDJSON: file, line, pointer, value, expected, and `record`, the text that was refused, as a
// string: put right, it can be loaded again. Bytes that are not UTF-8 become U+FFFD.
void AppendRejectLine(const Reject& reject, std::string_view record, std::string& out);

}  // namespace clientele
