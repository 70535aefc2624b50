// Which member of a known object a key is. Writers of JSON hardly ever change the order of members, so the caller says which
// one it expects, and the usual answer costs one vector comparison instead of a hash. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <vector>

#include <emmintrin.h>

#include "loader/json_cursor.h"

namespace clientele {

class MemberNames {
 public:
  static constexpr std::size_t kUnknown = ~std::size_t{0};
  static constexpr std::size_t kNameBytesMax = 32;

  MemberNames() = default;
  MemberNames(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) Add(name);
  }

  // Names are numbered from 0 in the order added; each has 1 .. kNameBytesMax bytes.
  void Add(std::string_view name);

  // Number of the name that `raw_key`, from cursor.NextMember, spells; kUnknown when there is none. `expected` is the likely
  // number, at most size(). O(1) when it is right, else O(size()).
  std::size_t Find(JsonCursor& cursor, std::string_view raw_key, std::size_t expected) const {
    // Keys in the record are followed by the parser's padding, so whole vectors may be loaded.
    if (expected < names_.size() && names_[expected].Equals(raw_key)) return expected;
    return Search(cursor, raw_key, expected);
  }

  std::size_t size() const { return names_.size(); }

 private:
  struct Name {
    char text[kNameBytesMax] = {};
    std::uint32_t size = 0;

    // `padded` is followed by readable bytes up to kNameBytesMax.
    bool Equals(std::string_view padded) const {
      if (padded.size() != size) return false;
      const std::uint32_t wanted = static_cast<std::uint32_t>((std::uint64_t{1} << size) - 1);
      std::uint32_t equal = Equal16(padded.data(), text);
      if (size > 16) equal |= Equal16(padded.data() + 16, text + 16) << 16;
      return (equal & wanted) == wanted;
    }
    static std::uint32_t Equal16(const char* a, const char* b) {
      const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a));
      const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
      return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(left, right)));
    }
  };

  std::size_t Search(JsonCursor& cursor, std::string_view raw_key, std::size_t expected) const;

  std::vector<Name> names_;
};

// Reads an object whose members `names` lists: consumes it, calling `on_member(number)` for each known one, which consumes the
// value and returns false on a mistake. `seen` gets one bit for each known member; a second one of the same name is a mistake.
// Unknown members are checked and make `exact` false: the parsed fields do not hold them.
template <typename OnMember>
bool ReadKnownMembers(JsonCursor& cursor, const MemberNames& names, std::uint32_t& seen, bool& exact, OnMember&& on_member) {
  seen = 0;
  if (!cursor.EnterObject()) return false;
  std::size_t expected = 0;
  std::string_view key;
  while (cursor.NextMember(key)) {
    const std::size_t member = names.Find(cursor, key, expected);
    if (member == MemberNames::kUnknown) {
      exact = false;
      if (!cursor.SkipValue()) return false;
      continue;
    }
    if (seen >> member & 1) return cursor.FailHere("this member only once");
    seen |= std::uint32_t{1} << member;
    if (!on_member(member)) return false;
    expected = member + 1;
  }
  return !cursor.failed();
}

}  // namespace clientele
