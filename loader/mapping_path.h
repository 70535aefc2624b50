// Where a mapping takes a value from: a column's name, or a way into the foreign record's JSON.
//
//   name              a member, or a column
//   contact.email     a member of a member
//   domains[0]        an element of an array, from 0
//   domains[1:]       a list: the elements from this one on
//   /odd.name/0       the same ways as a JSON pointer (RFC 6901), for names that hold dots or brackets
//
// A column whose whole name is the text wins over all of these. Plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace clientele {

struct MappingPath {
  struct Step {
    std::string name;                    // Member; empty for an index in brackets.
    std::optional<std::uint32_t> index;  // Element. A number in a JSON pointer is both: what stands there decides.
    bool operator==(const Step&) const = default;
  };

  std::string text;  // As spelt in the mapping.
  std::vector<Step> steps;
  std::optional<std::uint32_t> list_from;  // Of "[1:]".

  bool operator==(const MappingPath&) const = default;
};

// InvalidArgument says what is wrong with a text that is no path.
absl::StatusOr<MappingPath> ParseMappingPath(std::string_view text);

// The JSON pointer of the path; without its list part.
std::string JsonPointerOf(const MappingPath& path);

// The spelling of the path with these members, for a file: dots between names, a JSON pointer when one of them needs it.
std::string SpellMappingPath(const std::vector<MappingPath::Step>& steps);

}  // namespace clientele
