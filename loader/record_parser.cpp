#include "loader/record_parser.h"

#include "index/record_layout.h"
#include "loader/member_names.h"
#include "loader/met_pieces.h"
#include "loader/record_fields.h"
#include "loader/scalar_parser.h"

namespace clientele {
namespace {

using FieldBits = std::uint64_t;

constexpr FieldBits Bit(Field field) {
  return FieldBits{1} << static_cast<unsigned>(field);
}

// The names of all fields in the schema's order, then the aliases.
struct RecordNames {
  MemberNames names;
  std::vector<const FieldDef*> fields;  // By number of the name.

  RecordNames() {
    for (const FieldDef& def : Fields()) Add(def.name, def);
    for (const FieldDef& def : Fields()) {
      if (!def.alias.empty()) Add(def.alias, def);
    }
  }

 private:
  void Add(std::string_view name, const FieldDef& def) {
    names.Add(name);
    fields.push_back(&def);
  }
};

const RecordNames& Names() {
  static const RecordNames names;
  return names;
}

// Members that the schema does not know: one view of the input as long as they stand side by side, which is the rule.
class UnknownMembers {
 public:
  void Clear() {
    raw_ = {};
    if (joined_.capacity() > kKeepBytes) joined_ = {};  // After a freak record.
    joined_.clear();
  }

  // `member` is the raw text of a member, from the quote of its name to the end of its value. `adjacent`: nothing but a comma and
  // white space stands between it and the member added before.
  void Add(std::string_view member, bool adjacent) {
    if (raw_.empty() && joined_.empty()) {
      raw_ = member;
    } else if (adjacent && joined_.empty()) {
      raw_ = {raw_.data(), static_cast<std::size_t>(member.data() + member.size() - raw_.data())};
    } else {
      if (joined_.empty()) joined_ = raw_;
      joined_ += ',';
      joined_ += member;
    }
  }

  std::string_view text() const { return joined_.empty() ? raw_ : std::string_view(joined_); }

 private:
  static constexpr std::size_t kKeepBytes = std::size_t{1} << 20;

  std::string_view raw_;
  std::string joined_;  // Keeps its memory from record to record.
};

}  // namespace

struct RecordParser::State {
  JsonTokenizer tokenizer;
  TextArena arena;
  JsonCursor cursor;
  UnknownMembers unknown;
  RecordPieces pieces;

  bool ParseRecord(ClientRecord& record);
  bool ParseUnknown(std::string_view raw_key, bool adjacent);
  bool FillAbsent(FieldBits seen, std::size_t object_offset, ClientRecord& record);
};

RecordParser::RecordParser() : state_(std::make_unique<State>()) {}
RecordParser::~RecordParser() = default;

bool RecordParser::Parse(std::string_view json, ClientRecord& record, RecordError& error) {
  State& state = *state_;
  state.arena.Reset();
  const JsonTokenError token_error = state.tokenizer.Tokenize(json);
  if (token_error != JsonTokenError::kNone) {
    error = DescribeTokenError(json, token_error);
    return false;
  }
  state.cursor.Start(json, state.tokenizer.offsets(), state.tokenizer.count(), state.arena, &state.pieces);
  if (state.ParseRecord(record)) return true;
  error = DescribeMistake(json, state.cursor.mistake());
  return false;
}

bool RecordParser::State::ParseRecord(ClientRecord& record) {
  ClearComposites(record);
  unknown.Clear();
  const std::size_t object_offset = cursor.offset();
  if (!cursor.EnterObject("a JSON object")) return false;
  const RecordNames& known = Names();
  FieldBits seen = 0;
  std::size_t expected = 0;
  bool unknown_before = false;
  std::size_t name = 0;
  std::string_view key;
  while (known.names.Next(cursor, expected, name, key)) {
    if (name == MemberNames::kUnknown) {
      if (!ParseUnknown(key, unknown_before)) return false;
      unknown_before = true;
      continue;
    }
    const FieldDef& def = *known.fields.data()[name];
    if (seen & Bit(def.field)) return cursor.FailHere("this member only once");
    seen |= Bit(def.field);
    if (!(IsComposite(def.kind) ? ParseComposite(cursor, def, record) : ParseScalar(cursor, def, record[def.field])))
      return false;
    expected = static_cast<std::size_t>(def.field) + 1;  // Also behind an alias.
    unknown_before = false;
  }
  if (cursor.failed()) return false;
  if (!cursor.AtEnd()) return cursor.FailHere("nothing behind the record");
  record.unknown_members = unknown.text();
  return FillAbsent(seen, object_offset, record);
}

bool RecordParser::State::ParseUnknown(std::string_view raw_key, bool adjacent) {
  if (!cursor.SkipValue()) return false;
  const char* const begin = raw_key.data() - 1;  // Its quote.
  const char* const end = cursor.json().data() + cursor.PreviousEnd();
  unknown.Add({begin, static_cast<std::size_t>(end - begin)}, adjacent);
  return true;
}

bool RecordParser::State::FillAbsent(FieldBits seen, std::size_t object_offset, ClientRecord& record) {
  constexpr FieldBits kAll = (FieldBits{1} << kFieldCount) - 1;
  for (FieldBits absent = kAll & ~seen; absent != 0; absent &= absent - 1) {
    const FieldDef& def = Fields()[static_cast<std::size_t>(__builtin_ctzll(absent))];
    if (def.required) return cursor.FailMissing(object_offset, def.name, ExpectedScalar(def));
    SetAbsent(def, record);  // Of composites, whose scalar is unused, this means nothing.
  }
  return true;
}

}  // namespace clientele
