#include "index/schema.h"

#include <array>
#include <cstring>

#include <absl/container/flat_hash_map.h>
#include <absl/strings/match.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

using enum FieldKind;
using Syntax = ParameterSyntax;
using Op = FilterOp;

constexpr std::string_view kStatusWords[] = {"new", "trial", "trialend", "active", "integration", "paused", "preparation", "ready"};
constexpr std::string_view kClientTypeWords[] = {"common", "reseller", "sales"};
constexpr std::string_view kSignupWords[] = {"sign_up_full", "sign_up_simple"};

constexpr FilterDef kIdFilters[] = {
    {.parameter = "id", .syntax = Syntax::kInteger, .op = Op::kAnyOf, .help = "the client with this id"},
    {.parameter = "id__in", .syntax = Syntax::kIntegerList, .op = Op::kAnyOf, .help = "clients with one of these ids, comma separated"},
    {.parameter = "id__in__exclude", .syntax = Syntax::kIntegerList, .op = Op::kNoneOf, .help = "clients with none of these ids"},
};
constexpr FilterDef kUserFilters[] = {
    {.parameter = "users_name", .syntax = Syntax::kText, .op = Op::kContains, .user_member = "name", .help = "some user's name contains it, any case"},
    {.parameter = "users_email", .syntax = Syntax::kText, .op = Op::kContains, .user_member = "email", .help = "some user's email contains it, any case"},
};
constexpr FilterDef kEmailFilters[] = {{.parameter = "email", .syntax = Syntax::kText, .op = Op::kContains, .help = "email contains it, any case"}};
constexpr FilterDef kNameFilters[] = {{.parameter = "name", .syntax = Syntax::kText, .op = Op::kContains, .help = "name contains it, any case"}};
constexpr FilterDef kCompanyFilters[] = {{.parameter = "companyName", .syntax = Syntax::kText, .op = Op::kContains, .help = "company name contains it, any case"}};
constexpr FilterDef kStatusFilters[] = {{.parameter = "status", .syntax = Syntax::kWordList, .op = Op::kAnyOf, .help = "status is one of these words"}};
constexpr FilterDef kServiceFilters[] = {
    {.parameter = "cdn", .syntax = Syntax::kWordList, .op = Op::kServiceStateAnyOf, .service = 0, .help = "CDN is in one of these states"},
    {.parameter = "storage", .syntax = Syntax::kWordList, .op = Op::kServiceStateAnyOf, .service = 1, .help = "STORAGE is in one of these states"},
    {.parameter = "streaming", .syntax = Syntax::kWordList, .op = Op::kServiceStateAnyOf, .service = 2, .help = "STREAMING is in one of these states"},
    {.parameter = "ddos", .syntax = Syntax::kWordList, .op = Op::kServiceStateAnyOf, .service = 3, .help = "DDOS is in one of these states"},
    {.parameter = "dns", .syntax = Syntax::kWordList, .op = Op::kServiceStateAnyOf, .service = 4, .help = "DNS is in one of these states"},
    {.parameter = "cloud", .syntax = Syntax::kWordList, .op = Op::kServiceStateAnyOf, .service = 5, .help = "CLOUD is in one of these states"},
    {.parameter = "infrastructure_protection", .syntax = Syntax::kWordList, .op = Op::kServiceStateAnyOf, .service = 6, .help = "INFRASTRUCTURE_PROTECTION is in one of these states"},
    {.parameter = "connect", .syntax = Syntax::kWordList, .op = Op::kServiceStateAnyOf, .service = 7, .help = "CONNECT is in one of these states"},
};
constexpr FilterDef kFeatureFilters[] = {{.parameter = "feature_id_in", .syntax = Syntax::kIntegerList, .op = Op::kFeatureAnyOf, .help = "has one of these features, paid or free"}};
constexpr FilterDef kDeletedFilters[] = {{.parameter = "deleted", .syntax = Syntax::kDeletedText, .op = Op::kAnyOf, .help = "true: deleted only; false: not deleted only; else all"}};
constexpr FilterDef kBillTypeFilters[] = {{.parameter = "bill_type", .syntax = Syntax::kText, .op = Op::kEqualsFolded, .help = "bill type equals it, any case"}};
constexpr FilterDef kCustomIdFilters[] = {{.parameter = "custom_id", .syntax = Syntax::kText, .op = Op::kEqualsExact, .help = "custom id equals it exactly"}};
constexpr FilterDef kCountryFilters[] = {{.parameter = "country_code", .syntax = Syntax::kCountryList, .op = Op::kAnyOf, .help = "two letters, 'null' for none, or a comma list"}};
constexpr FilterDef kIsTestFilters[] = {{.parameter = "is_test", .syntax = Syntax::kBoolean, .op = Op::kAnyOf, .help = "test clients, or others"}};
constexpr FilterDef kSellerFilters[] = {{.parameter = "seller_id", .syntax = Syntax::kInteger, .op = Op::kAnyOf, .help = "the client's seller"}};
constexpr FilterDef kResellerFilters[] = {{.parameter = "reseller_id", .syntax = Syntax::kInteger, .op = Op::kAnyOf, .help = "the client's reseller"}};
constexpr FilterDef kClientTypeFilters[] = {{.parameter = "client_type", .syntax = Syntax::kWordList, .op = Op::kAnyOf, .help = "type of client"}};
constexpr FilterDef kCreatedFilters[] = {
    {.parameter = "created_at_gte", .syntax = Syntax::kDateTime, .op = Op::kAtLeast, .help = "created at or after this time"},
    {.parameter = "created_at_lte", .syntax = Syntax::kDateTime, .op = Op::kAtMost, .help = "created at or before this time"},
};
constexpr FilterDef kActivatedFilters[] = {{.parameter = "activated", .syntax = Syntax::kBoolean, .op = Op::kAnyOf, .help = "activated clients, or others"}};
constexpr FilterDef kPromocodeFilters[] = {{.parameter = "promocode", .syntax = Syntax::kText, .op = Op::kEqualsFolded, .help = "promo code equals it, any case"}};
constexpr FilterDef kTrafficFilters[] = {
    {.parameter = "min_traffic", .syntax = Syntax::kNumber, .op = Op::kAtLeast, .help = "allowed traffic of at least this many GB"},
    {.parameter = "max_traffic", .syntax = Syntax::kNumber, .op = Op::kAtMost, .help = "allowed traffic of at most this many GB"},
};
constexpr FilterDef kHostnameFilters[] = {{.parameter = "secondaryhostnames", .syntax = Syntax::kText, .op = Op::kContains, .help = "some hostname contains it, any case"}};
constexpr FilterDef kAvailabilityFilters[] = {{.parameter = "personal_product_availability", .syntax = Syntax::kServiceNameList, .op = Op::kServiceAvailable, .help = "personally available: one of these services"}};

