// From the bytes of a record to its JSON: one pass over a plan that is made from the schema table once.
#include <array>
#include <bit>
#include <cstring>

#include "index/composite_writer.h"
#include "index/decimal_text.h"
#include "index/json_sink.h"
#include "index/json_text.h"
#include "index/record_codec.h"
#include "index/record_dictionaries.h"
#include "index/record_format.h"
#include "index/record_layout.h"
#include "index/text_writer.h"

namespace clientele {
namespace {

constexpr std::uint64_t kAllFields = (std::uint64_t{1} << kFieldCount) - 1;
constexpr std::size_t kReferences = kUserReferences.size();
constexpr std::size_t kSectionCursor = kReferences;  // The references have a cursor each, the rest of the section has one.

// JSON that is the same in every record, ready to be copied in steps of 32 bytes.
class Piece {
 public:
  void Set(std::string_view text) {
    text_.assign(text.size() / 32 * 32 + 32, ' ');
    std::memcpy(text_.data(), text.data(), text.size());
    size_ = text.size();
  }
  char* Copy(char* out) const { return CopyPadded(out, text_.data(), size_); }

 private:
  std::string text_;
  std::size_t size_ = 0;
};

// How one field is rendered.
struct Step {
  FieldKind kind;
  HeadSlice slice;
  bool always_present;  // kText and kNumber that cannot be null.
  std::uint8_t cursor;  // Which of the section's cursors stands at the field's bytes.
  Field field;
  Piece key;                  // `,"id":`, for texts with the quotation mark that follows.
  Piece null;                 // `,"id":null`, for composites what an empty one is written as.
  std::vector<Piece> values;  // Of booleans and words, by the slice's value: `,"deleted":false`
};

std::string_view EmptyText(FieldKind kind) {
  switch (kind) {
    case FieldKind::kTextList:
    case FieldKind::kServiceSet:
    case FieldKind::kUsers: return "[]";
    case FieldKind::kServiceStates:
    case FieldKind::kServiceFlags:
    case FieldKind::kFeatures: return "{}";
    default: return "null";
  }
}

std::vector<Piece> ValuePieces(const FieldDef& def, const std::string& key) {
  std::vector<std::string> values;
  if (def.kind == FieldKind::kBoolean) values = {"false", "true"};
  if (def.kind == FieldKind::kWord) {
    for (const std::string_view word : def.words) values.push_back('"' + std::string(word) + '"');
  }
  if (!values.empty()) values.push_back("null");
  std::vector<Piece> pieces(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) pieces[i].Set(key + values[i]);
  return pieces;
}

struct RenderPlan {
  std::array<Step, kFieldCount> steps;
  HeadSlice unknown_members;

  RenderPlan() {
    const RecordLayout& layout = RecordLayout::Get();
    unknown_members = layout.unknown_members;
    for (const FieldDef& def : Fields()) {
      const std::size_t i = static_cast<std::size_t>(def.field);
      const std::string key = ",\"" + std::string(def.name) + "\":";
      const auto reference = std::find(kUserReferences.begin(), kUserReferences.end(), def.field);
      Step& step = steps[i];
      step.kind = def.kind;
      step.slice = layout.slices[i];
      step.always_present = step.slice.mask == 0;
      step.cursor = static_cast<std::uint8_t>(reference - kUserReferences.begin());
      step.field = def.field;
      const bool quoted = def.kind == FieldKind::kText || def.kind == FieldKind::kTime || def.kind == FieldKind::kCountry;
      step.key.Set(quoted ? key + '"' : key);
      step.null.Set(key + std::string(EmptyText(def.kind)));
      step.values = ValuePieces(def, key);
    }
  }

  static const RenderPlan& Get() {
    static const RenderPlan plan;
    return plan;
  }
};

// Renders one record.
class Renderer {
 public:
  Renderer(const RecordDictionaries& dictionaries, const std::uint8_t* record, JsonSink& sink)
      : dictionaries_(dictionaries), plan_(RenderPlan::Get()), parts_(record), composite_(parts_.composites), sink_(sink) {
    LocateReferences();
  }

  // Writes the fields, each with a comma in front.
  char* Write(std::uint64_t fields, char* out) {
    const std::size_t steps = static_cast<std::size_t>(std::bit_width(fields & kAllFields));
    TextWriter texts(dictionaries_, own_.email, parts_.end, sink_);
    for (std::size_t i = 0; i < steps; ++i) {
      const Step& step = plan_.steps[i];
      out = (fields >> i & 1) != 0 ? WriteField(step, texts, out) : (Skip(step), out);
    }
    const bool whole = (fields & kAllFields) == kAllFields;
    return whole && plan_.unknown_members.Get(parts_.head) != 0 ? WriteUnknownMembers(out) : out;
  }

  // Writes the value of a text field, escaped; false when it is null.
  bool WriteText(Field field, char*& out) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(field); ++i) {
      if (!IsComposite(plan_.steps[i].kind)) Skip(plan_.steps[i]);
    }
    const Step& step = plan_.steps[static_cast<std::size_t>(field)];
    if (!HasText(step)) return false;
    TextWriter texts(dictionaries_, own_.email, parts_.end, sink_);
    out = texts.Write(cursors_[step.cursor], dictionaries_.texts(field), out);
    return true;
  }

 private:
  std::uint32_t State(const Step& step) const { return step.slice.Get(parts_.head); }
  bool HasText(const Step& step) const { return step.always_present || State(step) != kNullText; }

