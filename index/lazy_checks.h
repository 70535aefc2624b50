// What of a snapshot file has been held against its checksums so far. A segment that is opened lazily starts with nothing
// checked: a part of a field's index is checked as a whole the first time it is required, by all cores; records are checked in
// blocks, so that a page only reads the blocks that its records lie in.
//
// Thread-safe. A part that is known to be good costs one load.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/status/status.h>

#include "index/record_store.h"
#include "index/section_table.h"
#include "index/segment.h"

namespace clientele {

class LazyChecks {
 public:
  using OnDamage = std::function<void(const absl::Status&)>;

  struct Sections {
    std::array<std::vector<std::size_t>, kFieldCount * kIndexPartCount> of_part;  // Numbers in the table.
    std::vector<std::size_t> of_offsets;                                          // Of the record store, as are
    std::vector<std::size_t> of_records;                                          // these.
  };

  // `on_damage` is told each damage once, by the thread that came upon it.
  LazyChecks(SectionTable table, Sections sections, OnDamage on_damage);

  absl::Status Require(const Segment::Parts& segment, Field field, IndexPart part);
  bool IsKnownGood(Field field, IndexPart part) const;
  absl::Status RequireRecords(const RecordStore& records, std::span<const std::uint32_t> rows);

 private:
  enum class State : std::uint8_t { kUnchecked, kGood, kBad };
  struct Part {
    std::atomic<State> state = State::kUnchecked;
    absl::Status status;  // Written before `state` becomes kBad.
  };

  // Checks the sections and then what `problem` says about them, once.
  template <class Problem>
  absl::Status RequireOnce(Part& part, std::span<const std::size_t> sections, Problem problem);
  absl::Status RequireBlock(std::uint64_t block);
  absl::Status Report(absl::Status damage);

  const SectionTable table_;
  const Sections sections_;
  const OnDamage on_damage_;
  std::mutex checking_;  // Held while a part is checked, so that two queries do not check the same.
  std::array<Part, kFieldCount * kIndexPartCount> parts_;
  Part offsets_;
  std::vector<std::atomic<std::uint64_t>> good_blocks_;  // A bit per block of the records.
  std::vector<std::atomic<std::uint64_t>> bad_blocks_;
};

// DataLoss for the first block of these sections that is not as it was written; reads all of them on all cores.
absl::Status CheckSections(const SectionTable& table, std::span<const std::size_t> sections);

}  // namespace clientele
