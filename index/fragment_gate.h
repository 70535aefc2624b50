// Codes for pieces of JSON that are made from several values, such as a feature with its id and name: the values are looked up in
// a compact form, so that the JSON is built only when a piece is met for the first times. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>
#include <absl/functional/function_ref.h>

#include "index/absl_view.h"
#include "index/text_encoder.h"

namespace clientele {

class FragmentGate {
 public:
  // `fragments` holds the pieces; those longer than `longest` are refused.
  FragmentGate(Interner& fragments, std::size_t longest) : gate_(fragments, longest), known_max_(fragments.capacity()) {}

  // Code of the piece with this key, if it has one or gets one now; `make` appends the piece's JSON to a text. Pieces of equal
  // keys must be equal.
  std::optional<std::uint32_t> Code(std::string_view key, absl::FunctionRef<void(std::string&)> make) {
    if (const auto known = known_.find(AbslView(key)); known != known_.end()) return known->second;
    fragment_.clear();
    make(fragment_);
    const auto code = gate_.Code(fragment_);
    if (code.has_value() && known_.size() < known_max_) known_.emplace(key, *code);
    return code;
  }

 private:
  DictionaryGate gate_;
  absl::flat_hash_map<std::string, std::uint32_t> known_;
  std::size_t known_max_;  // No more pieces than that can have a code.
  std::string fragment_;
};

}  // namespace clientele
