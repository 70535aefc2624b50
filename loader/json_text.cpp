#include "loader/json_text.h"

#include <cstdint>
#include <cstring>
#include <optional>

namespace clientele {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Four hexadecimal digits at `at`; nullopt when `text` ends before or one is none.
std::optional<std::uint32_t> HexUnit(std::string_view text, std::size_t at) {
  if (text.size() < at + 4) return std::nullopt;
  std::uint32_t unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = text[i];
    std::uint32_t digit = 0;
    if (IsDigit(c)) {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
    unit = unit * 16 + digit;
  }
  return unit;
}

struct Escape {
  std::uint32_t code_point = 0;
  std::size_t length = 0;  // Bytes of the escape, its backslash included; 0 when it is malformed.
};

Escape ReadUnicodeEscape(std::string_view text) {
  const auto high = HexUnit(text, 2);
  if (!high) return {};
  if (*high < 0xD800 || *high > 0xDFFF) return {*high, 6};
  if (*high > 0xDBFF || text.size() < 12 || text[6] != '\\' || text[7] != 'u') return {};
  const auto low = HexUnit(text, 8);
  if (!low || *low < 0xDC00 || *low > 0xDFFF) return {};
  return {0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00), 12};
}

// The escape at the start of `text`, which begins with a backslash.
Escape ReadEscape(std::string_view text) {
  if (text.size() < 2) return {};
  switch (text[1]) {
    case '"': return {'"', 2};
    case '\\': return {'\\', 2};
    case '/': return {'/', 2};
    case 'b': return {'\b', 2};
    case 'f': return {'\f', 2};
    case 'n': return {'\n', 2};
    case 'r': return {'\r', 2};
    case 't': return {'\t', 2};
    case 'u': return ReadUnicodeEscape(text);
    default: return {};
  }
}

// Never more than four bytes, and always fewer than the escape that stands for the code point.
char* PutUtf8(std::uint32_t code_point, char* out) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
  return out;
}

std::size_t PlainLength(std::string_view escaped) {
  if (escaped.empty()) return 0;  // Its data may be null, which memchr must not see.
  const void* backslash = std::memchr(escaped.data(), '\\', escaped.size());
  return backslash == nullptr ? escaped.size() : static_cast<std::size_t>(static_cast<const char*>(backslash) - escaped.data());
}

// Skips a run of digits; false when there is none.
bool SkipDigits(std::string_view& text) {
  std::size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  text.remove_prefix(digits);
  return digits > 0;
}

bool SkipOneOf(std::string_view& text, std::string_view characters) {
  if (text.empty() || characters.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

void AppendEscaped(unsigned char c, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

}  // namespace

char* UnescapeJson(std::string_view escaped, char* out) {
  for (;;) {
    const std::size_t plain = PlainLength(escaped);
    if (plain != 0) std::memcpy(out, escaped.data(), plain);
    out += plain;
    escaped.remove_prefix(plain);
    if (escaped.empty()) return out;
    const Escape escape = ReadEscape(escaped);
    if (escape.length == 0) return nullptr;
    out = PutUtf8(escape.code_point, out);
    escaped.remove_prefix(escape.length);
  }
}

bool HasValidEscapes(std::string_view escaped) {
  for (;;) {
    escaped.remove_prefix(PlainLength(escaped));
    if (escaped.empty()) return true;
    const Escape escape = ReadEscape(escaped);
    if (escape.length == 0) return false;
    escaped.remove_prefix(escape.length);
  }
}

bool IsJsonNumber(std::string_view text) {
  SkipOneOf(text, "-");
  if (!SkipOneOf(text, "0") && !SkipDigits(text)) return false;
  if (SkipOneOf(text, ".") && !SkipDigits(text)) return false;
  if (SkipOneOf(text, "eE")) {
    SkipOneOf(text, "+-");
    if (!SkipDigits(text)) return false;
  }
  return text.empty();
}

std::size_t Utf8SequenceLength(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  const auto continuation = [&](std::size_t i, unsigned first = 0x80, unsigned last = 0xBF) {
    return byte(i) >= first && byte(i) <= last;
  };
  const unsigned lead = byte(0);
  // Table 3-7 of the Unicode standard: the second byte's range shuts out overlong forms, surrogates and what exceeds U+10FFFF.
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continuation(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned first = lead == 0xE0 ? 0xA0 : 0x80, last = lead == 0xED ? 0x9F : 0xBF;
    return continuation(1, first, last) && continuation(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned first = lead == 0xF0 ? 0x90 : 0x80, last = lead == 0xF4 ? 0x8F : 0xBF;
    return continuation(1, first, last) && continuation(2) && continuation(3) ? 4 : 0;
  }
  return 0;
}

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    std::size_t length = 1;
    if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) {
      AppendEscaped(c, out);
    } else if (length = Utf8SequenceLength(text); length != 0) {
      out.append(text.substr(0, length));
    } else {
      out += "\xEF\xBF\xBD";
      length = 1;
    }
    text.remove_prefix(length);
  }
  out += '"';
}

}  // namespace clientele
