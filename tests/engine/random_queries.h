// Random list requests as parameters, so that they pass through the query parser like any caller's.
#pragma once

#include <vector>

#include "engine/oracle.h"
#include "engine/query_parser.h"
#include "tests/engine/random.h"

namespace clientele {

// A valid request: up to six filters of the schema with operands that are mostly drawn from `clients` (often all from the same
// client, so that many filters together still match), any ordering, offsets up to and past the end of the matches, and limits of
// all sizes.
std::vector<Parameter> RandomRequest(const Oracle& oracle, Random& random);

}  // namespace clientele
