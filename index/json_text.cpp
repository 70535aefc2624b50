#include "index/json_text.h"

#include <bit>
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

// A bit for each of 16 bytes.
struct ChunkMasks {
  std::uint32_t escapes, at_signs;
};

ChunkMasks ScanChunk(__m128i chunk) {
  const __m128i quote = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\\'));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(chunk, _mm_set1_epi8(0x1F)), chunk);
  const __m128i at_sign = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('@'));
  return {static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control))),
          static_cast<std::uint32_t>(_mm_movemask_epi8(at_sign))};
}

template <class Word>
std::uint64_t Load(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// The `size` bytes (1 to 15) at `bytes`, without reading others: by two loads that overlap.
__m128i LoadShort(const char* bytes, std::size_t size) {
  if (size > 8) {
    return _mm_set_epi64x(static_cast<long long>(Load<std::uint64_t>(bytes + size - 8) >> (8 * (16 - size))),
                          static_cast<long long>(Load<std::uint64_t>(bytes)));
  }
  std::uint64_t word;
  if (size >= 4) {
    word = Load<std::uint32_t>(bytes) | Load<std::uint32_t>(bytes + size - 4) << (8 * (size - 4));
  } else {
    word = Load<std::uint8_t>(bytes) | Load<std::uint8_t>(bytes + size / 2) << (8 * (size / 2)) |
           Load<std::uint8_t>(bytes + size - 1) << (8 * (size - 1));
  }
  return _mm_set_epi64x(0, static_cast<long long>(word));
}

int HexValue(char digit) {
  return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

}  // namespace

TextScan Scan(std::string_view text) {
  std::uint32_t escapes = 0;
  std::size_t last_at_sign = std::string_view::npos;
  const auto add = [&](ChunkMasks masks, std::size_t begin) {
    escapes |= masks.escapes;
    if (masks.at_signs != 0) last_at_sign = begin + static_cast<std::size_t>(std::bit_width(masks.at_signs)) - 1;
  };
  std::size_t i = 0;
  for (; i + 16 <= text.size(); i += 16) {
    add(ScanChunk(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i))), i);
  }
  if (const std::size_t rest = text.size() - i; rest > 0) {
    ChunkMasks masks = ScanChunk(LoadShort(text.data() + i, rest));
    masks.escapes &= (1u << rest) - 1;  // The bytes behind the text are zeros, which look like control characters.
    add(masks, i);
  }
  return {escapes != 0, last_at_sign};
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
