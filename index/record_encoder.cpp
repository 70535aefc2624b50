// From a checked ClientRecord to its bytes, field by field as the schema table says.
#include <cassert>

#include "index/composite_encoder.h"
#include "index/json_text.h"
#include "index/record_codec.h"
#include "index/record_dictionaries.h"
#include "index/record_layout.h"

namespace clientele {
namespace {

constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;

// Texts that are mostly looked up as they are: neither emails nor, with their domains, websites.
constexpr Field kAnnouncedFields[] = {Field::kPhone,    Field::kName,     Field::kCompanyName, Field::kEntryBaseDomain,
                                      Field::kBillType, Field::kCustomId, Field::kPromocode,   Field::kAllowedTrafficGb};

void PutInteger(const ScalarValue& value, const HeadSlice& slice, HeadWords& head, RowWriter& out) {
  if (value.is_null) return slice.Set(head, kNullInteger);
  slice.Set(head, value.integer < 0 ? kNegative : kNonNegative);
  out.PutVarint(static_cast<std::uint64_t>(value.integer < 0 ? ~value.integer : value.integer));
}

void PutTime(const ScalarValue& value, const HeadSlice& slice, HeadWords& head, RowWriter& out) {
  if (value.is_null) return slice.Set(head, kNullTime);
  const std::int64_t seconds = value.integer / kMicrosecondsPerSecond;
  const std::int64_t microseconds = value.integer % kMicrosecondsPerSecond;
  if (value.integer < 0 || seconds > std::int64_t{UINT32_MAX}) {
    slice.Set(head, kMicroseconds);
    return out.PutFixed(static_cast<std::uint64_t>(value.integer), 8);
  }
  slice.Set(head, microseconds == 0 ? kSeconds : kSecondsAndFraction);
  out.PutFixed(static_cast<std::uint64_t>(seconds), 4);
  if (microseconds != 0) out.PutFixed(static_cast<std::uint64_t>(microseconds), 3);
}

// Booleans, words and countries, which are all in the head.
void PutCode(const FieldDef& def, const ScalarValue& value, const HeadSlice& slice, HeadWords& head) {
  const bool is_null = value.is_null && def.nullable;
  slice.Set(head, is_null ? NullCode(def) : static_cast<std::uint32_t>(value.integer));
}

}  // namespace

struct RecordEncoder::State {
  explicit State(std::shared_ptr<RecordDictionaries> shared)
      : dictionaries(std::move(shared)), gates(*dictionaries), composites(gates) {}

  void AnnounceTexts(const ClientRecord& record);
  void PutScalars(const ClientRecord& record);
  void PutComposites(const ClientRecord& record);
  void PutComposite(const FieldDef& def, const ClientRecord& record);

  const std::shared_ptr<RecordDictionaries> dictionaries;  // Kept alive.
  const RecordLayout& layout = RecordLayout::Get();
  EncoderGates gates;
  CompositeEncoder composites;
  HeadWords head{};
  std::array<std::optional<std::uint64_t>, kFieldCount> hashes;  // Of the record's announced texts.
  RowWriter scalar_bytes, composite_bytes, payload, whole;
  std::string raw;
};

RecordEncoder::RecordEncoder(std::shared_ptr<RecordDictionaries> dictionaries)
    : state_(std::make_unique<State>(std::move(dictionaries))) {}
RecordEncoder::~RecordEncoder() = default;

void RecordEncoder::Append(const ClientRecord& record, std::string& out) {
  State& state = *state_;
  state.head = {};
  state.AnnounceTexts(record);
  state.PutScalars(record);
  state.PutComposites(record);

  RowWriter& whole = state.whole;
  whole.Clear();
  whole.PutVarint(state.scalar_bytes.size());
  for (std::size_t i = 0; i < state.layout.head_bytes; i += 8) {
    whole.PutFixed(state.head[i / 8], std::min<std::size_t>(state.layout.head_bytes - i, 8));
  }
  whole.PutText(state.scalar_bytes.text());
  whole.PutText(state.composite_bytes.text());
  RowWriter& length = state.payload;
  length.Clear();
  length.PutVarint(whole.size());
  out.append(length.text());
  out.append(whole.text());
}

void RecordEncoder::State::AnnounceTexts(const ClientRecord& record) {
  for (const Field field : kAnnouncedFields) {
    const ScalarValue& value = record[field];
    std::optional<std::uint64_t>& hash = hashes[static_cast<std::size_t>(field)];
    hash = value.is_null ? std::nullopt : gates.OfField(field)->Announce(value.text);
  }
  gates.texts.AnnounceEmail(record[Field::kEmail].text);
  for (const Field field : kAnnouncedFields) {
    if (const auto hash = hashes[static_cast<std::size_t>(field)]) gates.OfField(field)->Look(*hash);
  }
}

void RecordEncoder::State::PutScalars(const ClientRecord& record) {
  scalar_bytes.Clear();
  gates.texts.ForgetOwnEmail();
  for (const Field field : layout.section_order) {
    const FieldDef& def = Def(field);
    const ScalarValue& value = record[field];
    const HeadSlice& slice = layout.slices[static_cast<std::size_t>(field)];
    if (def.kind == FieldKind::kInteger) {
      PutInteger(value, slice, head, scalar_bytes);
    } else if (def.kind == FieldKind::kTime) {
      PutTime(value, slice, head, scalar_bytes);
    } else if (value.is_null && def.nullable) {
      slice.Set(head, kNullText);
    } else {
      slice.Set(head, kTextFollows);
      DictionaryGate* const gate = gates.OfField(field);
      if (def.kind == FieldKind::kNumber) {
        gates.texts.PutRaw(value.text, gate, scalar_bytes, hashes[static_cast<std::size_t>(field)]);
      } else if (field == Field::kEmail) {
        gates.texts.PutOwnEmail(value.text, gate, scalar_bytes);
      } else {
        gates.texts.Put(value.text, gate, scalar_bytes, hashes[static_cast<std::size_t>(field)]);
      }
    }
  }
  for (const FieldDef& def : Fields()) {
    if (def.kind == FieldKind::kBoolean || def.kind == FieldKind::kWord || def.kind == FieldKind::kCountry) {
      PutCode(def, record[def.field], layout.slices[static_cast<std::size_t>(def.field)], head);
    }
  }
}

void RecordEncoder::State::PutComposites(const ClientRecord& record) {
  composite_bytes.Clear();
  for (const FieldDef& def : Fields()) {
    if (IsComposite(def.kind)) PutComposite(def, record);
  }
  if (record.unknown_members.empty()) return;
  layout.unknown_members.Set(head, 1);
  raw.clear();
  AppendOnOneLine(record.unknown_members, raw);
  composite_bytes.PutVarint(raw.size());
  composite_bytes.PutText(raw);
}

void RecordEncoder::State::PutComposite(const FieldDef& def, const ClientRecord& record) {
  const std::size_t index = static_cast<std::size_t>(def.field);
  payload.Clear();
  CompositeState composite_state = kEncoded;
  if (const std::string_view verbatim = record.verbatim[index]; !verbatim.empty()) {
    composite_state = kVerbatim;
    raw.clear();
    AppendOnOneLine(verbatim, raw);
    payload.PutText(raw);
  } else {
    composites.Put(def.field, record, payload);
    if (payload.size() == 0) return;
    if (payload.size() == 1) composite_state = kShort;
  }
  layout.slices[index].Set(head, composite_state);
  if (composite_state != kShort) composite_bytes.PutVarint(payload.size());
  composite_bytes.PutText(payload.text());
}

}  // namespace clientele
