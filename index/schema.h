// The client record as data: one entry per field with its JSON name, kind, nullability, filters and sort key. Parsing, columns,
// the row encoding, query parameters, rendering and the help texts all walk this table, so that a new filterable field is one
// entry here plus its test. Everything in this file is constant: any thread may read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace clientele {

// Decides how a field is parsed, stored, rendered, and which FilterOps may serve it.
enum class FieldKind : std::uint8_t {
  kInteger,        // Signed 64-bit integer.
  kText,           // UTF-8, embedded NUL allowed.
  kWord,           // One of FieldDef::words; stored as its index there.
  kCountry,        // ISO 3166-1 alpha-2; stored as CountryCode().
  kBoolean,        // Stored as 0 or 1.
  kTime,           // RFC 3339; stored as microseconds since 1970-01-01T00:00:00Z.
  kNumber,         // A JSON number; its spelling is kept, compared as double.
  kTextList,       // Array of strings.
  kServiceSet,     // Array of service names, in the given order.
  kServiceStates,  // Object: service name -> {status, enabled}.
  kServiceFlags,   // Object: service name -> boolean.
  kFeatures,       // Object: service name -> array of features.
  kUsers,          // Array of users.
};

// The record's fields in the contract's order, which is also the order of rendering. Index into Fields().
enum class Field : std::uint8_t {
  kId, kUsers, kEmail, kPhone, kName, kStatus, kCompanyName, kWebsite, kCurrentUser, kCapabilities, kServiceStatuses,
  kPaidFeatures, kFreeFeatures, kEntryBaseDomain, kSignupProcess, kDeleted, kBillType, kCustomId, kCountryCode, kIsTest,
  kHasActiveAdmin, kSeller, kResellers, kClientType, kOwner, kCreatedAt, kActivated, kPromocode, kAllowedTrafficGb,
  kSecondaryHostnames, kPersonalProductAvailability,
};
inline constexpr std::size_t kFieldCount = 31;

// How a filter decides; the operand's type follows from it (engine/query.h).
enum class FilterOp : std::uint8_t {
  kContains,          // Folded text contains the folded operand (any item of a list; any user).
  kEqualsFolded,      // Folded text equals the folded operand.
  kEqualsExact,       // Text equals the operand, case-sensitive.
  kAnyOf,             // Integer, word, country or boolean equals one of the operands; countries may also ask for null.
  kNoneOf,            // Integer equals none of the operands.
  kServiceStateAnyOf, // The service FilterDef::service is in one of these states (indices into kServiceStateWords).
  kServiceAvailable,  // Boolean is true for at least one of the services (indices into kServiceNames).
  kFeatureAnyOf,      // Has one of these feature ids, paid or free.
  kAtLeast, kAtMost,  // Number or time bound, inclusive; null never matches.
};

// How the text of a parameter reads; several spellings share one FilterOp.
enum class ParameterSyntax : std::uint8_t {
  kText, kInteger, kIntegerList, kWordList, kCountryList, kBoolean, kDeletedText, kNumber, kDateTime, kServiceNameList,
};

// Which column serves a field's equality filters; see index/segment.h.
enum class EqualityIndex : std::uint8_t {
  kNone,
  kValues,  // Dictionary of distinct values, one bitmap or posting list each.
  kHash,    // Mostly distinct texts: rows by hash, verified on the record.
  kOrder,   // Served by the field's sort order (id).
};

struct FilterDef {
  std::string_view parameter;  // Query-string name.
  ParameterSyntax syntax;
  FilterOp op;
  std::uint8_t service = 0;           // For kServiceStateAnyOf: index into kServiceNames.
  std::string_view user_member = {};  // For kUsers: "name" or "email".
  std::string_view help = {};
};

struct FieldDef {
  Field field;
  std::string_view name;   // Top-level JSON member.
  std::string_view alias;  // Also accepted on input; empty when there is none.
  FieldKind kind;
  bool nullable;                            // null, or absent on input, is a value.
  bool required;                            // Absent on input is an error. Otherwise absent means null, or the default below.
  std::int64_t default_value;               // For kBoolean and kWord when absent (activated: derived from users).
  std::span<const std::string_view> words;  // For kWord.
  EqualityIndex equality;
  std::span<const FilterDef> filters;
  std::string_view sort_key;    // Name in `ordering`; empty when the field is no sort key.
  std::string_view sort_alias;  // Second name in `ordering`.
  std::string_view help;        // One line for help texts.
};

// Names of the services in the contract's order, upper case as in records; parameters use the lower-case form.
inline constexpr std::size_t kServiceCount = 8;
extern const std::string_view kServiceNames[kServiceCount];

// States of a service; `kServiceAbsent` is the code of a client that lacks it.
inline constexpr std::size_t kServiceStateCount = 7;
extern const std::string_view kServiceStateWords[kServiceStateCount];
inline constexpr std::uint8_t kServiceAbsent = 7;

std::span<const FieldDef, kFieldCount> Fields();
inline const FieldDef& Def(Field field) { return Fields()[static_cast<std::size_t>(field)]; }

// A filter of the flattened table of all fields' filters, in table order. Stable within one build only.
using FilterId = std::uint8_t;
struct FilterEntry { Field field; const FilterDef* def; };
std::span<const FilterEntry> Filters();
std::optional<FilterId> FindFilter(std::string_view parameter);   // O(number of filters).
std::optional<Field> FindField(std::string_view json_name);       // By name or alias. O(1) expected.
std::optional<Field> FindSortKey(std::string_view name);          // By sort key name or alias.
std::optional<std::uint8_t> FindService(std::string_view name, bool any_case);
std::optional<std::uint8_t> FindWord(std::span<const std::string_view> words, std::string_view word);

// Country codes are numbers 0 .. 675: (first letter - 'A') * 26 + (second letter - 'A').
inline constexpr std::int64_t kCountryCount = 676;
std::optional<std::int64_t> CountryCode(std::string_view two_letters);  // Upper case only.

}  // namespace clientele
