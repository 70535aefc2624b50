// Loops over bitmap words, in the widest form that the machine has. All counts are of set bits. `words` is at most the length
// of every array given; nothing needs to be aligned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace clientele {

std::uint64_t PopCount(const std::uint64_t* a, std::size_t words);

// out = a AND b, returns its count. `out` may be `a` or `b`.
std::uint64_t AndCount(const std::uint64_t* a, const std::uint64_t* b, std::uint64_t* out, std::size_t words);

// out = a AND NOT b, returns its count.
std::uint64_t AndNotCount(const std::uint64_t* a, const std::uint64_t* b, std::uint64_t* out, std::size_t words);

// out = the AND of all `operands`, of which there is at least one, AND NOT `removed`, which may be null; returns its count. Of
// each array the words from `first` on, also of `out`, which may be one of them, or null where only the count is wanted.
std::uint64_t IntersectCount(std::span<const std::uint64_t* const> operands, const std::uint64_t* removed, std::uint64_t* out,
                             std::size_t first, std::size_t words);

// Count of a AND b, nothing is written.
std::uint64_t AndPopCount(const std::uint64_t* a, const std::uint64_t* b, std::size_t words);

// out |= a.
void OrInto(const std::uint64_t* a, std::uint64_t* out, std::size_t words);

// Clears the bits of `out` whose value is outside [first, last): values[64*w + i] belongs to bit i of out[w]. Values that belong
// to clear bits of a nonzero word are read too and may be anything readable. Returns the count left.
std::uint64_t KeepInRange(const std::uint32_t* values, std::uint32_t first, std::uint32_t last, std::uint64_t* out,
                          std::size_t words);

// The same for 64-bit values, of which both `first` and `last` are kept.
std::uint64_t KeepInRange(const std::int64_t* values, std::int64_t first, std::int64_t last, std::uint64_t* out,
                          std::size_t words);

}  // namespace clientele
