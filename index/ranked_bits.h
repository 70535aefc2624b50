// An immutable bit vector with constant-time rank and fast select, used to mark where a sort order starts a new group of equal
// keys. Any number of threads may read it.
// Source: the one-level rank directory of Gonzalez et al., "Practical implementation of rank and select queries" (2005).
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "index/count_ones.h"
#include "index/huge_array.h"

namespace clientele {

class RankedBits {
 public:
  RankedBits() = default;

  // Copies `words`, whose bits at and after `size` must be clear. O(size).
  RankedBits(std::vector<std::uint64_t> words, std::uint32_t size);

  std::uint32_t size() const { return size_; }
  std::uint32_t count() const { return count_; }  // Set bits.

  bool operator[](std::uint32_t position) const { return (words_[position / 64] >> (position % 64)) & 1; }

  // Set bits before `position`, which may be size(). O(1).
  std::uint32_t Rank(std::uint32_t position) const {
    const std::uint32_t word = position / 64;
    std::uint32_t rank = before_[word / kWordsPerBlock];
    for (std::uint32_t w = word / kWordsPerBlock * kWordsPerBlock; w < word; ++w) rank += CountOnes(words_[w]);
    const std::uint64_t below = (std::uint64_t{1} << (position % 64)) - 1;
    return rank + CountOnes(words_[word] & below);
  }

  // Position of set bit number `index` (0-based), or size() when there are not so many. O(log size).
  std::uint32_t Select(std::uint32_t index) const;

  // First set bit at or after `position`, or size(). O(distance / 64).
  std::uint32_t Next(std::uint32_t position) const {
    if (position >= size_) return size_;
    std::size_t w = position / 64;
    std::uint64_t word = words_[w] & (~std::uint64_t{0} << (position % 64));
    while (word == 0) {
      if (++w == words_.size()) return size_;
      word = words_[w];
    }
    return static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(std::countr_zero(word));
  }

  // Last set bit at or before `position`; there must be one. O(distance / 64).
  std::uint32_t Previous(std::uint32_t position) const {
    std::size_t w = position / 64;
    std::uint64_t word = words_[w] & (~std::uint64_t{0} >> (63 - position % 64));
    while (word == 0) word = words_[--w];
    return static_cast<std::uint32_t>(w * 64 + 63) - static_cast<std::uint32_t>(std::countl_zero(word));
  }

  std::uint64_t bytes() const { return words_.bytes() + before_.bytes(); }

  // Names the parts to a snapshot's writer or reader (index/snapshot_sections.h).
  template <class Sections, class Self>
  static void List(Sections& sections, Self& self) {
    sections.Number(self.size_);
    sections.Number(self.count_);
    sections.Hot("words", self.words_);
    sections.Hot("before", self.before_);
  }

  // What keeps these from being the bits of `size` positions; empty when nothing does. O(size).
  std::string Problem(std::uint32_t size) const;

 private:
  static constexpr std::uint32_t kWordsPerBlock = 8;
  std::uint32_t size_ = 0, count_ = 0;
  HugeArray<std::uint64_t> words_;   // One word more than the bits need, so that Rank(size()) has one to look at.
  HugeArray<std::uint32_t> before_;  // Set bits before each block of eight words.
};

}  // namespace clientele
