#include "loader/mapping_text.h"

#include <algorithm>
#include <memory>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <unicode/locid.h>
#include <unicode/translit.h>
#include <unicode/unistr.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

constexpr std::string_view kNames[] = {"trim", "collapse", "lower", "upper", "ascii", "slug", "digits", "strip_zeros", "domain"};

bool IsAscii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

template <typename Keep>
void KeepOnly(std::string& text, Keep keep) {
  text.erase(std::remove_if(text.begin(), text.end(), [&](char c) { return !keep(c); }), text.end());
}

// One per thread: ICU does not promise that one may be used by several.
icu::Transliterator* AsciiTransliterator() {
  thread_local const std::unique_ptr<icu::Transliterator> transliterator = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made(
        icu::Transliterator::createInstance("Any-Latin; Latin-ASCII", UTRANS_FORWARD, status));
    return U_SUCCESS(status) ? std::move(made) : nullptr;
  }();
  return transliterator.get();
}

void ToAscii(std::string& text) {
  if (IsAscii(text)) return;
  if (icu::Transliterator* transliterator = AsciiTransliterator()) {
    icu::UnicodeString wide = icu::UnicodeString::fromUTF8(text);
    transliterator->transliterate(wide);
    text.clear();
    wide.toUTF8String(text);
  }
  KeepOnly(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void ToSlug(std::string& text) {
  ToAscii(text);
  std::size_t size = 0;
  bool gap = false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      gap = size > 0;
      continue;
    }
    if (gap) text[size++] = '-';  // Never overtakes the reader: the gap had a byte.
    gap = false;
    text[size++] = absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  text.resize(size);
}

void ChangeCase(std::string& text, bool to_lower) {
  if (IsAscii(text)) {
    to_lower ? absl::AsciiStrToLower(&text) : absl::AsciiStrToUpper(&text);
    return;
  }
  icu::UnicodeString wide = icu::UnicodeString::fromUTF8(text);
  to_lower ? wide.toLower(icu::Locale::getRoot()) : wide.toUpper(icu::Locale::getRoot());
  text.clear();
  wide.toUTF8String(text);
}

std::string_view DomainOf(std::string_view text) {
  text = Trimmed(text);
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find_first_of("/?#"));
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  if (!text.starts_with('[')) text = text.substr(0, text.find(':'));
  if (absl::StartsWithIgnoreCase(AbslView(text), "www.")) text.remove_prefix(4);
  return text;
}

}  // namespace

// Called several times for each value: the library's find_first_not_of takes a memchr for each byte.
std::string_view Trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  const char* begin = text.data();
  const char* end = begin + text.size();
  while (begin < end && is_blank(*begin)) ++begin;
  while (begin < end && is_blank(end[-1])) --end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::span<const std::string_view> TextTransformNames() {
  return kNames;
}

std::optional<TextTransform> FindTextTransform(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<TextTransform>(found - kNames);
}

void ApplyTextTransform(TextTransform transform, std::string& text) {
  switch (transform) {
    case TextTransform::kTrim: text = std::string(Trimmed(text)); break;
    case TextTransform::kCollapse: absl::RemoveExtraAsciiWhitespace(&text); break;
    case TextTransform::kLower: ChangeCase(text, /*to_lower=*/true); break;
    case TextTransform::kUpper: ChangeCase(text, /*to_lower=*/false); break;
    case TextTransform::kAscii: ToAscii(text); break;
    case TextTransform::kSlug: ToSlug(text); break;
    case TextTransform::kDigits: KeepOnly(text, [](char c) { return c >= '0' && c <= '9'; }); break;
    case TextTransform::kStripZeros:
      if (!text.empty()) text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
      break;
    case TextTransform::kDomain: text = std::string(DomainOf(text)); break;
  }
}

}  // namespace clientele
