// What the columns of a table are called, following the schema: a field's name (or its alias) stands for the field; the members
// of service objects have columns of their own by their path: `serviceStatuses.CDN.status`, `serviceStatuses.CDN.enabled`,
// `personal_product_availability.CDN`. Any other column is kept as an unknown member of the record. Thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "index/schema.h"
#include "loader/csv_rows.h"

namespace clientele {

struct CsvColumn {
  enum class Kind : std::uint8_t {
    kField,   // The whole field: a value, `;`-separated texts, or JSON.
    kMember,  // One member of a service object: `service`, and of service states `is_enabled` or the status.
    kUnknown,
  };
  Kind kind = Kind::kUnknown;
  Field field = Field::kId;
  std::uint8_t service = 0;
  bool is_enabled = false;

  bool operator==(const CsvColumn&) const = default;
};

CsvColumn FindCsvColumn(std::string_view name);

// Whether any table can have this header: it has names, in UTF-8 and without control characters (what is binary is none).
// Messages begin with ":<column>: " where one is meant, else with ": ", for file and line to be put in front.
absl::Status CheckTableHeader(const CsvHeader& header);

// Whether rows under this header can be client records: no column without a name, none twice (also not as a field and as its
// member), and all that are required are there.
absl::Status CheckClientHeader(const CsvHeader& header);

// The fields of one value, in the schema's order: the columns of a flat table of clients.
const std::vector<Field>& FlatFields();

}  // namespace clientele
