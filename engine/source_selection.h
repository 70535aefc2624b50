// Where a page that begins deep within the matches of several sources begins in each of them, without merging what stands before
// it. Sources that are alike are looked at in a few places; where that does not find it, a window on all of them is narrowed.
// Source of the latter: P. J. Varman et al., "Merging multiple lists on hierarchical-memory multiprocessors" (1991),
// multi-sequence selection.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/merge_source.h"

namespace clientele {

// A boundary for each source, and how many of its matches behind it stand before the wanted one. Further matches may have to be
// left out of a merge from there: the offset less the sum of both.
struct SelectedStart {
  std::vector<MergeSource::Boundary> from;
  std::vector<std::uint64_t> skip;
  bool by_share = false;  // Found by share of the largest source, else by narrowing a window on all of them; for tests.
};

// `offset` is below the sum of the sources' counts, all of which have all rows; the first key is no word. O(log matches) searches
// in each source.
SelectedStart SelectStart(std::span<const std::unique_ptr<MergeSource>> sources, std::span<const OrderKey> keys,
                          std::uint64_t offset);

}  // namespace clientele
