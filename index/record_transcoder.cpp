#include "index/record_transcoder.h"

#include <cassert>

#include <absl/strings/numbers.h>

#include "index/absl_view.h"
#include "index/date_time.h"
#include "index/record_layout.h"

namespace clientele {
namespace {

// Cuts `{"name":value}` down to the value.
void CutToValue(const FieldDef& def, std::string& json) {
  const std::size_t value = def.name.size() + 4;  // Names need no escapes.
  assert(json.size() > value);
  json.pop_back();
  json.erase(0, value);
}

std::string_view Unquoted(std::string_view json) {
  return json.substr(1, json.size() - 2);
}

}  // namespace

void RecordTranscoder::Append(const RecordDictionaries& from, const std::uint8_t* record, std::string& out) {
  read_ = {};
  ReadScalars(from, record);
  ReadComposites(from, record);
  encoder_.Append(read_, out);
}

void RecordTranscoder::ReadScalars(const RecordDictionaries& from, const std::uint8_t* record) {
  for (const FieldDef& def : Fields()) {
    if (IsComposite(def.kind)) continue;
    std::string& json = json_[static_cast<std::size_t>(def.field)];
    ScalarValue& value = read_[def.field];
    json.clear();
    if (def.kind == FieldKind::kText) {
      value.is_null = !ReadText(from, record, def.field, json);
      value.text = json;
      continue;
    }
    RenderRecord(from, record, std::uint64_t{1} << static_cast<unsigned>(def.field), json);
    CutToValue(def, json);
    value.is_null = json == "null";
    if (value.is_null) continue;
    switch (def.kind) {
      case FieldKind::kNumber: value.text = json; break;
      case FieldKind::kInteger: {
        [[maybe_unused]] const bool is_integer = absl::SimpleAtoi(json, &value.integer);
        assert(is_integer);
        break;
      }
      case FieldKind::kBoolean: value.integer = json == "true"; break;
      case FieldKind::kWord: value.integer = FindWord(def.words, Unquoted(json)).value(); break;
      case FieldKind::kCountry: value.integer = CountryCode(Unquoted(json)).value(); break;
      case FieldKind::kTime: value.integer = ParseDateTime(Unquoted(json)).value(); break;
      default: assert(false);
    }
  }
}

void RecordTranscoder::ReadComposites(const RecordDictionaries& from, const std::uint8_t* record) {
  const RecordLayout& layout = RecordLayout::Get();
  const RecordParts parts(record, layout.head_bytes);
  const std::uint8_t* at = parts.composites;
  for (const FieldDef& def : Fields()) {
    if (!IsComposite(def.kind)) continue;
    const auto field = static_cast<std::size_t>(def.field);
    const std::uint32_t state = layout.slices[field].Get(parts.head);
    if (state == kEmptyComposite) continue;
    const std::uint64_t size = state == kShort ? 1 : ReadVarint(at, parts.end);
    at += size;
    json_[field].clear();
    RenderRecord(from, record, std::uint64_t{1} << field, json_[field]);
    CutToValue(def, json_[field]);
    read_.verbatim[field] = json_[field];
  }
  if (layout.unknown_members.Get(parts.head) == 0) return;
  const std::uint64_t size = ReadVarint(at, parts.end);
  unknown_members_.assign(reinterpret_cast<const char*>(at), size);
  read_.unknown_members = unknown_members_;
}

}  // namespace clientele