constexpr auto kNoIndex = EqualityIndex::kNone;
constexpr auto kValueIndex = EqualityIndex::kValues;

constexpr std::array<FieldDef, kFieldCount> kFields{{
    {Field::kId, "id", "", kInteger, false, true, 0, {}, EqualityIndex::kOrder, kIdFilters, "id", "", "unique positive 64-bit integer"},
    {Field::kUsers, "users", "", kUsers, false, false, 0, {}, kNoIndex, kUserFilters, "", "", "the client's users"},
    {Field::kEmail, "email", "", kText, false, true, 0, {}, kNoIndex, kEmailFilters, "email", "", "contact email"},
    {Field::kPhone, "phone", "", kText, true, false, 0, {}, kNoIndex, {}, "", "", "phone number"},
    {Field::kName, "name", "", kText, true, false, 0, {}, kNoIndex, kNameFilters, "name", "", "contact's name"},
    {Field::kStatus, "status", "", kWord, false, true, 0, kStatusWords, kValueIndex, kStatusFilters, "status", "", "state of the account"},
    {Field::kCompanyName, "companyName", "", kText, false, true, 0, {}, kNoIndex, kCompanyFilters, "companyName", "", "company, may be empty"},
    {Field::kWebsite, "website", "", kText, true, false, 0, {}, kNoIndex, {}, "", "", "web site"},
    {Field::kCurrentUser, "currentUser", "", kInteger, true, false, 0, {}, kNoIndex, {}, "", "", "id of the current user"},
    {Field::kCapabilities, "capabilities", "", kServiceSet, false, false, 0, {}, kNoIndex, {}, "", "", "services that the client may use"},
    {Field::kServiceStatuses, "serviceStatuses", "", kServiceStates, false, false, 0, {}, kValueIndex, kServiceFilters, "", "", "state of each service that the client has"},
    {Field::kPaidFeatures, "paidFeatures", "", kFeatures, false, false, 0, {}, kValueIndex, kFeatureFilters, "", "", "paid features by service"},
    {Field::kFreeFeatures, "freeFeatures", "", kFeatures, false, false, 0, {}, kNoIndex, {}, "", "", "free features by service"},
    {Field::kEntryBaseDomain, "entryBaseDomain", "", kText, true, false, 0, {}, kNoIndex, {}, "", "", "domain that the client signed up on"},
    {Field::kSignupProcess, "signup_process", "", kWord, true, false, 0, kSignupWords, kNoIndex, {}, "", "", "how the client signed up"},
    {Field::kDeleted, "deleted", "", kBoolean, false, false, 0, {}, kValueIndex, kDeletedFilters, "", "", "soft-deleted"},
    {Field::kBillType, "bill_type", "", kText, true, false, 0, {}, kValueIndex, kBillTypeFilters, "", "", "how the client is billed"},
    {Field::kCustomId, "custom_id", "", kText, true, false, 0, {}, EqualityIndex::kHash, kCustomIdFilters, "", "", "the caller's own key"},
    {Field::kCountryCode, "country_code", "", kCountry, true, false, 0, {}, kValueIndex, kCountryFilters, "", "", "country"},
    {Field::kIsTest, "is_test", "", kBoolean, false, false, 0, {}, kValueIndex, kIsTestFilters, "", "", "a test account"},
    {Field::kHasActiveAdmin, "has_active_admin", "", kBoolean, false, false, 0, {}, kNoIndex, {}, "", "", "has an active administrator"},
    {Field::kSeller, "seller", "", kInteger, true, false, 0, {}, kValueIndex, kSellerFilters, "", "", "id of the seller"},
    {Field::kResellers, "resellers", "reseller", kInteger, true, false, 0, {}, kValueIndex, kResellerFilters, "", "", "id of the reseller"},
    {Field::kClientType, "client_type", "", kWord, false, false, 0, kClientTypeWords, kValueIndex, kClientTypeFilters, "", "", "type of client"},
    {Field::kOwner, "owner", "", kInteger, true, false, 0, {}, kNoIndex, {}, "", "", "id of the owner"},
    {Field::kCreatedAt, "created_at", "created", kTime, false, true, 0, {}, kNoIndex, kCreatedFilters, "created_at", "created", "creation time, UTC"},
    {Field::kActivated, "activated", "", kBoolean, false, false, 0, {}, kValueIndex, kActivatedFilters, "", "", "activated; when absent: some user is"},
    {Field::kPromocode, "promocode", "", kText, true, false, 0, {}, kValueIndex, kPromocodeFilters, "", "", "promo code"},
    {Field::kAllowedTrafficGb, "allowed_traffic_gb", "", kNumber, true, false, 0, {}, kNoIndex, kTrafficFilters, "", "", "allowed traffic in GB"},
    {Field::kSecondaryHostnames, "secondary_hostnames", "", kTextList, false, false, 0, {}, kNoIndex, kHostnameFilters, "", "", "further hostnames"},
    {Field::kPersonalProductAvailability, "personal_product_availability", "", kServiceFlags, false, false, 0, {}, kValueIndex, kAvailabilityFilters, "", "", "services made available to this client"},
}};

