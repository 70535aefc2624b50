#include "index/sorted_values.h"

#include <algorithm>
#include <bit>
#include <limits>

#include <absl/container/inlined_vector.h>

namespace clientele {
namespace {

constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;

// `size` is not 0; positions are 0.
template <class Key>
void LowerBoundsIn(const Key* ascending, std::uint32_t size, std::span<const Key> keys, std::span<std::uint32_t> positions) {
  for (std::uint32_t count = size; count > 1; count -= count / 2) {
    const std::uint32_t half = count / 2;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      // No branch: which way a search goes cannot be foretold.
      positions[i] += half & (0u - (ascending[positions[i] + half - 1] < keys[i]));
    }
  }
  for (std::size_t i = 0; i < keys.size(); ++i) positions[i] += ascending[positions[i]] < keys[i];
}

}  // namespace

SortedValues::SortedValues(std::span<const std::int64_t> ascending) : size_(static_cast<std::uint32_t>(ascending.size())) {
  if (ascending.empty()) return;
  base_ = ascending.front();
  const auto distance = [&](std::int64_t value) { return static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(base_); };
  const bool whole_seconds =
      distance(ascending.back()) > std::numeric_limits<std::uint32_t>::max() &&
      std::ranges::all_of(ascending, [&](std::int64_t v) { return distance(v) % kMicrosecondsPerSecond == 0; });
  if (whole_seconds) scale_ = kMicrosecondsPerSecond;
  if (distance(ascending.back()) / static_cast<std::uint64_t>(scale_) > std::numeric_limits<std::uint32_t>::max()) {
    wide_ = HugeArray<std::int64_t>::CopyOf(ascending);
    return;
  }
  narrow_ = HugeArray<std::uint32_t>::Uninitialized(size_);
  for (std::uint32_t i = 0; i < size_; ++i) {
    narrow_[i] = static_cast<std::uint32_t>(distance(ascending[i]) / static_cast<std::uint64_t>(scale_));
  }
}

std::uint32_t SortedValues::LowerBound(std::int64_t value) const {
  std::uint32_t first = 0, count = size_;
  while (count > 0) {
    const std::uint32_t half = count / 2;
    const bool below = (*this)[first + half] < value;
    first = below ? first + half + 1 : first;
    count = below ? count - half - 1 : half;
  }
  return first;
}

void SortedValues::LowerBounds(std::span<const std::int64_t> values, std::span<std::uint32_t> positions) const {
  std::ranges::fill(positions, 0u);
  if (size_ == 0) return;
  if (!wide_.empty()) return LowerBoundsIn(wide_.data(), size_, values, positions);
  // As the keys are kept: below a key is what is below the next whole one, so that a fraction is rounded up.
  const auto scale = static_cast<std::uint64_t>(scale_);
  const std::uint64_t last = narrow_[size_ - 1];
  absl::InlinedVector<std::uint32_t, 32> keys(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] <= base_) continue;  // 0.
    const std::uint64_t distance = static_cast<std::uint64_t>(values[i]) - static_cast<std::uint64_t>(base_);
    keys[i] = static_cast<std::uint32_t>(std::min(distance / scale + (distance % scale != 0), last));
  }
  LowerBoundsIn(narrow_.data(), size_, std::span<const std::uint32_t>(keys), positions);
  for (std::size_t i = 0; i < values.size(); ++i) positions[i] += (*this)[positions[i]] < values[i];  // Behind the last one.
}

std::string SortedValues::Problem(std::uint32_t size) const {
  if (size_ != size || narrow_.size() + wide_.size() != size || (!narrow_.empty() && !wide_.empty()))
    return "another number of values";
  if (scale_ != 1 && scale_ != kMicrosecondsPerSecond) return "an unknown scale";
  const auto ascending = [](const auto& values) { return std::ranges::is_sorted(values, std::ranges::less_equal{}); };
  if (!ascending(narrow_) || !ascending(wide_)) return "values that do not ascend";
  std::int64_t last;
  const std::int64_t distance = narrow_.empty() ? 0 : std::int64_t{narrow_[narrow_.size() - 1]} * scale_;
  return __builtin_add_overflow(base_, distance, &last) ? "values out of range" : "";
}

std::int64_t OrderedBits(double number) {
  const auto bits = std::bit_cast<std::int64_t>(number + 0.0);  // Adding zero turns -0.0 into 0.0.
  return bits < 0 ? bits ^ std::numeric_limits<std::int64_t>::max() : bits;
}

}  // namespace clientele
