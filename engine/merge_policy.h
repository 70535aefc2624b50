// Which segments to merge next, by size (size-tiered compaction): the log-structured merge tree of segments stays shallow, so
// that a query meets few, and each client is written again only a few times on its way to the largest. Source: O'Neil et al.,
// "The log-structured merge-tree" (1996); size tiers as in Cassandra and RocksDB's universal compaction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clientele {

struct MergeCandidate {
  std::uint64_t rows = 0;  // Dead ones included.
  std::uint64_t dead = 0;
  bool is_file = false;  // Otherwise it is in memory only, and its rows are still in the log.
  bool is_busy = false;  // Being merged already.
};

struct MergePolicyOptions {
  // Segments in memory become a file when they have so many living rows together. Before that the smaller ones of them are merged
  // in memory when they are so many, which is 2 or more.
  std::uint64_t file_rows = 65'536;
  std::uint32_t memory_segments_max = 16;
  // Files of about the same size (within this factor) that are merged into one: 2 or more.
  std::uint32_t tier_width = 4;
  // A file with more than this share of dead rows is written anew without them.
  double dead_share_max = 0.4;
};

struct MergeChoice {
  std::vector<std::size_t> inputs;  // Indices of candidates; empty: nothing to do.
  std::uint64_t living_rows = 0;    // Of all inputs.
  bool flush = false;               // Memory segments become a file.
};

// The most urgent merge of at least `rows_min` and fewer than `rows_max` living rows. O(candidates log candidates).
MergeChoice ChooseMerge(std::span<const MergeCandidate> candidates, const MergePolicyOptions& options, std::uint64_t rows_min,
                        std::uint64_t rows_max, bool flush_now = false);

}  // namespace clientele
