#include "index/live_columns.h"

#include <cstring>
#include <limits>

#include <xxhash.h>

namespace clientele {
namespace {

constexpr std::uint32_t kBlockSlots = 64;

template <class T>
void Set(std::vector<T>& column, std::uint32_t slot, T value) {
  if (slot >= column.size()) column.resize(slot / kBlockSlots * kBlockSlots + kBlockSlots);
  column[slot] = value;
}

std::uint64_t PrefixOf(const LiveRow& row, LiveText text) {
  return row.Has(text) ? TextPrefix(row.Text(text)) : kNullPrefix;
}

std::uint64_t SecondOf(const LiveRow& row, LiveText text) {
  return row.Has(text) ? TextPrefix(row.Text(text), kPrefixBytes) : 0;
}

std::uint32_t HashOf(const LiveRow& row, LiveText text) {
  return row.Has(text) ? TextHash(row.Text(text)) : 0;
}

std::uint8_t FlagsOf(const LiveRow& row) {
  return static_cast<std::uint8_t>((row.deleted ? kFlagDeleted : 0) | (row.is_test ? kFlagTest : 0) |
                                   (row.activated ? kFlagActivated : 0) | (row.seller ? kFlagSeller : 0) |
                                   (row.resellers ? kFlagResellers : 0));
}

template <class T>
std::uint64_t Bytes(const std::vector<T>& column) {
  return column.capacity() * sizeof(T);
}

}  // namespace

void LiveColumns::Append(std::uint32_t slot, const LiveRow& row) {
  Set(id, slot, row.id);
  Set(created_at_us, slot, row.created_at_us);
  Set(seller, slot, row.seller.value_or(0));
  Set(resellers, slot, row.resellers.value_or(0));
  Set(seller_low, slot, static_cast<std::uint32_t>(row.seller.value_or(0)));
  Set(resellers_low, slot, static_cast<std::uint32_t>(row.resellers.value_or(0)));
  Set(traffic_gb, slot, row.allowed_traffic_gb.value_or(std::numeric_limits<double>::quiet_NaN()));
  std::uint32_t feature_bits = 0;
  for (const std::int64_t feature_id : row.feature_ids) feature_bits |= FeatureBit(feature_id);
  Set(features, slot, feature_bits);
  Set(email_prefix, slot, PrefixOf(row, LiveText::kEmail));
  Set(name_prefix, slot, PrefixOf(row, LiveText::kName));
  Set(company_prefix, slot, PrefixOf(row, LiveText::kCompanyName));
  Set(email_second, slot, SecondOf(row, LiveText::kEmail));
  Set(name_second, slot, SecondOf(row, LiveText::kName));
  Set(company_second, slot, SecondOf(row, LiveText::kCompanyName));
  Set(bill_type, slot, HashOf(row, LiveText::kBillType));
  Set(promocode, slot, HashOf(row, LiveText::kPromocode));
  Set(custom_id, slot, HashOf(row, LiveText::kCustomId));
  Set(country, slot, row.country);
  for (std::size_t service = 0; service < kServiceCount; ++service) Set(states[service], slot, row.State(service));
  Set(status, slot, row.status);
  Set(client_type, slot, row.client_type);
  Set(available_services, slot, row.available_services);
  Set(flags, slot, FlagsOf(row));
}

std::uint64_t LiveColumns::bytes() const {
  std::uint64_t bytes = Bytes(id) + Bytes(created_at_us) + Bytes(seller) + Bytes(resellers) + Bytes(traffic_gb) +
                        Bytes(features) + Bytes(email_prefix) + Bytes(name_prefix) + Bytes(company_prefix) + Bytes(email_second) +
                        Bytes(name_second) + Bytes(company_second) + Bytes(bill_type) + Bytes(promocode) + Bytes(custom_id) +
                        Bytes(seller_low) + Bytes(resellers_low) + Bytes(country) + Bytes(status) + Bytes(client_type) +
                        Bytes(available_services) + Bytes(flags);
  for (const auto& column : states) bytes += Bytes(column);
  return bytes;
}

std::uint64_t TextPrefix(std::string_view folded, std::size_t from) {
  static_assert(sizeof(std::uint64_t) == kPrefixBytes);
  std::uint64_t prefix = 0;
  if (from < folded.size()) std::memcpy(&prefix, folded.data() + from, std::min(folded.size() - from, kPrefixBytes));
  return __builtin_bswap64(prefix);
}

std::uint32_t TextHash(std::string_view text) {
  return static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size())) | 1;
}

}  // namespace clientele
