#include "loader/scalar_parser.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <absl/strings/charconv.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "index/absl_view.h"
#include "index/date_time.h"
#include "loader/json_text.h"

namespace clientele {
namespace {

std::string Describe(const FieldDef& def) {
  const auto append_word = [](std::string* out, std::string_view word) { out->append(word); };
  switch (def.kind) {
    case FieldKind::kInteger: return def.field == Field::kId ? "an integer from 1 to 9223372036854775807" : "a 64-bit integer";
    case FieldKind::kText: return "a string";
    case FieldKind::kWord: return absl::StrCat("one of ", absl::StrJoin(def.words, ", ", append_word));
    case FieldKind::kCountry: return "two upper-case letters (ISO 3166-1 alpha-2)";
    case FieldKind::kBoolean: return "true or false";
    case FieldKind::kTime: return std::string(kDateTimeSyntax);
    default: return "a number";
  }
}

// The value at `offset`, already consumed, has the right type but is none that the field may have.
bool Refuse(JsonCursor& cursor, const FieldDef& def, std::size_t offset) {
  return cursor.FailAt(offset, cursor.RawFrom(offset), ExpectedScalar(def));
}

// A string's text. What is expected is asked for when there is none.
bool ReadText(JsonCursor& cursor, const FieldDef& def, std::string_view& text) {
  return cursor.Peek() == '"' ? cursor.ReadText(text) : cursor.FailHere(ExpectedScalar(def));
}

bool ParseInteger(JsonCursor& cursor, const FieldDef& def, ScalarValue& value) {
  const std::size_t offset = cursor.offset();
  if (!cursor.ReadInteger(value.integer, ExpectedScalar(def))) return false;
  if (def.field == Field::kId && value.integer <= 0) return Refuse(cursor, def, offset);
  return true;
}

bool ParseWord(JsonCursor& cursor, const FieldDef& def, ScalarValue& value) {
  const std::size_t offset = cursor.offset();
  std::string_view text;
  if (!ReadText(cursor, def, text)) return false;
  const auto word = FindWord(def.words, text);
  if (!word) return Refuse(cursor, def, offset);
  value.integer = *word;
  return true;
}

bool ParseCountry(JsonCursor& cursor, const FieldDef& def, ScalarValue& value) {
  const std::size_t offset = cursor.offset();
  std::string_view text;
  if (!ReadText(cursor, def, text)) return false;
  const auto code = CountryCode(text);
  if (!code) return Refuse(cursor, def, offset);
  value.integer = *code;
  return true;
}

bool ParseTime(JsonCursor& cursor, const FieldDef& def, ScalarValue& value) {
  const std::size_t offset = cursor.offset();
  std::string_view text;
  if (!ReadText(cursor, def, text)) return false;
  const auto time = ParseDateTime(text);
  if (!time) return Refuse(cursor, def, offset);
  value.integer = *time;
  return true;
}

bool ParseBoolean(JsonCursor& cursor, const FieldDef& def, ScalarValue& value) {
  bool flag = false;
  if (!cursor.ReadBoolean(flag, ExpectedScalar(def))) return false;
  value.integer = flag ? 1 : 0;
  return true;
}

struct ExpectedTexts {
  explicit ExpectedTexts(std::string_view when_nullable) {
    for (const FieldDef& field : Fields()) {
      by_field[static_cast<std::size_t>(field.field)] =
          absl::StrCat(Describe(field), AbslView(field.nullable ? when_nullable : std::string_view()));
    }
  }
  std::array<std::string, kFieldCount> by_field;
};

bool ReadIntegerCell(std::string_view cell, std::int64_t& value) {
  const std::size_t first = cell.starts_with('-') ? 1 : 0;
  if (cell.size() > first + 1 && cell[first] == '0') return false;  // As JSON has it: no zeros in front.
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc() && end == cell.data() + cell.size();
}

bool ReadNumberCell(std::string_view cell, double& value) {
  if (!IsJsonNumber(cell)) return false;
  const auto result = absl::from_chars(cell.data(), cell.data() + cell.size(), value);
  return result.ec == std::errc() || std::fabs(value) <= 1;  // Beyond the smallest double is fine, beyond the largest is not.
}

template <class Value>
bool Set(ScalarValue& value, const std::optional<Value>& found) {
  if (found) value.integer = *found;
  return found.has_value();
}

}  // namespace

const std::string& ExpectedScalar(const FieldDef& def) {
  static const ExpectedTexts texts(", or null");
  return texts.by_field[static_cast<std::size_t>(def.field)];
}

const std::string& ExpectedCell(const FieldDef& def) {
  static const ExpectedTexts texts(", or nothing");
  return texts.by_field[static_cast<std::size_t>(def.field)];
}

bool ParseScalar(JsonCursor& cursor, const FieldDef& def, ScalarValue& value) {
  value.is_null = def.nullable && cursor.TakeNull();
  if (value.is_null) return true;
  switch (def.kind) {
    case FieldKind::kInteger: return ParseInteger(cursor, def, value);
    case FieldKind::kText: return ReadText(cursor, def, value.text);
    case FieldKind::kWord: return ParseWord(cursor, def, value);
    case FieldKind::kCountry: return ParseCountry(cursor, def, value);
    case FieldKind::kTime: return ParseTime(cursor, def, value);
    case FieldKind::kBoolean: return ParseBoolean(cursor, def, value);
    default: return cursor.ReadNumber(value.text, value.number);
  }
}

bool ParseScalarCell(std::string_view cell, const FieldDef& def, ScalarValue& value) {
  value.is_null = false;
  switch (def.kind) {
    case FieldKind::kText: value.text = cell; return true;
    case FieldKind::kInteger: return ReadIntegerCell(cell, value.integer) && (def.field != Field::kId || value.integer > 0);
    case FieldKind::kWord: return Set(value, FindWord(def.words, cell));
    case FieldKind::kCountry: return Set(value, CountryCode(cell));
    case FieldKind::kTime: return Set(value, ParseDateTime(cell));
    case FieldKind::kBoolean: value.integer = cell == "true" ? 1 : 0; return value.integer == 1 || cell == "false";
    default: value.text = cell; return ReadNumberCell(cell, value.number);
  }
}

}  // namespace clientele
