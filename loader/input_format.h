// The shapes in which records come.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace clientele {

enum class InputFormat : std::uint8_t {
  kAuto,    // By the first byte that is no white space: [ an array, { lines of JSON, anything else a table.
  kNdjson,  // One JSON object a line.
  kJson,    // One JSON array.
  kCsv,     // A table with a header row; its delimiter (comma, semicolon or tab) is the one most frequent in the header.
  kTsv,     // The same, with tabs.
};

// "ndjson", "json", "csv", "tsv", "auto"; nullopt for anything else.
inline std::optional<InputFormat> FindInputFormat(std::string_view name) {
  constexpr std::string_view kNames[] = {"auto", "ndjson", "json", "csv", "tsv"};
  for (std::uint8_t i = 0; i < 5; ++i) {
    if (name == kNames[i]) return static_cast<InputFormat>(i);
  }
  return std::nullopt;
}

}  // namespace clientele
