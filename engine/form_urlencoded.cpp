#include "engine/form_urlencoded.h"

#include <absl/strings/str_cat.h>

#include "engine/quoted.h"
#include "index/case_folding.h"

namespace clientele {
namespace {

// The value of a hexadecimal digit, or -1.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

absl::StatusOr<std::string> FormDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return absl::InvalidArgumentError(absl::StrCat("malformed percent escape ", Quoted(text.substr(i, 3)),
                                                       ": expected '%' and two hexadecimal digits ('%25' is a percent sign)"));
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!IsValidUtf8(out)) return absl::InvalidArgumentError(absl::StrCat("expected valid UTF-8, got ", Quoted(out)));
  return out;
}

}  // namespace clientele
