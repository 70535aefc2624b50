// Where in a JSON text a byte stands, for error messages: slow, tolerant, never on the way of good records. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace clientele {

// The JSON pointer (RFC 6901) of the innermost value that byte `offset` belongs to, such as "/users/0/email"; empty for the
// root. The text may be malformed: the answer then is as good as the text before `offset` allows. Cut to some 200 bytes, valid
// UTF-8. O(offset).
std::string JsonPointerAt(std::string_view json, std::size_t offset);

// `text` made fit for one line of a message: valid UTF-8, no control characters, at most `bytes_max` bytes and "..." after a cut.
std::string Excerpt(std::string_view text, std::size_t bytes_max = 80);

}  // namespace clientele
