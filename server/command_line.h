// What the commands share about their options.
#pragma once

#include <algorithm>
#include <string>

#include <CLI/CLI.hpp>

namespace clientele {

// Refuses what is not a plain decimal number. CLI11 alone takes "-3" for an unsigned option and wraps it round.
inline CLI::Validator WholeNumber() {
  return {[](std::string& text) {
            const bool whole =
                !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
            return whole ? std::string() : "expected a whole number, got '" + text + "'";
          },
          ""};
}

}  // namespace clientele
