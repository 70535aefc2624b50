// What a member's values look like, judged by the different ones among them. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loader/member_profile.h"

namespace clientele {

// Shares, 0 to 1, of the values looked at that have a shape.
struct ValueShapes {
  double email = 0, web_address = 0, domain = 0, country_code = 0, country = 0, integer = 0, number = 0, boolean = 0;
  std::optional<std::string> date;  // The date format (as in a mapping) that nearly all values have; the first such.
  bool date_is_ambiguous = false;   // Day and month could as well be the other way round.
};

// Looks at up to some hundreds of the most frequent values.
ValueShapes ShapesOf(const MemberProfile& member);

}  // namespace clientele
