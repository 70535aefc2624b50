// Parses the fields of one value (integers, texts, words, countries, booleans, times, numbers) by their FieldDef, from JSON or
// from the cells of a table.
#pragma once

#include "index/client_record.h"
#include "index/schema.h"
#include "loader/json_cursor.h"

namespace clientele {

// Consumes the value at the cursor into `value`. null is a mistake unless the field is nullable, also where a default exists:
// a field that is there must say something. `def` is of a scalar kind.
bool ParseScalar(JsonCursor& cursor, const FieldDef& def, ScalarValue& value);

// The same for the text of a table's cell, strictly as in JSON but for the quotes of texts. The cell is not empty unless the
// field is a text. False when it is nothing that the field may have.
bool ParseScalarCell(std::string_view cell, const FieldDef& def, ScalarValue& value);

// What `def` accepts, for messages: "one of common, reseller, sales", "a string or null", ... For scalar kinds.
const std::string& ExpectedScalar(const FieldDef& def);
const std::string& ExpectedCell(const FieldDef& def);  // The same of a cell: "a text, or nothing", ...

}  // namespace clientele
