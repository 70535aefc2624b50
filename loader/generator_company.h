// The companies and people that generated clients belong to. Company number c of a seed is the same company in every record: its
// name, home country and domain go together. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "loader/generator_pick.h"
#include "loader/generator_text.h"
#include "loader/generator_words.h"

namespace clientele {

struct GeneratedCompany {
  BoundedText<160> name;      // UTF-8.
  BoundedText<96> domain;     // ASCII, ends in ".example".
  std::uint32_t country = 0;  // Index into GeneratedCountries().
  bool native = false;        // Spelt in its country's script.
};

// Makes company `number` of the set. `countries` picks a home country.
void MakeCompany(std::uint64_t seed, std::uint64_t number, const WeightedPick& countries, GeneratedCompany& company);

struct GeneratedPerson {
  BoundedText<120> name;        // As people write it, UTF-8; no character that JSON escapes.
  BoundedText<32> first, last;  // Lower-case ASCII, for the mail address.
};

// `native`: in the country's script, else in ASCII.
void MakePerson(RandomStream& random, const Country& country, bool native, GeneratedPerson& person);

// How many of a thousand people and companies of a country are spelt in its own script, or with its accents.
std::uint32_t NativePerMille(Culture culture);

using MailAddress = BoundedText<140>;

// An address of this person at `domain`, in one of several styles. `crowded`: a public provider, where most names carry digits.
void MakeMailAddress(RandomStream& random, const GeneratedPerson& person, std::string_view domain, bool crowded,
                     MailAddress& address);

}  // namespace clientele
