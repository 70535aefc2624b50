#include "loader/member_names.h"

#include <cassert>

namespace clientele {

void MemberNames::Add(std::string_view name) {
  assert(!name.empty() && name.size() <= kNameBytesMax);
  Name& added = names_.emplace_back();
  std::memcpy(added.text, name.data(), name.size());
  added.size = static_cast<std::uint32_t>(name.size());
}

std::size_t MemberNames::Search(JsonCursor& cursor, std::string_view raw_key, std::size_t expected) const {
  if (cursor.HasEscape(raw_key)) {
    std::string_view key = raw_key;
    if (!cursor.Unescape(key)) {
      cursor.FailHere("a member name with valid escapes");
      return kUnknown;
    }
    // Unescaped keys lie in the arena, without padding: compared the plain way.
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (std::string_view(names_[i].text, names_[i].size) == key) return i;
    }
    return kUnknown;
  }
  // Members left out are the usual reason for being here, so the right one is mostly a few places further on.
  for (std::size_t i = expected; i < names_.size(); ++i) {
    if (names_[i].Equals(raw_key)) return i;
  }
  for (std::size_t i = 0; i < expected && i < names_.size(); ++i) {
    if (names_[i].Equals(raw_key)) return i;
  }
  return kUnknown;
}

}  // namespace clientele
