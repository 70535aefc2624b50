// All that a query may look at: immutable, so a copy keeps it alive and any thread may read it.
#pragma once

#include <cstdint>
#include <memory>

namespace clientele {

class Segment;

struct Snapshot {
  std::uint64_t epoch = 0;  // Advanced by each publish.
  std::shared_ptr<const Segment> segment;
};

}  // namespace clientele
