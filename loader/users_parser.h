// Parses the `users` member of a record.
#pragma once

#include "index/client_record.h"
#include "loader/json_cursor.h"

namespace clientele {

// Consumes the array at the cursor into record.users. `exact` becomes false when the parsed users cannot give the JSON back: a
// user with unknown members, or without or with null for one that is always there. Such users are kept, not refused: a missing
// language makes no answer wrong. Wrong types are mistakes, as is a null `activated`, which filters look at.
bool ParseUsers(JsonCursor& cursor, ClientRecord& record, bool& exact);

}  // namespace clientele
