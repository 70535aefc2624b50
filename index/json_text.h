// JSON strings without their quotation marks: escaping and back, and the white space of raw JSON. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace clientele {

// Whether the text may stand in a JSON string as it is: no control character, no quotation mark, no backslash. Memory speed.
bool NeedsNoEscape(std::string_view text);

// Appends the text with `"`, `\` and control characters escaped, in the short forms where JSON has them, else as \u00xx.
void AppendEscaped(std::string_view text, std::string& out);

// The text escaped: itself when nothing needs it, else a view of `scratch`, which is overwritten.
inline std::string_view Escaped(std::string_view text, std::string& scratch) {
  if (NeedsNoEscape(text)) [[likely]]
    return text;
  scratch.clear();
  AppendEscaped(text, scratch);
  return scratch;
}

// Appends what AppendEscaped was given to make `escaped`. Understands only what AppendEscaped writes.
void AppendUnescaped(std::string_view escaped, std::string& out);

// Appends valid JSON with line breaks and tabs between its tokens replaced by blanks, so that it fits on one line of NDJSON.
// Nothing else is touched: no string of valid JSON holds a raw control character.
void AppendOnOneLine(std::string_view json, std::string& out);

}  // namespace clientele
