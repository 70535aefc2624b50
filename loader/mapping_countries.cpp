#include "loader/mapping_countries.h"

#include <algorithm>
#include <array>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "index/absl_view.h"
#include "index/schema.h"
#include "loader/mapping_text.h"

namespace clientele {
namespace {

struct Alias {
  std::string_view name, code;
};

// Names in use that ICU, which follows everyday English, does not give: the English short names of ISO 3166, former names, and
// abbreviations.
constexpr Alias kAliases[] = {
    {"USA", "US"},
    {"U.S.A.", "US"},
    {"U.S.", "US"},
    {"United States of America", "US"},
    {"America", "US"},
    {"UK", "GB"},
    {"U.K.", "GB"},
    {"Great Britain", "GB"},
    {"England", "GB"},
    {"Scotland", "GB"},
    {"Wales", "GB"},
    {"Northern Ireland", "GB"},
    {"United Kingdom of Great Britain and Northern Ireland", "GB"},
    {"UAE", "AE"},
    {"Holland", "NL"},
    {"Bolivia, Plurinational State of", "BO"},
    {"Brunei Darussalam", "BN"},
    {"Cabo Verde", "CV"},
    {"Cape Verde", "CV"},
    {"Congo", "CG"},
    {"Congo, Republic of the", "CG"},
    {"Congo, the Democratic Republic of the", "CD"},
    {"DR Congo", "CD"},
    {"Cote d'Ivoire", "CI"},
    {"Ivory Coast", "CI"},
    {"Czech Republic", "CZ"},
    {"Czechia", "CZ"},
    {"Falkland Islands (Malvinas)", "FK"},
    {"Holy See (Vatican City State)", "VA"},
    {"Holy See", "VA"},
    {"Vatican", "VA"},
    {"Hong Kong", "HK"},
    {"Iran, Islamic Republic of", "IR"},
    {"Korea, Republic of", "KR"},
    {"Korea", "KR"},
    {"Korea, Democratic People's Republic of", "KP"},
    {"Lao People's Democratic Republic", "LA"},
    {"Macao", "MO"},
    {"Macau", "MO"},
    {"Macedonia", "MK"},
    {"Macedonia, the former Yugoslav Republic of", "MK"},
    {"Micronesia, Federated States of", "FM"},
    {"Moldova, Republic of", "MD"},
    {"Burma", "MM"},
    {"Palestine, State of", "PS"},
    {"Palestinian Territory, Occupied", "PS"},
    {"Palestine", "PS"},
    {"Russian Federation", "RU"},
    {"Slovak Republic", "SK"},
    {"Swaziland", "SZ"},
    {"Syrian Arab Republic", "SY"},
    {"Taiwan, Province of China", "TW"},
    {"Tanzania, United Republic of", "TZ"},
    {"East Timor", "TL"},
    {"Turkey", "TR"},
    {"Türkiye", "TR"},
    {"Venezuela, Bolivarian Republic of", "VE"},
    {"Viet Nam", "VN"},
    {"Virgin Islands, British", "VG"},
    {"Virgin Islands, U.S.", "VI"},
    {"China, People's Republic of", "CN"},
    {"Republic of Ireland", "IE"},
    {"Eire", "IE"},
    {"Kosovo", "XK"},
};

// The words of a name without accents and case, in alphabetical order, so that "Republic of Korea" and "Korea, Republic of" are
// one. Other scripts stay as they are: transliterating them would take ICU a quarter of a second to get ready.
std::string KeyOf(std::string_view name) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const decompose = icu::Normalizer2::getNFKDInstance(status);
  if (U_FAILURE(status)) return {};
  icu::UnicodeString letters;
  const icu::UnicodeString wide =
      decompose->normalize(icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int>(name.size()))), status);
  for (int i = 0; i < wide.length(); i = wide.moveIndex32(i, 1)) {
    const UChar32 c = wide.char32At(i);
    if (c == '\'' || c == '.' || u_charType(c) == U_NON_SPACING_MARK) continue;  // "People's" and "U.S." are one word each.
    letters.append(u_isalnum(c) ? u_foldCase(c, U_FOLD_CASE_DEFAULT) : UChar32{' '});
  }
  std::string folded;
  letters.toUTF8String(folded);
  std::vector<absl::string_view> words = absl::StrSplit(folded, ' ', absl::SkipEmpty());
  std::erase_if(words, [](absl::string_view word) { return word == "the" || word == "of" || word == "and"; });
  for (absl::string_view& word : words) {
    if (word == "saint") word = "st";
  }
  std::ranges::sort(words);
  return absl::StrJoin(words, " ");
}

using Names = absl::flat_hash_map<std::string, std::string>;

void AddDisplayName(const char* code, const icu::Locale& language, Names& names) {
  icu::UnicodeString name;
  icu::Locale("", code).getDisplayCountry(language, name);
  std::string utf8;
  name.toUTF8String(utf8);
  // Also without what follows in brackets, as in "Myanmar (Burma)". The first of a name stays.
  for (const std::string_view spelling : {std::string_view(utf8), std::string_view(utf8).substr(0, utf8.find('('))}) {
    if (std::string key = KeyOf(spelling); !key.empty()) names.emplace(std::move(key), code);
  }
}

Names CollectNames() {
  Names names;
  for (const Alias& alias : kAliases) names.emplace(KeyOf(alias.name), std::string(alias.code));
  std::vector<const char*> codes;
  for (const char* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) codes.push_back(*code);
  for (const char* code : codes) AddDisplayName(code, icu::Locale::getEnglish(), names);
  for (const char* code : codes) {
    UErrorCode status = U_ZERO_ERROR;
    icu::Locale spoken("und", code);
    spoken.addLikelySubtags(status);
    if (U_SUCCESS(status)) AddDisplayName(code, spoken, names);
    if (const char* three = icu::Locale("", code).getISO3Country(); *three != '\0')
      names.emplace(absl::AsciiStrToLower(three), code);
  }
  return names;
}

}  // namespace

std::optional<std::string> FindCountry(std::string_view text) {
  text = Trimmed(text);
  if (text.size() == 2) {
    std::string code = absl::AsciiStrToUpper(AbslView(text));
    if (code == "UK") code = "GB";  // Reserved by ISO for just this.
    if (CountryCode(code)) return code;
  }
  constexpr std::size_t kNameBytesMax = 200;
  if (text.empty() || text.size() > kNameBytesMax) return std::nullopt;
  static const Names* const names = new Names(CollectNames());
  // Files repeat a few spellings: those met lately are remembered as they were spelt.
  constexpr std::size_t kRememberedMax = 1'000;
  thread_local Names spellings;
  if (const auto met = spellings.find(AbslView(text)); met != spellings.end()) return met->second;
  // A code's letters are no words: Andorra's are "and".
  const auto found = names->find(text.size() == 3 ? absl::AsciiStrToLower(AbslView(text)) : KeyOf(text));
  if (found == names->end()) return std::nullopt;
  if (spellings.size() >= kRememberedMax) spellings.clear();
  spellings.emplace(std::string(text), found->second);
  return found->second;
}

bool IsKnownCountry(std::string_view code) {
  const std::string upper = absl::AsciiStrToUpper(AbslView(code));
  for (const char* const* known = icu::Locale::getISOCountries(); *known != nullptr; ++known) {
    if (upper == *known) return true;
  }
  return upper == "XK" || upper == "UK";
}

}  // namespace clientele
