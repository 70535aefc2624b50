// Which rows hold which value of one field: for each value code the exact number of rows and either containers, one per chunk
// of 65,536 rows, or, for rare values, one posting list. A row may hold several values (features). Immutable, thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <absl/functional/function_ref.h>

#include "index/container.h"
#include "index/huge_array.h"

namespace clientele {

// The values of some rows, as parallel arrays: row numbers ascending, a row once per value that it holds.
struct ValueEntries {
  std::vector<std::uint32_t> codes;
  std::vector<std::uint32_t> rows;
  void Clear() { codes.clear(), rows.clear(); }
  void Add(std::uint32_t row, std::uint32_t code) { rows.push_back(row), codes.push_back(code); }
};

class ValueIndex {
 public:
  ValueIndex() = default;

  // `entries_of(first, last, out)` appends the entries of rows [first, last); it is called from several threads, twice per chunk.
  // Codes must be below `value_count`. O(entries), on all cores.
  static ValueIndex Build(std::uint32_t row_count, std::uint32_t value_count,
                          absl::FunctionRef<void(std::uint32_t first, std::uint32_t last, ValueEntries& out)> entries_of);

  std::uint32_t row_count() const { return row_count_; }
  std::uint32_t value_count() const { return static_cast<std::uint32_t>(values_.size()); }
  std::uint32_t Cardinality(std::uint32_t code) const { return code < values_.size() ? values_[code].cardinality : 0; }

  // Rare values are posting lists; their containers are not kept.
  bool IsPostingList(std::uint32_t code) const { return values_[code].chunked == 0; }
  std::span<const std::uint32_t> PostingList(std::uint32_t code) const {  // Ascending rows; valid as long as this index.
    return {lists_.data() + values_[code].begin, values_[code].cardinality};
  }
  Container Chunk(std::uint32_t code, std::uint32_t chunk) const {  // Only when !IsPostingList(code). O(1).
    const Descriptor& descriptor = descriptors_[values_[code].begin + chunk];
    return {static_cast<ContainerKind>(descriptor.kind), descriptor.cardinality, descriptor.run_count,
            containers_.data() + descriptor.offset};
  }
  // Starts fetching what Chunk looks up, for the first few chunks.
  void PrefetchChunks(std::uint32_t code) const { __builtin_prefetch(descriptors_.data() + values_[code].begin); }

  bool Holds(std::uint32_t row, std::uint32_t code) const;  // O(log).

  std::uint64_t bytes() const { return values_.bytes() + descriptors_.bytes() + containers_.bytes() + lists_.bytes(); }

  // Names the parts to a snapshot's writer or reader (index/snapshot_sections.h).
  template <class Sections, class Self>
  static void List(Sections& sections, Self& self) {
    sections.Number(self.row_count_);
    sections.Hot("values", self.values_);
    sections.Hot("descriptors", self.descriptors_);
    sections.Hot("containers", self.containers_);
    sections.Hot("lists", self.lists_);
  }

  // What keeps this from being an index of `rows` rows; empty when nothing does, cardinalities included. O(bytes).
  std::string Problem(std::uint32_t rows) const;

 private:
  struct Value {
    std::uint32_t cardinality;
    std::uint32_t chunked;  // 0 or 1.
    std::uint64_t begin;    // Of its posting list in lists_, or of its descriptors in descriptors_.
  };
  struct Descriptor {
    std::uint32_t offset;            // In 8-byte words into containers_.
    std::uint32_t cardinality : 17;  // 0 .. 65,536.
    std::uint32_t kind : 3;
    std::uint32_t run_count : 12;
  };
  struct ChunkBuild;

  std::string ChunksProblem(const Value& value) const;
  std::string ChunkProblem(const Descriptor& descriptor, std::uint32_t rows_in_chunk) const;

  std::uint32_t row_count_ = 0;
  HugeArray<Value> values_;
  HugeArray<Descriptor> descriptors_;
  HugeArray<std::uint64_t> containers_;
  HugeArray<std::uint32_t> lists_;
};

}  // namespace clientele
