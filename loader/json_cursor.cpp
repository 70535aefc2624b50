#include "loader/json_cursor.h"

#include <algorithm>
#include <bitset>
#include <cmath>

#include <absl/strings/charconv.h>

#include "loader/json_text.h"

namespace clientele {

bool JsonCursor::FailAt(std::size_t offset, std::string_view value, std::string_view expected) {
  if (failed_) return false;
  failed_ = true;
  mistake_.offset = offset;
  mistake_.member.clear();
  mistake_.value = value;
  mistake_.expected = expected;
  return false;
}

bool JsonCursor::FailMissing(std::size_t object_offset, std::string_view member, std::string_view expected) {
  const bool first_mistake = !failed_;
  FailAt(object_offset, {}, expected);
  if (first_mistake) mistake_.member = member;
  return false;
}

bool JsonCursor::FailToken(std::size_t token, std::string_view expected) {
  if (token >= count_) return FailAt(json_.size(), {}, expected);
  const std::size_t begin = offsets_[token];
  const char first = json_[begin];
  // Of an object or array, show what follows, too; of anything else, the token.
  const std::size_t end = first == '{' || first == '[' ? json_.size() : TokenEnd(token);
  return FailAt(begin, json_.substr(begin, end - begin), expected);
}

bool JsonCursor::NextUnusualMember(std::string_view& raw_key) {
  if (!NextItem('{', '}', "a comma or }")) return false;
  if (Peek() != '"') return FailHere("a member name in quotes");
  if (at_ + 1 >= count_ || data_[offsets_[at_ + 1]] != ':') return FailToken(at_ + 1, "a colon");
  raw_key = Quoted(at_);
  at_ += 2;
  return true;
}

bool JsonCursor::ReadLongInteger(std::string_view text, std::int64_t& value, std::string_view expected) {
  if (!IsJsonNumber(text)) return FailHere(expected);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return FailHere(expected);
  ++at_;
  return true;
}

bool JsonCursor::ReadNumber(std::string_view& spelling, double& value) {
  spelling = Token();
  if (!IsJsonNumber(spelling)) return FailHere("a number");
  const auto result = absl::from_chars(spelling.data(), spelling.data() + spelling.size(), value);
  // Out of range is either beyond the largest double or below the smallest, whose nearest double is zero or a subnormal.
  if (result.ec != std::errc() && std::fabs(value) > 1) return FailHere("a number within the range of a double");
  ++at_;
  return true;
}

bool JsonCursor::Unescape(std::string_view& text) {
  char* const begin = arena_->Allocate(text.size());
  const char* const end = UnescapeJson(text, begin);
  if (end == nullptr) return false;
  const auto size = static_cast<std::size_t>(end - begin);
  arena_->Shrink(text.size() - size);
  text = {begin, size};
  return true;
}

bool JsonCursor::SkipScalar() {
  switch (Peek()) {
    case '"':
      if (may_escape_ && !HasValidEscapes(Quoted(at_))) return FailHere("a string with valid escapes");
      ++at_;
      return true;
    case 't': return TakeWord("true") || FailHere("a value");
    case 'f': return TakeWord("false") || FailHere("a value");
    case 'n': return TakeWord("null") || FailHere("a value");
    default:
      if (!IsJsonNumber(Token())) return FailHere("a value");
      ++at_;
      return true;
  }
}

// Keeps its own stack, one bit a level, so that no input can exhaust the thread's.
bool JsonCursor::SkipValue() {
  std::bitset<kDepthMax> is_object;
  std::size_t depth = 0;
  for (;;) {
    const char c = Peek();
    if (c == '{' || c == '[') {
      if (depth == kDepthMax) return FailHere("at most 512 levels of nesting");
      is_object[depth++] = c == '{';
      ++at_;
    } else if (!SkipScalar()) {
      return false;
    }
    // Behind an opening bracket or a complete value: on to the next one, out of all containers that end here.
    for (;;) {
      if (depth == 0) return true;
      std::string_view key;
      const bool in_object = is_object[depth - 1];
      if (in_object ? NextMember(key) : NextElement()) {
        if (may_escape_ && in_object && !HasValidEscapes(key)) return FailHere("a member name with valid escapes");
        break;
      }
      if (failed_) return false;
      --depth;
    }
  }
}

}  // namespace clientele
