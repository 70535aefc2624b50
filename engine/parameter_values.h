// The values of known parameters: from a caller's text to what a Query holds. What is written here is checked here, once; nothing
// behind the parser doubts an operand again.
//
// Every error is InvalidArgument, and its message tells the caller what was given (cut) and what is allowed; the name of the
// parameter is left to the caller of these functions. Values are valid UTF-8 and not empty: empty ones count as absent and never
// come this far. All functions are thread-safe and O(bytes), lists O(items log items).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "engine/query.h"

namespace clientele {

inline constexpr std::size_t kTextBytesMax = 8192;  // Of a text operand.
inline constexpr std::size_t kListItemsMax =
    10'000;  // Of all values of a list-typed parameter together, before repeats are dropped.

// Whether a parameter of this syntax may be given several times, meaning the union of its lists.
bool IsList(ParameterSyntax syntax);

// The operand of `filter`; nullopt for a value that asks for nothing (a `deleted` that is neither true nor false). `values` has
// one element, or more for a list. Items of id lists may have blanks round them and may be empty, but a list of only empty items
// is an error: taken as absent, `id__in=,` would return every client.
absl::StatusOr<std::optional<Operand>> ParseOperand(const FilterEntry& filter, std::span<const std::string_view> values);

// `limit` and `offset`: 0 .. 2^64 - 1.
absl::StatusOr<std::uint64_t> ParseCount(std::string_view value);

// `ordering`: keys with an optional `-`, blanks round them ignored. A key given twice counts the first time.
absl::StatusOr<std::vector<OrderKey>> ParseOrdering(std::span<const std::string_view> values);

// `fields`: names of top-level members as they are rendered (no aliases).
absl::StatusOr<FieldMask> ParseFields(std::span<const std::string_view> values);

}  // namespace clientele
