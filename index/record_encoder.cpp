// From a checked ClientRecord to its bytes, field by field as the schema table says.
#include <cassert>
#include <vector>

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

// Room before the scalars for two lengths and the head.
constexpr std::size_t kFrontBytes = 2 * 9 + sizeof(HeadWords);

// How one field of one value is written. Steps are made once: looking a field up in the schema, the layout and the gates takes as
// long as writing many of them.
struct ScalarStep {
  Field field;
  FieldKind kind;
  bool nullable;
  std::uint32_t null_code;  // Of booleans, words and countries, which are all in the head.
  HeadSlice slice;
  DictionaryGate* gate;  // Of texts and numbers.
};

bool IsCode(FieldKind kind) {
  return kind == FieldKind::kBoolean || kind == FieldKind::kWord || kind == FieldKind::kCountry;
}

// In the order of the scalar section, then those that are all in the head.
std::vector<ScalarStep> MakeScalarSteps(const RecordLayout& layout, EncoderGates& gates) {
  std::vector<ScalarStep> steps;
  const auto add = [&](Field field) {
    const FieldDef& def = Def(field);
    steps.push_back({.field = field,
                     .kind = def.kind,
                     .nullable = def.nullable,
                     .null_code = IsCode(def.kind) ? NullCode(def) : 0,
                     .slice = layout.slices[static_cast<std::size_t>(field)],
                     .gate = gates.OfField(field)});
  };
  for (const Field field : layout.section_order) add(field);
  for (const FieldDef& def : Fields()) {
    if (IsCode(def.kind)) add(def.field);
  }
  return steps;
}

std::vector<const FieldDef*> CompositeFields() {
  std::vector<const FieldDef*> fields;
  for (const FieldDef& def : Fields()) {
    if (IsComposite(def.kind)) fields.push_back(&def);
  }
  return fields;
}

}  // namespace

struct RecordEncoder::State {
  explicit State(std::shared_ptr<RecordDictionaries> shared)
      : dictionaries(std::move(shared)),
        gates(*dictionaries),
        composites(gates),
        scalar_steps(MakeScalarSteps(layout, gates)),
        composite_fields(CompositeFields()) {}

  void AnnounceTexts(const ClientRecord& announced);
  void LookAtTexts();
  void PutScalars(const ClientRecord& encoded);
  void PutText(const ScalarStep& step, const ScalarValue& value);
  void PutComposites(const ClientRecord& encoded);
  void PutComposite(const FieldDef& def, const ClientRecord& encoded);
  std::string_view PutFront(std::size_t scalar_bytes);

  const std::shared_ptr<RecordDictionaries> dictionaries;  // Kept alive.
  const RecordLayout& layout = RecordLayout::Get();
  EncoderGates gates;
  CompositeEncoder composites;
  const std::vector<ScalarStep> scalar_steps;
  const std::vector<const FieldDef*> composite_fields;
  const ClientRecord* record = nullptr;  // From Begin() to Finish().
  HeadWords head{};
  std::array<std::optional<std::uint64_t>, kFieldCount> hashes;  // Of the record's announced texts.
  std::optional<std::uint64_t> email_domain;
  RowWriter out, front;
  std::string raw;
};

RecordEncoder::RecordEncoder(std::shared_ptr<RecordDictionaries> dictionaries)
    : state_(std::make_unique<State>(std::move(dictionaries))) {}
RecordEncoder::~RecordEncoder() = default;

void RecordEncoder::Append(const ClientRecord& record, std::string& out) {
  Begin(record);
  Look();
  out.append(Finish());
}

void RecordEncoder::Begin(const ClientRecord& record) {
  state_->record = &record;
  state_->AnnounceTexts(record);
}

void RecordEncoder::Look() {
  state_->LookAtTexts();
}

std::string_view RecordEncoder::Finish() {
  State& state = *state_;
  state.head = {};
  state.out.Clear();
  state.out.Skip(kFrontBytes);
  state.PutScalars(*state.record);
  const std::size_t scalar_bytes = state.out.size() - kFrontBytes;
  state.PutComposites(*state.record);
  return state.PutFront(scalar_bytes);
}

