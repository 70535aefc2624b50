#include "index/lazy_checks.h"

#include <utility>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "index/parallel.h"
#include "index/record_codec.h"
#include "index/record_layout.h"
#include "index/snapshot_check.h"

namespace clientele {
namespace {

// A piece of work for one thread: 4 MiB.
constexpr std::uint64_t kBlocksPerTask = 64;

std::size_t PartIndex(Field field, IndexPart part) {
  return static_cast<std::size_t>(field) * kIndexPartCount + static_cast<std::size_t>(part);
}

std::string_view PartName(IndexPart part) {
  switch (part) {
    case IndexPart::kValues: return "values";
    case IndexPart::kOrder: return "order";
    case IndexPart::kTexts: return "texts";
  }
  return "";
}

bool TestBit(const std::vector<std::atomic<std::uint64_t>>& bits, std::uint64_t index) {
  return bits[index / 64].load(std::memory_order_acquire) >> (index % 64) & 1;
}

// Whether this call set it.
bool SetBit(std::vector<std::atomic<std::uint64_t>>& bits, std::uint64_t index) {
  const std::uint64_t bit = std::uint64_t{1} << (index % 64);
  return (bits[index / 64].fetch_or(bit, std::memory_order_acq_rel) & bit) == 0;
}

}  // namespace

absl::Status CheckSections(const SectionTable& table, std::span<const std::size_t> sections) {
  constexpr std::uint64_t kNone = ~std::uint64_t{0};
  for (const std::size_t section : sections) {
    std::atomic<std::uint64_t> bad = kNone;
    // Isolated: while it waits, the thread must not take up another query's work, which might require a part as well.
    Isolated([&] {
      ParallelRanges(0, table.BlockCount(section), kBlocksPerTask, [&](std::uint64_t begin, std::uint64_t end) {
        for (std::uint64_t block = begin; block < end; ++block) {
          if (table.BlockIsGood(section, block)) continue;
          for (std::uint64_t first = bad.load(); block < first && !bad.compare_exchange_weak(first, block);) {
          }
          return;
        }
      });
    });
    if (bad != kNone) return table.BadBlock(section, bad);
  }
  return absl::OkStatus();
}

LazyChecks::LazyChecks(SectionTable table, Sections sections, OnDamage on_damage)
    : table_(std::move(table)), sections_(std::move(sections)), on_damage_(std::move(on_damage)) {
  const std::uint64_t blocks = sections_.of_records.empty() ? 0 : table_.BlockCount(sections_.of_records[0]);
  good_blocks_ = std::vector<std::atomic<std::uint64_t>>(blocks / 64 + 1);
  bad_blocks_ = std::vector<std::atomic<std::uint64_t>>(blocks / 64 + 1);
}

absl::Status LazyChecks::Report(absl::Status damage) {
  if (on_damage_) on_damage_(damage);
  return damage;
}

template <class Problem>
absl::Status LazyChecks::RequireOnce(Part& part, std::span<const std::size_t> sections, Problem problem) {
  switch (part.state.load(std::memory_order_acquire)) {
    case State::kGood: return absl::OkStatus();
    case State::kBad: return part.status;
    case State::kUnchecked: break;
  }
  const std::lock_guard lock(checking_);
  if (const State now = part.state.load(std::memory_order_relaxed); now != State::kUnchecked)
    return now == State::kGood ? absl::OkStatus() : part.status;
  absl::Status status = CheckSections(table_, sections);
  if (status.ok()) {
    if (const std::string found = problem(); !found.empty()) status = table_.Damaged(found);
  }
  if (!status.ok()) part.status = Report(status);
  part.state.store(status.ok() ? State::kGood : State::kBad, std::memory_order_release);
  return status;
}

absl::Status LazyChecks::Require(const Segment::Parts& segment, Field field, IndexPart part) {
  // Texts are numbered by the groups of the order.
  if (part == IndexPart::kTexts) {
    if (absl::Status status = Require(segment, field, IndexPart::kOrder); !status.ok()) return status;
  }
  const std::size_t index = PartIndex(field, part);
  return RequireOnce(parts_[index], sections_.of_part[index], [&] {
    const std::string problem = PartProblem(segment, field, part);
    return problem.empty() ? "" : absl::StrCat(AbslView(Def(field).name), ", ", AbslView(PartName(part)), ": ", problem);
  });
}

bool LazyChecks::IsKnownGood(Field field, IndexPart part) const {
  if (part == IndexPart::kTexts && !IsKnownGood(field, IndexPart::kOrder)) return false;
  return parts_[PartIndex(field, part)].state.load(std::memory_order_acquire) == State::kGood;
}

absl::Status LazyChecks::RequireRecords(const RecordStore& records, std::span<const std::uint32_t> rows) {
  absl::Status status = RequireOnce(offsets_, sections_.of_offsets, [&] {
    const std::string problem = records.Problem(records.size());
    return problem.empty() ? "" : absl::StrCat("records: ", problem);
  });
  const std::uint64_t bytes = records.RecordBytes();
  for (std::size_t i = 0; i < rows.size() && status.ok(); ++i) {
    const std::uint64_t begin = records.Offset(rows[i]);
    // How long the record is stands at its start.
    std::uint64_t checked = begin + kShortestRecord;
    for (std::uint64_t block = begin / kBlockBytes; block * kBlockBytes < checked && status.ok(); ++block)
      status = RequireBlock(block);
    if (!status.ok()) break;
    const std::uint64_t length = EncodedLength(records.Record(rows[i]));
    if (length > bytes - begin) return table_.Damaged("records: a record reaches past the last");
    for (std::uint64_t block = RoundUpTo(checked, kBlockBytes) / kBlockBytes; block * kBlockBytes < begin + length && status.ok();
         ++block)
      status = RequireBlock(block);
  }
  return status;
}

absl::Status LazyChecks::RequireBlock(std::uint64_t block) {
  if (TestBit(good_blocks_, block)) return absl::OkStatus();
  const std::size_t section = sections_.of_records[0];
  if (!TestBit(bad_blocks_, block) && table_.BlockIsGood(section, block)) {
    SetBit(good_blocks_, block);
    return absl::OkStatus();
  }
  absl::Status damage = table_.BadBlock(section, block);
  return SetBit(bad_blocks_, block) ? Report(std::move(damage)) : damage;
}

}  // namespace clientele
