#include "engine/live_order.h"

#include <algorithm>
#include <cassert>

#include "index/word_ranks.h"

namespace clientele {
namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

const std::uint8_t* StatusRanks() {
  static const std::vector<std::uint8_t> ranks = WordRanks(Def(Field::kStatus).words);
  return ranks.data();
}

// A key of slots as a number: smaller comes first in the answer. Equal numbers of an exact key are equal values, those of a text
// are texts with the same start.
class NumberKey {
 public:
  NumberKey(const LiveTable& table, const OrderKey& key) : key_(key.field), flip_(key.descending ? ~std::uint64_t{0} : 0) {
    const LiveColumns& columns = table.columns();
    switch (key.field) {
      case Field::kId: integers_ = columns.id.data(); return;
      case Field::kCreatedAt: integers_ = columns.created_at_us.data(); return;
      case Field::kEmail: prefixes_ = columns.email_prefix.data(); return;
      case Field::kName: prefixes_ = columns.name_prefix.data(); return;
      case Field::kCompanyName: prefixes_ = columns.company_prefix.data(); return;
      case Field::kStatus:
        words_ = columns.status.data();
        ranks_ = StatusRanks();
        return;
      default: assert(false);
    }
  }

  bool exact() const { return prefixes_ == nullptr; }

  std::uint64_t operator()(std::uint32_t slot) const {
    if (integers_ != nullptr) return (static_cast<std::uint64_t>(integers_[slot]) ^ kSignBit) ^ flip_;
    if (prefixes_ != nullptr) return prefixes_[slot] ^ flip_;
    return ranks_[words_[slot]] ^ flip_;
  }

  bool SameValue(const LiveTable& table, std::uint32_t a, std::uint32_t b) const {
    return (*this)(a) == (*this)(b) && (exact() || LiveKey(table.Row(a), key_) == LiveKey(table.Row(b), key_));
  }

 private:
  Field key_;
  std::uint64_t flip_;
  const std::int64_t* integers_ = nullptr;
  const std::uint64_t* prefixes_ = nullptr;
  const std::uint8_t *words_ = nullptr, *ranks_ = nullptr;
};

constexpr OrderKey kById{Field::kId, false};

// A slot with its first two keys. Rows themselves are looked at only when these leave two slots equal.
struct Candidate {
  std::uint64_t first, second;
  std::uint32_t slot;
};

template <class Less>
void SortFirst(std::vector<Candidate>& candidates, std::size_t wanted, Less less) {
  const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(wanted);
  if (end != candidates.end()) std::nth_element(candidates.begin(), end, candidates.end(), less);
  std::sort(candidates.begin(), end, less);
}

}  // namespace

SortKeyValue LiveKey(const LiveRow& row, Field key) {
  switch (key) {
    case Field::kId: return {.number = row.id};
    case Field::kCreatedAt: return {.number = row.created_at_us};
    case Field::kStatus: return {.number = StatusRanks()[row.status]};
    case Field::kEmail: return {.text = row.Text(LiveText::kEmail)};
    case Field::kName: return {.is_null = !row.Has(LiveText::kName), .text = row.Text(LiveText::kName)};
    case Field::kCompanyName: return {.text = row.Text(LiveText::kCompanyName)};
    default: assert(false); return {};
  }
}

bool LiveRowLess(const LiveRow& a, const LiveRow& b, std::span<const OrderKey> order_by) {
  for (const OrderKey& key : order_by) {
    const auto order = LiveKey(a, key.field) <=> LiveKey(b, key.field);
    if (order != 0) return key.descending ? order > 0 : order < 0;
  }
  return a.id < b.id;
}

std::uint64_t FirstKeyNumber(const SortKeyValue& value, const OrderKey& key) {
  const std::uint64_t flip = key.descending ? ~std::uint64_t{0} : 0;
  if (Def(key.field).kind != FieldKind::kText) return (static_cast<std::uint64_t>(value.number) ^ kSignBit) ^ flip;
  return (value.is_null ? kNullPrefix : TextPrefix(value.text)) ^ flip;
}

