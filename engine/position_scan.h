// The innermost loop of a walk: which positions of an order have a row that matches, in the widest form that the machine has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace clientele {

struct PositionScan {
  std::size_t found = 0;
  std::uint32_t passed = 0;  // Positions looked at.
};

// So many positions are looked at together: `found` below needs room for `wanted` + kScanStep - 1 of them.
inline constexpr std::uint32_t kScanStep = 16;

// Which blocks of rows hold matches, in as many bits as one register has: where few do, most positions are told by their row's
// number, and the bitmap, of which no near cache may hold all, is not asked for them.
struct MatchBlocks {
  alignas(64) std::array<std::uint32_t, 16> bits{};
  std::uint32_t shift = 32;  // A block has 2^shift rows: at most 512 blocks.
};

// The positions from `first` on, before `last`, whose row row_at[position] has its bit in `bits` set: ascending, until `wanted`
// (at least 1) or a few more are found. O(positions passed): less than a nanosecond each while the bitmap is in a near cache.
// `blocks`, which may be null, say where there are bits; it is worth giving them when these are in less than half of the blocks.
PositionScan ScanUp(const std::uint32_t* row_at, std::uint32_t first, std::uint32_t last, const std::uint64_t* bits,
                    const MatchBlocks* blocks, std::uint32_t* found, std::size_t wanted);

// The same from position `last` - 1 down to `first`, descending.
PositionScan ScanDown(const std::uint32_t* row_at, std::uint32_t first, std::uint32_t last, const std::uint64_t* bits,
                      const MatchBlocks* blocks, std::uint32_t* found, std::size_t wanted);

}  // namespace clientele
