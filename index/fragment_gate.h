// Codes for pieces of JSON that are made from several values, such as a feature with its id and name: the values are looked up in
// a compact form, so that the JSON is built only when a piece is met for the first times. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/functional/function_ref.h>

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
    if (const auto known = keys_.Find(key, hash)) return codes_[*known];
    fragment_.clear();
    make(fragment_);
    const auto code = gate_.Code(fragment_);
    if (code.has_value() && keys_.Intern(key, hash) == codes_.size()) codes_.push_back(*code);
    return code;
  }

 private:
  DictionaryGate gate_;
  Interner keys_;                     // Of the pieces that have a code: never more than there are codes.
  std::vector<std::uint32_t> codes_;  // By the key's code in `keys_`.
  std::string fragment_;
};

}  // namespace clientele
