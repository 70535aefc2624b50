// Picks an index with given integer weights in O(1). Immutable once made, so any thread may pick.
// Source: the alias method (Walker 1977, in Vose's linear-time form of 1991), in integers so that picks are the same everywhere.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "loader/generator_random.h"

namespace clientele {

class WeightedPick {
 public:
  // At least one weight; the sum times the number of weights must stay below 2^63, the sum itself below 2^32 and above 0.
  explicit WeightedPick(std::span<const std::uint32_t> weights);
  WeightedPick(std::initializer_list<std::uint32_t> weights) : WeightedPick(std::span(weights.begin(), weights.size())) {}

  // Weights 1/(1+flatness), 1/(2+flatness), ...: Zipf's law, flattened at its head by `flatness`.
  static WeightedPick Zipf(std::uint32_t count, std::uint32_t flatness);

  std::uint32_t size() const { return static_cast<std::uint32_t>(slots_.size()); }

  std::uint32_t operator()(RandomStream& random) const { return FromBits(random.Next()); }

  // The pick that belongs to 64 random bits.
  std::uint32_t FromBits(std::uint64_t bits) const {
    const auto slot = static_cast<std::uint32_t>(((bits >> 32) * slots_.size()) >> 32);
    return static_cast<std::uint32_t>(bits) < slots_[slot].threshold ? slot : slots_[slot].alias;
  }

 private:
  struct Slot {
    std::uint32_t threshold = 0;  // Share of the slot that is its own, of 2^32.
    std::uint32_t alias = 0;      // Who has the rest.
  };
  std::vector<Slot> slots_;
};

}  // namespace clientele
