// The TOML side of reading a mapping file: places for messages, and constants. TOML itself is toml++'s.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <toml++/toml.h>

#include "loader/mapping.h"

namespace clientele {

// Collects what is wrong with a file, so that one look shows all of it.
class MappingErrors {
 public:
  explicit MappingErrors(std::string file) : file_(std::move(file)) {}

  void Add(const toml::source_region& place, std::string message);
  bool empty() const { return found_.empty(); }

  // Ok, or InvalidArgument with one "file:line:column: message" a line, in the file's order.
  absl::Status status() const;

 private:
  struct Found {
    toml::source_position place;
    std::string message;
  };
  std::string file_;
  std::vector<Found> found_;
};

// Larger files are no mappings.
inline constexpr std::size_t kMappingBytesMax = std::size_t{256} << 10;

// Parses the file's text. InvalidArgument with the place of the first mistake; also for what is nested too deeply.
absl::StatusOr<toml::table> ParseToml(std::string_view text, const std::string& file);

// Adds an error for each key of `table` that is not one of `known`, with the nearest one.
void RefuseUnknownKeys(const toml::table& table, std::span<const std::string_view> known, std::string_view what,
                       MappingErrors& errors);

// Reads a constant of the rule's kind. nullopt, and an error, when it is of another type or outside of what the kind allows.
std::optional<MappedConstant> ReadConstant(const toml::node& node, const ValueRule& rule, MappingErrors& errors);

// Texts and integers as a text; nullopt, and an error, for anything else.
std::optional<std::string> ReadString(const toml::node& node, std::string_view what, MappingErrors& errors);

// A text, or an array of texts, of which there must be one.
std::vector<std::string> ReadStrings(const toml::node& node, std::string_view what, MappingErrors& errors);

}  // namespace clientele
