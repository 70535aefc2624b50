#include "loader/csv_record_parser.h"

#include <algorithm>
#include <string>
#include <vector>

#include <absl/strings/str_cat.h>
#include <simdjson.h>

#include "index/absl_view.h"
#include "index/record_layout.h"
#include "loader/csv_columns.h"
#include "loader/json_cursor.h"
#include "loader/json_pointer.h"
#include "loader/json_text.h"
#include "loader/json_tokens.h"
#include "loader/record_fields.h"
#include "loader/record_parser.h"
#include "loader/scalar_parser.h"

namespace clientele {
namespace {

using Kind = CsvColumn::Kind;

// What the columns of one file mean.
struct ColumnPlan {
  struct Scalar {
    std::uint32_t cell;
    const FieldDef* def;
  };
  std::vector<Scalar> scalars;
  std::vector<Scalar> composites;          // Whole fields of a composite kind.
  std::vector<std::uint32_t> members;      // Members of service objects, by field, then service.
  std::vector<CsvColumn> columns;          // Of every cell.
  std::vector<std::uint32_t> unknown;      // Cells,
  std::vector<std::string> unknown_names;  // and their names as JSON, with the colon.
  std::vector<const FieldDef*> absent;     // Scalars without a column.

  explicit ColumnPlan(const CsvHeader& header) {
    std::uint64_t seen = 0;
    for (std::uint32_t cell = 0; cell < header.names.size(); ++cell) {
      const CsvColumn& column = columns.emplace_back(FindCsvColumn(header.names[cell]));
      const FieldDef& def = Def(column.field);
      if (column.kind == Kind::kUnknown) {
        unknown.push_back(cell);
        AppendJsonString(header.names[cell], unknown_names.emplace_back());
        unknown_names.back() += ':';
      } else if (column.kind == Kind::kMember) {
        members.push_back(cell);
      } else {
        (IsComposite(def.kind) ? composites : scalars).push_back({cell, &def});
        seen |= std::uint64_t{1} << static_cast<unsigned>(column.field);
      }
    }
    for (const FieldDef& def : Fields()) {
      if (!IsComposite(def.kind) && (seen >> static_cast<unsigned>(def.field) & 1) == 0) absent.push_back(&def);
    }
    std::ranges::stable_sort(members, {},
                             [this](std::uint32_t cell) { return std::pair(columns[cell].field, columns[cell].service); });
  }
};

// A string_view of text that a JSON parser may read beyond.
struct PaddedText {
  std::string text;
  std::string_view Padded() {
    const std::size_t size = text.size();
    text.append(RecordParser::kPadding, ' ');
    return std::string_view(text).substr(0, size);
  }
};

RecordError CellError(const CsvHeader& header, const CsvRows& row, std::size_t cell, std::string_view expected) {
  const std::string_view text = row.cells()[cell];
  return {.pointer = Excerpt(header.names[cell], 60),
          .value = text.empty() ? "" : absl::StrCat("\"", Excerpt(text), "\""),
          .expected = std::string(expected),
          .column = static_cast<std::uint32_t>(cell + 1),
          .offset = row.offset(cell),
          .length = row.length(cell)};
}

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

struct CsvRecordParser::State {
  std::shared_ptr<const CsvHeader> header;
  std::unique_ptr<const ColumnPlan> plan;
  const CsvRows* row = nullptr;
  RecordError* error = nullptr;
  TextArena arena;
  JsonTokenizer tokenizer;
  JsonCursor cursor;
  PaddedText states, flags;  // JSON of service objects made from their columns.
  std::string unknown;

  bool Fail(std::size_t cell, std::string_view expected) {
    *error = CellError(*header, *row, cell, expected);
    return false;
  }

