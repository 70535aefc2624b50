// Pieces of JSON that come again and again, such as the id, name and service of a feature, with what parsing them gave: a piece
// that was met lately is recognised by its bytes, which settle what its tokens are, and is not parsed again. Direct-mapped. One
// thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "loader/json_cursor.h"

namespace clientele {

// A number that no other piece of this process has.
inline std::uint64_t NewPieceNumber() {
  static std::atomic<std::uint64_t> last = 0;
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

// `Value` is what parsing a piece gives. Longer pieces than `kBytesMax` are not kept.
template <class Value, std::size_t kBytesMax>
class MetPieces {
 public:
  // Consumes the piece that is next, if one with this hash and the very bytes was met; null when not. The value is there until
  // the next Add().
  const Value* Take(JsonCursor& cursor, std::uint64_t hash) const {
    if (places_ == nullptr) return nullptr;
    const Place& place = (*places_)[PlaceOf(hash)];
    return place.size != 0 && cursor.TakePiece({place.text.data(), place.size}, place.tokens) ? &place.value : nullptr;
  }

  // Remembers a piece of so many tokens: whole ones, without escapes, of which the last is a string or a bracket.
  void Add(std::string_view text, std::size_t tokens, std::uint64_t hash, const Value& value) {
    if (text.empty() || text.size() > kBytesMax) return;
    if (places_ == nullptr) places_ = std::make_unique<Places>();
    Place& place = (*places_)[PlaceOf(hash)];
    std::memcpy(place.text.data(), text.data(), text.size());
    place.size = static_cast<std::uint32_t>(text.size());
    place.tokens = static_cast<std::uint32_t>(tokens);
    place.value = value;
  }

 private:
  static constexpr unsigned kPlaceBits = 8;
  static std::size_t PlaceOf(std::uint64_t hash) { return hash >> (64 - kPlaceBits); }

  struct Place {
    std::uint32_t size = 0, tokens = 0;  // No size: nothing is here.
    Value value;
    std::array<char, kBytesMax> text;
  };
  using Places = std::array<Place, std::size_t{1} << kPlaceBits>;

  std::unique_ptr<Places> places_;  // None before the first piece.
};

// A text of a piece: where in it, so that it is found wherever the piece is met.
struct PieceText {
  std::uint16_t begin = 0, size = 0;

  PieceText() = default;
  PieceText(std::string_view text, const char* piece)
      : begin(static_cast<std::uint16_t>(text.data() - piece)), size(static_cast<std::uint16_t>(text.size())) {}
  std::string_view In(const char* piece) const { return {piece + begin, size}; }
};

// A feature up to its service: `{"feature_id":1,"name":"WAF","service":"CDN"`.
struct FeatureHead {
  std::uint64_t number;
  std::int64_t feature_id;
  PieceText name;
  std::uint8_t service;
};

// A user behind its client, up to the bracket: `,"deleted":false,"groups":[...],...,"auth_types":["password"]`.
struct UserTail {
  static constexpr std::size_t kItemsMax = 4;  // In each list; users with longer ones are not kept.
  struct Group {
    std::int64_t id;
    PieceText name;
  };

  std::uint64_t number;
  bool deleted, activated, sso_auth, two_fa;
  std::uint8_t group_count, auth_type_count;
  std::array<Group, kItemsMax> groups;
  std::array<PieceText, kItemsMax> auth_types;
};

// What a parser of records has met.
struct RecordPieces {
  MetPieces<FeatureHead, 128> feature_heads;
  MetPieces<UserTail, 320> user_tails;
};

}  // namespace clientele
