// Unicode simple case folding (CaseFolding.txt, status C and S), code point by code point, as ICU's u_foldCase gives.
#pragma once

#include <string>
#include <string_view>

#include "index/text_buffer.h"

namespace clientele {

// Appends the folded form of valid UTF-8 to `out`. The folded form may be longer or shorter in bytes. O(bytes); ASCII runs at
// memory speed. Thread-safe.
void AppendFolded(std::string_view utf8, std::string& out);
void AppendFolded(std::string_view utf8, TextBuffer& out);

inline std::string Folded(std::string_view utf8) {
  std::string out;
  AppendFolded(utf8, out);
  return out;
}

// Whether the bytes are well-formed UTF-8 (no surrogates, nothing above U+10FFFF, no overlong forms).
bool IsValidUtf8(std::string_view bytes);

}  // namespace clientele
