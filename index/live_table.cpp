#include "index/live_table.h"

#include <cassert>
#include <compare>
#include <iterator>
#include <memory_resource>
#include <utility>

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/identity.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ranked_index.hpp>
#include <boost/multi_index_container.hpp>

#include "index/word_ranks.h"

namespace clientele {
namespace {

namespace bmi = boost::multi_index;

// What the indices compare. Keys stand in the element itself, for texts their first bytes, so that the way down a tree seldom
// leaves its nodes.
struct Entry {
  const LiveRow* row;
  std::int64_t id, created_at_us;
  std::uint64_t email_prefix, email_second, name_prefix, name_second, company_prefix, company_second;
  std::uint32_t slot;
  std::uint32_t service_states;
  std::uint16_t country;
  std::uint8_t status_rank;
};

std::uint8_t StatusRank(std::size_t status) {
  static const std::vector<std::uint8_t> ranks = WordRanks(Def(Field::kStatus).words);
  return ranks[status];
}

// Keys of integers.
struct IdKey {
  static std::int64_t Of(const Entry& entry) { return entry.id; }
};
struct CreatedAtKey {
  static std::int64_t Of(const Entry& entry) { return entry.created_at_us; }
};
struct StatusKey {
  static std::int64_t Of(const Entry& entry) { return entry.status_rank; }
};
struct CountryKey {
  static std::int64_t Of(const Entry& entry) { return entry.country; }
};
template <unsigned kService>
struct StateKey {
  static std::int64_t Of(const Entry& entry) { return (entry.service_states >> (3 * kService)) & 7; }
};

template <class Key>
struct IntegerOrder {
  static std::strong_ordering Compare(const Entry& a, const Entry& b) { return Key::Of(a) <=> Key::Of(b); }
  static std::strong_ordering Compare(const Entry& a, std::int64_t key) { return Key::Of(a) <=> key; }
};

template <std::uint64_t Entry::*kPrefix, std::uint64_t Entry::*kSecond, LiveText kText>
struct TextOrder {
  static std::strong_ordering Compare(const Entry& a, const Entry& b) {
    if (a.*kPrefix != b.*kPrefix) return a.*kPrefix <=> b.*kPrefix;
    if (a.*kSecond != b.*kSecond) return a.*kSecond <=> b.*kSecond;
    if (a.*kPrefix == kNullPrefix) return std::strong_ordering::equal;
    return a.row->Text(kText) <=> b.row->Text(kText);
  }
};

// Stands for all entries with the key of this one.
struct SameKey {
  const Entry& entry;
};

// By key, then by id: so the entries with one key stand in the contract's order.
template <class Order>
struct ThenById {
  bool operator()(const Entry& a, const Entry& b) const {
    const std::strong_ordering order = Order::Compare(a, b);
    return order != 0 ? order < 0 : a.id < b.id;
  }
  bool operator()(const Entry& a, const SameKey& key) const { return Order::Compare(a, key.entry) < 0; }
  bool operator()(const SameKey& key, const Entry& b) const { return Order::Compare(b, key.entry) > 0; }
  bool operator()(const Entry& a, std::int64_t key) const { return Order::Compare(a, key) < 0; }
  bool operator()(std::int64_t key, const Entry& b) const { return Order::Compare(b, key) > 0; }
};

struct IdLookup {};
struct EmailOrder : TextOrder<&Entry::email_prefix, &Entry::email_second, LiveText::kEmail> {};
struct NameOrder : TextOrder<&Entry::name_prefix, &Entry::name_second, LiveText::kName> {};
struct CompanyOrder : TextOrder<&Entry::company_prefix, &Entry::company_second, LiveText::kCompanyName> {};

// Only by key: a new entry comes behind all others with its key, on a path that the last one has just taken.
template <class Order>
struct ByKey {
  bool operator()(const Entry& a, const Entry& b) const { return Order::Compare(a, b) < 0; }
  bool operator()(const Entry& a, std::int64_t key) const { return Order::Compare(a, key) < 0; }
  bool operator()(std::int64_t key, const Entry& b) const { return Order::Compare(b, key) > 0; }
};

// Each index is named by its order.
template <class Order>
using Counted = bmi::ranked_non_unique<bmi::tag<Order>, bmi::identity<Entry>, ByKey<Order>>;
template <class Order>
using Ranked = bmi::ranked_unique<bmi::tag<Order>, bmi::identity<Entry>, ThenById<Order>>;

using Container = bmi::multi_index_container<
    Entry,
    bmi::indexed_by<bmi::hashed_unique<bmi::tag<IdLookup>, bmi::member<Entry, std::int64_t, &Entry::id>>,
                    Ranked<IntegerOrder<IdKey>>, Ranked<IntegerOrder<CreatedAtKey>>, Ranked<IntegerOrder<StatusKey>>,
                    Counted<IntegerOrder<CountryKey>>, Ranked<EmailOrder>, Ranked<NameOrder>, Ranked<CompanyOrder>,
                    Counted<IntegerOrder<StateKey<0>>>, Counted<IntegerOrder<StateKey<1>>>, Counted<IntegerOrder<StateKey<2>>>,
                    Counted<IntegerOrder<StateKey<3>>>, Counted<IntegerOrder<StateKey<4>>>, Counted<IntegerOrder<StateKey<5>>>,
                    Counted<IntegerOrder<StateKey<6>>>, Counted<IntegerOrder<StateKey<7>>>>,
    std::pmr::polymorphic_allocator<Entry>>;

template <class Index>
std::uint32_t CountKeys(const Index& index, std::int64_t first, std::int64_t last) {
  return static_cast<std::uint32_t>(index.upper_bound_rank(last) - index.lower_bound_rank(first));
}

template <class Index>
void VisitKeys(const Index& index, std::int64_t first, std::int64_t last, LiveTable::OnSlot on_slot) {
  const auto end = index.upper_bound(last);
  for (auto entry = index.lower_bound(first); entry != end; ++entry) {
    if (!on_slot(entry->slot)) return;
  }
}

template <class Index>
void VisitAscending(const Index& index, LiveTable::OnSlot on_slot) {
  for (const Entry& entry : index) {
    if (!on_slot(entry.slot)) return;
  }
}

// The first of the entries with the same key as `last`, which is the last of them.
template <class Order, class Iterator, class Index>
Iterator GroupBegin(const Index& index, Iterator last) {
  constexpr int kStepsMax = 8;  // Then a lookup is faster.
  Iterator first = last;
  for (int step = 0; first != index.begin(); ++step) {
    if (step == kStepsMax) return index.lower_bound(SameKey{*last});
    const Iterator before = std::prev(first);
    if (Order::Compare(*before, *last) != 0) break;
    first = before;
  }
  return first;
}

// Keys from the last to the first, but the entries with one key forward.
template <class Order, class Index>
void VisitDescending(const Index& index, LiveTable::OnSlot on_slot) {
  for (auto end = index.end(); end != index.begin();) {
    const auto begin = GroupBegin<Order>(index, std::prev(end));
    for (auto entry = begin; entry != end; ++entry) {
      if (!on_slot(entry->slot)) return;
    }
    end = begin;
  }
}

}  // namespace

struct LiveTable::Indices {
  // Nodes of their own pool: among the rows on the heap they would lie on three times as many pages.
  std::pmr::unsynchronized_pool_resource nodes;
  Container entries{Container::ctor_args_list(), &nodes};

