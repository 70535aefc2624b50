// JSON strings without their quotation marks: escaping and back, and the white space of raw JSON. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace clientele {

// What one pass over a text finds.
struct TextScan {
  bool needs_escape;  // A control character, a quotation mark or a backslash: the text may not stand in a JSON string as it is.
  std::size_t last_at_sign;  // Position of the last '@', or std::string_view::npos.
};
TextScan Scan(std::string_view text);  // Memory speed.

// Appends the text with `"`, `\` and control characters escaped, in the short forms where JSON has them, else as \u00xx.
void AppendEscaped(std::string_view text, std::string& out);

// Appends what AppendEscaped was given to make `escaped`. Understands only what AppendEscaped writes.
void AppendUnescaped(std::string_view escaped, std::string& out);

// Appends valid JSON with line breaks and tabs between its tokens replaced by blanks, so that it fits on one line of NDJSON.
// Nothing else is touched: no string of valid JSON holds a raw control character.
void AppendOnOneLine(std::string_view json, std::string& out);

}  // namespace clientele
