// A world of random clients twice: as structs for the oracle and as a sealed segment, both from the same parsed records.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/oracle.h"
#include "engine/snapshot.h"
#include "tests/engine/random_clients.h"

namespace clientele {

struct RandomWorld {
  std::unique_ptr<const Oracle> oracle;
  Snapshot snapshot;
};

// A world of up to a few thousand clients, of any shape. Some records repeat an earlier id; both sides leave them out.
RandomWorld SmallWorld(std::uint64_t seed);

// A world of several chunks of rows: enough for rank bit planes, and sometimes just so many that the last chunk is full, or one
// more.
RandomWorld LargeWorld(std::uint64_t seed);

// The same clients spread over one to six segments, some of which also hold rows that are dead: earlier versions of clients, and
// clients that are gone.
RandomWorld SmallSplitWorld(std::uint64_t seed);
RandomWorld LargeSplitWorld(std::uint64_t seed);

}  // namespace clientele