  // Finds the scalars that stand in front of the section, because users refer to them.
  void LocateReferences() {
    const std::uint8_t* at = parts_.scalars;
    for (std::size_t i = 0; i < kReferences; ++i) {
      cursors_[i] = at;
      SkipScalar(plan_.steps[static_cast<std::size_t>(kUserReferences[i])], at);
    }
    cursors_[kSectionCursor] = at;
    const auto own_text = [&](std::size_t i) {
      return HasText(plan_.steps[static_cast<std::size_t>(kUserReferences[i])]) ? cursors_[i] : nullptr;
    };
    own_.email = own_text(2);
    own_.phone = own_text(3);
    own_.name = own_text(4);
    own_.company = own_text(5);
  }

  void SkipScalar(const Step& step, const std::uint8_t*& at) const {
    switch (step.kind) {
      case FieldKind::kText:
      case FieldKind::kNumber:
        if (HasText(step)) SkipText(at, parts_.end);
        break;
      case FieldKind::kInteger:
        if (State(step) != kNullInteger) at += VarintLength(*at);
        break;
      case FieldKind::kTime: {
        constexpr std::uint8_t kTimeBytes[] = {0, 4, 7, 8};
        at += kTimeBytes[State(step)];
        break;
      }
      default: break;
    }
  }

  void Skip(const Step& step) {
    if (!IsComposite(step.kind)) return SkipScalar(step, cursors_[step.cursor]);
    if (State(step) != kEmptyComposite) NextComposite(State(step));
  }

  // Moves behind a composite that is not empty, and returns its payload.
  std::pair<const std::uint8_t*, const std::uint8_t*> NextComposite(std::uint32_t state) {
    const std::uint64_t size = state == kShort ? 1 : ReadVarint(composite_, parts_.end);
    const std::uint8_t* const begin = composite_;
    composite_ += size;
    return {begin, composite_};
  }

  std::int64_t ReadInteger(std::uint32_t state, const std::uint8_t*& at) const {
    const std::uint64_t value = ReadVarint(at, parts_.end);
    return static_cast<std::int64_t>(state == kNegative ? ~value : value);
  }

  char* WriteField(const Step& step, TextWriter& texts, char* out) {
    out = sink_.Room(out);
    const std::uint32_t state = State(step);
    const std::uint8_t*& at = cursors_[step.cursor];
    switch (step.kind) {
      case FieldKind::kBoolean:
      case FieldKind::kWord: return step.values[state].Copy(out);
      case FieldKind::kCountry:
        if (state >= kCountryCount) return step.null.Copy(out);
        out = step.key.Copy(out);
        *out++ = static_cast<char>('A' + state / 26);
        *out++ = static_cast<char>('A' + state % 26);
        *out++ = '"';
        return out;
      case FieldKind::kInteger:
        if (state == kNullInteger) return step.null.Copy(out);
        out = step.key.Copy(out);
        return WriteDecimal(ReadInteger(state, at), out);
      case FieldKind::kText:
        if (!HasText(step)) return step.null.Copy(out);
        out = step.key.Copy(out);
        out = texts.Write(at, dictionaries_.texts(step.field), out);
        *out++ = '"';
        return out;
      case FieldKind::kNumber:
        if (!HasText(step)) return step.null.Copy(out);
        out = step.key.Copy(out);
        return texts.Write(at, dictionaries_.texts(step.field), out);
      case FieldKind::kTime:
        if (state == kNullTime) return step.null.Copy(out);
        out = WriteTime(state, at, step.key.Copy(out));
        *out++ = '"';
        return out;
      default:
        if (state == kEmptyComposite) return step.null.Copy(out);
        return WriteComposite(step, state, texts, step.key.Copy(out));
    }
  }

  char* WriteTime(std::uint32_t state, const std::uint8_t*& at, char* out) const {
    const std::uint64_t word = LoadWord(at, parts_.end);
    const std::uint32_t seconds = static_cast<std::uint32_t>(word);
    if (state == kSeconds) {
      at += 4;
      return WriteRfc3339(seconds, 0, out);
    }
    if (state == kSecondsAndFraction) {
      at += 7;
      return WriteRfc3339(seconds, static_cast<std::uint32_t>(word >> 32 & 0xFF'FFFF), out);
    }
    at += 8;
    return WriteRfc3339(static_cast<std::int64_t>(word), out);
  }

  char* WriteComposite(const Step& step, std::uint32_t state, TextWriter& texts, char* out) {
    const auto [begin, end] = NextComposite(state);
    if (state == kVerbatim) return WriteRaw(begin, end, out);
    CompositeWriter writer(dictionaries_, parts_.end, texts, sink_);
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

  char* WriteUnknownMembers(char* out) {
    const auto [begin, end] = NextComposite(kEncoded);
    out = sink_.Room(out);
    *out++ = ',';
    return WriteRaw(begin, end, out);
  }

  const OwnFields& Own() {
    const Step& id = plan_.steps[static_cast<std::size_t>(Field::kId)];
    const Step& reseller = plan_.steps[static_cast<std::size_t>(Field::kResellers)];
    const std::uint8_t* at = parts_.scalars;
    if (State(id) != kNullInteger) own_.id = ReadInteger(State(id), at);
    if (State(reseller) != kNullInteger) own_.reseller = ReadInteger(State(reseller), at);
    return own_;
  }

  const RecordDictionaries& dictionaries_;
  const RenderPlan& plan_;
  const RecordParts parts_;
  const std::uint8_t* composite_;
  std::array<const std::uint8_t*, kReferences + 1> cursors_;
  OwnFields own_;
  JsonSink& sink_;
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
