// What others call our fields and states. Thread-safe.
#pragma once

#include <string_view>

#include "index/schema.h"

namespace clientele {

// Names that members with a field's value often have, letters and digits only, in lower case, with blanks between; the best
// first. Empty when there are none.
std::string_view ForeignNamesOf(Field field);

// The status that a word means, judged by what it contains; empty when nothing is known. `is_churn`: the word says whether the
// client has left.
std::string_view GuessStatus(std::string_view value, bool is_churn);

}  // namespace clientele
