// The `next` and `previous` links of a page.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/query_parser.h"

namespace clientele {

// Appends the path-and-query link to the page that starts at `offset`, without quotes: every parameter of the request in its
// order, encoded anew; `offset` stands where it stood, or last, and is left out when it is 0. Only characters that need no
// escaping in JSON are written.
void AppendPageLink(std::string_view path, std::span<const Parameter> parameters, std::uint64_t offset, std::string& out);

// Appends `"next":...,"previous":...`, each a link or null. `next` is null when no match follows the page and `previous` at
// offset 0; both are null for limit 0, whose links would lead to the same empty page for ever.
void AppendLinkMembers(std::string_view path, std::span<const Parameter> parameters, std::uint64_t count, std::uint64_t offset,
                       std::uint64_t limit, std::string& out);

}  // namespace clientele
