// A mapping: how records of a foreign shape become client records, as data. Read from a file by ReadMapping
// (loader/mapping_file.h), applied by MappingTranslator (loader/mapping_translator.h). docs/mapping.md explains it to its users.
// Immutable once made, so any number of threads may share one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "index/schema.h"
#include "loader/mapping_dates.h"
#include "loader/mapping_path.h"
#include "loader/mapping_text.h"

namespace clientele {

using SourceId = std::uint32_t;  // Index into Mapping::sources.

// A value of the foreign record, or, in rules of users and features, one of the client's own fields ("=email").
struct ValueRef {
  bool is_client_field = false;
  std::uint32_t id = 0;  // SourceId, or Field.
};

// "info@{domains[0]}": literals and values in turn. Empty as a whole when one of its values is.
struct TextTemplate {
  struct Part {
    std::string literal = {};
    std::optional<ValueRef> value = {};  // Instead of the literal.
    bool is_row = false;                 // The record's number, instead of the literal.
    std::vector<TextTransform> transforms = {};
  };
  std::vector<Part> parts = {};
};

// A value ready for JSON: a string's text, or the spelling of a number, boolean or composite.
struct MappedConstant {
  std::string text = {};
  bool quoted = true;
};

// What must hold for a rule to give a value.
struct Condition {
  enum class Kind : std::uint8_t { kIsEmpty, kIsThere, kIsOneOf };
  SourceId source = 0;
  Kind kind = Kind::kIsThere;
  std::vector<std::string> texts = {};  // For kIsOneOf.
};

// What a value table does with a text that is not in it.
enum class OtherValues : std::uint8_t { kReject, kDefault, kKeep };

struct ValueTable {
  absl::flat_hash_map<std::string, MappedConstant> entries = {};  // In lower case when `any_case`.
  OtherValues other = OtherValues::kReject;
  bool any_case = false;
  std::string expected = {};  // "one of Listed, Delisted", for messages.
};

struct NumberFormat {
  char decimal = '.';
  std::string group = {};  // Between thousands; empty for none.
};

enum class ElapsedUnit : std::uint8_t { kNone, kMonths, kDays };

// How one value comes about: by the first of `alternatives` that gives one, if there are any. Otherwise, in this order:
// conditions; then the constant, the row number, the hash, or the first of `from` and `templates` that is not empty; transforms;
// prefix and suffix; the value table; the form that the kind asks for. What is empty becomes the default.
struct ValueRule {
  std::string target = {};  // JSON pointer in the client record: "/status", "/users/0/email".
  FieldKind kind = FieldKind::kText;
  std::span<const std::string_view> words = {};  // For kWord.
  bool required = false;                         // Empty without a default is an error.

  std::vector<Condition> when = {}, unless = {};  // All of the first, none of the second.

  std::optional<MappedConstant> constant = {};
  std::optional<std::int64_t> row_offset = {};
  std::vector<SourceId> hash = {};
  std::vector<ValueRef> from = {};
  std::vector<TextTemplate> templates = {};
  std::vector<std::string> empty = {};  // Texts that count as empty.

  std::vector<TextTransform> transforms = {};
  std::string prefix = {}, suffix = {};
  std::optional<ValueTable> table = {};
  std::vector<DateFormat> dates = {};  // The first that fits; none: ISO.
  ElapsedUnit elapsed = ElapsedUnit::kNone;
  std::int64_t elapsed_before = 0;  // Microseconds.
  NumberFormat number = {};

  std::optional<MappedConstant> default_value = {};

  std::vector<ValueRule> alternatives = {};
};

// A list of texts or services: constant, or each item of the first list that is not empty by the item rule.
struct ListRule {
  ValueRule item = {};
  std::string split = {};  // Cuts a text into items; empty for none.
  std::vector<MappedConstant> constants = {};
};

struct ServiceRule {
  std::uint8_t service = 0;               // Index into kServiceNames.
  ValueRule value = {};                   // State word or boolean.
  std::optional<ValueRule> enabled = {};  // Of a state. Absent: enabled while the state is active or trial.
};

struct FeatureRule {
  std::uint8_t service = 0;
  std::vector<Condition> when = {}, unless = {};
  ValueRule feature_id = {}, name = {};
  std::optional<ValueRule> create_date = {}, link_id = {};  // Absent: the client's creation; a hash of client and feature.
};

// Members of a user that a mapping may set, in the contract's order.
enum class UserMember : std::uint8_t {
  kId,
  kEmail,
  kName,
  kLang,
  kPhone,
  kCompany,
  kReseller,
  kClient,
  kDeleted,
  kGroups,
  kActivated,
  kSsoAuth,
  kTwoFa,
  kAuthTypes,
};
inline constexpr std::size_t kUserMemberCount = 14;

struct UserMemberDef {
  std::string_view name = {};
  FieldKind kind = {};  // kTextList for the two lists, whose value is a constant.
};
std::span<const UserMemberDef, kUserMemberCount> UserMembers();

struct UserRule {
  std::vector<Condition> when = {}, unless = {};
  // By UserMember. The email must be there; a user without one is left out.
  std::array<std::optional<ValueRule>, kUserMemberCount> members = {};
};

// Which members of the foreign record come along as unknown members of the client's.
struct KeepRule {
  enum class Kind : std::uint8_t { kAllUnmapped, kNone, kListed };
  Kind kind = Kind::kAllUnmapped;
  std::vector<std::string> names = {};  // For kListed.
  std::string prefix = {};              // Put before their names. Empty: "source_", for names that are client fields.
};

struct Mapping {
  std::string file = {};  // For messages.
  std::vector<MappingPath> sources = {};
  std::vector<std::string> empty = {};  // Texts that count as empty everywhere.
  KeepRule keep = {};

  // One at most per field, by Field; of composites one of the others.
  std::array<std::optional<ValueRule>, kFieldCount> scalars = {};
  std::array<std::optional<ListRule>, kFieldCount> lists = {};
  // Of kServiceStates, kServiceFlags, and kServiceSet when it is given by service.
  std::array<std::vector<ServiceRule>, kFieldCount> services = {};
  std::array<std::vector<FeatureRule>, kFieldCount> features = {};
  std::vector<UserRule> users = {};

  // What each field is made of, by Field, for messages.
  std::array<std::vector<SourceId>, kFieldCount> sources_of = {};
  // Of each of these groups, a table of rows must have at least one column: alternatives are one group, anything else stands
  // alone.
  std::vector<std::vector<SourceId>> needed = {};
};

}  // namespace clientele
