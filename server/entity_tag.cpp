#include "server/entity_tag.h"

#include <charconv>

#include <absl/strings/str_cat.h>

namespace clientele {
namespace {

constexpr std::size_t kVersionDigits = 16;

std::optional<RecordVersion> VersionIn(std::string_view opaque_tag) {
  if (opaque_tag.size() != kVersionDigits) return std::nullopt;
  // Tags are compared byte by byte: other spellings of the number are other tags.
  if (opaque_tag.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  RecordVersion version = 0;
  std::from_chars(opaque_tag.data(), opaque_tag.data() + opaque_tag.size(), version, 16);
  return version;
}

bool IsTagCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

void SkipBlanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

// Takes one entity-tag off the front of `text`; false when none is there.
bool TakeTag(std::string_view& text, EntityTags& tags) {
  const bool is_weak = text.starts_with("W/");
  if (is_weak) text.remove_prefix(2);
  if (text.empty() || text.front() != '"') return false;
  std::size_t end = 1;
  while (end < text.size() && IsTagCharacter(text[end])) ++end;
  if (end == text.size() || text[end] != '"') return false;
  if (const auto version = VersionIn(text.substr(1, end - 1))) (is_weak ? tags.weak : tags.strong).push_back(*version);
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string EntityTag(RecordVersion version) {
  return absl::StrCat("\"", absl::Hex(version, absl::kZeroPad16), "\"");
}

std::optional<EntityTags> ParseEntityTags(std::string_view field) {
  EntityTags tags;
  SkipBlanks(field);
  if (field == "*") {
    tags.any = true;
    return tags;
  }
  bool has_some = false;
  while (true) {
    SkipBlanks(field);
    if (field.empty()) return has_some ? std::optional(tags) : std::nullopt;
    if (field.front() == ',') {  // Empty elements are to be tolerated (RFC 9110, 5.6.1.2).
      field.remove_prefix(1);
      continue;
    }
    if (!TakeTag(field, tags)) return std::nullopt;
    has_some = true;
    SkipBlanks(field);
    if (!field.empty() && field.front() != ',') return std::nullopt;
  }
}

}  // namespace clientele
