// Writes client records as rows of a table: the fields of one value, in the schema's order. What the loader reads back is equal,
// field by field. Texts are quoted only where they must be; null is an empty cell, an empty text that could be null `""`.
// Thread-safe.
#pragma once

#include <string>

#include "index/client_record.h"

namespace clientele {

void AppendCsvHeader(std::string& out);                           // With its line end.
void AppendCsvRow(const ClientRecord& record, std::string& out);  // The same.

}  // namespace clientele
