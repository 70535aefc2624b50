#include "index/case_folding.h"

#include <random>
#include <vector>

#include <catch2/catch.hpp>
#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

namespace clientele {
namespace {

std::string Utf8(UChar32 code_point) {
  char bytes[4];
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, code_point);
  return std::string(bytes, static_cast<std::size_t>(length));
}

bool IsSurrogate(UChar32 code_point) {
  return code_point >= 0xD800 && code_point <= 0xDFFF;
}

// ICU's own strict decoder as the judge of well-formed UTF-8.
bool IcuFindsValid(std::string_view bytes) {
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t length = 0;
  u_strFromUTF8(nullptr, 0, &length, bytes.data(), static_cast<std::int32_t>(bytes.size()), &status);
  return status != U_INVALID_CHAR_FOUND;
}

TEST_CASE("every code point folds as ICU's u_foldCase does", "[index][case_folding]") {
  std::size_t wrong = 0;
  for (UChar32 c = 0; c <= 0x10FFFF; ++c) {
    if (IsSurrogate(c)) continue;
    wrong += Folded(Utf8(c)) != Utf8(u_foldCase(c, U_FOLD_CASE_DEFAULT));
  }
  CHECK(wrong == 0);
}

TEST_CASE("folding is simple: one code point to one, no accents stripped, nothing trimmed", "[index][case_folding]") {
  CHECK(Folded("") == "");
  CHECK(Folded(" A@Z[`az{ ") == " a@z[`az{ ");
  CHECK(Folded("STRASSE Stra\u00DFe STRA\u1E9EE") == "strasse stra\u00DFe stra\u00DFe");
  CHECK(Folded("\u00C9T\u00C9") == "\u00E9t\u00E9");
  CHECK(Folded("\u03A3\u03C3\u03C2") == "\u03C3\u03C3\u03C3");  // Final sigma equals sigma.
  CHECK(Folded("\u0130") == Utf8(u_foldCase(0x130, U_FOLD_CASE_DEFAULT)));
  CHECK(Folded("\u212A") == "k");       // The Kelvin sign shrinks from 3 bytes to 1.
  CHECK(Folded("\u023A") == "\u2C65");  // 2 bytes become 3.
  CHECK(Folded("\U00010400") == "\U00010428");
}

TEST_CASE("folding appends and keeps what stood before", "[index][case_folding]") {
  std::string out = "KEPT ";
  AppendFolded("\u00C4B", out);
  AppendFolded("", out);
  AppendFolded("CD", out);
  CHECK(out == "KEPT \u00E4bcd");
}

TEST_CASE("folding into a buffer of texts gives what folding into a string gives", "[index][case_folding]") {
  TextBuffer buffer;
  std::string out, text;
  for (std::size_t size = 0; size < 200; ++size) {
    for (const std::string_view letter : {"A", "\u00C4", "\u023A", "\U00010400"}) {
      text.assign(size, 'Q').append(letter).append(size / 3, 'z');
      AppendFolded(text, buffer);
      AppendFolded(text, out);
      buffer.push_back('|');
      out.push_back('|');
    }
  }
  CHECK(std::string_view(buffer.data(), buffer.size()) == out);
  buffer.clear();
  CHECK(buffer.size() == 0);
}

TEST_CASE("mixed texts of every length fold code point by code point", "[index][case_folding]") {
  const auto seed = GENERATE(range(1u, 21u));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (std::size_t length = 0; length < 80; ++length) {
    std::string text, expected;
    for (std::size_t i = 0; i < length; ++i) {
      const UChar32 limits[] = {0x80, 0x80, 0x250, 0x2000, 0x2D00, 0x1EA00, 0x110000};
      auto c = static_cast<UChar32>(random() % static_cast<std::uint64_t>(limits[random() % (2 + seed % 6)]));
      if (IsSurrogate(c)) c = 'Q';
      text += Utf8(c);
      expected += Utf8(u_foldCase(c, U_FOLD_CASE_DEFAULT));
    }
    REQUIRE(Folded(text) == expected);
    REQUIRE(IsValidUtf8(text));
  }
}

TEST_CASE("many three-byte growths in a row do not overrun", "[index][case_folding]") {
  std::string text, expected;
  for (int i = 0; i < 1'000; ++i) {
    text += "\u023A";
    expected += "\u2C65";
  }
  CHECK(Folded(text) == expected);
}

TEST_CASE("bytes that are not UTF-8 are kept by folding and refused by IsValidUtf8", "[index][case_folding]") {
  const std::vector<std::string> bad = {"\x80",
                                        "\xBF",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xC3",
                                        "\xC3(",
                                        "\xE0\x80\x80",
                                        "\xE0\x9F\xBF",
                                        "\xE2\x82",
                                        "\xE2(\xAC",
                                        "\xED\xA0\x80",
                                        "\xED\xBF\xBF",
                                        "\xF0\x9F\x98",
                                        "\xF0\x8F\xBF\xBF",
                                        "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80",
                                        "\xFE",
                                        "\xFF",
                                        "\xF8\x88\x80\x80\x80"};
  for (const std::string& bytes : bad) {
    for (const std::size_t before : {0, 1, 14, 15, 16, 17, 40}) {
      for (const std::size_t after : {0, 1, 16, 33}) {
        const std::string text = std::string(before, 'x') + bytes + std::string(after, 'y');
        CAPTURE(before, after, bytes);
        CHECK_FALSE(IsValidUtf8(text));
        CHECK(Folded(text).size() >= before + after);
      }
    }
  }
}

TEST_CASE("IsValidUtf8 agrees with ICU on random bytes", "[index][case_folding]") {
  std::mt19937_64 random(9);
  const std::string_view pieces[] = {"a",    "abcdefghijklmnop", "\xC3",     "\xA9", "\xE2\x82",    "\xAC",
                                     "\xED", "\xF0\x9F",         "\x98\x80", "\xF4", "\x8F\xBF\xBF"};
  std::size_t valid = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 6; n > 0; --n) text += pieces[random() % std::size(pieces)];
    valid += IcuFindsValid(text);
    REQUIRE(IsValidUtf8(text) == IcuFindsValid(text));
  }
  CHECK(valid > 1'000);
  CHECK(valid < 40'000);
}

}  // namespace
}  // namespace clientele
