// The distinct 64-bit keys of a sort order, ascending, kept in four bytes each where their range allows. Immutable.
// Source: frame-of-reference encoding (Goldstein et al., ICDE 1998), with one frame.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "index/huge_array.h"

namespace clientele {

class SortedValues {
 public:
  SortedValues() = default;
  explicit SortedValues(std::span<const std::int64_t> ascending);

  std::uint32_t size() const { return size_; }
  std::int64_t operator[](std::uint32_t index) const {
    return wide_.empty() ? base_ + static_cast<std::int64_t>(narrow_[index]) * scale_ : wide_[index];
  }

  void Prefetch(std::uint32_t index) const {
    __builtin_prefetch(wide_.empty() ? static_cast<const void*>(narrow_.data() + index) : wide_.data() + index);
  }

  // Index of the first value >= `value`, size() when there is none. O(log size).
  std::uint32_t LowerBound(std::int64_t value) const;

  // The same of many values at once, into as many `positions`: all searches take a step together, so that their cache misses
  // overlap. O(values x log size), several times faster than one by one where the keys are in no cache.
  void LowerBounds(std::span<const std::int64_t> values, std::span<std::uint32_t> positions) const;

  std::uint64_t bytes() const { return narrow_.bytes() + wide_.bytes(); }

  // Names the parts to a snapshot's writer or reader (index/snapshot_sections.h).
  template <class Sections, class Self>
  static void List(Sections& sections, Self& self) {
    sections.Number(self.size_);
    sections.Number(self.base_);
    sections.Number(self.scale_);
    sections.Hot("narrow", self.narrow_);
    sections.Hot("wide", self.wide_);
  }

  // What keeps these from being `size` ascending values; empty when nothing does. O(size).
  std::string Problem(std::uint32_t size) const;

 private:
  std::uint32_t size_ = 0;
  std::int64_t base_ = 0, scale_ = 1;  // scale_: whole seconds are kept as seconds.
  HugeArray<std::uint32_t> narrow_;
  HugeArray<std::int64_t> wide_;
};

// Maps doubles to integers of the same order (-0.0 equals 0.0; no NaN), so that numbers can be SortedValues.
std::int64_t OrderedBits(double number);

}  // namespace clientele
