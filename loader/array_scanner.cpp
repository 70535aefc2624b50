#include "loader/array_scanner.h"

#include <algorithm>
#include <array>

namespace clientele {
namespace {

enum Class : std::uint8_t { kOther, kQuote, kOpen, kClose, kComma };

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  classes['"'] = kQuote;
  classes['{'] = classes['['] = kOpen;
  classes['}'] = classes[']'] = kClose;
  classes[','] = kComma;
  return classes;
}();

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

std::size_t ArrayScanner::Scan(std::string_view text, std::size_t from, std::size_t element_begin, std::vector<Element>& elements,
                               std::size_t elements_max) {
  const char* const data = text.data();
  std::size_t at = from;
  while (at < text.size() && !closed_ && elements.size() < elements_max) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
        ++at;
        continue;
      }
      while (at < text.size() && data[at] != '"' && data[at] != '\\') ++at;
      if (at == text.size()) break;
      escaped_ = data[at] == '\\';
      in_string_ = escaped_;
      ++at;
      continue;
    }
    switch (kClasses[static_cast<unsigned char>(data[at])]) {
      case kQuote: in_string_ = true; break;
      case kOpen: ++depth_; break;
      case kClose:
        if (depth_ > 0) {
          --depth_;
          break;
        }
        closed_ = true;
        if (seen_comma_ || !IsBlank(text.substr(element_begin, at - element_begin))) elements.push_back({element_begin, at});
        break;
      case kComma:
        if (depth_ > 0) break;
        seen_comma_ = true;
        elements.push_back({element_begin, at});
        element_begin = at + 1;
        break;
      default: break;
    }
    ++at;
  }
  return at;
}

}  // namespace clientele
