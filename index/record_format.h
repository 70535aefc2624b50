// What stands inside the sections of an encoded record: texts, users, features, services. Both the encoder and the renderer read
// their constants from here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "index/row_bytes.h"

namespace clientele {

// A text starts with one byte that says what it is. All lengths count bytes of JSON-escaped text; dictionary codes mean the
// dictionary of the field (or list) that the text belongs to.
enum TextByte : std::uint8_t {
  kInlineText = 0x00,           // .. 0x3F: so many bytes follow.
  kMailText = 0x40,             // .. 0x7F: varint of the mail domain, then so many bytes that precede it.
  kCodeText = 0x80,             // .. 0xD7: dictionary code 0 .. 87.
  kCode2Text = 0xD8,            // .. 0xDF: three bits and a byte more: code 88 .. 2,135.
  kPackedText = 0xE0,           // .. 0xFB: 4 .. 31 characters of kPackedAlphabet, two a byte, the first in the lower half.
  kLongText = 0xFC,             // Varint of the length, then the bytes.
  kCode3Text = 0xFD,            // Two bytes: dictionary code 0 .. 65,535.
  kOwnDomainText = 0xFE,        // Varint: code of a prefix; behind that prefix comes the client's own mail domain.
  kOwnDomainInlineText = 0xFF,  // A byte: length of the prefix; the prefix; behind it comes the client's own mail domain.
};
inline constexpr std::size_t kInlineTextMax = 63;
inline constexpr std::uint32_t kOneByteCodes = kCode2Text - kCodeText;
inline constexpr std::uint32_t kTwoByteCodes = kOneByteCodes + 8 * 256;
inline constexpr std::uint32_t kThreeByteCodes = 65'536;
inline constexpr std::size_t kPackedMin = 4, kPackedMax = 31;

// Phone numbers, other numbers, dates.
inline constexpr char kPackedAlphabet[] = "0123456789 +-().";

// The varint of a kMailText: the domain of the client's own email, else the code in RecordDictionaries::domains + 1.
inline constexpr std::uint64_t kOwnMailDomain = 0;

// The dictionary code of a text whose first byte is one of the three kinds of codes; moves behind it.
inline std::uint32_t ReadCode(const std::uint8_t*& at) {
  const std::uint8_t first = *at++;
  if (first < kCode2Text) return first - kCodeText;
  if (first < kPackedText) return kOneByteCodes + ((first & 7u) << 8 | *at++);
  const std::uint32_t code = at[0] | std::uint32_t{at[1]} << 8;
  at += 2;
  return code;
}

// Moves behind a text.
inline void SkipText(const std::uint8_t*& at, const std::uint8_t* end) {
  const std::uint8_t first = *at++;
  if (first < kMailText) {
    at += first;
  } else if (first < kCodeText) {
    at += VarintLength(*at) + (first - kMailText);
  } else if (first < kCode2Text) {
    return;
  } else if (first < kPackedText) {
    at += 1;
  } else if (first < kLongText) {
    at += (first - kPackedText + kPackedMin + 1) / 2;
  } else if (first == kLongText) {
    const std::uint64_t length = ReadVarint(at, end);
    at += length;
  } else if (first == kCode3Text) {
    at += 2;
  } else if (first == kOwnDomainText) {
    at += VarintLength(*at);
  } else {
    at += 1 + *at;
  }
}

// A user: two bytes of flags; zigzag varint of the id minus the previous user's (the first: minus the client's); then in this
// order, each only when the flags ask for it: texts of email, name, lang (always), phone and company; zigzag varints of
// reseller and client; the tail. "Same" means equal to the client's own field.
struct UserFlags {
  enum State : std::uint8_t { kAbsent, kNull, kSame, kFollows };           // `reseller` and `client` are never absent.
  static constexpr int kEmailSame = 0, kCompanySame = 1;                   // Bits.
  static constexpr int kName = 2, kPhone = 4, kReseller = 6, kClient = 8;  // Two bits each: State.
  static constexpr int kTail = 10;                                         // Six bits.
};
// The tail: its code in RecordDictionaries::user_tails, or one of these.
inline constexpr std::uint32_t kTailCodeFollows = 62;  // A varint of the code.
inline constexpr std::uint32_t kTailFollows = 63;      // A byte of TailFlags, then the texts of the groups and of the auth types.
enum TailFlags : std::uint8_t { kUserDeleted = 1, kUserActivated = 2, kUserSsoAuth = 4, kUserTwoFa = 8 };

// Features: runs of features under one service. A run is a byte (service | dates << 3 | (count - 1) << 5), the run's date when
// they share one, then its features. Neighbouring runs of one service are one JSON array.
enum FeatureDates : std::uint8_t {
  kOwnDates,        // 4 bytes in each feature: seconds since 1970.
  kSharedDate,      // The same once, in front of the run's features.
  kLastDate,        // That of the feature before the run.
  kOwnMicroseconds  // 8 bytes in each feature.
};
inline constexpr std::size_t kFeatureRunMax = 8;

// A feature: its code, the date if it has its own, a zigzag varint of the paid or free feature id. The code is one byte, or two,
// or kFeatureFollows with a zigzag varint of the feature id, a byte of the service and the text of the name.
inline constexpr std::uint8_t kFeatureCode2 = 0xE0, kFeatureFollows = 0xFF;
inline constexpr std::uint32_t kFeatureCodes = kFeatureCode2 + (kFeatureFollows - kFeatureCode2) * 256;

// Services that are available, in schema order: a byte with a bit for each; in any other order: a byte for each. States: a byte
// for each, service | state << 3 | enabled << 6. Personal availability: a byte for each, service | available << 3.

}  // namespace clientele
