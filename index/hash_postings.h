// Rows by the hash of a text that is different for most rows (custom ids): eight bytes a row that has one, and a lookup that
// returns the few rows whose hash agrees; the caller verifies them on the record. Immutable, thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/huge_array.h"

namespace clientele {

class HashPostings {
 public:
  struct Entry {
    std::uint32_t hash;
    std::uint32_t row;
  };

  HashPostings() = default;
  explicit HashPostings(HugeArray<Entry> entries);  // In any order. O(n log n), on all cores.

  // The hash that entries must have been made with. Not meant to resist an adversary: equal hashes only cost time.
  static std::uint32_t Hash(std::string_view text);

  // Entries with this hash, rows ascending. O(log n).
  std::span<const Entry> Find(std::uint32_t hash) const;

  std::span<const Entry> entries() const { return entries_.span(); }  // By hash, then row.
  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  std::uint64_t bytes() const { return entries_.bytes(); }

  // Names the parts to a snapshot's writer or reader (index/snapshot_sections.h).
  template <class Sections, class Self>
  static void List(Sections& sections, Self& self) {
    sections.Hot("entries", self.entries_);
  }

  // What keeps these from being entries of `rows` rows; empty when nothing does. O(entries).
  std::string Problem(std::uint32_t rows) const;

 private:
  HugeArray<Entry> entries_;  // By hash, then row.
};

}  // namespace clientele
