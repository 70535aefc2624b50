// One thread's way to the codes of integers in a shared dictionary: remembers those met lately, so that a value that comes back
// costs neither a hash nor the cache misses of looking it up. Direct-mapped.
#pragma once

#include <array>
#include <cstdint>

#include "index/interner.h"

namespace clientele {

class IntegerCodes {
 public:
  // The dictionary holds integers as their 8 bytes, and has room for all that come.
  explicit IntegerCodes(Interner& dictionary) : dictionary_(dictionary) {}

  std::uint32_t Code(std::int64_t value) {
    Met& place = met_[static_cast<std::uint64_t>(value) % met_.size()];  // Ids are dense: their low bits tell them apart.
    if (place.is_set && place.value == value) return place.code;
    place = {value, dictionary_.Intern({reinterpret_cast<const char*>(&value), sizeof value}).value(), true};
    return place.code;
  }

 private:
  struct Met {
    std::int64_t value = 0;
    std::uint32_t code = 0;
    bool is_set = false;
  };

  Interner& dictionary_;
  std::array<Met, 1024> met_{};
};

}  // namespace clientele
