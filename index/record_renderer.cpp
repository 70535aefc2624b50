// From the bytes of a record to its JSON.
#include <array>
#include <bit>
#include <utility>

#include "index/composite_writer.h"
#include "index/decimal_text.h"
#include "index/json_sink.h"
#include "index/json_text.h"
#include "index/record_codec.h"
#include "index/record_dictionaries.h"
#include "index/record_format.h"
#include "index/record_layout.h"
#include "index/render_plan.h"
#include "index/text_writer.h"

namespace clientele {
namespace {

constexpr std::uint64_t kAllFields = (std::uint64_t{1} << kFieldCount) - 1;

// Renders one record. Fields must be asked for in the record's order.
class Renderer {
 public:
  Renderer(const RecordDictionaries& dictionaries, const std::uint8_t* record, JsonSink& sink)
      : dictionaries_(dictionaries),
        plan_(RenderPlan::Get()),
        parts_(record, plan_.head_bytes),
        references_(LocateReferences()),
        section_(TimeAt(plan_.times.size())),
        composite_(parts_.composites),
        sink_(sink),
        texts_(dictionaries, OwnText(Field::kEmail), parts_.end, sink) {}

  // Writes the fields, each with a comma in front.
  char* Write(std::uint64_t fields, char* out) {
    for (std::uint64_t left = fields & kAllFields; left != 0; left &= left - 1) {
      out = WriteField(plan_.steps.begin()[std::countr_zero(left)], sink_.Room(out));
    }
    const bool whole = (fields & kAllFields) == kAllFields;
    return whole && plan_.unknown_members.Get(parts_.head) != 0 ? WriteUnknownMembers(out) : out;
  }

  // Writes the value of a text field, escaped; false when it is null.
  bool WriteText(Field field, char*& out) {
    const RenderStep& step = Step(field);
    if (!HasText(step)) return false;
    out = texts_.Write(Locate(step), dictionaries_.texts(field), out);
    return true;
  }

 private:
  // Where each reference starts, and behind them the rest of the section.
  using References = std::array<const std::uint8_t*, kUserReferenceCount + 1>;

  const RenderStep& Step(Field field) const { return plan_.steps.begin()[static_cast<std::size_t>(field)]; }
  std::uint32_t State(const RenderStep& step) const { return step.slice.Get(parts_.head); }
  bool HasText(const RenderStep& step) const { return step.always_present || State(step) != kNullText; }

  References LocateReferences() const {
    References found;
    const std::uint8_t* at = parts_.scalars;
    for (std::size_t i = 0; i < kIntegerReferences; ++i) {
      found[i] = at;
      if (State(Step(kUserReferences[i])) != kNullInteger) at += VarintLength(*at);
    }
    for (std::size_t i = kIntegerReferences; i < kUserReferenceCount; ++i) {
      found[i] = at;
      if (HasText(Step(kUserReferences[i]))) SkipText(at, parts_.end);
    }
    found.back() = at;
    return found;
  }

  // The client's own text as encoded; null when it has none.
  const std::uint8_t* OwnText(Field field) const {
    const RenderStep& step = Step(field);
    return HasText(step) ? references_.begin()[step.reference] : nullptr;
  }

  // Where the time with this ordinal starts; for their number, where they end.
  const std::uint8_t* TimeAt(std::size_t ordinal) const {
    const std::uint8_t* at = references_.back();
    for (std::size_t i = 0; i < ordinal; ++i) at += kTimeBytes.begin()[State(*plan_.times.data()[i])];
    return at;
  }

  // A cursor at the bytes of an integer, a text or a number that is not null.
  const std::uint8_t*& Locate(const RenderStep& step) {
    if (step.reference < kUserReferenceCount) {
      reference_ = references_.begin()[step.reference];
      return reference_;
    }
    while (section_ordinal_ < step.ordinal) SkipScalar(*plan_.section.data()[section_ordinal_++]);
    ++section_ordinal_;
    return section_;
  }

  void SkipScalar(const RenderStep& step) {
    if (step.kind == FieldKind::kInteger) {
      if (State(step) != kNullInteger) section_ += VarintLength(*section_);
    } else if (HasText(step)) {
      SkipText(section_, parts_.end);
    }
  }

  // The payload of a composite that is not empty.
  std::pair<const std::uint8_t*, const std::uint8_t*> Payload(const RenderStep& step) {
    for (; composite_ordinal_ < step.ordinal; ++composite_ordinal_) {
      const std::uint32_t state = State(*plan_.composites.data()[composite_ordinal_]);
      if (state != kEmptyComposite) NextPayload(state);
    }
    ++composite_ordinal_;
    return NextPayload(State(step));
  }

  std::pair<const std::uint8_t*, const std::uint8_t*> NextPayload(std::uint32_t state) {
    const std::uint64_t size = state == kShort ? 1 : ReadVarint(composite_, parts_.end);
    const std::uint8_t* const begin = composite_;
    composite_ += size;
    return {begin, composite_};
  }

  std::int64_t ReadInteger(std::uint32_t state, const std::uint8_t*& at) const {
    const std::uint64_t value = ReadVarint(at, parts_.end);
    return static_cast<std::int64_t>(state == kNegative ? ~value : value);
  }

