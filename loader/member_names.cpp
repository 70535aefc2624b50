#include "loader/member_names.h"

#include <cassert>

namespace clientele {

void MemberNames::Add(std::string_view name) {
  assert(!name.empty() && name.size() <= kNameBytesMax);
  Name& added = names_.back();
  std::memcpy(added.text, name.data(), name.size());
  std::memcpy(added.text + name.size(), "\":", 2);
  added.size = static_cast<std::uint32_t>(name.size());
  const auto mask = [](std::size_t bytes) { return static_cast<std::uint32_t>((std::uint64_t{1} << bytes) - 1); };
  added.name_mask = mask(name.size());
  added.whole_mask = mask(name.size() + 2);
  names_.emplace_back();
}

bool MemberNames::NextOther(JsonCursor& cursor, std::size_t expected, std::size_t& number, std::string_view& raw_key) const {
  if (!cursor.NextMember(raw_key)) return false;
  number = Find(cursor, raw_key, expected);
  return true;
}

std::size_t MemberNames::Find(JsonCursor& cursor, std::string_view raw_key, std::size_t expected) const {
  if (cursor.HasEscape(raw_key)) {
    std::string_view key = raw_key;
    if (!cursor.Unescape(key)) {
      cursor.FailHere("a member name with valid escapes");
      return kUnknown;
    }
    // Unescaped keys lie in the arena, without padding: compared the plain way.
    for (std::size_t i = 0; i < size(); ++i) {
      if (std::string_view(names_[i].text, names_[i].size) == key) return i;
    }
    return kUnknown;
  }
  // Members left out are the usual reason for being here, so the right one is mostly a few places further on.
  for (std::size_t i = expected; i < size(); ++i) {
    if (names_[i].Equals(raw_key)) return i;
  }
  for (std::size_t i = 0; i < expected && i < size(); ++i) {
    if (names_[i].Equals(raw_key)) return i;
  }
  return kUnknown;
}

}  // namespace clientele
