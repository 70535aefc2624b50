#include "index/snapshot_format.h"

#include <cstddef>

#include <xxhash.h>

namespace clientele {

std::uint64_t BlockChecksum(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

WideChecksum TableChecksum(std::span<const std::byte> bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

std::uint64_t HeaderChecksum(const SnapshotHeader& header) {
  return XXH3_64bits(&header, offsetof(SnapshotHeader, header_checksum));
}

}  // namespace clientele
