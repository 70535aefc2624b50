// Debian builds Abseil with its own string_view type, to which a std::string_view does not convert.
#pragma once

#include <string_view>

#include <absl/strings/string_view.h>

namespace clientele {

inline absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view StdView(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace clientele
