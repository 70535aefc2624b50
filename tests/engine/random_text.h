// Texts that break naive engines.
#pragma once

#include <string>
#include <string_view>

#include "tests/engine/random.h"

namespace clientele {

// Valid UTF-8, mostly short: letters whose cases pair up one way only or change their length, combining accents, NUL and other
// control characters, quotes, wildcards, code points of every length; sometimes empty, of one character, or long.
std::string RandomText(Random& random);

// `text` with each letter perhaps replaced by another that folds to the same one. Its folded form stays the same.
std::string WithOtherCase(std::string_view text, Random& random);

// A run of whole code points of `text`, at most `bytes_max` long; empty only when `text` is.
std::string RandomPart(std::string_view text, std::size_t bytes_max, Random& random);

// Appends `text` as a JSON string; what need not be escaped is escaped now and then.
void AppendJsonString(std::string_view text, Random& random, std::string& json);

}  // namespace clientele
