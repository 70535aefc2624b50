// Reads mapping files: TOML, with the fields of the schema table as its keys. docs/mapping.md is their manual.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "loader/mapping.h"

namespace clientele {

// `file` is the name for messages. InvalidArgument lists everything that is wrong, one "file:line:column: message" a line: bad
// TOML, unknown keys and fields (with the nearest known one), values of a wrong type or outside of what their field allows,
// required fields without a rule, a field mapped twice. O(bytes).
absl::StatusOr<std::shared_ptr<const Mapping>> ParseMapping(std::string_view text, const std::string& file);

// The same for a file; also NotFound and the like.
absl::StatusOr<std::shared_ptr<const Mapping>> ReadMapping(const std::string& path);

}  // namespace clientele
