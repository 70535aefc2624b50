#include "index/json_text.h"

#include <cstring>

#include <emmintrin.h>

namespace clientele {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// The letter of the short escape, 'u' for those that have none, or 0 for a character that stands for itself.
constexpr char EscapeLetter(unsigned char c) {
  switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return c < 0x20 ? 'u' : '\0';
  }
}

bool Has16Escapes(const char* bytes) {
  const __m128i chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i quote = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\\'));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(chunk, _mm_set1_epi8(0x1F)), chunk);
  return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)) != 0;
}

int HexValue(char digit) {
  return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

}  // namespace

bool NeedsNoEscape(std::string_view text) {
  std::size_t i = 0;
  for (; i + 16 <= text.size(); i += 16) {
    if (Has16Escapes(text.data() + i)) return false;
  }
  if (i == text.size()) return true;
  char rest[16];
  std::memset(rest, ' ', sizeof rest);
  std::memcpy(rest, text.data() + i, text.size() - i);
  return !Has16Escapes(rest);
}

void AppendEscaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    const char letter = EscapeLetter(static_cast<unsigned char>(c));
    if (letter == '\0') {
      out.push_back(c);
    } else if (letter == 'u') {
      out.append("\\u00");
      out.push_back(kHexDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHexDigits[c & 0xF]);
    } else {
      out.push_back('\\');
      out.push_back(letter);
    }
  }
}

void AppendUnescaped(std::string_view escaped, std::string& out) {
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '\\' || i + 1 == escaped.size()) {
      out.push_back(escaped[i]);
      continue;
    }
    switch (const char letter = escaped[++i]) {
      case 'b': out.push_back('\b'); break;
      case 'f': out.push_back('\f'); break;
      case 'n': out.push_back('\n'); break;
      case 'r': out.push_back('\r'); break;
      case 't': out.push_back('\t'); break;
      case 'u':
        if (i + 4 >= escaped.size()) return;
        out.push_back(static_cast<char>(HexValue(escaped[i + 3]) * 16 + HexValue(escaped[i + 4])));
        i += 4;
        break;
      default: out.push_back(letter);  // A quotation mark or a backslash.
    }
  }
}

void AppendOnOneLine(std::string_view json, std::string& out) {
  const std::size_t begin = out.size();
  out.append(json);
  for (std::size_t i = begin; i < out.size(); ++i) {
    if (static_cast<unsigned char>(out[i]) < 0x20) out[i] = ' ';
  }
}

}  // namespace clientele
