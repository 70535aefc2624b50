// The parts that mappings are made of: paths, transformations, dates, countries.
#include <catch2/catch.hpp>

#include "index/absl_view.h"
#include "index/date_time.h"
#include "loader/mapping_countries.h"
#include "loader/mapping_dates.h"
#include "loader/mapping_path.h"
#include "loader/mapping_text.h"

namespace clientele {
namespace {

std::string Pointer(std::string_view text) {
  const auto path = ParseMappingPath(text);
  return path.ok() ? JsonPointerOf(*path) + (path->list_from ? ":" + std::to_string(*path->list_from) : "") : "bad";
}

std::string Changed(std::string_view transform, std::string text) {
  ApplyTextTransform(*FindTextTransform(transform), text);
  return text;
}

// The time that a text is in a format, or "bad".
std::string Date(std::string_view format, std::string_view text) {
  const auto parsed = ParseDateFormat(format);
  if (!parsed.ok()) return "bad format";
  const auto time = ParseDate(*parsed, text);
  std::string out;
  if (time) AppendRfc3339(*time, out);
  return time ? out : "bad";
}

std::string Before(std::string_view date, std::int64_t months) {
  const auto time = MonthsBefore(*ParseDateTime(date), months);
  std::string out;
  if (time) AppendRfc3339(*time, out);
  return time ? out : "none";
}

TEST_CASE("a path names members, elements and parts of lists", "[loader][mapping]") {
  CHECK(Pointer("name") == "/name");
  CHECK(Pointer("state-province") == "/state-province");
  CHECK(Pointer("contact.email") == "/contact/email");
  CHECK(Pointer("domains[0]") == "/domains/0");
  CHECK(Pointer("a[1][2].b c") == "/a/1/2/b c");
  CHECK(Pointer("domains[1:]") == "/domains:1");
  CHECK(Pointer("/odd.name~1x/0") == "/odd.name~1x/0");
  CHECK(Pointer("/") == "/");
}

TEST_CASE("texts that are no path are refused", "[loader][mapping]") {
  const std::string text = GENERATE("", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a[1", "a]", "[0]", "a[1:].b",
                                    "a[1:][0]", "a[0]b", "a[:]", "a[99999999999]");
  CAPTURE(text);
  CHECK(Pointer(text) == "bad");
}

TEST_CASE("a path of too many steps is refused", "[loader][mapping]") {
  std::string text = "a";
  for (int i = 0; i < 40; ++i) text += ".a";
  CHECK(Pointer(text) == "bad");
  CHECK(Pointer("/" + text) != "bad");  // One name.
}

TEST_CASE("a path is spelt so that it reads back as itself", "[loader][mapping]") {
  const std::string text = GENERATE("name", "contact.email", "a[1].b", "/odd.name", "/a~1b~0c", "/[x]", "/");
  CAPTURE(text);
  CHECK(Pointer(SpellMappingPath(ParseMappingPath(text)->steps)) == Pointer(text));
}

TEST_CASE("transformations change texts of any script", "[loader][mapping]") {
  CHECK(Changed("trim", " \t a b \n") == "a b");
  CHECK(Changed("collapse", "  a   b ") == "a b");
  CHECK(Changed("lower", "ÉCOLE Ab") == "école ab");
  CHECK(Changed("upper", "école ab") == "ÉCOLE AB");
  CHECK(Changed("ascii", "Fundação São") == "Fundacao Sao");
  CHECK(Changed("ascii", "Москва") == "Moskva");
  CHECK(Changed("slug", " Fundação  Hermínio & Co. ") == "fundacao-herminio-co");
  CHECK(Changed("slug", "+++") == "");
  CHECK(Changed("digits", "+49 (30) 1-2") == "493012");
  CHECK(Changed("strip_zeros", "0000001750") == "1750");
  CHECK(Changed("strip_zeros", "000") == "0");
  CHECK(Changed("strip_zeros", "") == "");
  CHECK(Changed("domain", "https://www.Fho.edu.br:8080/x?y") == "Fho.edu.br");
  CHECK(Changed("domain", "a@b.example") == "b.example");
  CHECK(Changed("domain", "b.example") == "b.example");
  CHECK_FALSE(FindTextTransform("Trim"));
}

TEST_CASE("dates are read in the format that is said", "[loader][mapping]") {
  CHECK(Date("iso", "2024-02-29") == "2024-02-29T00:00:00Z");
  CHECK(Date("iso", " 2024-02-29 10:00+02:00 ") == "2024-02-29T08:00:00Z");
  CHECK(Date("%d.%m.%Y", "31.01.2024") == "2024-01-31T00:00:00Z");
  CHECK(Date("%d.%m.%Y", "1.2.2024") == "2024-02-01T00:00:00Z");
  CHECK(Date("%m/%d/%Y %H:%M", "12/31/2023 23:59") == "2023-12-31T23:59:00Z");
  CHECK(Date("%Y%m%d", "20240131") == "2024-01-31T00:00:00Z");
  CHECK(Date("%d %b %Y", "5 Mar 2021") == "2021-03-05T00:00:00Z");
  CHECK(Date("%Y-%m-%dT%H:%M:%E*S%Ez", "2024-01-01T01:00:00.25+01:00") == "2024-01-01T00:00:00.250000Z");
  CHECK(Date("unix", "1700000000") == "2023-11-14T22:13:20Z");
  CHECK(Date("unix", "1700000000.5") == "2023-11-14T22:13:20.500000Z");
  CHECK(Date("unix_ms", "1700000000123") == "2023-11-14T22:13:20.123000Z");
  CHECK(Date("unix", "-1") == "1969-12-31T23:59:59Z");
}

TEST_CASE("what is no date in the format is refused", "[loader][mapping]") {
  CHECK(Date("%d.%m.%Y", "31.02.2024") == "bad");
  CHECK(Date("%d.%m.%Y", "2024-01-31") == "bad");
  CHECK(Date("%d.%m.%Y", "31.01.2024 10:00") == "bad");
  CHECK(Date("%d.%m.%Y", "infinite-future") == "bad");
  CHECK(Date("%d.%m.%Y", "1.1.12024") == "bad");
  CHECK(Date("unix", "99999999999999999999") == "bad");
  CHECK(Date("unix", "nan") == "bad");
  CHECK(Date("unix_ms", "1e300") == "bad");
  CHECK(Date("iso", "") == "bad");
}

TEST_CASE("a date format must give a whole date", "[loader][mapping]") {
  CHECK(Date("%Y", "2024") == "bad format");
  CHECK(Date("%d.%m", "31.01") == "bad format");
  CHECK(Date("date", "2024") == "bad format");
  CHECK(Date("", "2024") == "bad format");
  CHECK(Date(std::string(200, 'x'), "2024") == "bad format");
}

TEST_CASE("months before a date keep the day where the month has it", "[loader][mapping]") {
  CHECK(Before("2020-01-01", 0) == "2020-01-01T00:00:00Z");
  CHECK(Before("2020-01-01", 13) == "2018-12-01T00:00:00Z");
  CHECK(Before("2020-03-31T12:30:00Z", 1) == "2020-02-29T12:30:00Z");
  CHECK(Before("2020-01-01", -1) == "2020-02-01T00:00:00Z");
  CHECK(Before("2020-01-01", 12 * 2020) == "none");
  CHECK(Before("2020-01-01", INT64_MIN) == "none");
  CHECK_FALSE(DaysBefore(0, INT64_MIN).has_value());
  CHECK(*DaysBefore(0, 1) == -86'400'000'000);
}

TEST_CASE("a country is found by its code and by its names", "[loader][mapping]") {
  CHECK(FindCountry("de") == "DE");
  CHECK(FindCountry("UK") == "GB");
  CHECK(FindCountry("DEU") == "DE");
  CHECK(FindCountry("and") == "AD");
  CHECK(FindCountry("Germany") == "DE");
  CHECK(FindCountry("deutschland") == "DE");
  CHECK(FindCountry("日本") == "JP");
  CHECK(FindCountry("Россия") == "RU");
  CHECK(FindCountry("Côte d'Ivoire") == "CI");
  CHECK(FindCountry("COTE D’IVOIRE") == "CI");
  CHECK(FindCountry("Korea, Republic of") == "KR");
  CHECK(FindCountry("Republic of Korea") == "KR");
  CHECK(FindCountry("Korea, Democratic People's Republic of") == "KP");
  CHECK(FindCountry("Bosnia & Herzegovina") == "BA");
  CHECK(FindCountry("Bosnia and Herzegovina") == "BA");
  CHECK(FindCountry("Saint Kitts and Nevis") == "KN");
  CHECK(FindCountry("Myanmar") == "MM");
  CHECK(FindCountry(" U.S.A. ") == "US");
  CHECK(FindCountry("Georgia") == "GE");
}

TEST_CASE("what is no country is not taken for one", "[loader][mapping]") {
  CHECK_FALSE(FindCountry(""));
  CHECK_FALSE(FindCountry("1"));
  CHECK_FALSE(FindCountry("4x"));
  CHECK_FALSE(FindCountry("Atlantis"));
  CHECK_FALSE(FindCountry("of the"));
  CHECK_FALSE(FindCountry(std::string(10'000, 'x')));
  CHECK_FALSE(FindCountry("\xFF\xFE"));
  CHECK(IsKnownCountry("de"));
  CHECK_FALSE(IsKnownCountry("ZZ"));
}

}  // namespace
}  // namespace clientele
