#include "loader/csv_writer.h"

#include <absl/strings/str_cat.h>

#include "index/date_time.h"
#include "loader/csv_columns.h"

namespace clientele {
namespace {

// A semicolon or tab alone would not need quotes, but whoever opens the file elsewhere is spared a wrong guess.
constexpr std::string_view kQuotedBytes = ",;\t\"\r\n";

void AppendText(std::string_view text, std::string& out) {
  if (text.find_first_of(kQuotedBytes) == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void AppendValue(const FieldDef& def, const ScalarValue& value, std::string& out) {
  if (value.is_null) return;
  const auto number = static_cast<std::size_t>(value.integer);
  switch (def.kind) {
    case FieldKind::kText:
      if (value.text.empty() && def.nullable) out += "\"\"";
      AppendText(value.text, out);
      return;
    case FieldKind::kInteger: absl::StrAppend(&out, value.integer); return;
    case FieldKind::kWord: out += def.words[number]; return;
    case FieldKind::kCountry:
      out += static_cast<char>('A' + value.integer / 26);
      out += static_cast<char>('A' + value.integer % 26);
      return;
    case FieldKind::kBoolean: out += value.integer != 0 ? "true" : "false"; return;
    case FieldKind::kTime: AppendRfc3339(value.integer, out); return;
    default: out += value.text; return;
  }
}

}  // namespace

void AppendCsvHeader(std::string& out) {
  for (const Field field : FlatFields()) {
    out += Def(field).name;
    out += ',';
  }
  out.back() = '\n';
}

void AppendCsvRow(const ClientRecord& record, std::string& out) {
  for (const Field field : FlatFields()) {
    AppendValue(Def(field), record[field], out);
    out += ',';
  }
  out.back() = '\n';
}

}  // namespace clientele
