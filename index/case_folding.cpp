#include "index/case_folding.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <emmintrin.h>
#include <unicode/uchar.h>

namespace clientele {
namespace {

constexpr std::size_t kShortTextBytes = 64;

// Folding as differences, in two stages: pages of 128 code points, equal pages stored once. Only the first two planes have cased
// letters, and everything above asks ICU. About 25 KB, so the letters of a language stay in the L1 cache.
class FoldingTable {
 public:
  FoldingTable() : deltas_(kPageCodePoints, 0) {  // Page 0: nothing changes.
    std::array<std::int32_t, kPageCodePoints> page;
    for (std::uint32_t number = 0; number < kPages; ++number) {
      for (std::uint32_t i = 0; i < kPageCodePoints; ++i) {
        const auto code_point = static_cast<UChar32>(number * kPageCodePoints + i);
        page[i] = u_foldCase(code_point, U_FOLD_CASE_DEFAULT) - code_point;
      }
      page_starts_[number] = FindOrAdd(page);
    }
  }

  std::uint32_t Fold(std::uint32_t code_point) const {
    if (code_point >= kCodePoints)
      return static_cast<std::uint32_t>(u_foldCase(static_cast<UChar32>(code_point), U_FOLD_CASE_DEFAULT));
    const std::size_t start = page_starts_[code_point / kPageCodePoints];
    return code_point + static_cast<std::uint32_t>(deltas_[start + code_point % kPageCodePoints]);
  }

 private:
  static constexpr std::uint32_t kCodePoints = 0x20000;
  static constexpr std::uint32_t kPageCodePoints = 128;
  static constexpr std::uint32_t kPages = kCodePoints / kPageCodePoints;

  std::uint16_t FindOrAdd(const std::array<std::int32_t, kPageCodePoints>& page) {
    for (std::size_t start = 0; start < deltas_.size(); start += kPageCodePoints) {
      if (std::memcmp(&deltas_[start], page.data(), sizeof page) == 0) return static_cast<std::uint16_t>(start);
    }
    deltas_.insert(deltas_.end(), page.begin(), page.end());
    return static_cast<std::uint16_t>(deltas_.size() - kPageCodePoints);
  }

  std::array<std::uint16_t, kPages> page_starts_;
  std::vector<std::int32_t> deltas_;
};

const FoldingTable& Table() {
  static const FoldingTable table;
  return table;
}

// Lower-cases the 16 ASCII bytes of `bytes`.
__m128i LowerAscii(__m128i bytes) {
  // Signed comparisons do, as ASCII bytes are positive.
  const __m128i is_upper =
      _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('A' - 1)), _mm_cmplt_epi8(bytes, _mm_set1_epi8('Z' + 1)));
  return _mm_or_si128(bytes, _mm_and_si128(is_upper, _mm_set1_epi8(0x20)));
}

// Folds ASCII bytes from `from` to `to` until a byte that is not ASCII or `size`; returns how many. May write up to `size` bytes.
std::size_t FoldAscii(const char* from, std::size_t size, char* to) {
  // Copies 16 or 8 bytes; false when one of them is not ASCII.
  const auto fold16 = [=](std::size_t at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + at), LowerAscii(bytes));
    return _mm_movemask_epi8(bytes) == 0;
  };
  const auto fold8 = [=](std::size_t at) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + at));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + at), LowerAscii(bytes));
    return _mm_movemask_epi8(bytes) == 0;
  };
  // What is left at the end is folded with bytes before it once more, rather than one by one.
  std::size_t i = 0;
  while (i + 16 <= size && fold16(i)) i += 16;
  if (i + 16 > size) {
    if (i == size) return i;
    if (size >= 16 ? fold16(size - 16) : size >= 8 && fold8(0) && fold8(size - 8)) return size;
  }
  for (; i < size && static_cast<std::uint8_t>(from[i]) < 0x80; ++i) {
    to[i] = static_cast<char>(from[i] | (static_cast<std::uint8_t>(from[i] - 'A') < 26 ? 0x20 : 0));
  }
  return i;
}

struct Decoded {
  std::uint32_t code_point;
  std::size_t length;  // In bytes; 0 when the bytes are not well-formed.
};

