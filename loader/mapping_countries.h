// The two-letter code of a country given by code or by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clientele {

// Understands ISO 3166-1 codes of two and three letters, and names: English ones in the usual orders ("Korea, Republic of",
// "Republic of Korea", "South Korea") and those of the country's own main languages ("Deutschland", "België"). Case, accents,
// punctuation and words like "the" and "and" do not matter. A two-letter text is a code as it stands, known to ISO or not, as in
// records. nullopt for anything else. Thread-safe; the names come from ICU and are collected at the first call that needs them
// (some milliseconds). O(length).
std::optional<std::string> FindCountry(std::string_view text);

// Whether `code`, two letters in any case, is a country's in ISO 3166-1.
bool IsKnownCountry(std::string_view code);

}  // namespace clientele
