// One predicate of a query, resolved against a live table: what it costs, and the ways to evaluate it. Code of its own, beside
// that for segments (engine/filter.h) and that of the oracle.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <absl/container/inlined_vector.h>

#include "engine/id_set.h"
#include "engine/query.h"
#include "index/live_table.h"

namespace clientele {

// The bits of the only value that fulfils a predicate, as LiveCondition::bitmap(), for a tenth of what it takes to make one. Null
// where there is none, or it is not known without one.
std::optional<std::span<const std::uint64_t>> OneBitmapOf(const LiveTable& table, const Predicate& predicate);

class LiveCondition {
 public:
  // Views the predicate and the table; both must outlive it.
  LiveCondition(const LiveTable& table, const Predicate& predicate);

  std::string_view parameter() const { return Filters()[predicate_->filter].def->parameter; }
  bool never() const { return kind_ == Kind::kNever; }    // Known to match no row, whatever the table,
  bool always() const { return kind_ == Kind::kAlways; }  // or every row.

  // Exact number of matches, and their slots, from the table's indices; for those that have one. count() is O(log rows) the first
  // time.
  bool has_index() const { return has_index_; }
  std::uint32_t count() const;
  void Visit(LiveTable::OnSlot on_slot) const;  // By ascending id when in_id_order().
  bool in_id_order() const { return !ids_.empty() || (ranges_.size() == 1 && ranges_[0].index == LiveIndex::kStatus); }

  // A condition on values that the table has bits of: clears the bits of rows that do not match, without looking at columns.
  // About a nanosecond for 64 rows and value.
  bool has_bits() const { return bits_of_ != nullptr; }
  void NarrowByBits(std::span<std::uint64_t> words) const;
  // The bits of the only value that fulfils it, if there is one, so that several of them can be intersected at once. All slots
  // from the last word on do not have it.
  bool has_one_bitmap() const { return has_bits() && kind_ != Kind::kNoBits && values_.size() + or_null_ == 1; }
  std::span<const std::uint64_t> bitmap() const { return BitmapOf(or_null_ ? LiveRow::kNoCountry : values_[0]); }

  // Joins another bound of the same time, so that both together are one range. False: they are of different kinds.
  bool Join(const LiveCondition& other) { return kind_ == Kind::kTime && other.kind_ == Kind::kTime && JoinTime(other); }

  // Whether NarrowByColumn takes some nanoseconds for 64 rows on this machine, and is all that there is to do.
  bool is_quick_by_column() const;

  // Whether it is compared by eight bytes a row, for which the machine's base has no vector instructions.
  bool is_slow() const { return kind_ >= Kind::kIds && kind_ <= Kind::kTrafficAtMost; }

  bool Test(std::uint32_t slot) const;  // O(1), for texts O(text). Slots of rows that are not current may be tested too.

  // Clears the bits of rows that do not match, of which word 0 holds slots 0 .. 63.
  void Narrow(std::span<std::uint64_t> words) const;

  // The same, but without looking at rows: a condition that looks_at_rows() leaves some bits for Narrow.
  void NarrowByColumn(std::span<std::uint64_t> words) const;
  bool looks_at_rows() const;

  // Contains-search: clears all bits but those of blocks that may have the text, and returns how many blocks are left of those
  // with a bit.
  bool is_search() const { return kind_ == Kind::kContains; }
  std::uint64_t NarrowBlocks(std::span<std::uint64_t> blocks) const;
  // Clears bits of `words` as Narrow does, by scanning the texts of `blocks`; words of other blocks are cleared.
  void Search(std::span<const std::uint64_t> blocks, std::span<std::uint64_t> words) const;
  std::uint64_t bytes_per_block() const;  // That a search reads, about.

 private:
  enum class Kind : std::uint8_t {
    kNever,
    kAlways,
    kBytes,     // A byte of a column is one of some values below 8.
    kBits,      // Some of the bits of a byte are set,
    kNoBits,    // or none.
    kCountry,   // One of a set of countries.
    kIntegers,  // An integer is one of some values, and not null.
    kIds,
    kNotIds,
    kTime,  // created_at between two bounds.
    kTrafficAtLeast,
    kTrafficAtMost,
    kEquals,    // A text equals another.
    kPresent,   // A text is not null.
    kFeatures,  // Has one of some features.
    kContains,
  };

  void ResolveValues(const FilterEntry& filter, const ValueSetOperand& operand);
  void ResolveBytes(const std::vector<std::uint8_t>& column, LiveIndex index, const ValueSetOperand& operand);
  void ResolveFlag(std::uint8_t flag, const ValueSetOperand& operand);
  void ResolveCountries(const ValueSetOperand& operand);
  void ResolveIds(const ValueSetOperand& operand);
  void ResolveText(const FilterEntry& filter, const TextOperand& operand);
  bool JoinTime(const LiveCondition& other);
  void SetTimeRange();
  std::span<const std::uint64_t> BitmapOf(std::int64_t value) const {
    const auto index = static_cast<std::size_t>(value);
    return index < bits_of_->size() ? std::span((*bits_of_)[index]) : std::span<const std::uint64_t>();
  }
  const LiveRow& RowAt(std::size_t slot) const { return table_->Row(static_cast<std::uint32_t>(slot)); }
  void NarrowBytes(std::span<std::uint64_t> words) const;
  void NarrowOneByOne(std::span<std::uint64_t> words) const;

  // Calls visit(test) with a function object that tests a slot.
  template <class Use>
  auto WithTest(Use visit) const;

  const LiveTable* table_;
  const Predicate* predicate_;
  Kind kind_ = Kind::kNever;
  LiveText text_ = LiveText::kEmail;
  bool has_index_ = false;
  std::uint8_t bits_ = 0;                       // kBits, kNoBits: which ones; kIntegers: those that say that it is not null.
  mutable std::optional<std::uint32_t> count_;  // Once it was asked for.
  const LiveValueBits::Values* bits_of_ = nullptr;
  bool or_null_ = false;                     // kCountry: those without a country too.
  std::uint32_t hash_ = 0;                   // kEquals.
  const std::uint8_t* bytes_ = nullptr;      // kBytes, kBits, kNoBits: the column.
  const std::int64_t* integers_ = nullptr;   // kIntegers.
  const std::uint32_t* lows_ = nullptr;      // kIntegers: lower halves.
  const std::uint32_t* hashes_ = nullptr;    // kEquals.
  std::int64_t first_us_ = 0, last_us_ = 0;  // kTime.
  double gigabytes_ = 0;                     // kTraffic...
  std::uint32_t feature_bits_ = 0;
  std::span<const std::int64_t> values_;  // Of the operand; ascending.
  IdSet named_ids_;                       // kIds, kNotIds.
  std::string_view needle_;               // kEquals, kContains.
  absl::InlinedVector<LiveRange, 2> ranges_;
  std::vector<std::uint32_t> ids_;  // kIds: slots.
};

}  // namespace clientele
