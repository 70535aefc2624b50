// A walk over the tokens of one JSON text that takes nothing on trust: every token is consumed by exactly one call, which checks
// that it is what the grammar allows there, and nothing is skipped unseen. The first mistake fails the walk for good.
//
//   if (!cursor.EnterObject()) return false;
//   while (cursor.NextMember(key)) { ... consume exactly one value ... }
//   return !cursor.failed();
//
// One thread at a time. Views point into the JSON text or, when something had to be unescaped, into the arena.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "loader/text_arena.h"

namespace clientele {

struct RecordPieces;

// The first mistake of a walk. Only here are strings allocated.
struct JsonMistake {
  std::size_t offset = 0;  // Byte whose JSON pointer is meant.
  std::string member;      // Missing member of the object at `offset`; empty when something is there, but wrong.
  std::string_view value;  // Raw JSON of what was found.
  std::string expected;
};

class JsonCursor {
 public:
  // Deepest nesting that SkipValue accepts; far beyond any real record, and within what other parsers take (most stop at 1,000).
  static constexpr std::size_t kDepthMax = 512;

  // `offsets` as JsonTokenizer gives them. Some bytes behind `json` must be readable.
  // `pieces`: what was met in earlier texts, for whom it may concern.
  void Start(std::string_view json, const std::uint32_t* offsets, std::size_t count, TextArena& arena,
             RecordPieces* pieces = nullptr) {
    pieces_ = pieces;
    json_ = json;
    data_ = json.data();
    offsets_ = offsets;
    count_ = count;
    at_ = 0;
    failed_ = false;
    arena_ = &arena;
    // Texts rarely hold escapes: one look at the whole record spares a look at each of them.
    may_escape_ = std::memchr(json.data(), '\\', json.size()) != nullptr;
  }

  bool failed() const { return failed_; }
  const JsonMistake& mistake() const { return mistake_; }
  std::string_view json() const { return json_; }

  bool AtEnd() const { return at_ == count_; }
  // Where the next token begins; the text's size at its end.
  std::size_t offset() const { return offsets_[at_]; }
  // First byte of the next token; NUL at the end, which begins no valid token.
  char Peek() const { return at_ < count_ ? data_[offsets_[at_]] : '\0'; }
  // Where the latest token, a closing bracket or a scalar, ends.
  std::size_t PreviousEnd() const { return TokenEnd(at_ - 1); }
  // The raw JSON from `first_offset`, where a value began, to the end of the token consumed last.
  std::string_view RawFrom(std::size_t first_offset) const { return json_.substr(first_offset, PreviousEnd() - first_offset); }

  bool EnterObject(std::string_view expected = "an object") { return Enter('{', expected); }
  bool EnterArray(std::string_view expected = "an array") { return Enter('[', expected); }

  // Moves to the next member's value and gives its raw key (without quotes, escapes as they stand). False behind the last member,
  // with the object's end consumed, and after a mistake.
  bool NextMember(std::string_view& raw_key) {
    // The usual case in few steps, as most tokens of a record are those of its members: a name without white space behind it, a
    // colon, and at least two more tokens, all this behind a comma unless it is the first member.
    const std::uint32_t* token = offsets_ + at_;
    const bool first = data_[token[-1]] == '{';
    token += first ? 0 : 1;
    if (at_ + 3 < count_ && !failed_ && (first || data_[token[-1]] == ',') && data_[token[0]] == '"' && data_[token[1]] == ':' &&
        data_[token[1] - 1] == '"') [[likely]] {
      raw_key = {data_ + token[0] + 1, token[1] - token[0] - 2};
      at_ += first ? 2 : 3;
      return true;
    }
    return NextUnusualMember(raw_key);
  }

  // Moves to the next member's value if it has a certain name and nothing unusual about it; else nothing happens. `is_name` tells
  // whether the name, a quotation mark and a colon stand where it is shown, and may look at as many bytes as may be read behind
  // the JSON. The bytes settle what the tokens are: so this is the shortest way to a member that is expected.
  template <class IsName>
  bool TakeMember(IsName is_name) {
    const std::uint32_t* token = offsets_ + at_;
    const bool first = data_[token[-1]] == '{';
    token += first ? 0 : 1;
    if (at_ + 3 >= count_ || failed_ || !(first || data_[token[-1]] == ',') || data_[token[0]] != '"') return false;
    if (!is_name(data_ + token[0] + 1)) return false;
    at_ += first ? 2 : 3;
    return true;
  }

  // Consumes `tokens` tokens if the text goes on with these very bytes, which were so many whole tokens elsewhere and end with a
  // quotation mark or a bracket; nothing happens otherwise. Equal bytes are equal tokens, as the first of them begins one.
  bool TakePiece(std::string_view piece, std::size_t tokens) {
    const char* const at = data_ + offset();
    if (piece.size() > static_cast<std::size_t>(data_ + json_.size() - at) || std::memcmp(at, piece.data(), piece.size()) != 0)
      return false;
    at_ += tokens;
    return true;
  }
  // Number of the next token, from 0.
  std::size_t token() const { return at_; }
  // The eight bytes from a token on that is so many tokens ahead, and some of which may lie behind the text; 0 past its end.
  std::uint64_t WordAhead(std::size_t tokens) const {
    std::uint64_t word = 0;
    if (at_ + tokens < count_) std::memcpy(&word, data_ + offsets_[at_ + tokens], sizeof word);
    return word;
  }
  bool may_escape() const { return may_escape_; }  // False: no string of the text holds an escape.
  RecordPieces* pieces() const { return pieces_; }

