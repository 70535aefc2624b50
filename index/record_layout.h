// How the bytes of an encoded record are arranged, derived from the schema table:
//
//   varint   length of all that follows
//   varint   length of the scalar section
//   head     a bit slice per field, at fixed places: booleans, words and countries as a whole, for the others what follows below
//   scalars  the fields of one value that do not fit the head: those that users often repeat, then times, then the others in
//            schema order
//   composites in schema order, each with its length in front (but see kShort); then the unknown members, likewise
//
// So a few scalars are read without touching a composite, and a composite is skipped without reading it. Constant; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "index/row_bytes.h"
#include "index/schema.h"

namespace clientele {

// What a field's head slice says, where it is not the value itself.
enum TextState : std::uint8_t { kNullText, kTextFollows };  // kText, kNumber. Fields that cannot be null have no slice.
enum IntegerState : std::uint8_t { kNullInteger, kNonNegative, kNegative };  // A varint of the value, or of its complement.
enum TimeState : std::uint8_t {
  kNullTime,
  kSeconds,             // 4 bytes: whole seconds since 1970.
  kSecondsAndFraction,  // The same and 3 bytes of microseconds.
  kMicroseconds,        // 8 bytes: microseconds since 1970, signed.
};
enum CompositeState : std::uint8_t {
  kEmptyComposite,
  kEncoded,   // Length and payload.
  kVerbatim,  // Length and raw JSON.
  kShort,     // A payload of one byte without its length.
};

using HeadWords = std::array<std::uint64_t, 2>;

// Some bits of the head.
struct HeadSlice {
  std::uint8_t word = 0, shift = 0;
  std::uint16_t mask = 0;

  std::uint32_t Get(const HeadWords& head) const { return static_cast<std::uint32_t>(head[word] >> shift) & mask; }
  void Set(HeadWords& head, std::uint32_t value) const { head[word] |= std::uint64_t{value & mask} << shift; }
};

inline bool IsComposite(FieldKind kind) {
  return kind >= FieldKind::kTextList;
}

// Bytes of a time in the section, by its state.
inline constexpr std::array<std::uint8_t, 4> kTimeBytes = {0, 4, 7, 8};

// The scalars that a user's members are often equal to (or near); they stand first in the scalar section, in this order:
// integers, then texts.
inline constexpr std::array kUserReferences = {Field::kId,    Field::kResellers, Field::kEmail,
                                               Field::kPhone, Field::kName,      Field::kCompanyName};
inline constexpr std::size_t kUserReferenceCount = kUserReferences.size();
inline constexpr std::size_t kIntegerReferences = 2;

// Two lengths and the head have at least so many bytes, so that the record's length can be read before its end is known.
inline constexpr std::size_t kShortestRecord = 9;

struct RecordLayout {
  std::array<HeadSlice, kFieldCount> slices;
  HeadSlice unknown_members;  // 1 when there are any.
  std::size_t head_bytes = 0;
  std::vector<Field> section_order;  // Scalars that have bytes in the scalar section, kUserReferences first.

  static const RecordLayout& Get();
};

// Value of a nullable word's or country's slice that means null.
inline std::uint32_t NullCode(const FieldDef& def) {
  return def.kind == FieldKind::kCountry   ? kCountryCount
         : def.kind == FieldKind::kBoolean ? 2
                                           : static_cast<std::uint32_t>(def.words.size());
}

// The parts of one encoded record.
struct RecordParts {
  HeadWords head;
  const std::uint8_t* scalars;
  const std::uint8_t* composites;
  const std::uint8_t* end;

  // `head_bytes` is the layout's.
  RecordParts(const std::uint8_t* record, std::size_t head_bytes) {
    const std::uint8_t* at = record;
    const std::uint64_t length = ReadVarint(at, record + kShortestRecord);
    end = at + length;
    const std::uint64_t scalar_bytes = ReadVarint(at, end);
    head = {LoadWord(at, end), head_bytes > 8 ? LoadWord(at + 8, end) : 0};
    scalars = at + head_bytes;
    composites = scalars + scalar_bytes;
  }
};

}  // namespace clientele
