#include "engine/quoted.h"

#include <algorithm>

#include <absl/strings/str_cat.h>
#include <unicode/utf8.h>

namespace clientele {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD.

// Appends whole code points of `text` while they start below `limit_bytes`; returns whether all of it went in.
bool AppendPrintable(std::string_view text, std::size_t limit_bytes, std::string& out) {
  const auto length = static_cast<std::int32_t>(std::min(text.size(), limit_bytes + U8_MAX_LENGTH));
  std::int32_t at = 0;
  while (at < length && static_cast<std::size_t>(at) < limit_bytes) {
    const std::int32_t start = at;
    UChar32 code_point;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // Inside ICU's macro.
    U8_NEXT(text.data(), at, length, code_point);
#pragma GCC diagnostic pop
    if (code_point < 0) {
      out += kReplacement;
    } else if (code_point < 0x20 || code_point == 0x7F) {
      absl::StrAppend(&out, "\\x", absl::Hex(static_cast<unsigned>(code_point), absl::kZeroPad2));
    } else {
      out += text.substr(start, at - start);
    }
  }
  return static_cast<std::size_t>(at) == text.size();
}

}  // namespace

std::string Quoted(std::string_view text) {
  std::string out = "'";
  const bool whole = AppendPrintable(text, 60, out);
  out += whole ? "'" : "'...";
  return out;
}

std::string Printable(std::string_view text) {
  std::string out;
  if (!AppendPrintable(text, 100, out)) out += "...";
  return out;
}

}  // namespace clientele