  // Moves to the next element. False behind the last one, with the array's end consumed, and after a mistake.
  bool NextElement() { return NextItem('[', ']', "a comma or ]"); }

  // Consumes a null, if one is next; no mistake otherwise.
  bool TakeNull() { return Peek() == 'n' && TakeWord("null"); }

  bool ReadBoolean(bool& value, std::string_view expected = "true or false") {
    const char c = Peek();
    if (c == 't' && TakeWord("true")) {
      value = true;
      return true;
    }
    if (c == 'f' && TakeWord("false")) {
      value = false;
      return true;
    }
    return FailHere(expected);
  }

  // A number without fraction and exponent within 64 bits.
  bool ReadInteger(std::int64_t& value, std::string_view expected = "a 64-bit integer") {
    const std::string_view text = Token();
    std::size_t i = !text.empty() && text[0] == '-' ? 1 : 0;
    const std::size_t digits = text.size() - i;
    // Eighteen digits cannot overflow; longer ones and zeros in front take the careful way.
    if (digits - 1 >= 18 || (text[i] == '0' && digits > 1)) return ReadLongInteger(text, value, expected);
    std::int64_t magnitude = 0;
    for (; i < text.size(); ++i) {
      const unsigned digit = static_cast<unsigned char>(text[i]) - '0';
      if (digit > 9) return FailHere(expected);
      magnitude = magnitude * 10 + digit;
    }
    value = text[0] == '-' ? -magnitude : magnitude;
    ++at_;
    return true;
  }

  // Any JSON number: its spelling and the nearest double. Beyond a double's range: a mistake.
  bool ReadNumber(std::string_view& spelling, double& value);

  // A string's text, unescaped.
  bool ReadText(std::string_view& text, std::string_view expected = "a string") {
    if (Peek() != '"') return FailHere(expected);
    text = Quoted(at_);
    if (may_escape_ && HasEscape(text) && !Unescape(text)) return FailHere("a string with valid escapes");
    ++at_;
    return true;
  }

  // Unescapes a raw key or text in place; false when its escapes are malformed.
  bool Unescape(std::string_view& text);
  bool HasEscape(std::string_view text) const {
    return may_escape_ && !text.empty() && std::memchr(text.data(), '\\', text.size()) != nullptr;
  }

  // Checks and consumes any value.
  bool SkipValue();

  // Fails the walk (unless it has failed already) and returns false. The value given is the one at the next token.
  bool FailHere(std::string_view expected) { return FailToken(at_, expected); }
  // The same for a value that began at `offset` and has been consumed, or that has no token of its own.
  bool FailAt(std::size_t offset, std::string_view value, std::string_view expected);
  // The same for a member that the object at `object_offset` lacks.
  bool FailMissing(std::size_t object_offset, std::string_view member, std::string_view expected);

 private:
  // Behind a token hardly anything is blank, and no other byte from a space down is there but in what is malformed.
  static bool IsBlank(char c) {
    return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || c == '\t' || c == '\n' || c == '\r');
  }

  // Between two tokens there is nothing but white space behind the first.
  std::size_t TokenEnd(std::size_t token) const {
    std::size_t end = offsets_[token + 1];
    while (IsBlank(data_[end - 1]) && end > offsets_[token] + 1) --end;
    return end;
  }
  std::string_view Token() const {
    if (at_ == count_) return {};
    return {data_ + offsets_[at_], TokenEnd(at_) - offsets_[at_]};
  }
  // Between the quotes of a string token; the tokenizer has made sure that it is closed.
  std::string_view Quoted(std::size_t token) const {
    const std::size_t begin = offsets_[token] + 1;
    const std::size_t end = TokenEnd(token) - 1;
    return {data_ + begin, end > begin ? end - begin : 0};
  }

  bool Enter(char bracket, std::string_view expected) {
    if (Peek() != bracket) return FailHere(expected);
    ++at_;
    return true;
  }

  bool NextItem(char open, char close, std::string_view expected) {
    if (failed_) return false;
    const char next = Peek();
    const bool first = data_[offsets_[at_ - 1]] == open;
    if (next == close) {
      ++at_;
      return false;
    }
    if (first) return true;
    if (next != ',') return FailHere(expected);
    ++at_;
    // A comma before the closing bracket is left for the reader of the item, who finds no value there.
    return true;
  }

  // A template, so that the comparison is one of a fixed number of bytes.
  template <std::size_t N>
  bool TakeWord(const char (&word)[N]) {
    const std::string_view token = Token();
    if (token.size() != N - 1 || std::memcmp(token.data(), word, N - 1) != 0) return false;
    ++at_;
    return true;
  }

  bool NextUnusualMember(std::string_view& raw_key);  // Whatever is next.
  bool SkipScalar();
  bool ReadLongInteger(std::string_view text, std::int64_t& value, std::string_view expected);
  bool FailToken(std::size_t token, std::string_view expected);

  std::string_view json_;
  const char* data_ = nullptr;  // Of json_: hot loops index it without the library's bounds checks, offsets being in range.
  const std::uint32_t* offsets_ = nullptr;
  std::size_t count_ = 0;
  std::size_t at_ = 0;  // Next token.
  bool failed_ = false;
  bool may_escape_ = false;
  TextArena* arena_ = nullptr;
  RecordPieces* pieces_ = nullptr;
  JsonMistake mistake_;
};

}  // namespace clientele
