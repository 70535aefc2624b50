#include "engine/live_condition.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <limits>

#include <emmintrin.h>

#include "engine/bit_kernels.h"
#include "index/count_ones.h"
#include "index/vector_level.h"

namespace clientele {
namespace {

constexpr std::size_t kBlockSlots = 64;

// With fewer rows left of a block it is faster to test them one by one than all 64.
constexpr std::uint32_t kSparseRows = 8;

LiveText SearchedText(const FilterEntry& filter) {
  switch (filter.field) {
    case Field::kEmail: return LiveText::kEmail;
    case Field::kName: return LiveText::kName;
    case Field::kCompanyName: return LiveText::kCompanyName;
    case Field::kSecondaryHostnames: return LiveText::kHostnames;
    default:
      assert(filter.field == Field::kUsers);
      return filter.def->user_member == "name" ? LiveText::kUserNames : LiveText::kUserEmails;
  }
}

// Bit i: the i-th byte, 0 or 1.
std::uint64_t PackBits(const std::uint8_t* bytes) {
  std::uint64_t bits = 0;
  for (int part = 0; part < 4; ++part) {
    const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * part));
    const __m128i set = _mm_cmpgt_epi8(sixteen, _mm_setzero_si128());
    bits |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(set))} << (16 * part);
  }
  return bits;
}

// `test` gets a std::size_t, which cannot wrap round: else its loads could not be made sixteen bytes at a time.
template <class Test>
void NarrowBy(std::span<std::uint64_t> words, Test test) {
  std::array<std::uint8_t, kBlockSlots> hits;
  for (std::size_t block = 0; block < words.size(); ++block) {
    std::uint64_t& word = words[block];
    if (word == 0) continue;
    const std::size_t base = block * kBlockSlots;
    if (CountOnes(word) <= kSparseRows) {
      for (std::uint64_t left = word; left != 0; left &= left - 1) {
        if (!test(base + static_cast<std::size_t>(std::countr_zero(left)))) word ^= left & -left;
      }
    } else {
      for (std::size_t i = 0; i < kBlockSlots; ++i) hits[i] = test(base + i);
      word &= PackBits(hits.data());
    }
  }
}

// Null for a field without bits.
const LiveValueBits::Values* BitsOf(const LiveTable& table, const FilterEntry& filter) {
  const LiveValueBits& bits = table.value_bits();
  switch (filter.field) {
    case Field::kStatus: return &bits.status;
    case Field::kServiceStatuses: return &bits.states[filter.def->service];
    case Field::kClientType: return &bits.client_type;
    case Field::kCountryCode: return &bits.country;
    case Field::kDeleted: return &bits.deleted;
    case Field::kIsTest: return &bits.is_test;
    case Field::kActivated: return &bits.activated;
    case Field::kPersonalProductAvailability: return &bits.available_services;
    default: return nullptr;
  }
}

bool IsFlag(Field field) {
  return field == Field::kDeleted || field == Field::kIsTest || field == Field::kActivated;
}

}  // namespace

std::optional<std::span<const std::uint64_t>> OneBitmapOf(const LiveTable& table, const Predicate& predicate) {
  const auto* const operand = std::get_if<ValueSetOperand>(&predicate.operand);
  if (operand == nullptr || operand->values.size() + operand->or_null != 1) return std::nullopt;
  const FilterEntry& filter = Filters()[predicate.filter];
  const LiveValueBits::Values* const bits = BitsOf(table, filter);
  if (bits == nullptr || (IsFlag(filter.field) && operand->values[0] == 0)) return std::nullopt;
  const auto value = static_cast<std::size_t>(operand->or_null ? LiveRow::kNoCountry : operand->values[0]);
  return value < bits->size() ? std::span((*bits)[value]) : std::span<const std::uint64_t>();
}

