#include "server/text_width.h"

#include <cstdint>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace clientele {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

// Decodes the character at `at` and moves behind it; negative when it is malformed.
UChar32 NextCharacter(std::string_view text, std::int32_t& at) {
  // ICU's macro wants unsigned bytes.
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  UChar32 c = 0;
  U8_NEXT(bytes, at, static_cast<std::int32_t>(text.size()), c);
  return c;
}

std::size_t WidthOf(UChar32 c) {
  if (c < 0) return 1;
  if (c >= 0x20 && c < 0x7F) return 1;
  switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
    case U_CONTROL_CHAR: return 0;
    default: break;
  }
  // Vowels and final consonants of decomposed Korean stand inside the block of the consonant before.
  if (c >= 0x1160 && c <= 0x11FF) return 0;
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

bool IsDirectionControl(UChar32 c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C;
}

}  // namespace

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());) width += WidthOf(NextCharacter(text, at));
  return width;
}

std::string TerminalSafe(std::string_view text) {
  std::string safe;
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());) {
    const std::int32_t begin = at;
    const UChar32 c = NextCharacter(text, at);
    if (c == '\n' || c == '\r' || c == '\t' || c == 0x2028 || c == 0x2029) {
      safe += ' ';
    } else if (c < 0 || u_charType(c) == U_CONTROL_CHAR || IsDirectionControl(c)) {
      safe += kReplacement;
    } else {
      safe += text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
    }
  }
  return safe;
}

std::string CutToWidth(std::string_view text, std::size_t columns) {
  if (DisplayWidth(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  std::size_t width = 0;
  std::int32_t at = 0;
  while (true) {
    std::int32_t behind = at;
    width += WidthOf(NextCharacter(text, behind));
    if (width > columns - 1) break;
    at = behind;
  }
  return std::string(text.substr(0, static_cast<std::size_t>(at))) + std::string(kEllipsis);
}

}  // namespace clientele
