// What the filters compare, of all rows of a live table, as one array over slots for each thing: a condition on most of the rows
// reads a few kilobytes in a row instead of some thousand rows all over memory. About 130 bytes a row.
//
// Externally synchronised, as its table.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "index/live_row.h"
#include "index/schema.h"

namespace clientele {

// Bits of LiveColumns::flags.
enum LiveFlag : std::uint8_t {
  kFlagDeleted = 1,
  kFlagTest = 2,
  kFlagActivated = 4,
  kFlagSeller = 8,      // Has a seller.
  kFlagResellers = 16,  // Has a reseller.
};

struct LiveColumns {
  // Every array grows by whole blocks of 64 slots, so that a block may always be read as a whole.
  std::vector<std::int64_t> id, created_at_us, seller, resellers;        // 0 for null.
  std::vector<double> traffic_gb;                                        // NaN for null.
  std::vector<std::uint32_t> features;                                   // Bits of FeatureBit for each.
  std::vector<std::uint64_t> email_prefix, name_prefix, company_prefix;  // TextPrefix, or kNullPrefix.
  std::vector<std::uint64_t> email_second, name_second, company_second;  // TextPrefix of what follows that; 0 for null.
  std::vector<std::uint32_t> bill_type, promocode, custom_id;            // TextHash, or 0 for null.
  std::vector<std::uint32_t> seller_low, resellers_low;                  // The lower halves again, to compare more at a time.
  std::vector<std::uint16_t> country;
  std::array<std::vector<std::uint8_t>, kServiceCount> states;
  std::vector<std::uint8_t> status, client_type, available_services, flags;

  void Append(std::uint32_t slot, const LiveRow& row);  // Slots in order. Amortised O(1).
  std::uint64_t bytes() const;
};

// The first eight bytes of a folded text as a number, or those from a later one on: texts with different prefixes are ordered as
// these are, and those with equal ones as what follows.
inline constexpr std::size_t kPrefixBytes = 8;
std::uint64_t TextPrefix(std::string_view folded, std::size_t from = 0);
inline constexpr std::uint64_t kNullPrefix = ~std::uint64_t{0};  // Greater than that of any UTF-8 text.

// Equal texts have equal hashes; never 0. For skipping most of the rows, not for deciding.
std::uint32_t TextHash(std::string_view text);

// A set that has a feature has its bit; other features may share it.
inline std::uint32_t FeatureBit(std::int64_t feature_id) {
  return std::uint32_t{1} << ((static_cast<std::uint64_t>(feature_id) * 0x9E3779B97F4A7C15) >> 59);
}

}  // namespace clientele