LiveCondition::LiveCondition(const LiveTable& table, const Predicate& predicate) : table_(&table), predicate_(&predicate) {
  const FilterEntry& filter = Filters()[predicate.filter];
  const bool at_least = filter.def->op == FilterOp::kAtLeast;
  if (const auto* text = std::get_if<TextOperand>(&predicate.operand)) {
    ResolveText(filter, *text);
  } else if (const auto* values = std::get_if<ValueSetOperand>(&predicate.operand)) {
    values_ = values->values;
    ResolveValues(filter, *values);
  } else if (const auto* time = std::get_if<TimeOperand>(&predicate.operand)) {
    kind_ = Kind::kTime;
    first_us_ = at_least ? time->microseconds : std::numeric_limits<std::int64_t>::min();
    last_us_ = at_least ? std::numeric_limits<std::int64_t>::max() : time->microseconds;
    SetTimeRange();
  } else {
    kind_ = at_least ? Kind::kTrafficAtLeast : Kind::kTrafficAtMost;
    gigabytes_ = std::get<NumberOperand>(predicate.operand).value;
  }
}

void LiveCondition::ResolveValues(const FilterEntry& filter, const ValueSetOperand& operand) {
  const LiveColumns& columns = table_->columns();
  bits_of_ = BitsOf(*table_, filter);
  const bool empty = operand.values.empty() && !operand.or_null;
  if (empty) {
    kind_ = filter.def->op == FilterOp::kNoneOf ? Kind::kAlways : Kind::kNever;
    return;
  }
  switch (filter.field) {
    case Field::kId:
      named_ids_ = IdSet(operand.values);
      if (filter.def->op == FilterOp::kAnyOf) return ResolveIds(operand);
      kind_ = Kind::kNotIds;
      return;
    case Field::kStatus: return ResolveBytes(columns.status, LiveIndex::kStatus, operand);
    case Field::kServiceStatuses:
      return ResolveBytes(columns.states[filter.def->service], LiveIndexOfService(filter.def->service), operand);
    case Field::kClientType:
      kind_ = Kind::kBytes;
      bytes_ = columns.client_type.data();
      return;
    case Field::kCountryCode: return ResolveCountries(operand);
    case Field::kDeleted: return ResolveFlag(kFlagDeleted, operand);
    case Field::kIsTest: return ResolveFlag(kFlagTest, operand);
    case Field::kActivated: return ResolveFlag(kFlagActivated, operand);
    case Field::kSeller:
      kind_ = Kind::kIntegers;
      bits_ = kFlagSeller;
      integers_ = columns.seller.data();
      lows_ = columns.seller_low.data();
      return;
    case Field::kResellers:
      kind_ = Kind::kIntegers;
      bits_ = kFlagResellers;
      integers_ = columns.resellers.data();
      lows_ = columns.resellers_low.data();
      return;
    case Field::kPersonalProductAvailability:
      kind_ = Kind::kBits;
      bytes_ = columns.available_services.data();
      for (const std::int64_t service : operand.values) bits_ = static_cast<std::uint8_t>(bits_ | 1u << service);
      return;
    case Field::kPaidFeatures:
      kind_ = Kind::kFeatures;
      for (const std::int64_t feature : operand.values) feature_bits_ |= FeatureBit(feature);
      return;
    default: assert(false);
  }
}

void LiveCondition::ResolveBytes(const std::vector<std::uint8_t>& column, LiveIndex index, const ValueSetOperand& operand) {
  kind_ = Kind::kBytes;
  bytes_ = column.data();
  has_index_ = true;
  for (const std::int64_t value : operand.values) ranges_.push_back({index, value, value});
}

void LiveCondition::ResolveFlag(std::uint8_t flag, const ValueSetOperand& operand) {
  bits_ = flag;
  bytes_ = table_->columns().flags.data();
  kind_ = operand.values.size() == 2 ? Kind::kAlways : operand.values[0] != 0 ? Kind::kBits : Kind::kNoBits;
}

