#include "loader/generator_company.h"

namespace clientele {
namespace {

constexpr std::uint64_t kCompanyPurpose = 2;

template <typename List>
const auto& Any(const List& list, RandomStream& random) {
  return list[random.Below(static_cast<std::uint32_t>(std::size(list)))];
}

// Frequent words come early in their lists.
template <typename List>
const auto& Frequent(const List& list, RandomStream& random) {
  return list[random.BelowSkewed(static_cast<std::uint32_t>(std::size(list)))];
}

void NameNatively(RandomStream& random, const ScriptWords& words, GeneratedCompany& company, BoundedText<64>& slug) {
  const NativeWord& stem = Any(words.company_stems, random);
  const NativeWord& type = Any(words.company_types, random);
  const bool family = random.PerMille(300);
  const NativeWord& second = family ? Any(words.last_names, random) : Any(words.company_stems, random);
  if (!words.prefixes.empty()) {
    company.name.Append(Frequent(words.prefixes, random));
    if (!words.space.empty() || words.quoted) company.name.Append(' ');
  }
  if (words.quoted) company.name.Append('"');
  company.name.Append(stem.native);
  slug.AppendSlug(stem.ascii);
  if (random.PerMille(600)) {
    company.name.Append(words.space);
    company.name.Append(second.native);
    slug.AppendSlug(second.ascii);
  }
  company.name.Append(words.space);
  company.name.Append(type.native);
  if (random.PerMille(500)) slug.AppendSlug(type.ascii);
  if (words.quoted) company.name.Append('"');
  if (!words.suffixes.empty()) {
    company.name.Append(words.space);
    company.name.Append(Frequent(words.suffixes, random));
  }
}

// "Northwind Logistics", "Northwind Logistics Berlin", "Bluewave Quartz Media", "Smith & Jones", "Berlin Software": the core of
// the name.
void NameInAscii(RandomStream& random, const CultureWords& words, GeneratedCompany& company, BoundedText<64>& slug) {
  const std::uint32_t form = random.Below(100);
  if (form < 62) {
    const std::string_view stem = Frequent(CompanyStems(), random);
    company.name.Append(stem);
    slug.AppendSlug(stem);
    if (form >= 18 && form < 42) {
      const std::string_view second = Any(CompanyStems(), random);
      company.name.Append(' ');
      company.name.Append(second);
      slug.AppendSlug(second);
    }
    const std::string_view type = Any(words.company_types, random);
    company.name.Append(' ');
    company.name.Append(type);
    if (random.PerMille(700)) {
      if (random.PerMille(200)) slug.Append('-');
      slug.AppendSlug(type);
    }
    if (form >= 42) {
      company.name.Append(' ');
      company.name.Append(Frequent(Cities(), random));
    }
  } else if (form < 84) {
    const std::string_view name = Frequent(words.last_names, random);
    const std::string_view second = form < 72 ? std::string_view(Any(words.last_names, random)) : std::string_view();
    company.name.Append(name);
    slug.AppendSlug(name);
    if (!second.empty()) {
      company.name.Append(form < 68 ? " & " : "-");
      company.name.Append(second);
      if (random.PerMille(600)) slug.AppendSlug(second);
    }
    const std::string_view type = Any(words.company_types, random);
    company.name.Append(' ');
    company.name.Append(type);
    if (random.PerMille(400)) slug.AppendSlug(type);
  } else {
    const std::string_view city = Frequent(Cities(), random);
    const std::string_view type = Any(words.company_types, random);
    company.name.Append(city);
    company.name.Append(' ');
    if (form < 94) {
      const std::string_view stem = Any(CompanyStems(), random);
      company.name.Append(stem);
      company.name.Append(' ');
      slug.AppendSlug(stem);
    } else {
      slug.AppendSlug(city);
    }
    company.name.Append(type);
    if (random.PerMille(500)) slug.AppendSlug(type);
  }
}

}  // namespace

std::uint32_t NativePerMille(Culture culture) {
  switch (culture) {
    case Culture::kEnglish: return 6;
    case Culture::kIndian:
    case Culture::kMalay: return 3;
    case Culture::kDutch:
    case Culture::kAfrican: return 10;
    case Culture::kItalian: return 20;
    case Culture::kFrench:
    case Culture::kGerman:
    case Culture::kNordic: return 55;
    case Culture::kSpanish:
    case Culture::kPortuguese: return 65;
    case Culture::kSlavic: return 75;
    case Culture::kTurkish: return 90;
    case Culture::kArabic: return 110;
    case Culture::kRussian: return 150;
    case Culture::kChinese: return 160;
    case Culture::kGreek:
    case Culture::kKorean:
    case Culture::kVietnamese: return 200;
    case Culture::kJapanese: return 230;
  }
  return 0;
}

void MakeCompany(std::uint64_t seed, std::uint64_t number, const WeightedPick& countries, GeneratedCompany& company) {
  RandomStream random(seed, kCompanyPurpose, number);
  company.name.Clear();
  company.domain.Clear();
  company.country = countries(random);
  const Country& country = GeneratedCountries()[company.country];
  const CultureWords& words = WordsOf(country.culture);
  company.native = random.PerMille(NativePerMille(country.culture));

  BoundedText<64> slug;
  if (company.native) {
    NameNatively(random, WordsOf(words.script), company, slug);
  } else {
    NameInAscii(random, words, company, slug);
    const std::uint32_t form = random.Below(100);
    if (form < 70) {
      company.name.Append(form < 8 ? ", " : " ");
      company.name.Append(Frequent(words.company_suffixes, random));
    }
  }
  company.domain.Append(slug.view());
  if (country.code != "US" && random.PerMille(550)) {
    company.domain.Append('.');
    company.domain.AppendLower(country.code == "GB" ? std::string_view("co.uk") : country.code);
  }
  company.domain.Append(".example");
}

void MakePerson(RandomStream& random, const Country& country, bool native, GeneratedPerson& person) {
  person.name.Clear();
  person.first.Clear();
  person.last.Clear();
  const CultureWords& words = WordsOf(country.culture);
  if (native) {
    const ScriptWords& script = WordsOf(words.script);
    const NativeWord& first = Any(script.first_names, random);
    const NativeWord& last = Any(script.last_names, random);
    person.name.Append(script.last_name_first ? last.native : first.native);
    person.name.Append(script.name_space);
    person.name.Append(script.last_name_first ? first.native : last.native);
    person.first.AppendSlug(first.ascii);
    person.last.AppendSlug(last.ascii);
    return;
  }
  // People move: one in fourteen has a name from anywhere.
  const bool abroad = random.PerMille(70);
  const std::string_view first = abroad ? Any(AllFirstNames(), random) : Frequent(words.first_names, random);
  const std::string_view last = abroad ? Any(AllLastNames(), random) : Frequent(words.last_names, random);
  person.first.AppendSlug(first);
  person.last.AppendSlug(last);
  const std::uint32_t form = random.Below(1000);
  if (form < 30) {
    person.name.AppendLower(first);
    person.name.Append(' ');
    person.name.AppendLower(last);
  } else if (form < 60) {
    person.name.Append(last);
    person.name.Append(' ');
    person.name.Append(first);
  } else {
    person.name.Append(first);
    person.name.Append(' ');
    if (form < 110) {
      person.name.Append(static_cast<char>('A' + random.Below(26)));
      person.name.Append(". ");
    }
    person.name.Append(last);
    if (form >= 992) {
      // A double name.
      person.name.Append('-');
      person.name.Append(Any(words.last_names, random));
    }
  }
}

void MakeMailAddress(RandomStream& random, const GeneratedPerson& person, std::string_view domain, bool crowded,
                     MailAddress& address) {
  static constexpr std::string_view kRoles[] = {"info", "admin", "sales",     "support", "contact", "billing",
                                                "it",   "dev",   "webmaster", "office",  "hello",   "team"};
  address.Clear();
  const std::string_view first = person.first.view();
  const std::string_view last = person.last.view();
  const std::uint32_t form = random.Below(100);
  const bool role = !crowded && form < 14;
  if (role) {
    address.Append(Frequent(kRoles, random));
  } else if (form < 40) {
    address.Append(first);
    address.Append('.');
    address.Append(last);
  } else if (form < 58) {
    address.Append(first.substr(0, 1));
    address.Append(form < 50 ? "" : ".");
    address.Append(last);
  } else if (form < 68) {
    address.Append(first);
    address.Append(last);
  } else if (form < 76) {
    address.Append(first);
    address.Append('_');
    address.Append(last);
  } else if (form < 84) {
    address.Append(last);
    address.Append('.');
    address.Append(first);
  } else if (form < 92) {
    address.Append(first);
    address.Append(last.substr(0, 1));
  } else {
    address.Append(form < 96 ? first : last);
  }
  const std::uint32_t digits = random.Below(1000);
  const std::uint32_t with_digits = crowded ? 860 : role ? 300 : 420;
  if (digits < with_digits) {
    if (digits % 4 == 0) {
      address.AppendNumber(1955 + random.Below(55));  // A year of birth.
    } else if (digits % 4 == 1) {
      address.AppendNumber(1 + random.Below(99));
    } else {
      address.AppendNumber(1 + random.Below(crowded ? 99'999 : 999));
    }
  }
  if (crowded && random.PerMille(12)) {
    address.Append("+cdn");
  }
  if (random.PerMille(15)) address.Capitalise();
  address.Append('@');
  address.Append(domain);
}

}  // namespace clientele
