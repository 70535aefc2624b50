#include "server/text_width.h"

#include <catch2/catch.hpp>

namespace clientele {

TEST_CASE("DisplayWidth counts columns, not bytes or characters", "[server][text_width]") {
  CHECK(DisplayWidth("") == 0);
  CHECK(DisplayWidth("abc") == 3);
  CHECK(DisplayWidth("Müller") == 6);
  CHECK(DisplayWidth("Иванов") == 6);
  CHECK(DisplayWidth("株式会社") == 8);
  CHECK(DisplayWidth("김민준") == 6);
  CHECK(DisplayWidth("ｗｉｄｅ") == 8);
  CHECK(DisplayWidth("e\xCC\x81") == 1);  // e and a combining accent.
  CHECK(DisplayWidth("محمد") == 4);
}

TEST_CASE("TerminalSafe leaves nothing that acts on a terminal", "[server][text_width]") {
  CHECK(TerminalSafe("plain, мир, 世界") == "plain, мир, 世界");
  CHECK(TerminalSafe("a\x1b[31mb") == "a\uFFFD[31mb");
  CHECK(TerminalSafe(std::string_view("a\0b", 3)) == "a\uFFFDb");
  CHECK(TerminalSafe("a\nb\tc\r") == "a b c ");
  CHECK(TerminalSafe("a\xC2\x9B"
                     "1mb") == "a\uFFFD1mb");  // The one-character form of ESC [.
  CHECK(TerminalSafe("gpj.\xE2\x80\xAE"
                     "exe") == "gpj.\uFFFDexe");  // Right-to-left override.
  CHECK(TerminalSafe("a\xFFz") == "a\uFFFDz");
}

TEST_CASE("CutToWidth never exceeds the columns and never splits a character", "[server][text_width]") {
  CHECK(CutToWidth("abcdef", 6) == "abcdef");
  CHECK(CutToWidth("abcdef", 5) == "abcd…");
  CHECK(CutToWidth("株式会社", 8) == "株式会社");
  CHECK(CutToWidth("株式会社", 7) == "株式会…");
  CHECK(CutToWidth("株式会社", 6) == "株式…");  // Half a character does not fit.
  CHECK(CutToWidth("Müller", 3) == "Mü…");
  CHECK(CutToWidth("abc", 1) == "…");
  CHECK(CutToWidth("abc", 0).empty());
}

}  // namespace clientele
