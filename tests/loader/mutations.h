// Hostile variations of good inputs, the same for the same random numbers.
#pragma once

#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace clientele {

// Changes one to four places of a text: a random byte, bytes that mean something to JSON put in or written over, a piece left out
// or repeated elsewhere.
inline std::string Mutated(std::string text, std::mt19937_64& random) {
  static constexpr std::string_view kTokens[] = {"{",   "}",       "[",    "]",    ":", ",",   "\"",   "\\",
                                                 "\\u", "\\ud800", "null", "true", "-", "1e9", "\xFF", "\n"};
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
    const std::size_t at = below(text.size());
    const std::size_t length = std::min(below(12) + 1, text.size() - at);
    switch (below(5)) {
      case 0: text[at] = static_cast<char>(random()); break;
      case 1: text.insert(at, kTokens[below(std::size(kTokens))]); break;
      case 2: text.erase(at, length); break;
      case 3: text.insert(below(text.size()), text.substr(at, length)); break;
      default: text.replace(at, length, kTokens[below(std::size(kTokens))]); break;
    }
    if (text.empty()) text = "{";
  }
  return text;
}

}  // namespace clientele
