// Which member of a known object a key is. Writers of JSON hardly ever change the order of members, so the caller says which
// one it expects, and the usual answer costs one vector comparison instead of a hash. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include <emmintrin.h>

#include "loader/json_cursor.h"

namespace clientele {

class MemberNames {
 public:
  static constexpr std::size_t kUnknown = ~std::size_t{0};
  static constexpr std::size_t kNameBytesMax = 30;

  MemberNames() : names_(1) {}
  MemberNames(std::initializer_list<std::string_view> names) : MemberNames() {
    for (const std::string_view name : names) Add(name);
  }

  // Names are numbered from 0 in the order added; each has 1 .. kNameBytesMax bytes.
  void Add(std::string_view name);

  // Moves to the next member's value, as cursor.NextMember does, and gives the number of its name; kUnknown when there is none,
  // and then its raw key, too. `expected` is the likely number, at most size(). O(1) when it is right, else O(size()).
  [[gnu::always_inline]] bool Next(JsonCursor& cursor, std::size_t expected, std::size_t& number,
                                   std::string_view& raw_key) const {
    const Name& name = names_.data()[expected];
    if (!cursor.TakeMember([&name](const char* at) { return name.StartsAt(at); })) [[unlikely]]
      return NextOther(cursor, expected, number, raw_key);
    number = expected;
    return true;
  }

  std::size_t size() const { return names_.size() - 1; }

 private:
  struct Name {
    static constexpr std::size_t kTextBytes = kNameBytesMax + 2;

    char text[kTextBytes] = {};    // The name, a quotation mark and a colon.
    std::uint32_t size = 0;        // Of the name.
    std::uint32_t name_mask = 0;   // A bit for each of its bytes.
    std::uint32_t whole_mask = 1;  // And for the two behind it. Of no name: for a byte that no key has.

    // What is compared is followed by the parser's padding, so whole vectors may be loaded.
    bool Equals(std::string_view padded) const { return padded.size() == size && Holds(padded.data(), name_mask); }
    // Whether the name stands there with a quotation mark and a colon behind it.
    bool StartsAt(const char* padded) const { return Holds(padded, whole_mask); }

   private:
    bool Holds(const char* padded, std::uint32_t wanted) const {
      std::uint32_t equal = Equal16(padded, text);
      if (wanted > 0xFFFF) equal |= Equal16(padded + 16, text + 16) << 16;
      return (equal & wanted) == wanted;
    }
    static std::uint32_t Equal16(const char* a, const char* b) {
      const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a));
      const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
      return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(left, right)));
    }
  };

  bool NextOther(JsonCursor& cursor, std::size_t expected, std::size_t& number, std::string_view& raw_key) const;
  std::size_t Find(JsonCursor& cursor, std::string_view raw_key, std::size_t expected) const;

  std::vector<Name> names_;  // And one that equals no key, so that behind the last one nothing special has to be done.
};

// Reads on in an object some of whose members have been read, those in `seen`; `expected` is the likely next one. As
// ReadKnownMembers, below.
template <typename OnMember>
bool ReadFurtherMembers(JsonCursor& cursor, const MemberNames& names, std::size_t expected, std::uint32_t& seen, bool& exact,
                        OnMember&& on_member) {
  std::size_t member = 0;
  std::string_view key;
  while (names.Next(cursor, expected, member, key)) {
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

// Reads an object whose members `names` lists: consumes it, calling `on_member(number)` for each known one, which consumes the
// value and returns false on a mistake. `seen` gets one bit for each known member; a second one of the same name is a mistake.
// Unknown members are checked and make `exact` false: the parsed fields do not hold them.
template <typename OnMember>
bool ReadKnownMembers(JsonCursor& cursor, const MemberNames& names, std::uint32_t& seen, bool& exact, OnMember&& on_member) {
  seen = 0;
  return cursor.EnterObject() && ReadFurtherMembers(cursor, names, 0, seen, exact, std::forward<OnMember>(on_member));
}

}  // namespace clientele
