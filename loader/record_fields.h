// How the fields of a record are filled that no scalar parser fills: composites from JSON, and what is absent. Shared by the
// parsers of JSON records and of table rows.
#pragma once

#include "index/client_record.h"
#include "loader/json_cursor.h"

namespace clientele {

// Empties everything but the scalars.
void ClearComposites(ClientRecord& record);

// Consumes the value of a composite field at the cursor into `record`; sets its `verbatim` when the parsed form is not exact.
// False after a mistake.
bool ParseComposite(JsonCursor& cursor, const FieldDef& def, ClientRecord& record);

// Gives a field that the input lacks its null or its default; composites, cleared before, need nothing. The users must be there.
void SetAbsent(const FieldDef& def, ClientRecord& record);

}  // namespace clientele
