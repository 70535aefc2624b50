#include "server/client_table.h"

#include <bit>
#include <vector>

#include <simdjson.h>

#include "index/schema.h"
#include "server/text_table.h"

namespace clientele {
namespace {

constexpr FieldMask Bit(Field field) {
  return FieldMask{1} << static_cast<unsigned>(field);
}

// Whether a cut value still says something.
bool IsElastic(const FieldDef& field) {
  switch (field.kind) {
    case FieldKind::kText:
    case FieldKind::kTextList:
    case FieldKind::kServiceSet:
    case FieldKind::kServiceStates:
    case FieldKind::kServiceFlags:
    case FieldKind::kFeatures:
    case FieldKind::kUsers: return true;
    default: return false;
  }
}

bool IsNumber(const FieldDef& field) {
  return field.kind == FieldKind::kInteger || field.kind == FieldKind::kNumber;
}

// "2024-01-31T12:30:00.123456Z" -> "2024-01-31 12:30:00": the zone is always UTC, and the rest is in the other formats.
std::string ShortTime(std::string_view time) {
  constexpr std::size_t kDateBytes = 10, kSecondsEnd = 19;
  std::string text(time.substr(0, kSecondsEnd));
  if (text.size() == kSecondsEnd) text[kDateBytes] = ' ';
  return text;
}

// The value as people read it: texts bare, null as a dash, everything else as its JSON.
std::string CellText(const FieldDef& field, simdjson::dom::element value) {
  if (value.is_null()) return "-";
  if (!value.is_string()) return simdjson::minify(value);
  const std::string_view text(value);
  return field.kind == FieldKind::kTime ? ShortTime(text) : std::string(text);
}

}  // namespace

FieldMask DefaultTableFields() {
  return Bit(Field::kId) | Bit(Field::kEmail) | Bit(Field::kName) | Bit(Field::kStatus) | Bit(Field::kCompanyName) |
         Bit(Field::kCountryCode) | Bit(Field::kCreatedAt);
}

std::string ClientTable(const Snapshot& snapshot, std::span<const std::uint32_t> rows, FieldMask fields, std::size_t width) {
  std::vector<const FieldDef*> shown;
  std::vector<TableColumn> columns;
  for (const FieldDef& field : Fields()) {
    if ((fields & Bit(field.field)) == 0) continue;
    shown.push_back(&field);
    columns.push_back({.header = std::string(field.name), .right_aligned = IsNumber(field), .elastic = IsElastic(field)});
  }
  TextTable table(std::move(columns));
  simdjson::dom::parser parser;
  std::string json;
  for (const std::uint32_t row : rows) {
    json.clear();
    RenderRows(snapshot, {&row, 1}, fields, "", json);
    simdjson::dom::element record;
    std::vector<std::string> cells;
    // What we rendered ourselves parses; but a table must not end the program if it does not.
    const bool parsed = parser.parse(json).get(record) == simdjson::SUCCESS;
    for (const FieldDef* field : shown) {
      simdjson::dom::element value;
      const bool found = parsed && record[field->name].get(value) == simdjson::SUCCESS;
      cells.push_back(found ? CellText(*field, value) : "?");
    }
    table.AddRow(std::move(cells));
  }
  return table.Render(width);
}

}  // namespace clientele
