// A generated set of clients sealed in memory, without going through files.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/current_version.h"
#include "engine/snapshot.h"
#include "index/record_dictionaries.h"

namespace clientele {

// Generates, parses and seals `clients` clients on all cores; prints what it costs to stderr.
Snapshot SealGenerated(std::uint64_t seed, std::uint64_t clients,
                       const std::shared_ptr<RecordDictionaries>& dictionaries = NewRecordDictionaries());

// The same clients as a live set holds them that is written to: each 128th of the clients moved to one of four small segments,
// and about 4,000 to the live table, as updates would; their rows in the large segment are dead.
std::unique_ptr<const CurrentVersion> SplitGenerated(std::uint64_t seed, std::uint64_t clients);

}  // namespace clientele
