// What a mapping can do to a text on its way: trimming, letter case, slugs, and so on. Names as in the mapping file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace clientele {

enum class TextTransform : std::uint8_t {
  kTrim,      // "trim": no white space around it.
  kCollapse,  // "collapse": trimmed, and runs of white space are one blank.
  kLower,     // "lower", in any script.
  kUpper,     // "upper".
  kAscii,  // "ascii": letters of any script in ASCII ("São" -> "Sao", "Москва" -> "Moskva"); what has no likeness is left out.
  kSlug,        // "slug": ascii, lower, and every run of anything but letters and digits is one hyphen; none at the ends.
  kDigits,      // "digits": only these.
  kStripZeros,  // "strip_zeros": no zeros in front; "000" is "0".
  kDomain,      // "domain": of a web address or email, the host without "www.".
};

std::optional<TextTransform> FindTextTransform(std::string_view name);
std::span<const std::string_view> TextTransformNames();  // By TextTransform.

// `text`, valid UTF-8, becomes what it is transformed to. Thread-safe. O(bytes); beyond ASCII, "ascii" and "slug" take
// microseconds.
void ApplyTextTransform(TextTransform transform, std::string& text);

// Without the ASCII white space around it.
std::string_view Trimmed(std::string_view text);

}  // namespace clientele
