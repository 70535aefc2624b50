// Parses the `paidFeatures` and `freeFeatures` members of a record.
#pragma once

#include <vector>

#include "index/client_record.h"
#include "loader/json_cursor.h"

namespace clientele {

enum class FeaturePrice : std::uint8_t { kPaid, kFree };  // Decides whether link_id is `paid_feature_id` or `free_feature_id`.

// Consumes the object service -> array of features at the cursor. `exact` becomes false when the parsed features cannot give the
// JSON back: an empty array, an unknown member, one that is missing or null, or a date not spelt as AppendRfc3339 does. A feature
// without `feature_id`, which a filter looks at, is a mistake, as are wrong types, bad dates and unknown services.
bool ParseFeatures(JsonCursor& cursor, FeaturePrice price, std::vector<FeatureValue>& features, bool& exact);

}  // namespace clientele