void LiveCondition::ResolveCountries(const ValueSetOperand& operand) {
  kind_ = Kind::kCountry;
  or_null_ = operand.or_null;
  has_index_ = true;
  for (const std::int64_t country : operand.values) ranges_.push_back({LiveIndex::kCountry, country, country});
  if (operand.or_null) ranges_.push_back({LiveIndex::kCountry, LiveRow::kNoCountry, LiveRow::kNoCountry});
}

void LiveCondition::ResolveIds(const ValueSetOperand& operand) {
  kind_ = Kind::kIds;
  if (operand.values.size() > table_->size()) return;  // Testing every row costs less than looking all of them up.
  for (const std::int64_t id : operand.values) {
    if (const auto slot = table_->FindSlot(id)) ids_.push_back(*slot);
  }
  has_index_ = true;
  count_ = static_cast<std::uint32_t>(ids_.size());
}

void LiveCondition::ResolveText(const FilterEntry& filter, const TextOperand& operand) {
  needle_ = operand.text;
  if (filter.def->op == FilterOp::kContains) {
    text_ = SearchedText(filter);
    const bool separator = needle_.find(kItemSeparator) != needle_.npos || needle_.find(kValueSeparator) != needle_.npos;
    kind_ = needle_.empty() ? Kind::kPresent : separator ? Kind::kNever : Kind::kContains;
    return;
  }
  const LiveColumns& columns = table_->columns();
  kind_ = Kind::kEquals;
  hash_ = TextHash(needle_);
  switch (filter.field) {
    case Field::kBillType:
      text_ = LiveText::kBillType;
      hashes_ = columns.bill_type.data();
      return;
    case Field::kPromocode:
      text_ = LiveText::kPromocode;
      hashes_ = columns.promocode.data();
      return;
    default:
      assert(filter.field == Field::kCustomId);
      text_ = LiveText::kCustomId;
      hashes_ = columns.custom_id.data();
  }
}

void LiveCondition::SetTimeRange() {
  ranges_.assign(1, {LiveIndex::kCreatedAt, first_us_, last_us_});
  has_index_ = true;
  count_.reset();
}

std::uint32_t LiveCondition::count() const {
  if (!count_) {
    count_ = 0;
    for (const LiveRange& range : ranges_) *count_ += table_->Count(range);
  }
  return *count_;
}

void LiveCondition::Visit(LiveTable::OnSlot on_slot) const {
  for (const std::uint32_t slot : ids_) {
    if (!on_slot(slot)) return;
  }
  bool more = true;
  for (const LiveRange& range : ranges_) {
    if (!more) return;
    table_->Visit(range, [&](std::uint32_t slot) { return more = on_slot(slot); });
  }
}

bool LiveCondition::JoinTime(const LiveCondition& other) {
  first_us_ = std::max(first_us_, other.first_us_);
  last_us_ = std::min(last_us_, other.last_us_);
  SetTimeRange();
  return true;
}

