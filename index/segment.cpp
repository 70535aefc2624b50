#include "index/segment.h"

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "index/lazy_checks.h"
#include "index/record_dictionaries.h"

namespace clientele {

std::uint64_t FieldIndex::hot_bytes() const {
  std::uint64_t bytes = values.bytes() + hashes.bytes() + order.bytes() + keys.bytes() + word_codes.bytes();
  for (const ValueIndex& state : states) bytes += state.bytes();
  return bytes;
}

std::uint64_t FieldIndex::text_bytes() const {
  std::uint64_t bytes = 0;
  for (const FoldedText* text : {&texts, &user_names, &user_emails}) bytes += text->text_bytes() + text->signature_bytes();
  return bytes;
}

absl::Status Segment::Require(Field field, IndexPart part) const {
  return is_checked() ? absl::OkStatus() : parts_.unchecked->Require(parts_, field, part);
}

bool Segment::IsKnownGood(Field field, IndexPart part) const {
  return is_checked() || parts_.unchecked->IsKnownGood(field, part);
}

absl::Status Segment::RequireRecords(std::span<const std::uint32_t> rows) const {
  return is_checked() ? absl::OkStatus() : parts_.unchecked->RequireRecords(parts_.records, rows);
}

std::int64_t Segment::ClientId(std::uint32_t row) const {
  const FieldIndex& ids = field(Field::kId);
  return ids.keys[ids.order.position_of()[row]];  // Ids are distinct: groups are positions.
}

std::optional<std::uint32_t> Segment::RowOf(std::int64_t client_id) const {
  const FieldIndex& ids = field(Field::kId);
  const std::uint32_t position = ids.keys.LowerBound(client_id);
  if (position == ids.keys.size() || ids.keys[position] != client_id) return std::nullopt;
  return ids.order.row_at()[position];
}

void Segment::FindRows(std::span<const std::int64_t> client_ids, std::span<std::uint32_t> rows) const {
  const FieldIndex& ids = field(Field::kId);
  ids.keys.LowerBounds(client_ids, rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t position = rows[i];
    const bool is_here = position < ids.keys.size() && ids.keys[position] == client_ids[i];
    rows[i] = is_here ? ids.order.row_at()[position] : kNoRow;
  }
}

std::vector<std::uint32_t> Segment::RowsOf(std::span<const std::int64_t> client_ids) const {
  std::vector<std::uint32_t> rows(client_ids.size());
  FindRows(client_ids, rows);
  std::erase(rows, kNoRow);
  return rows;
}

std::optional<std::uint32_t> Segment::CodeOf(Field of, std::int64_t value) const {
  const FieldIndex& index = field(of);
  if (index.dictionary != nullptr) return index.dictionary->Find(IntegerKey(value));
  if (value < 0 || value >= index.values.value_count()) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

std::optional<std::uint32_t> Segment::CodeOf(Field of, std::string_view folded) const {
  return field(of).dictionary->Find(folded);
}

Segment::SearchedTexts Segment::TextsOf(FilterId filter) const {
  const FilterEntry& entry = Filters()[filter];
  const FieldIndex& index = field(entry.field);
  if (entry.def->user_member == "name") return {&index.user_names, false};
  if (entry.def->user_member == "email") return {&index.user_emails, false};
  return {&index.texts, Def(entry.field).kind == FieldKind::kText};
}

std::vector<PartBytes> Segment::Ledger() const {
  std::vector<PartBytes> ledger;
  const auto add = [&](std::string_view name, std::string_view part, std::uint64_t bytes, bool hot) {
    if (bytes > 0) ledger.push_back({absl::StrCat(AbslView(name), ": ", AbslView(part)), bytes, hot, name, part});
  };
  for (const FieldDef& def : Fields()) {
    const FieldIndex& index = field(def.field);
    std::uint64_t equality = index.values.bytes() + index.hashes.bytes();
    for (const ValueIndex& state : index.states) equality += state.bytes();
    add(def.name, "values", equality, true);
    add(def.name, "order", index.order.bytes() + index.keys.bytes() + index.word_codes.bytes(), true);
    add(def.name, "texts", index.texts.text_bytes() + index.user_names.text_bytes() + index.user_emails.text_bytes(), false);
    add(def.name, "text signatures",
        index.texts.signature_bytes() + index.user_names.signature_bytes() + index.user_emails.signature_bytes(), false);
    if (index.dictionary != nullptr) add(def.name, "dictionary", index.dictionary->MemoryBytes(), false);
  }
  add("records", "encoded", parts_.records.RecordBytes(), false);
  add("records", "row offsets", parts_.records.OffsetBytes(), false);
  add("records", "dictionaries", MemoryBytes(dictionaries()), false);
  return ledger;
}

std::vector<DictionaryFill> Segment::Dictionaries() const {
  std::vector<DictionaryFill> fills;
  const auto add = [&](std::string_view whose, std::string_view name, const Interner& dictionary) {
    fills.push_back({absl::StrCat(AbslView(whose), ": ", AbslView(name)), dictionary.size(), dictionary.capacity(),
                     dictionary.MemoryBytes()});
  };
  for (const FieldDef& def : Fields()) {
    if (field(def.field).dictionary != nullptr) add(def.name, "values", *field(def.field).dictionary);
  }
  dictionaries().ForEach([&](std::string_view name, const Interner& one) { add("records", name, one); });
  return fills;
}

std::string_view IntegerKey(const std::int64_t& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

}  // namespace clientele