  char* WriteField(const RenderStep& step, char* out) {
    const std::uint32_t state = State(step);
    switch (step.kind) {
      case FieldKind::kBoolean:
      case FieldKind::kWord: return plan_.Copy(plan_.values.data()[step.values + state], out);
      case FieldKind::kCountry:
        if (state >= kCountryCount) return plan_.Copy(step.null, out);
        out = plan_.Copy(step.key, out);
        *out++ = static_cast<char>('A' + state / 26);
        *out++ = static_cast<char>('A' + state % 26);
        *out++ = '"';
        return out;
      case FieldKind::kInteger:
        if (state == kNullInteger) return plan_.Copy(step.null, out);
        return WriteDecimal(ReadInteger(state, Locate(step)), plan_.Copy(step.key, out));
      case FieldKind::kText:
        if (!HasText(step)) return plan_.Copy(step.null, out);
        out = texts_.Write(Locate(step), dictionaries_.texts(step.field), plan_.Copy(step.key, out));
        *out++ = '"';
        return out;
      case FieldKind::kNumber:
        if (!HasText(step)) return plan_.Copy(step.null, out);
        return texts_.Write(Locate(step), dictionaries_.texts(step.field), plan_.Copy(step.key, out));
      case FieldKind::kTime:
        if (state == kNullTime) return plan_.Copy(step.null, out);
        out = WriteTime(state, TimeAt(step.ordinal), plan_.Copy(step.key, out));
        *out++ = '"';
        return out;
      default:
        if (state == kEmptyComposite) return plan_.Copy(step.null, out);
        return WriteComposite(step, state, plan_.Copy(step.key, out));
    }
  }

  char* WriteTime(std::uint32_t state, const std::uint8_t* at, char* out) const {
    const std::uint64_t word = LoadWord(at, parts_.end);
    if (state == kMicroseconds) return WriteRfc3339(static_cast<std::int64_t>(word), out);
    const std::uint32_t fraction = state == kSeconds ? 0 : static_cast<std::uint32_t>(word >> 32 & 0xFF'FFFF);
    return WriteRfc3339(static_cast<std::uint32_t>(word), fraction, out);
  }

  char* WriteComposite(const RenderStep& step, std::uint32_t state, char* out) {
    const auto [begin, end] = Payload(step);
    if (state == kVerbatim) return WriteRaw(begin, end, out);
    CompositeWriter writer(dictionaries_, parts_.end, texts_, sink_);
    switch (step.kind) {
      case FieldKind::kUsers: return writer.WriteUsers(Own(), begin, end, out);
      case FieldKind::kFeatures: return writer.WriteFeatures(step.field == Field::kPaidFeatures, begin, end, out);
      case FieldKind::kServiceSet: return writer.WriteServiceSet(begin, end, out);
      case FieldKind::kServiceStates: return writer.WriteServiceStates(begin, end, out);
      case FieldKind::kServiceFlags: return writer.WriteServiceFlags(begin, end, out);
      default: return writer.WriteTexts(dictionaries_.texts(step.field), begin, end, out);
    }
  }

  char* WriteRaw(const std::uint8_t* begin, const std::uint8_t* end, char* out) {
    return sink_.PutLong(out, {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(end - begin)});
  }

  // Only after all fields.
  char* WriteUnknownMembers(char* out) {
    // Empty composites at the end of the schema were not passed, but take no bytes.
    const auto [begin, end] = NextPayload(kEncoded);
    out = sink_.Room(out);
    *out++ = ',';
    return WriteRaw(begin, end, out);
  }

  OwnFields Own() const {
    const auto integer = [&](Field field) {
      const std::uint32_t state = State(Step(field));
      const std::uint8_t* at = references_.begin()[Step(field).reference];
      return state == kNullInteger ? 0 : ReadInteger(state, at);
    };
    return {.id = integer(Field::kId),
            .reseller = integer(Field::kResellers),
            .email = OwnText(Field::kEmail),
            .phone = OwnText(Field::kPhone),
            .name = OwnText(Field::kName),
            .company = OwnText(Field::kCompanyName)};
  }

  const RecordDictionaries& dictionaries_;
  const RenderPlan& plan_;
  const RecordParts parts_;
  const References references_;
  const std::uint8_t* reference_ = nullptr;
  const std::uint8_t* section_;
  std::size_t section_ordinal_ = 0;  // Of the scalar that `section_` stands at.
  const std::uint8_t* composite_;
  std::size_t composite_ordinal_ = 0;
  JsonSink& sink_;
  TextWriter texts_;
};

}  // namespace

void RenderRecord(const RecordDictionaries& dictionaries, const std::uint8_t* record, std::uint64_t fields, std::string& out) {
  const std::size_t begin = out.size();
  JsonSink sink(out);
  char* at = Renderer(dictionaries, record, sink).Write(fields, sink.begin());
  if (at == sink.begin() && out.size() == begin) *at++ = '{';  // No field at all.
  *at++ = '}';
  sink.Flush(at);
  out[begin] = '{';  // In place of the first field's comma.
}

std::size_t EncodedLength(const std::uint8_t* record) {
  const std::uint8_t* at = record;
  const std::uint64_t length = ReadVarint(at, record + kShortestRecord);
  return static_cast<std::size_t>(at - record) + static_cast<std::size_t>(length);
}

bool ReadText(const RecordDictionaries& dictionaries, const std::uint8_t* record, Field field, std::string& out) {
  std::string escaped;
  JsonSink sink(escaped);
  char* at = sink.begin();
  if (!Renderer(dictionaries, record, sink).WriteText(field, at)) return false;
  sink.Flush(at);
  out.clear();
  AppendUnescaped(escaped, out);
  return true;
}

}  // namespace clientele
