// Codes for pieces of JSON that are made from several values, such as a feature with its id and name: the values are looked up in
// a compact form, so that the JSON is built only when a piece is met for the first times. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/functional/function_ref.h>

#include "index/client_record.h"
#include "index/interner.h"
#include "index/text_encoder.h"

namespace clientele {

class FragmentGate {
 public:
  // `fragments` holds the pieces; those longer than `longest` are refused.
  FragmentGate(Interner& fragments, std::size_t longest) : gate_(fragments, longest), keys_(fragments.capacity()) {}

  // Code of the piece with this key, if it has one or gets one now; `make` appends the piece's JSON to a text. Pieces of equal
  // keys must be equal.
  std::optional<std::uint32_t> Code(std::string_view key, absl::FunctionRef<void(std::string&)> make) {
    const std::uint64_t hash = Interner::Hash(key);
    Met& place = met_[hash % met_.size()];
    if (place.size == key.size() && std::memcmp(place.key.data(), key.data(), key.size()) == 0) return place.code;
    std::optional<std::uint32_t> code;
    if (const auto known = keys_.Find(key, hash)) {
      code = codes_[*known];
    } else {
      fragment_.clear();
      make(fragment_);
      code = gate_.Code(fragment_);
      if (code.has_value() && keys_.Intern(key, hash) == codes_.size()) codes_.push_back(*code);
    }
    if (code.has_value() && key.size() <= place.key.size()) {
      std::memcpy(place.key.data(), key.data(), key.size());
      place.size = static_cast<std::uint32_t>(key.size());
      place.code = *code;
    }
    return code;
  }

  // The same for a piece whose values have a number (index/client_record.h): its code, once Remember() has been told.
  std::optional<std::uint32_t> CodeOf(PieceNumber number) const {
    const Numbered& place = numbered_[number % numbered_.size()];
    return number != 0 && place.number == number ? std::optional(place.code) : std::nullopt;
  }
  void Remember(PieceNumber number, std::uint32_t code) { numbered_[number % numbered_.size()] = {number, code}; }

 private:
  struct Numbered {
    PieceNumber number = 0;
    std::uint32_t code = 0;
  };

  // A piece met lately, one cache line: few pieces are nearly all that come, and the way through `keys_` is three lines.
  struct alignas(64) Met {
    std::array<char, 56> key;
    std::uint32_t size = ~std::uint32_t{0};  // Of no key, before there is one.
    std::uint32_t code = 0;
  };

  DictionaryGate gate_;
  std::array<Met, 256> met_;
  std::array<Numbered, 512> numbered_;
  Interner keys_;                     // Of the pieces that have a code: never more than there are codes.
  std::vector<std::uint32_t> codes_;  // By the key's code in `keys_`.
  std::string fragment_;
};

}  // namespace clientele
