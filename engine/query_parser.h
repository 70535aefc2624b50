// Turns the parameters of the list endpoint (and of `clientele query`) into a Query, by the schema table. All bad parameters of
// a request are reported at once. Thread-safe; O(bytes of the parameters).
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/query.h"

namespace clientele {

using Parameter = std::pair<std::string, std::string>;  // Decoded name and value.

// What is wrong, by parameter: sentences for people that say what was given and what is allowed.
using ParameterErrors = std::map<std::string, std::vector<std::string>>;

// Parameters in the order given; names may repeat (lists: union; others: an error). Empty values count as absent. Names and
// values that are not valid UTF-8 are errors, too. An unknown parameter is an error that names the nearest known one, also when
// its value is empty. `cursor` is known but not supported yet: an error, also when its value is empty, as that would start a
// walk. The predicates come in the order of Filters(), so that two requests that differ only in the order of parameters give
// equal queries.
std::variant<Query, ParameterErrors> ParseQuery(std::span<const Parameter> parameters);

// Splits and decodes an application/x-www-form-urlencoded query string ("a=1&b=%20x+y"), without the '?'. Malformed
// percent-escapes and invalid UTF-8 are errors of that parameter. Only '&' separates; empty pieces are skipped.
std::variant<std::vector<Parameter>, ParameterErrors> DecodeQueryString(std::string_view query_string);

// Both in one: a request with a malformed escape here and an unknown word there gets both errors at once.
std::variant<Query, ParameterErrors> ParseQueryString(std::string_view query_string);

// Help text: every parameter, its syntax and meaning, from the schema; one line each.
std::string ParameterHelp();

}  // namespace clientele
