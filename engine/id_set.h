// The ids that a condition names, for asking of many others whether they are among them.
// Source: B. Bloom, "Space/time trade-offs in hash coding with allowable errors" (1970), with one hash: the lowest byte.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace clientele {

// Views the ids. Immutable, and so thread-safe.
class IdSet {
 public:
  IdSet() = default;
  explicit IdSet(std::span<const std::int64_t> ascending) : ids_(ascending) {
    for (const std::int64_t id : ascending) low_[Word(id)] |= Bit(id);
  }

  std::span<const std::int64_t> ids() const { return ids_; }

  // A nanosecond for most ids that are not held while the set has some dozen; O(log ids) for others.
  bool Holds(std::int64_t id) const { return (low_[Word(id)] & Bit(id)) != 0 && std::ranges::binary_search(ids_, id); }

 private:
  static std::size_t Word(std::int64_t id) { return (static_cast<std::uint64_t>(id) >> 6) & 3; }
  static std::uint64_t Bit(std::int64_t id) { return std::uint64_t{1} << (static_cast<std::uint64_t>(id) & 63); }

  std::span<const std::int64_t> ids_;
  std::array<std::uint64_t, 4> low_{};  // The lowest bytes that there are.
};

}  // namespace clientele