template <class Use>
auto LiveCondition::WithTest(Use visit) const {
  const LiveColumns& columns = table_->columns();
  switch (kind_) {
    case Kind::kBytes: {
      unsigned allowed = 0;
      for (const std::int64_t value : values_) allowed |= 1u << value;
      return visit([allowed, bytes = bytes_](std::size_t slot) -> bool { return (allowed >> bytes[slot]) & 1; });
    }
    case Kind::kBits:
      return visit([bits = bits_, bytes = bytes_](std::size_t slot) -> bool { return (bytes[slot] & bits) != 0; });
    case Kind::kNoBits:
      return visit([bits = bits_, bytes = bytes_](std::size_t slot) -> bool { return (bytes[slot] & bits) == 0; });
    case Kind::kCountry: {
      if (ranges_.size() == 1) {
        return visit([country = static_cast<std::uint16_t>(ranges_[0].first),
                      countries = columns.country.data()](std::size_t slot) -> bool { return countries[slot] == country; });
      }
      std::array<std::uint8_t, LiveRow::kNoCountry + 1> allowed{};
      for (const LiveRange& range : ranges_) allowed[static_cast<std::size_t>(range.first)] = 1;
      return visit([&allowed, countries = columns.country.data()](std::size_t slot) -> bool {
        return allowed.data()[countries[slot]] != 0;
      });
    }
    case Kind::kIntegers: {
      const std::uint8_t* const flags = columns.flags.data();
      if (values_.size() == 1) {
        return visit([value = values_[0], flags, bits = bits_, integers = integers_](std::size_t slot) -> bool {
          return (integers[slot] == value) & ((flags[slot] & bits) != 0);
        });
      }
      return visit([values = values_, flags, bits = bits_, integers = integers_](std::size_t slot) -> bool {
        return (flags[slot] & bits) != 0 && std::binary_search(values.begin(), values.end(), integers[slot]);
      });
    }
    case Kind::kIds:
    case Kind::kNotIds:
      return visit([this, ids = columns.id.data(), wanted = kind_ == Kind::kIds](std::size_t slot) -> bool {
        return named_ids_.Holds(ids[slot]) == wanted;
      });
    case Kind::kTime:
      return visit([first = first_us_, last = last_us_, times = columns.created_at_us.data()](std::size_t slot) -> bool {
        return (times[slot] >= first) & (times[slot] <= last);
      });
    case Kind::kTrafficAtLeast:
      return visit(
          [least = gigabytes_, traffic = columns.traffic_gb.data()](std::size_t slot) -> bool { return traffic[slot] >= least; });
    case Kind::kTrafficAtMost:
      return visit(
          [most = gigabytes_, traffic = columns.traffic_gb.data()](std::size_t slot) -> bool { return traffic[slot] <= most; });
    case Kind::kEquals:
      return visit([this, hash = hash_, hashes = hashes_](std::size_t slot) -> bool {
        return hashes[slot] == hash && RowAt(slot).Text(text_) == needle_;
      });
    case Kind::kPresent: return visit([this](std::size_t slot) -> bool { return RowAt(slot).Has(text_); });
    case Kind::kFeatures:
      return visit([this, features = columns.features.data()](std::size_t slot) -> bool {
        if ((features[slot] & feature_bits_) == 0) return false;
        const std::span<const std::int64_t> had = RowAt(slot).feature_ids;
        return std::any_of(had.begin(), had.end(),
                           [&](std::int64_t id) { return std::binary_search(values_.begin(), values_.end(), id); });
      });
    case Kind::kContains:
      return visit([this](std::size_t slot) -> bool { return RowAt(slot).Text(text_).find(needle_) != needle_.npos; });
    case Kind::kAlways: return visit([](std::size_t) -> bool { return true; });
    case Kind::kNever: break;
  }
  return visit([](std::size_t) -> bool { return false; });
}

bool LiveCondition::Test(std::uint32_t slot) const {
  return WithTest([=](auto test) { return test(slot); });
}

void LiveCondition::NarrowBytes(std::span<std::uint64_t> words) const {
  for (std::size_t block = 0; block < words.size(); ++block) {
    if (words[block] == 0) continue;
    std::uint64_t hits = 0;
    for (int part = 0; part < 4; ++part) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes_ + block * kBlockSlots + 16 * part));
      __m128i equal = _mm_setzero_si128();
      for (const std::int64_t value : values_) {
        equal = _mm_or_si128(equal, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(static_cast<char>(value))));
      }
      hits |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(equal))} << (16 * part);
    }
    words[block] &= hits;
  }
}

