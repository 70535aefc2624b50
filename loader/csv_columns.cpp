#include "loader/csv_columns.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "index/absl_view.h"
#include "index/record_layout.h"
#include "loader/json_pointer.h"
#include "loader/json_text.h"

namespace clientele {
namespace {

absl::Status ColumnError(std::size_t column, std::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(":", column + 1, ": ", AbslView(message)));
}

bool IsPlainText(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = Utf8SequenceLength(text);
    const auto c = static_cast<unsigned char>(text.front());
    if (length == 0 || (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7F) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string MissingColumns(const std::set<Field>& there) {
  std::vector<std::string> missing;
  for (const FieldDef& def : Fields()) {
    if (def.required && !there.contains(def.field)) missing.emplace_back(def.name);
  }
  return absl::StrJoin(missing, ", ");
}

// Notes that a column says something about a field, as a whole or in part; false when that was said already.
class SaidFields {
 public:
  bool Add(const CsvColumn& column) {
    if (column.kind == CsvColumn::Kind::kField) return wholes_.insert(column.field).second && !members_.contains(column.field);
    const bool first = members_[column.field].insert(column.service * 2 + (column.is_enabled ? 1 : 0)).second;
    return first && !wholes_.contains(column.field);
  }
  const std::set<Field>& wholes() const { return wholes_; }

 private:
  std::set<Field> wholes_;
  std::map<Field, std::set<int>> members_;
};

}  // namespace

CsvColumn FindCsvColumn(std::string_view name) {
  if (const auto field = FindField(name)) return {.kind = CsvColumn::Kind::kField, .field = *field};
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return {};
  const auto field = FindField(name.substr(0, dot));
  std::string_view rest = name.substr(dot + 1);
  if (!field) return {};
  CsvColumn column{.kind = CsvColumn::Kind::kMember, .field = *field};
  if (Def(*field).kind == FieldKind::kServiceStates) {
    column.is_enabled = rest.ends_with(".enabled");
    if (!column.is_enabled && !rest.ends_with(".status")) return {};
    rest = rest.substr(0, rest.rfind('.'));
  } else if (Def(*field).kind != FieldKind::kServiceFlags) {
    return {};
  }
  const auto service = FindService(rest, /*any_case=*/false);
  if (!service) return {};
  column.service = *service;
  return column;
}

absl::Status CheckTableHeader(const CsvHeader& header) {
  if (header.names.empty()) return absl::InvalidArgumentError(": no header row");
  if (header.names.size() >= CsvRows::kCellsMax)
    return absl::InvalidArgumentError(": a header of more columns than any table has");
  const bool is_text = std::ranges::all_of(header.names, IsPlainText);
  if (!is_text) return absl::InvalidArgumentError(": this is neither JSON nor a table in UTF-8");
  return absl::OkStatus();
}

absl::Status CheckClientHeader(const CsvHeader& header) {
  if (const absl::Status status = CheckTableHeader(header); !status.ok()) return status;
  SaidFields said;
  std::set<std::string_view> unknown;
  for (std::size_t i = 0; i < header.names.size(); ++i) {
    const std::string& name = header.names[i];
    if (name.empty()) return ColumnError(i, "a column without a name");
    const CsvColumn column = FindCsvColumn(name);
    const bool is_new = column.kind == CsvColumn::Kind::kUnknown ? unknown.insert(name).second : said.Add(column);
    if (!is_new) return ColumnError(i, absl::StrCat("column '", Excerpt(name, 60), "': expected each field only once"));
  }
  const std::string missing = MissingColumns(said.wholes());
  if (missing.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(": no column ", missing, " in the header '", Excerpt(absl::StrJoin(header.names, ","), 60),
                   "' (read as a table, since it begins with neither [ nor {; a foreign shape takes --map FILE)"));
}

const std::vector<Field>& FlatFields() {
  static const std::vector<Field> fields = [] {
    std::vector<Field> flat;
    for (const FieldDef& def : Fields()) {
      if (!IsComposite(def.kind)) flat.push_back(def.field);
    }
    return flat;
  }();
  return fields;
}

}  // namespace clientele