void TakeUnordered(const LiveTable& table, std::span<const OrderKey> order_by, std::span<const std::uint32_t> slots,
                   std::vector<const LiveRow*>& rows, std::vector<std::uint64_t>& numbers) {
  constexpr int kWordBits = 8;
  const OrderKey& key = order_by.empty() ? kById : order_by[0];
  const NumberKey first(table, key);
  rows.reserve(slots.size());
  numbers.reserve(slots.size());
  for (const std::uint32_t slot : slots) rows.push_back(&table.Row(slot));
  if (Def(key.field).kind != FieldKind::kWord) {
    for (const std::uint32_t slot : slots) numbers.push_back(first(slot));
    return;
  }
  // Of a word's number the last byte says it all, in either direction.
  const NumberKey second(table, order_by.size() < 2 ? kById : order_by[1]);
  for (const std::uint32_t slot : slots) numbers.push_back(first(slot) << (64 - kWordBits) | second(slot) >> kWordBits);
}

std::vector<const LiveRow*> SelectFirst(const LiveTable& table, std::span<const OrderKey> order_by, std::uint64_t wanted,
                                        std::vector<std::uint32_t>& slots) {
  const NumberKey first(table, order_by.empty() ? kById : order_by[0]);
  const NumberKey second(table, order_by.size() < 2 ? kById : order_by[1]);
  // Kept by the thread: some kilobytes that come and go with every query are what makes an allocator slow.
  thread_local std::vector<Candidate> candidates;
  candidates.clear();
  candidates.reserve(slots.size());
  for (const std::uint32_t slot : slots) candidates.push_back({first(slot), second(slot), slot});
  const std::size_t size = std::min<std::uint64_t>(wanted, slots.size());
  const auto by_rows = [&](const Candidate& a, const Candidate& b) {
    return LiveRowLess(table.Row(a.slot), table.Row(b.slot), order_by);
  };
  if (first.exact()) {
    SortFirst(candidates, size, [&](const Candidate& a, const Candidate& b) {
      if (a.first != b.first) return a.first < b.first;
      if (a.second != b.second) return a.second < b.second;
      return by_rows(a, b);
    });
  } else {
    SortFirst(candidates, size,
              [&](const Candidate& a, const Candidate& b) { return a.first != b.first ? a.first < b.first : by_rows(a, b); });
  }
  std::vector<const LiveRow*> rows;
  rows.reserve(size);
  for (std::size_t i = 0; i < size; ++i) rows.push_back(&table.Row(candidates[i].slot));
  return rows;
}

std::optional<std::vector<const LiveRow*>> WalkFirst(const LiveTable& table, std::span<const OrderKey> order_by,
                                                     std::uint64_t wanted, std::uint64_t visits_max,
                                                     absl::FunctionRef<bool(std::uint32_t slot)> test, std::uint64_t& visits) {
  const OrderKey key = order_by.empty() ? kById : order_by[0];
  const NumberKey number(table, key);
  // With further keys than the index has, rows must be taken until the first key's value changes, and sorted.
  const bool in_order = key.field == Field::kId || order_by.size() < 2 || order_by[1] == kById;
  std::vector<std::uint32_t> slots;
  slots.reserve(std::min<std::uint64_t>(wanted, table.size()));
  const std::uint64_t visits_end = visits + std::min(visits_max, ~visits);
  bool gave_up = false;
  table.VisitInOrder(key.field, key.descending, [&](std::uint32_t slot) {
    if (slots.size() >= wanted && (in_order || !number.SameValue(table, slots.back(), slot))) return false;
    gave_up = visits == visits_end;
    if (gave_up) return false;
    ++visits;
    if (test(slot)) slots.push_back(slot);
    return true;
  });
  if (gave_up) return std::nullopt;
  if (!in_order) return SelectFirst(table, order_by, wanted, slots);
  std::vector<const LiveRow*> rows;
  rows.reserve(slots.size());
  for (const std::uint32_t slot : slots) rows.push_back(&table.Row(slot));
  return rows;
}

}  // namespace clientele
