// Which known name a misspelt one was meant to be.
#pragma once

#include <span>
#include <string_view>

namespace clientele {

// The candidate nearest to `name`; the first of those that tie; empty only when there are no candidates. Case is ignored, and a
// name that merely lacks or adds an ending ("country" for "country_code") counts as near.
// Distance: optimal string alignment, that is insertions, deletions, substitutions and swaps of neighbours (Damerau 1964).
// O(candidates x their length); only the first 64 bytes of a name are looked at.
std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace clientele