// Whether two words, which are not empty, are the same. Most words differ in their size or their first letter, and a call of memcmp costs more than to see that.
bool Equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && !a.empty() && a.front() == b.front() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

constexpr std::size_t FilterCount() {
  std::size_t count = 0;
  for (const FieldDef& field : kFields) count += field.filters.size();
  return count;
}

// Made at compile time: a query asks for it some dozen times.
constexpr auto kFilters = [] {
  std::array<FilterEntry, FilterCount()> entries{};
  std::size_t count = 0;
  for (const FieldDef& field : kFields) {
    for (const FilterDef& filter : field.filters) entries[count++] = {field.field, &filter};
  }
  return entries;
}();

constexpr bool FieldsAreInOrder() {
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    if (kFields[i].field != static_cast<Field>(i)) return false;
  }
  return true;
}
static_assert(FieldsAreInOrder(), "Def() takes a field for its place in the table");

}  // namespace

const std::string_view kServiceNames[kServiceCount] = {"CDN", "STORAGE", "STREAMING", "DDOS", "DNS", "CLOUD", "INFRASTRUCTURE_PROTECTION", "CONNECT"};
const std::string_view kServiceStateWords[kServiceStateCount] = {"new", "trial", "trialend", "active", "paused", "activating", "deleted"};

std::span<const FieldDef, kFieldCount> Fields() { return kFields; }

std::span<const FilterEntry> Filters() { return kFilters; }

std::optional<FilterId> FindFilter(std::string_view parameter) {
  const auto filters = Filters();
  for (std::size_t i = 0; i < filters.size(); ++i) {
    if (filters[i].def->parameter == parameter) return static_cast<FilterId>(i);
  }
  return std::nullopt;
}

std::optional<Field> FindField(std::string_view json_name) {
  static const auto* const by_name = [] {
    auto* map = new absl::flat_hash_map<absl::string_view, Field>;
    for (const FieldDef& field : kFields) {
      map->emplace(AbslView(field.name), field.field);
      if (!field.alias.empty()) map->emplace(AbslView(field.alias), field.field);
    }
    return map;
  }();
  const auto found = by_name->find(AbslView(json_name));
  return found == by_name->end() ? std::nullopt : std::optional(found->second);
}

std::optional<Field> FindSortKey(std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (const FieldDef& field : kFields) {
    if (field.sort_key == name || field.sort_alias == name) return field.field;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> FindService(std::string_view name, bool any_case) {
  for (std::size_t i = 0; i < kServiceCount; ++i) {
    const bool same = any_case ? absl::EqualsIgnoreCase(AbslView(kServiceNames[i]), AbslView(name)) : Equal(kServiceNames[i], name);
    if (same) return static_cast<std::uint8_t>(i);
  }
  return std::nullopt;
}

std::optional<std::uint8_t> FindWord(std::span<const std::string_view> words, std::string_view word) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (Equal(words[i], word)) return static_cast<std::uint8_t>(i);
  }
  return std::nullopt;
}

std::optional<std::int64_t> CountryCode(std::string_view two_letters) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (two_letters.size() != 2 || !upper(two_letters[0]) || !upper(two_letters[1])) return std::nullopt;
  return (two_letters[0] - 'A') * 26 + (two_letters[1] - 'A');
}

}  // namespace clientele
