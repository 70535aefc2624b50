// A generated set of clients sealed in memory, without going through files.
#pragma once

#include <cstdint>

#include "engine/snapshot.h"

namespace clientele {

// Generates, parses and seals `clients` clients on all cores; prints what it costs to stderr.
Snapshot SealGenerated(std::uint64_t seed, std::uint64_t clients);

}  // namespace clientele