  // Calls visit(index) with the index of integers that is meant.
  template <class Visit>
  auto With(LiveIndex index, Visit visit) const {
    switch (index) {
      case LiveIndex::kId: return visit(entries.get<IntegerOrder<IdKey>>());
      case LiveIndex::kCreatedAt: return visit(entries.get<IntegerOrder<CreatedAtKey>>());
      case LiveIndex::kStatus: return visit(entries.get<IntegerOrder<StatusKey>>());
      case LiveIndex::kCountry: return visit(entries.get<IntegerOrder<CountryKey>>());
      default: return WithService(static_cast<std::size_t>(index) - static_cast<std::size_t>(LiveIndex::kService), visit);
    }
  }

  template <class Visit>
  auto WithService(std::size_t service, Visit visit) const {
    static_assert(kServiceCount == 8);
    switch (service) {
      case 0: return visit(entries.get<IntegerOrder<StateKey<0>>>());
      case 1: return visit(entries.get<IntegerOrder<StateKey<1>>>());
      case 2: return visit(entries.get<IntegerOrder<StateKey<2>>>());
      case 3: return visit(entries.get<IntegerOrder<StateKey<3>>>());
      case 4: return visit(entries.get<IntegerOrder<StateKey<4>>>());
      case 5: return visit(entries.get<IntegerOrder<StateKey<5>>>());
      case 6: return visit(entries.get<IntegerOrder<StateKey<6>>>());
      default: return visit(entries.get<IntegerOrder<StateKey<7>>>());
    }
  }
};

namespace {

template <class Order>
void VisitBy(const Container& entries, bool descending, LiveTable::OnSlot on_slot) {
  const auto& index = entries.get<Order>();
  descending ? VisitDescending<Order>(index, on_slot) : VisitAscending(index, on_slot);
}

Entry EntryOf(const LiveRow& row, std::uint32_t slot, const LiveColumns& columns) {
  return {.row = &row,
          .id = row.id,
          .created_at_us = row.created_at_us,
          .email_prefix = columns.email_prefix[slot],
          .email_second = columns.email_second[slot],
          .name_prefix = columns.name_prefix[slot],
          .name_second = columns.name_second[slot],
          .company_prefix = columns.company_prefix[slot],
          .company_second = columns.company_second[slot],
          .slot = slot,
          .service_states = row.service_states,
          .country = row.country,
          .status_rank = StatusRank(row.status)};
}

// Keys as the index has them.
LiveRange Resolved(LiveRange range) {
  if (range.index != LiveIndex::kStatus || range.last < range.first) return range;
  assert(range.first == range.last);
  range.first = range.last = StatusRank(static_cast<std::size_t>(range.first));
  return range;
}

}  // namespace

LiveTable::LiveTable(std::uint32_t capacity, std::shared_ptr<const RecordDictionaries> dictionaries)
    : capacity_(capacity), dictionaries_(std::move(dictionaries)), indices_(std::make_unique<Indices>()) {
  rows_.reserve(capacity);
  indices_->entries.get<IdLookup>().reserve(capacity);
}

LiveTable::~LiveTable() = default;

const LiveRow* LiveTable::Insert(LiveRowPtr row) {
  const LiveRow* const replaced = Erase(row->id);
  const std::uint32_t slot = appended();
  if (slot % 64 == 0) alive_.push_back(0);
  columns_.Append(slot, *row);
  value_bits_.Append(slot, *row);
  ++writes_;
  for (std::size_t i = 0; i < kSearchedTextCount; ++i) texts_[i].Append(row->texts[i]);
  indices_->entries.insert(EntryOf(*row, slot, columns_));
  alive_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  ++size_;
  row_bytes_ += row->bytes;
  rows_.push_back(std::move(row));
  return replaced;
}

const LiveRow* LiveTable::Erase(std::int64_t id) {
  auto& by_id = indices_->entries.get<IdLookup>();
  const auto found = by_id.find(id);
  if (found == by_id.end()) return nullptr;
  const LiveRow* const row = found->row;
  alive_[found->slot / 64] &= ~(std::uint64_t{1} << (found->slot % 64));
  by_id.erase(found);
  --size_;
  ++writes_;
  return row;
}

const LiveRow* LiveTable::Find(std::int64_t id) const {
  const auto& by_id = indices_->entries.get<IdLookup>();
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : found->row;
}

std::optional<std::uint32_t> LiveTable::FindSlot(std::int64_t id) const {
  const auto& by_id = indices_->entries.get<IdLookup>();
  const auto found = by_id.find(id);
  return found == by_id.end() ? std::nullopt : std::optional(found->slot);
}

std::vector<const LiveRow*> LiveTable::CurrentRows() const {
  std::vector<const LiveRow*> rows;
  rows.reserve(size_);
  for (std::uint32_t slot = 0; slot < appended(); ++slot) {
    if (IsAlive(slot)) rows.push_back(rows_[slot].get());
  }
  return rows;
}

std::uint32_t LiveTable::Count(const LiveRange& range) const {
  if (range.last < range.first) return 0;
  const LiveRange keys = Resolved(range);
  return indices_->With(range.index, [&](const auto& index) { return CountKeys(index, keys.first, keys.last); });
}

void LiveTable::Visit(const LiveRange& range, OnSlot on_slot) const {
  if (range.last < range.first) return;
  const LiveRange keys = Resolved(range);
  indices_->With(range.index, [&](const auto& index) { VisitKeys(index, keys.first, keys.last, on_slot); });
}

void LiveTable::VisitInOrder(Field key, bool descending, OnSlot on_slot) const {
  const Container& entries = indices_->entries;
  switch (key) {
    case Field::kId: return VisitBy<IntegerOrder<IdKey>>(entries, descending, on_slot);
    case Field::kCreatedAt: return VisitBy<IntegerOrder<CreatedAtKey>>(entries, descending, on_slot);
    case Field::kStatus: return VisitBy<IntegerOrder<StatusKey>>(entries, descending, on_slot);
    case Field::kEmail: return VisitBy<EmailOrder>(entries, descending, on_slot);
    case Field::kName: return VisitBy<NameOrder>(entries, descending, on_slot);
    case Field::kCompanyName: return VisitBy<CompanyOrder>(entries, descending, on_slot);
    default: assert(false);
  }
}

void LiveTable::CatchUpSorted() {
  for (std::size_t field = 0; field < sorted_.size(); ++field) sorted_[field].CatchUp(*this, static_cast<Field>(field), writes_);
}

std::shared_ptr<const LiveSortedRows> LiveTable::SortedBy(Field key) const {
  return sorted_[static_cast<std::size_t>(key)].Rows(*this, key, writes_);
}

std::uint64_t LiveTable::bytes() const {
  constexpr std::uint64_t kTreeNodeBytes = 4 * sizeof(void*), kTrees = 15, kHashBytes = 4 * sizeof(void*);
  std::uint64_t bytes = row_bytes_ + rows_.capacity() * sizeof(LiveRowPtr) + alive_.capacity() * sizeof(std::uint64_t);
  bytes += size_ * (sizeof(Entry) + kTrees * kTreeNodeBytes + kHashBytes) + columns_.bytes() + value_bits_.bytes();
  for (const LiveTexts& text : texts_) bytes += text.bytes();
  return bytes;
}

}  // namespace clientele
