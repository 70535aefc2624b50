// A caller's text made fit for an error message.
#pragma once

#include <string>
#include <string_view>

namespace clientele {

// `text` in single quotes: cut after some 60 bytes ("..." then stands behind the quote), malformed UTF-8 replaced by U+FFFD and
// control characters by \xNN, so that the result is short, valid UTF-8 whatever the caller sent. O(1).
std::string Quoted(std::string_view text);

// The same without quotes and cut after some 100 bytes, for the name of a parameter as a key of the error report.
std::string Printable(std::string_view text);

}  // namespace clientele
