// Turns the parameters of the list endpoint (and of `clientele query`) into a Query, by the schema table. All bad parameters of
// a request are reported at once.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/query.h"

namespace clientele {

using Parameter = std::pair<std::string, std::string>;  // Decoded name and value.

// What is wrong, by parameter: sentences for people that say what was given and what is allowed.
using ParameterErrors = std::map<std::string, std::vector<std::string>>;

// Parameters in the order given; names may repeat (lists: union; others: an error). Empty values count as absent.
std::variant<Query, ParameterErrors> ParseQuery(std::span<const Parameter> parameters);

// Splits and decodes an application/x-www-form-urlencoded query string ("a=1&b=%20x+y"), without the '?'. Malformed
// percent-escapes and invalid UTF-8 are errors of that parameter.
std::variant<std::vector<Parameter>, ParameterErrors> DecodeQueryString(std::string_view query_string);

// Help text: every parameter, its syntax and meaning, from the schema; one line each.
std::string ParameterHelp();

}  // namespace clientele