// The code point at `at`, of which `left` > 0 bytes may be read; strict about all that RFC 3629 forbids.
Decoded Decode(const char* at, std::size_t left) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<std::uint8_t>(at[i])); };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) {
    if (lead < 0xC2 || left < 2 || !continues(1)) return {0, 0};
    return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  }
  if (lead < 0xF0) {
    if (left < 3 || !continues(1) || !continues(2)) return {0, 0};
    const std::uint32_t code_point = (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    const bool surrogate = code_point >= 0xD800 && code_point < 0xE000;
    return code_point < 0x800 || surrogate ? Decoded{0, 0} : Decoded{code_point, 3};
  }
  if (lead > 0xF4 || left < 4 || !continues(1) || !continues(2) || !continues(3)) return {0, 0};
  const std::uint32_t code_point = (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  return code_point < 0x10000 || code_point > 0x10FFFF ? Decoded{0, 0} : Decoded{code_point, 4};
}

// Writes at most 4 bytes; returns how many.
std::size_t Encode(std::uint32_t code_point, char* to) {
  if (code_point < 0x80) {
    to[0] = static_cast<char>(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    to[0] = static_cast<char>(0xC0 | code_point >> 6);
    to[1] = static_cast<char>(0x80 | (code_point & 0x3F));
    return 2;
  }
  if (code_point < 0x10000) {
    to[0] = static_cast<char>(0xE0 | code_point >> 12);
    to[1] = static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
    to[2] = static_cast<char>(0x80 | (code_point & 0x3F));
    return 3;
  }
  to[0] = static_cast<char>(0xF0 | code_point >> 18);
  to[1] = static_cast<char>(0x80 | (code_point >> 12 & 0x3F));
  to[2] = static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
  to[3] = static_cast<char>(0x80 | (code_point & 0x3F));
  return 4;
}

// A folded code point may take one byte more than before (U+023A: 2 to 3), never more; so twice the text is ample.
constexpr std::size_t RoomToFold(std::size_t text_bytes) {
  return 2 * text_bytes;
}

// Writes the folded text to `to`, where there is room; returns how many bytes it has.
std::size_t FoldTo(std::string_view utf8, char* const begin) {
  std::size_t read = FoldAscii(utf8.data(), utf8.size(), begin);
  if (read == utf8.size()) return read;
  const FoldingTable& table = Table();
  char* to = begin + read;
  while (read < utf8.size()) {
    if (static_cast<std::uint8_t>(utf8[read]) < 0x80) {
      const std::size_t ascii = FoldAscii(utf8.data() + read, utf8.size() - read, to);
      read += ascii;
      to += ascii;
      continue;
    }
    const Decoded decoded = Decode(utf8.data() + read, utf8.size() - read);
    if (decoded.length == 0) {  // Only for a caller's bug: such bytes are kept.
      *to++ = utf8[read++];
      continue;
    }
    to += Encode(table.Fold(decoded.code_point), to);
    read += decoded.length;
  }
  return static_cast<std::size_t>(to - begin);
}

}  // namespace

void AppendFolded(std::string_view utf8, std::string& out) {
  // Texts are short, mostly: folded here and then appended, since a string that is resized writes zeros first.
  if (char folded[RoomToFold(kShortTextBytes)]; utf8.size() <= kShortTextBytes) {
    out.append(folded, FoldTo(utf8, folded));
    return;
  }
  const std::size_t start = out.size();
  out.resize(start + RoomToFold(utf8.size()));
  out.resize(start + FoldTo(utf8, out.data() + start));
}

void AppendFolded(std::string_view utf8, TextBuffer& out) {
  out.Add(FoldTo(utf8, out.Room(RoomToFold(utf8.size()))));
}

bool IsValidUtf8(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    for (; i + 16 <= bytes.size(); i += 16) {
      if (_mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + i))) != 0) break;
    }
    // After a byte that is not ASCII more of them are likely, so they are taken one by one for a while.
    const std::size_t until = i + 16;
    while (i < bytes.size() && i < until) {
      const Decoded decoded = Decode(bytes.data() + i, bytes.size() - i);
      if (decoded.length == 0) return false;
      i += decoded.length;
    }
  }
  return true;
}

}  // namespace clientele