void LiveCondition::NarrowByBits(std::span<std::uint64_t> words) const {
  const auto words_of = [&](std::int64_t value) {
    const std::span<const std::uint64_t> held = BitmapOf(value);
    return held.first(std::min(held.size(), words.size()));
  };
  if (kind_ == Kind::kNoBits) {  // The only value is 0, and no slot has its bit for it: not 1.
    const auto set = words_of(1);
    AndNotCount(words.data(), set.data(), words.data(), set.size());
    return;
  }
  if (has_one_bitmap()) {
    const auto held = words_of(or_null_ ? LiveRow::kNoCountry : values_[0]);
    AndCount(words.data(), held.data(), words.data(), held.size());
    std::fill(words.begin() + static_cast<std::ptrdiff_t>(held.size()), words.end(), 0);
    return;
  }
  absl::InlinedVector<std::uint64_t, 128> held(words.size(), 0);
  const auto add = [&](std::int64_t value) {
    const auto of_value = words_of(value);
    OrInto(of_value.data(), held.data(), of_value.size());
  };
  for (const std::int64_t value : values_) add(value);
  if (or_null_) add(LiveRow::kNoCountry);
  AndCount(words.data(), held.data(), words.data(), words.size());
}

bool LiveCondition::is_quick_by_column() const {
  return kind_ == Kind::kTime && ActiveVectorLevel() >= VectorLevel::kAvx2;
}

bool LiveCondition::looks_at_rows() const {
  return kind_ == Kind::kEquals || kind_ == Kind::kFeatures || kind_ == Kind::kPresent || kind_ == Kind::kContains;
}

void LiveCondition::NarrowByColumn(std::span<std::uint64_t> words) const {
  switch (kind_) {
    case Kind::kBytes: return NarrowBytes(words);
    case Kind::kIntegers:
      if (values_.size() == 1) {
        const auto low = static_cast<std::uint32_t>(values_[0]);
        KeepInRange(lows_, low, low + 1, words.data(), words.size());
        return NarrowOneByOne(words);
      }
      break;
    case Kind::kTime:
      KeepInRange(table_->columns().created_at_us.data(), first_us_, last_us_, words.data(), words.size());
      return;
    case Kind::kEquals: KeepInRange(hashes_, hash_, hash_ + 1, words.data(), words.size()); return;
    case Kind::kFeatures:
      return NarrowBy(words, [bits = feature_bits_, features = table_->columns().features.data()](std::size_t slot) {
        return (features[slot] & bits) != 0;
      });
    case Kind::kPresent:
    case Kind::kContains: return;
    default: break;
  }
  WithTest([&](auto test) { NarrowBy(words, test); });
}

void LiveCondition::NarrowOneByOne(std::span<std::uint64_t> words) const {
  WithTest([&](auto test) {
    for (std::size_t block = 0; block < words.size(); ++block) {
      for (std::uint64_t left = words[block]; left != 0; left &= left - 1) {
        if (!test(block * kBlockSlots + static_cast<std::size_t>(std::countr_zero(left)))) words[block] ^= left & -left;
      }
    }
  });
}

void LiveCondition::Narrow(std::span<std::uint64_t> words) const {
  NarrowByColumn(words);
  if (looks_at_rows()) NarrowOneByOne(words);
}

std::uint64_t LiveCondition::NarrowBlocks(std::span<std::uint64_t> blocks) const {
  table_->texts(text_).NarrowBlocks(needle_, blocks);
  std::uint64_t left = 0;
  for (const std::uint64_t word : blocks) left += CountOnes(word);
  return left;
}

void LiveCondition::Search(std::span<const std::uint64_t> blocks, std::span<std::uint64_t> words) const {
  std::uint32_t next = 0;  // Blocks below it are done.
  const auto clear_to = [&](std::uint32_t block) {
    for (; next < block; ++next) words[next] = 0;
  };
  table_->texts(text_).Search(needle_, blocks, [&](std::uint32_t block, std::uint64_t mask) {
    clear_to(block);
    words[block] &= mask;
    next = block + 1;
  });
  clear_to(static_cast<std::uint32_t>(words.size()));
}

std::uint64_t LiveCondition::bytes_per_block() const {
  const LiveTexts& texts = table_->texts(text_);
  return texts.text_bytes() / std::max(texts.block_count(), 1u);
}

}  // namespace clientele
