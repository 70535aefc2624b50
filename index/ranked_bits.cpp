#include "index/ranked_bits.h"

#include <algorithm>

namespace clientele {

RankedBits::RankedBits(std::vector<std::uint64_t> words, std::uint32_t size) : size_(size) {
  words.resize(size / 64 + 1);
  words_ = HugeArray<std::uint64_t>::CopyOf(words);
  before_ = HugeArray<std::uint32_t>::Uninitialized((words.size() + kWordsPerBlock - 1) / kWordsPerBlock);
  for (std::size_t w = 0; w < words_.size(); ++w) {
    if (w % kWordsPerBlock == 0) before_[w / kWordsPerBlock] = count_;
    count_ += CountOnes(words_[w]);
  }
}

std::string RankedBits::Problem(std::uint32_t size) const {
  if (size_ != size || words_.size() != size / 64 + 1 || before_.size() != (words_.size() + kWordsPerBlock - 1) / kWordsPerBlock)
    return "bits of another size";
  if (words_[size / 64] >> (size % 64) != 0) return "bits behind the end";
  std::uint32_t count = 0;
  for (std::size_t w = 0; w < words_.size(); ++w) {
    if (w % kWordsPerBlock == 0 && before_[w / kWordsPerBlock] != count) return "a wrong count of bits";
    count += CountOnes(words_[w]);
  }
  return count == count_ ? "" : "a wrong number of bits";
}

std::uint32_t RankedBits::Select(std::uint32_t index) const {
  if (index >= count_) return size_;
  const auto block = std::upper_bound(before_.begin(), before_.end(), index) - before_.begin() - 1;
  std::uint32_t remaining = index - before_[block];
  for (std::size_t w = block * kWordsPerBlock;; ++w) {
    const auto here = CountOnes(words_[w]);
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