  bool ParseScalars(ClientRecord& record);
  bool ParseComposites(ClientRecord& record);
  bool ParseList(std::string_view cell, const FieldDef& def, std::uint32_t number, ClientRecord& record);
  bool ParseJson(std::string_view json, const FieldDef& def, std::uint32_t cell, ClientRecord& record);
  bool ParseMembers(ClientRecord& record);
  std::size_t AppendService(std::size_t first, std::string& json) const;
  bool ParseObject(PaddedText& json, const FieldDef& def, std::size_t first_member, ClientRecord& record);
  void KeepUnknown(ClientRecord& record);
};

CsvRecordParser::CsvRecordParser() : state_(std::make_unique<State>()) {}
CsvRecordParser::~CsvRecordParser() = default;

bool CheckRow(const CsvHeader& header, const CsvRows& row, RecordError& error) {
  const std::size_t wanted = header.names.size(), got = row.cells().size();
  if (const CsvMistake* const mistake = row.mistake()) {
    error = {.pointer = mistake->cell < wanted ? Excerpt(header.names[mistake->cell], 60) : "",
             .value = Excerpt(row.raw().substr(std::min(mistake->offset, row.raw().size()))),
             .expected = "a delimiter or the line's end behind the closing quote",
             .column = static_cast<std::uint32_t>(mistake->cell + 1),
             .offset = mistake->offset,
             .length = 1};
    return false;
  }
  if (got != wanted) {
    const std::size_t cell = std::min(got, wanted) - (got < wanted ? 1 : 0);
    error = {.pointer = "",
             .value = absl::StrCat(got),
             .expected = absl::StrCat(wanted, wanted == 1 ? " cell" : " cells", " as in the header"),
             .column = static_cast<std::uint32_t>(cell + 1),
             .offset = row.offset(cell),
             .length = row.length(cell)};
    return false;
  }
  const std::string_view raw = row.raw();
  if (simdjson::validate_utf8(raw.data(), raw.size())) return true;
  for (std::size_t cell = 0; cell < got; ++cell) {
    const std::string_view text = row.cells()[cell];
    if (simdjson::validate_utf8(text.data(), text.size())) continue;
    error = CellError(header, row, cell, "valid UTF-8");
    return false;
  }
  error = {.pointer = "", .value = Excerpt(raw), .expected = "valid UTF-8"};
  return false;
}

bool CsvRecordParser::Parse(const std::shared_ptr<const CsvHeader>& header, const CsvRows& row, ClientRecord& record,
                            RecordError& error) {
  State& state = *state_;
  if (state.header != header) {
    state.plan = std::make_unique<ColumnPlan>(*header);
    state.header = header;
  }
  state.row = &row;
  state.error = &error;
  state.arena.Reset();
  ClearComposites(record);
  if (!CheckRow(*header, row, error) || !state.ParseScalars(record) || !state.ParseComposites(record) ||
      !state.ParseMembers(record)) {
    return false;
  }
  for (const FieldDef* const def : state.plan->absent) SetAbsent(*def, record);
  state.KeepUnknown(record);
  return true;
}

bool CsvRecordParser::State::ParseScalars(ClientRecord& record) {
  const std::span<const std::string_view> cells = row->cells();
  for (const auto& [cell, def] : plan->scalars) {
    const std::string_view text = cells[cell];
    ScalarValue& value = record[def->field];
    const bool is_text = def->kind == FieldKind::kText && (!def->nullable || row->quoted(cell));
    if (!text.empty() || is_text) {
      if (!ParseScalarCell(text, *def, value)) return Fail(cell, ExpectedCell(*def));
    } else if (def->required) {
      return Fail(cell, ExpectedCell(*def));
    } else if (def->field != Field::kActivated) {
      SetAbsent(*def, record);
    } else {
      value.is_null = true;  // Follows from the users, which come later.
    }
  }
  return true;
}

bool CsvRecordParser::State::ParseComposites(ClientRecord& record) {
  for (const auto& [cell, def] : plan->composites) {
    const std::string_view text = row->cells()[cell];
    if (text.empty()) continue;
    const bool is_list = def->kind == FieldKind::kServiceSet || def->kind == FieldKind::kTextList;
    const bool parsed =
        is_list && text.front() != '[' ? ParseList(text, *def, cell, record) : ParseJson(text, *def, cell, record);
    if (!parsed) return false;
  }
  if (record[Field::kActivated].is_null) SetAbsent(Def(Field::kActivated), record);
  return true;
}

bool CsvRecordParser::State::ParseList(std::string_view cell, const FieldDef& def, std::uint32_t number, ClientRecord& record) {
  while (!cell.empty()) {
    const std::size_t end = std::min(cell.find(';'), cell.size());
    std::string_view item = cell.substr(0, end);
    cell.remove_prefix(std::min(end + 1, cell.size()));
    while (!item.empty() && IsBlank(item.front())) item.remove_prefix(1);
    while (!item.empty() && IsBlank(item.back())) item.remove_suffix(1);
    if (def.kind == FieldKind::kTextList) {
      record.hostnames.push_back(item);
    } else if (const auto service = FindService(item, /*any_case=*/false)) {
      record.capabilities.push_back(*service);
    } else {
      return Fail(number, "service names separated by ; or as a JSON array");
    }
  }
  return true;
}

bool CsvRecordParser::State::ParseJson(std::string_view json, const FieldDef& def, std::uint32_t cell, ClientRecord& record) {
  const JsonTokenError token_error = tokenizer.Tokenize(json);
  RecordError inside;
  if (token_error != JsonTokenError::kNone) {
    inside = DescribeTokenError(json, token_error);
  } else {
    cursor.Start(json, tokenizer.offsets(), tokenizer.count(), arena);
    if (ParseComposite(cursor, def, record) && (cursor.AtEnd() || cursor.FailHere("nothing behind the value"))) return true;
    inside = DescribeMistake(json, cursor.mistake());
  }
  Fail(cell, inside.expected);
  error->pointer += inside.pointer;
  error->value = inside.value;
  return false;
}

// Appends `"CDN":{...}` or `"CDN":true` for the members of one service from `first` on; returns the member behind them.
std::size_t CsvRecordParser::State::AppendService(std::size_t first, std::string& json) const {
  const std::vector<std::uint32_t>& members = plan->members;
  const CsvColumn& service = plan->columns[members[first]];
  const bool is_object = Def(service.field).kind == FieldKind::kServiceStates;
  std::string value;
  std::size_t i = first;
  for (; i < members.size(); ++i) {
    const CsvColumn& column = plan->columns[members[i]];
    if (column.field != service.field || column.service != service.service) break;
    const std::string_view text = row->cells()[members[i]];
    if (text.empty()) continue;
    if (is_object) absl::StrAppend(&value, value.empty() ? "" : ",", column.is_enabled ? "\"enabled\":" : "\"status\":");
    if ((column.is_enabled || !is_object) && (text == "true" || text == "false")) {
      value += text;
    } else {
      AppendJsonString(text, value);
    }
  }
  if (value.empty()) return i;
  absl::StrAppend(&json, json.empty() ? "{\"" : ",\"", AbslView(kServiceNames[service.service]), "\":");
  absl::StrAppend(&json, is_object ? "{" : "", value, is_object ? "}" : "");
  return i;
}

bool CsvRecordParser::State::ParseMembers(ClientRecord& record) {
  const std::vector<std::uint32_t>& members = plan->members;
  for (std::size_t i = 0; i < members.size();) {
    const std::size_t first = i;
    const Field field = plan->columns[members[i]].field;
    PaddedText& json = field == Field::kServiceStatuses ? states : flags;
    json.text.clear();
    while (i < members.size() && plan->columns[members[i]].field == field) i = AppendService(i, json.text);
    if (json.text.empty()) continue;
    json.text += '}';
    if (!ParseObject(json, Def(field), first, record)) return false;
  }
  return true;
}

bool CsvRecordParser::State::ParseObject(PaddedText& json, const FieldDef& def, std::size_t first_member, ClientRecord& record) {
  if (ParseJson(json.Padded(), def, plan->members[first_member], record)) return true;
  // Say it of the column that the value came from: /CDN/status is <field>.CDN.status.
  std::string path = error->pointer.substr(header->names[plan->members[first_member]].size());
  std::ranges::replace(path, '/', '.');
  for (const std::uint32_t cell : plan->members) {
    if (header->names[cell] != absl::StrCat(AbslView(def.name), path)) continue;
    Fail(cell, std::string(error->expected));
    break;
  }
  return false;
}

void CsvRecordParser::State::KeepUnknown(ClientRecord& record) {
  if (plan->unknown.empty()) return;
  unknown.clear();
  for (std::size_t i = 0; i < plan->unknown.size(); ++i) {
    const std::string_view text = row->cells()[plan->unknown[i]];
    if (text.empty()) continue;
    if (!unknown.empty()) unknown += ',';
    unknown += plan->unknown_names[i];
    AppendJsonString(text, unknown);
  }
  record.unknown_members = unknown;
}

}  // namespace clientele
