// From a text to the value that a field's kind asks for. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "loader/mapping.h"

namespace clientele {

enum class ConvertResult : std::uint8_t { kOk, kEmpty, kBad };

// Turns `text`, not blank, into the spelling that the JSON of a rule's kind wants, in `out`: kOk. kBad when it is no such value.
// kEmpty is for a number or date that is only white space.
ConvertResult ConvertValue(const ValueRule& rule, std::string_view text, std::string& out);

// Whether the JSON of this kind's values is a string.
bool IsQuotedKind(FieldKind kind);

// "one of new, trial, ...".
std::string DescribeWords(std::span<const std::string_view> words);

// What a rule's texts must be, for messages: "a number", "one of new, trial, ...".
std::string DescribeExpected(const ValueRule& rule);

}  // namespace clientele
