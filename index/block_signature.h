// Which blocks of texts may contain a needle: a signature of one bit per plane and block, stored plane by plane.
//
// Every gram (3 or 4 bytes in a row) hashes to a plane, in which the blocks that contain such a gram have their bit set. A block
// that contains a needle has its bit in the planes of all of the needle's grams, so the AND of these planes leaves few others.
// How many planes there are and which grams share one is index/gram_planes.h.
// Source: signature files in bit-sliced form, as in BitFunnel (Goodwin et al., SIGIR 2017), with blocks of items as documents.
//
// Immutable once built; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "index/gram_planes.h"
#include "index/huge_array.h"

namespace clientele {

class BlockSignature {
 public:
  // The planes to AND for one needle, those with the fewest blocks first; none when the signature cannot help.
  struct Planes {
    static constexpr std::size_t kMax = 16;
    std::array<std::uint32_t, kMax> numbers;
    std::size_t size = 0;
  };

  BlockSignature() = default;  // Without planes: helps no search.

  // Block b is text[block_starts[b] .. block_starts[b + 1]); its items and values end with kItemSeparator and kValueSeparator.
  // After the text kSearchPaddingBytes are readable. Uses all cores; O(bytes), about 2 ns a byte of one core.
  static BlockSignature Build(std::span<const char> text, std::span<const std::uint64_t> block_starts);

  // O(needle), but looks at a few hundred of its bytes at most.
  Planes PlanesFor(std::string_view needle) const;

  // Sets bit b of `words` where block first_word * 64 + b may contain the needle of `planes` (of which there are some), and
  // returns how many there are. May stop before the last plane, when more of them cannot pay. `first_word` is a multiple of 8.
  std::uint64_t Narrow(const Planes& planes, std::size_t first_word, std::span<std::uint64_t> words) const;

  // Whether some block may contain the needle, for signatures of up to 4,096 blocks; true for others, which are not looked at.
  // Looks at six grams and the bits of 512 blocks at a time until no block is left: some 100 ns, without choosing planes first.
  bool MayContain(std::string_view needle) const;

  std::uint32_t BlocksOf(std::uint32_t plane) const { return plane_blocks_[plane]; }  // Bits set in a plane.
  std::uint32_t plane_count() const { return static_cast<std::uint32_t>(plane_blocks_.size()); }
  std::size_t word_count() const { return words_per_plane_; }  // Of 64 blocks each, a multiple of 8.
  std::uint64_t bytes() const { return planes_.bytes() + plane_blocks_.bytes() + grams_.bytes(); }

  // Names the parts to a snapshot's writer or reader (index/snapshot_sections.h).
  template <class Sections, class Self>
  static void List(Sections& sections, Self& self) {
    sections.Nested("grams", self.grams_);
    sections.Number(self.words_per_plane_);
    sections.Cold("planes", self.planes_);
    sections.Cold("plane_blocks", self.plane_blocks_);
  }

  // What keeps this from being the signature of `blocks` blocks; empty when nothing does. The planes' bits are not looked at.
  std::string Problem(std::uint32_t blocks) const;

 private:
  class TileWriter;

  const std::uint64_t* PlaneWords(std::uint32_t plane) const { return planes_.data() + std::size_t{plane} * words_per_plane_; }

  GramPlanes grams_;
  std::size_t words_per_plane_ = 0;
  HugeArray<std::uint64_t> planes_;
  HugeArray<std::uint32_t> plane_blocks_;
};

}  // namespace clientele
