#include "index/json_text.h"

#include <string>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

std::string EscapedText(std::string_view text) {
  std::string out;
  AppendEscaped(text, out);
  return out;
}

TEST_CASE("AppendEscaped escapes control characters, quotation marks and backslashes only", "[index][json_text]") {
  CHECK(EscapedText("plain / text ü日\x7f") == "plain / text ü日\x7f");
  CHECK(EscapedText("\"\\\b\f\n\r\t") == "\\\"\\\\\\b\\f\\n\\r\\t");
  CHECK(EscapedText(std::string_view("\0\x01\x0b\x1f", 4)) == "\\u0000\\u0001\\u000b\\u001f");
}

TEST_CASE("AppendUnescaped undoes AppendEscaped for every byte", "[index][json_text]") {
  std::string text;
  for (int byte = 0; byte < 256; ++byte) text += {static_cast<char>(byte), 'u', '0', static_cast<char>(byte)};
  std::string back = "kept ";
  AppendUnescaped(EscapedText(text), back);
  CHECK(back == "kept " + text);
}

TEST_CASE("Scan finds what to escape and the last '@' at any place of a text of any length", "[index][json_text]") {
  for (std::size_t size = 0; size <= 70; ++size) {
    const TextScan nothing = Scan(std::string(size, 'x'));
    REQUIRE_FALSE(nothing.needs_escape);
    REQUIRE(nothing.last_at_sign == std::string_view::npos);
    for (std::size_t at = 0; at < size; ++at) {
      for (const char c : {'\0', '\x1f', '"', '\\'}) {
        std::string text(size, ' ');
        text[at] = c;
        REQUIRE(Scan(text).needs_escape);
      }
      std::string text(size, '\x7f');
      text[at] = '@';
      text[at / 2] = '@';
      REQUIRE(Scan(text).last_at_sign == at);
      REQUIRE_FALSE(Scan(text).needs_escape);
      text[at] = '\xff';  // No sign of a signed char is taken for a control character.
      REQUIRE_FALSE(Scan(text).needs_escape);
    }
  }
}

TEST_CASE("AppendOnOneLine turns line breaks and tabs into blanks", "[index][json_text]") {
  std::string out = "x";
  AppendOnOneLine("{\"a\":\r\n\t[1,\n2], \"b\": \"\\n\"}", out);
  CHECK(out == "x{\"a\":   [1, 2], \"b\": \"\\n\"}");
}

}  // namespace
}  // namespace clientele
