#include "index/ranked_bits.h"

#include <algorithm>

namespace clientele {

RankedBits::RankedBits(std::vector<std::uint64_t> words, std::uint32_t size) : size_(size), words_(std::move(words)) {
  words_.resize(size / 64 + 1);
  words_.shrink_to_fit();
  before_.reserve(words_.size() / kWordsPerBlock + 1);
  for (std::size_t w = 0; w < words_.size(); ++w) {
    if (w % kWordsPerBlock == 0) before_.push_back(count_);
    count_ += static_cast<std::uint32_t>(std::popcount(words_[w]));
  }
}

std::uint32_t RankedBits::Select(std::uint32_t index) const {
  if (index >= count_) return size_;
  const auto block = std::upper_bound(before_.begin(), before_.end(), index) - before_.begin() - 1;
  std::uint32_t remaining = index - before_[block];
  for (std::size_t w = block * kWordsPerBlock;; ++w) {
    const auto here = static_cast<std::uint32_t>(std::popcount(words_[w]));
    if (remaining >= here) {
      remaining -= here;
      continue;
    }
    std::uint64_t word = words_[w];
    for (; remaining > 0; --remaining) word &= word - 1;
    return static_cast<std::uint32_t>(w * 64 + std::countr_zero(word));
  }
}

}  // namespace clientele
