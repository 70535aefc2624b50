#include "loader/generator_words.h"

namespace clientele {
namespace {

using enum Culture;

// clang-format off
constexpr std::array<Country, kGeneratedCountryCount> kCountries{{
    {"US", "1", "en", kEnglish}, {"GB", "44", "en", kEnglish}, {"DE", "49", "de", kGerman}, {"IN", "91", "en", kIndian},
    {"BR", "55", "pt", kPortuguese}, {"FR", "33", "fr", kFrench}, {"RU", "7", "ru", kRussian}, {"CA", "1", "en", kEnglish},
    {"NL", "31", "nl", kDutch}, {"ES", "34", "es", kSpanish}, {"IT", "39", "it", kItalian}, {"PL", "48", "pl", kSlavic},
    {"AU", "61", "en", kEnglish}, {"JP", "81", "ja", kJapanese}, {"CN", "86", "zh", kChinese}, {"TR", "90", "tr", kTurkish},
    {"UA", "380", "uk", kRussian}, {"MX", "52", "es", kSpanish}, {"SG", "65", "en", kChinese}, {"KR", "82", "ko", kKorean},
    {"LU", "352", "fr", kFrench}, {"CH", "41", "de", kGerman}, {"SE", "46", "sv", kNordic}, {"AT", "43", "de", kGerman},
    {"BE", "32", "nl", kDutch}, {"ID", "62", "id", kMalay}, {"AE", "971", "ar", kArabic}, {"HK", "852", "zh", kChinese},
    {"CZ", "420", "cs", kSlavic}, {"IL", "972", "he", kEnglish}, {"RO", "40", "ro", kSlavic}, {"PT", "351", "pt", kPortuguese},
    {"VN", "84", "vi", kVietnamese}, {"AR", "54", "es", kSpanish}, {"ZA", "27", "en", kAfrican}, {"DK", "45", "da", kNordic},
    {"FI", "358", "fi", kNordic}, {"NO", "47", "no", kNordic}, {"TH", "66", "th", kMalay}, {"MY", "60", "ms", kMalay},
    {"PH", "63", "en", kSpanish}, {"GR", "30", "el", kGreek}, {"HU", "36", "hu", kSlavic}, {"IE", "353", "en", kEnglish},
    {"TW", "886", "zh", kChinese}, {"CO", "57", "es", kSpanish}, {"CL", "56", "es", kSpanish}, {"KZ", "7", "ru", kRussian},
    {"SA", "966", "ar", kArabic}, {"EG", "20", "ar", kArabic}, {"NG", "234", "en", kAfrican}, {"PK", "92", "en", kIndian},
    {"BG", "359", "bg", kRussian}, {"RS", "381", "sr", kSlavic}, {"HR", "385", "hr", kSlavic}, {"SK", "421", "sk", kSlavic},
    {"LT", "370", "lt", kSlavic}, {"LV", "371", "lv", kSlavic}, {"EE", "372", "et", kNordic}, {"CY", "357", "el", kGreek},
    {"GE", "995", "ka", kRussian}, {"AM", "374", "hy", kRussian}, {"AZ", "994", "az", kTurkish}, {"UZ", "998", "uz", kRussian},
    {"BY", "375", "ru", kRussian}, {"MD", "373", "ro", kRussian}, {"PE", "51", "es", kSpanish}, {"EC", "593", "es", kSpanish},
    {"VE", "58", "es", kSpanish}, {"UY", "598", "es", kSpanish}, {"BD", "880", "en", kIndian}, {"LK", "94", "en", kIndian},
    {"NP", "977", "en", kIndian}, {"KE", "254", "en", kAfrican}, {"GH", "233", "en", kAfrican}, {"MA", "212", "fr", kArabic},
    {"TN", "216", "fr", kArabic}, {"DZ", "213", "fr", kArabic}, {"JO", "962", "ar", kArabic}, {"LB", "961", "ar", kArabic},
    {"KW", "965", "ar", kArabic}, {"QA", "974", "ar", kArabic}, {"BH", "973", "ar", kArabic}, {"OM", "968", "ar", kArabic},
    {"IQ", "964", "ar", kArabic}, {"IR", "98", "fa", kArabic}, {"NZ", "64", "en", kEnglish}, {"SI", "386", "sl", kSlavic},
    {"BA", "387", "bs", kSlavic}, {"MK", "389", "mk", kRussian}, {"AL", "355", "sq", kSlavic}, {"ME", "382", "sr", kSlavic},
    {"MT", "356", "en", kItalian}, {"IS", "354", "is", kNordic}, {"CR", "506", "es", kSpanish}, {"PA", "507", "es", kSpanish},
    {"DO", "1", "es", kSpanish}, {"GT", "502", "es", kSpanish}, {"SV", "503", "es", kSpanish}, {"HN", "504", "es", kSpanish},
    {"NI", "505", "es", kSpanish}, {"BO", "591", "es", kSpanish}, {"PY", "595", "es", kSpanish}, {"CU", "53", "es", kSpanish},
    {"JM", "1", "en", kEnglish}, {"TT", "1", "en", kEnglish}, {"BB", "1", "en", kEnglish}, {"BS", "1", "en", kEnglish},
    {"PR", "1", "es", kSpanish}, {"KH", "855", "km", kVietnamese}, {"LA", "856", "lo", kVietnamese}, {"MM", "95", "my", kMalay},
    {"MN", "976", "mn", kRussian}, {"BN", "673", "ms", kMalay}, {"MO", "853", "zh", kChinese}, {"MV", "960", "en", kArabic},
    {"BT", "975", "en", kIndian}, {"AF", "93", "fa", kArabic}, {"KG", "996", "ru", kRussian}, {"TJ", "992", "ru", kRussian},
    {"TM", "993", "ru", kRussian}, {"SY", "963", "ar", kArabic}, {"YE", "967", "ar", kArabic}, {"PS", "970", "ar", kArabic},
    {"LY", "218", "ar", kArabic}, {"SD", "249", "ar", kArabic}, {"ET", "251", "am", kAfrican}, {"UG", "256", "en", kAfrican},
    {"TZ", "255", "en", kAfrican}, {"RW", "250", "fr", kAfrican}, {"ZM", "260", "en", kAfrican}, {"ZW", "263", "en", kAfrican},
    {"MZ", "258", "pt", kAfrican}, {"AO", "244", "pt", kAfrican}, {"BW", "267", "en", kAfrican}, {"NA", "264", "en", kAfrican},
    {"MG", "261", "fr", kAfrican}, {"MU", "230", "en", kFrench}, {"SC", "248", "en", kFrench}, {"SN", "221", "fr", kAfrican},
    {"CI", "225", "fr", kAfrican}, {"CM", "237", "fr", kAfrican}, {"ML", "223", "fr", kAfrican}, {"BF", "226", "fr", kAfrican},
    {"NE", "227", "fr", kAfrican}, {"TG", "228", "fr", kAfrican}, {"BJ", "229", "fr", kAfrican}, {"GA", "241", "fr", kAfrican},
    {"CG", "242", "fr", kAfrican}, {"CD", "243", "fr", kAfrican}, {"GN", "224", "fr", kAfrican}, {"SL", "232", "en", kAfrican},
    {"LR", "231", "en", kAfrican}, {"GM", "220", "en", kAfrican}, {"GW", "245", "pt", kAfrican}, {"CV", "238", "pt", kPortuguese},
    {"ST", "239", "pt", kPortuguese}, {"TD", "235", "fr", kAfrican}, {"CF", "236", "fr", kAfrican}, {"GQ", "240", "es", kAfrican},
    {"DJ", "253", "fr", kArabic}, {"SO", "252", "so", kArabic}, {"ER", "291", "ti", kAfrican}, {"BI", "257", "fr", kAfrican},
    {"MW", "265", "en", kAfrican}, {"LS", "266", "en", kAfrican}, {"SZ", "268", "en", kAfrican}, {"KM", "269", "fr", kArabic},
    {"MR", "222", "ar", kArabic}, {"PG", "675", "en", kEnglish}, {"FJ", "679", "en", kEnglish}, {"WS", "685", "en", kEnglish},
    {"TO", "676", "en", kEnglish}, {"VU", "678", "en", kFrench}, {"SB", "677", "en", kEnglish}, {"NC", "687", "fr", kFrench},
    {"PF", "689", "fr", kFrench}, {"GP", "590", "fr", kFrench}, {"MQ", "596", "fr", kFrench}, {"RE", "262", "fr", kFrench},
    {"GF", "594", "fr", kFrench}, {"HT", "509", "fr", kFrench}, {"BZ", "501", "en", kSpanish}, {"GY", "592", "en", kEnglish},
    {"SR", "597", "nl", kDutch}, {"BM", "1", "en", kEnglish}, {"KY", "1", "en", kEnglish}, {"VG", "1", "en", kEnglish},
    {"AW", "297", "nl", kDutch}, {"CW", "599", "nl", kDutch}, {"GI", "350", "en", kEnglish}, {"MC", "377", "fr", kFrench},
    {"LI", "423", "de", kGerman}, {"AD", "376", "es", kSpanish}, {"SM", "378", "it", kItalian}, {"FO", "298", "fo", kNordic},
    {"LC", "1", "en", kEnglish}, {"GD", "1", "en", kEnglish}, {"AG", "1", "en", kEnglish}, {"TL", "670", "pt", kPortuguese},
}};
// clang-format on
static_assert(kCountries.back().code == "TL");

}  // namespace

std::span<const Country, kGeneratedCountryCount> GeneratedCountries() {
  return kCountries;
}

}  // namespace clientele
