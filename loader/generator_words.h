// The words that generated clients are made of: people's names by culture, company words, mail providers, countries, features.
// Constant tables, built on first use; any thread may read them. All domains that are made from them end in ".example" (RFC
// 2606), so that no generated address can reach anybody.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace clientele {

// What people and companies are called in a country.
enum class Culture : std::uint8_t {
  kEnglish,
  kSpanish,
  kPortuguese,
  kFrench,
  kGerman,
  kDutch,
  kNordic,
  kItalian,
  kSlavic,
  kRussian,
  kTurkish,
  kArabic,
  kIndian,
  kChinese,
  kJapanese,
  kKorean,
  kVietnamese,
  kMalay,
  kAfrican,
  kGreek,
};
inline constexpr std::size_t kCultureCount = 20;

// Spellings beyond ASCII.
enum class Script : std::uint8_t {
  kGermanLatin,
  kIberianLatin,
  kFrenchLatin,
  kSlavicLatin,
  kTurkishLatin,
  kNordicLatin,
  kVietnameseLatin,
  kCyrillic,
  kGreek,
  kHan,
  kJapanese,
  kHangul,
  kArabic,
};
inline constexpr std::size_t kScriptCount = 13;

struct CultureWords {
  std::vector<std::string_view> first_names, last_names;  // ASCII.
  std::vector<std::string_view> company_types;            // "Logistics", "Bau", ...
  std::vector<std::string_view> company_suffixes;         // "Ltd", "GmbH", ...
  Script script;                                          // Where its people and companies are not spelt in ASCII.
};

// A word in its own script and the ASCII form that mail addresses and domains are made from.
struct NativeWord {
  std::string_view native, ascii;
};

struct ScriptWords {
  std::vector<NativeWord> first_names, last_names, company_stems, company_types;
  std::vector<std::string_view> prefixes, suffixes;  // Legal forms before or after a company's name; one of the two is empty.
  std::string_view space;                            // Between the words of a company's name: " " or "".
  std::string_view name_space;                       // Between first and last name.
  bool last_name_first;
  bool quoted;  // Company names stand in quotation marks behind the legal form.
};

struct Country {
  std::string_view code;          // ISO 3166-1 alpha-2.
  std::string_view phone_prefix;  // Without '+'.
  std::string_view language;      // ISO 639-1.
  Culture culture;
};

struct Feature {
  std::string_view name;
  std::uint8_t service;  // Index into kServiceNames.
};

inline constexpr std::size_t kGeneratedCountryCount = 200;
inline constexpr std::size_t kGeneratedFeatureCount = 120;

const CultureWords& WordsOf(Culture culture);
const ScriptWords& WordsOf(Script script);
std::span<const std::string_view> AllFirstNames();  // Of all cultures, ASCII.
std::span<const std::string_view> AllLastNames();
std::span<const std::string_view> CompanyStems();
std::span<const std::string_view> Cities();         // ASCII; a space inside is possible.
std::span<const std::string_view> MailProviders();  // Domains, most frequent first.
std::span<const std::string_view> PromoCodes();

// Most frequent first.
std::span<const Country, kGeneratedCountryCount> GeneratedCountries();

// Feature ids are 1 .. 120; the entry of id i is at i - 1. Within a service the most frequent come first.
std::span<const Feature, kGeneratedFeatureCount> GeneratedFeatures();

}  // namespace clientele