// Writes the two lengths and the head, which are known last, before what is there; gives the whole.
std::string_view RecordEncoder::State::PutFront(std::size_t scalar_bytes) {
  front.Clear();
  front.PutVarint(scalar_bytes);
  for (std::size_t i = 0; i < layout.head_bytes; i += 8)
    front.PutFixed(head[i / 8], std::min<std::size_t>(layout.head_bytes - i, 8));
  const std::size_t behind_length = front.size();
  const std::size_t length = behind_length + out.size() - kFrontBytes;
  front.PutVarint(length);
  const std::size_t length_bytes = front.size() - behind_length;
  const std::size_t begin = kFrontBytes - front.size();
  std::memcpy(out.data() + begin, front.data() + behind_length, length_bytes);
  std::memcpy(out.data() + begin + length_bytes, front.data(), behind_length);
  return out.text().substr(begin);
}

void RecordEncoder::State::AnnounceTexts(const ClientRecord& announced) {
  for (const Field field : kAnnouncedFields) {
    const ScalarValue& value = announced[field];
    std::optional<std::uint64_t>& hash = hashes[static_cast<std::size_t>(field)];
    hash = value.is_null ? std::nullopt : gates.OfField(field)->Announce(value.text);
  }
  email_domain = gates.texts.AnnounceEmail(announced[Field::kEmail].text);
}

void RecordEncoder::State::LookAtTexts() {
  for (const Field field : kAnnouncedFields) {
    if (const auto hash = hashes[static_cast<std::size_t>(field)]) gates.OfField(field)->Look(*hash);
  }
  if (email_domain) gates.texts.LookAtDomain(*email_domain);
}

void RecordEncoder::State::PutScalars(const ClientRecord& encoded) {
  gates.texts.ForgetOwnEmail();
  for (const ScalarStep& step : scalar_steps) {
    const ScalarValue& value = encoded[step.field];
    switch (step.kind) {
      case FieldKind::kInteger: PutInteger(value, step.slice, head, out); break;
      case FieldKind::kTime: PutTime(value, step.slice, head, out); break;
      case FieldKind::kText:
      case FieldKind::kNumber: PutText(step, value); break;
      default: step.slice.Set(head, value.is_null && step.nullable ? step.null_code : static_cast<std::uint32_t>(value.integer));
    }
  }
}

void RecordEncoder::State::PutText(const ScalarStep& step, const ScalarValue& value) {
  if (value.is_null && step.nullable) return step.slice.Set(head, kNullText);
  step.slice.Set(head, kTextFollows);
  const std::optional<std::uint64_t>& hash = hashes[static_cast<std::size_t>(step.field)];
  if (step.kind == FieldKind::kNumber)
    gates.texts.PutRaw(value.text, step.gate, out, hash);
  else if (step.field == Field::kEmail)
    gates.texts.PutOwnEmail(value.text, step.gate, out);
  else
    gates.texts.Put(value.text, step.gate, out, hash);
}

void RecordEncoder::State::PutComposites(const ClientRecord& encoded) {
  for (const FieldDef* const def : composite_fields) PutComposite(*def, encoded);
  if (encoded.unknown_members.empty()) return;
  layout.unknown_members.Set(head, 1);
  raw.clear();
  AppendOnOneLine(encoded.unknown_members, raw);
  out.PutVarint(raw.size());
  out.PutText(raw);
}

void RecordEncoder::State::PutComposite(const FieldDef& def, const ClientRecord& encoded) {
  const std::size_t index = static_cast<std::size_t>(def.field), begin = out.size();
  out.PutByte(0);  // Where the length will be.
  CompositeState composite_state = kEncoded;
  if (const std::string_view verbatim = encoded.verbatim[index]; !verbatim.empty()) {
    composite_state = kVerbatim;
    raw.clear();
    AppendOnOneLine(verbatim, raw);
    out.PutText(raw);
  } else {
    composites.Put(def.field, encoded, out);
    const std::size_t payload_bytes = out.size() - begin - 1;
    if (payload_bytes == 0) return out.Truncate(begin);
    if (payload_bytes == 1) composite_state = kShort;
  }
  layout.slices[index].Set(head, composite_state);
  if (composite_state != kShort) return out.InsertLength(begin);
  out.data()[begin] = out.data()[begin + 1];
  out.Truncate(begin + 1);
}

}  // namespace clientele
