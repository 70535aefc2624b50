#include "loader/record_error.h"

#include <algorithm>

#include "loader/json_pointer.h"
#include "loader/json_text.h"

namespace clientele {
namespace {

std::size_t FirstBadUtf8(std::string_view json) {
  std::size_t i = 0;
  while (i < json.size()) {
    const std::size_t length = Utf8SequenceLength(json.substr(i, 4));
    if (length == 0) break;
    i += length;
  }
  return i;
}

// Calls `visit(offset, in_string)` for each byte outside of escapes until it returns true, and gives that offset; else size().
template <typename Visit>
std::size_t FindByte(std::string_view json, Visit&& visit) {
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (visit(i, in_string)) return i;
    if (json[i] == '"') in_string = !in_string;
    if (in_string && json[i] == '\\') ++i;
  }
  return json.size();
}

std::size_t FirstControlCharacter(std::string_view json) {
  return FindByte(json, [&](std::size_t i, bool in_string) { return in_string && static_cast<unsigned char>(json[i]) < 0x20; });
}

std::size_t LastOpeningQuote(std::string_view json) {
  std::size_t quote = json.size();
  FindByte(json, [&](std::size_t i, bool in_string) {
    if (!in_string && json[i] == '"') quote = i;
    return false;
  });
  return quote;
}

// The text around a bad byte: from the start of its string, if that is near.
std::string Around(std::string_view json, std::size_t offset) {
  constexpr std::size_t kBefore = 30;
  std::size_t begin = offset > kBefore ? offset - kBefore : 0;
  if (const std::size_t quote = json.substr(begin, offset - begin).rfind('"'); quote != std::string_view::npos) begin += quote;
  while (begin < offset && (static_cast<unsigned char>(json[begin]) & 0xC0) == 0x80)
    ++begin;  // Not in the middle of a character.
  return Excerpt(json.substr(begin));
}

RecordError At(std::string_view json, std::size_t offset, std::string_view expected) {
  return {.pointer = JsonPointerAt(json, offset),
          .value = Around(json, offset),
          .expected = std::string(expected),
          .offset = offset,
          .length = 1};
}

}  // namespace

RecordError DescribeMistake(std::string_view json, const JsonMistake& mistake) {
  RecordError error{.pointer = JsonPointerAt(json, mistake.offset),
                    .value = Excerpt(mistake.value),
                    .expected = mistake.expected,
                    .offset = mistake.offset,
                    .length = std::max<std::size_t>(mistake.value.size(), 1)};
  if (!mistake.member.empty()) error.pointer += "/" + mistake.member;
  return error;
}

RecordError DescribeTokenError(std::string_view json, JsonTokenError error) {
  switch (error) {
    case JsonTokenError::kBadUtf8: return At(json, FirstBadUtf8(json), "valid UTF-8");
    case JsonTokenError::kControlCharacter:
      return At(json, FirstControlCharacter(json), "control characters in strings to be escaped");
    case JsonTokenError::kUnclosedString: return At(json, LastOpeningQuote(json), "a closing quote");
    case JsonTokenError::kTooLarge: return {.pointer = "", .value = Excerpt(json), .expected = "a record that fits into memory"};
    default: return {.pointer = "", .value = Excerpt(json), .expected = "a JSON object"};
  }
}

}  // namespace clientele
