#include "tests/engine/random_text.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include <unicode/uchar.h>

namespace clientele {
namespace {

// Code points that case folding treats in some special way, with a few that it leaves alone.
constexpr char32_t kHostile[] = {
    U'\u00DF',  // Sharp s; full folding would make it "ss".
    U'\u1E9E',  // Capital sharp s: folds to the small one, three bytes to two.
    U'\u212A',  // Kelvin sign: folds to k, three bytes to one.
    U'\u212B',  // Angstrom sign.
    U'\u2126',  // Ohm sign.
    U'\u017F',  // Long s: folds to s, two bytes to one.
    U'\u0130',  // Capital I with dot: no simple folding.
    U'\u0131',  // Dotless i.
    U'\u03A3',  // Sigmas.
    U'\u03C3',     U'\u03C2',
    U'\u03F4',  // Capital theta symbol.
    U'\u1E9B',  // Long s with dot above.
    U'\u0345',  // Combining ypogegrammeni: folds to iota, as the only combining mark.
    U'\u01C4',  // DZ digraphs in three cases.
    U'\u01C5',     U'\u01C6',
    U'\u023A',  // Folds from two bytes to three.
    U'\u2C65',
    U'\u13A0',  // Cherokee folds to its capitals, other than all else.
    U'\uAB70',
    U'\u1C90',  // Georgian Mtavruli.
    U'\u10D0',
    U'\uFB01',      // Ligature fi: full folding only.
    U'\u0149',      // n with apostrophe: full folding only.
    U'\U00010400',  // Deseret capital, four bytes.
    U'\U00010428',
    U'\U0001F600',  // Emoji.
    U'\U0010FFFF',  // The last code point.
    U'\uFFFD',     U'\uFEFF', U'\u2028',
    U'\u0301',  // Combining acute accent.
    U'\u00E9',     U'\u00C9',
    U'\u0416',  // Zhe.
    U'\u0436',     U'\u4E2D', U'\u0080', U'\0', U'\n', U'\x1F', U'\x7F', U'"', U'\\', U'/', U'\'', U'%', U'_', U'*', U' ', U',',
};

constexpr std::string_view kWords[] = {"acme",       "Global", "SOFT",  "net",         "Data", "gmbh", "ltd", "x", "of",
                                       "University", "mail",   "cloud", "ss",          "SS",   "i",    "I",   "k", "K",
                                       "e",          "an",     "the",   "example.com", "@",    ".",    "-",   "0", "007"};

void AppendCodePoint(char32_t code_point, std::string& out) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | code_point >> 6);
    out += static_cast<char>(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | code_point >> 12);
    out += static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code_point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code_point >> 18);
    out += static_cast<char>(0x80 | (code_point >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code_point & 0x3F));
  }
}

// The code point that starts at `at`, which moves behind it. The text is valid.
char32_t NextCodePoint(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at++);
  if (lead < 0x80) return lead;
  const int more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  char32_t code_point = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) code_point = code_point << 6 | (byte(at++) & 0x3F);
  return code_point;
}

char32_t RandomCodePoint(Random& random) {
  if (random.Chance(700)) return random.Pick(kHostile);
  for (;;) {
    const auto code_point = static_cast<char32_t>(random.Below(random.Chance(500) ? 0x3000 : 0x110000));
    if (code_point < 0xD800 || code_point > 0xDFFF) return code_point;
  }
}

void AppendPiece(Random& random, std::string& out) {
  if (random.Chance(650)) {
    out += random.Pick(kWords);
  } else {
    AppendCodePoint(RandomCodePoint(random), out);
  }
}

void AppendUnicodeEscape(unsigned unit, Random& random, std::string& json) {
  char escape[7];
  std::snprintf(escape, sizeof escape, random.Chance(500) ? "\\u%04x" : "\\u%04X", unit);
  json += escape;
}

void AppendEscaped(char32_t code_point, Random& random, std::string& json) {
  if (code_point < 0x10000) return AppendUnicodeEscape(code_point, random, json);
  AppendUnicodeEscape(0xD800 + ((code_point - 0x10000) >> 10), random, json);
  AppendUnicodeEscape(0xDC00 + ((code_point - 0x10000) & 0x3FF), random, json);
}

}  // namespace

std::string RandomText(Random& random) {
  std::string text;
  const std::uint64_t kind = random.Below(1000);
  if (kind < 30) return text;
  if (kind < 80) {
    AppendCodePoint(RandomCodePoint(random), text);
    return text;
  }
  const std::uint64_t pieces = kind < 990   ? random.Between(1, 8)
                               : kind < 998 ? random.Between(50, 300)
                                            : random.Between(5'000, 20'000);
  for (std::uint64_t i = 0; i < pieces; ++i) AppendPiece(random, text);
  return text;
}

std::string WithOtherCase(std::string_view text, Random& random) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code_point = NextCodePoint(text, at);
    const UChar32 folded = u_foldCase(static_cast<UChar32>(code_point), U_FOLD_CASE_DEFAULT);
    std::vector<UChar32> same{static_cast<UChar32>(code_point)};
    // Neither upper nor title case is reliable (capital I with dot lowers to i, but does not fold to it), so each is checked.
    for (const UChar32 other : {u_toupper(folded), u_tolower(folded), u_totitle(folded), folded, UChar32{0x212A}, UChar32{0x17F},
                                UChar32{0x1E9E}, UChar32{0x3C2}, UChar32{0x2126}, UChar32{0x212B}}) {
      if (u_foldCase(other, U_FOLD_CASE_DEFAULT) == folded) same.push_back(other);
    }
    AppendCodePoint(static_cast<char32_t>(random.Pick(same)), out);
  }
  return out;
}

std::string RandomPart(std::string_view text, std::size_t bytes_max, Random& random) {
  if (text.empty()) return {};
  const auto is_start = [&](std::size_t at) { return at == text.size() || (text[at] & 0xC0) != 0x80; };
  std::size_t first = random.Below(text.size());
  while (!is_start(first)) --first;
  std::size_t last = std::min(text.size(), first + random.Between(1, bytes_max));
  while (!is_start(last)) --last;
  if (last == first) {
    std::size_t at = first;
    NextCodePoint(text, at);
    last = at;
  }
  return std::string(text.substr(first, last - first));
}

void AppendJsonString(std::string_view text, Random& random, std::string& json) {
  const std::uint64_t escape_per_mille = random.Chance(200) ? 300 : 0;
  json += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t code_point = NextCodePoint(text, at);
    if (code_point == '"' || code_point == '\\') {
      json += '\\';
      json += static_cast<char>(code_point);
    } else if (code_point == '\n' && random.Chance(500)) {
      json += "\\n";
    } else if (code_point < 0x20 || random.Chance(escape_per_mille)) {
      AppendEscaped(code_point, random, json);
    } else {
      json += text.substr(start, at - start);
    }
  }
  json += '"';
}

}  // namespace clientele
