#include "index/container.h"

#include <algorithm>

namespace clientele {

bool Contains(const Container& container, std::uint16_t row) {
  switch (container.kind) {
    case ContainerKind::kEmpty: return false;
    case ContainerKind::kFull: return true;
    case ContainerKind::kBitmap: return (container.words()[row / 64] >> (row % 64)) & 1;
    case ContainerKind::kArray: return std::ranges::binary_search(container.rows(), row);
    case ContainerKind::kRuns: {
      const auto runs = container.runs();
      const auto after = std::ranges::upper_bound(runs, row, {}, &RowRun::first);
      return after != runs.begin() && row <= std::prev(after)->last;
    }
  }
  return false;
}

}  // namespace clientele
