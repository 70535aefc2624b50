// The spelling of JSON texts and numbers: unescaping, checking, escaping. Thread-safe; the caller owns all buffers.
#pragma once

#include <string>
#include <string_view>

namespace clientele {

// Writes the text that `escaped` (between its quotes; UTF-8 without raw control characters) stands for to `out`, which has room
// for escaped.size() bytes: the result is never longer. Returns the end of what was written, or nullptr on an unknown escape or
// on a surrogate without its other half, which no UTF-8 can express. O(bytes).
char* UnescapeJson(std::string_view escaped, char* out);

// Whether the escapes of a text between its quotes are well-formed, as UnescapeJson decides. O(bytes); no memory.
bool HasValidEscapes(std::string_view escaped);

// Whether all of `text` is one number by the JSON grammar: no leading zeros, plus signs, bare points, or blanks.
bool IsJsonNumber(std::string_view text);

// Appends `text` as a JSON string with its quotes. Control characters are escaped; bytes that are not UTF-8 become U+FFFD, so
// that the output is valid JSON whatever goes in.
void AppendJsonString(std::string_view text, std::string& out);

// Length of the well-formed UTF-8 sequence at the start of `bytes`; 0 when there is none.
std::size_t Utf8SequenceLength(std::string_view bytes);

}  // namespace clientele
