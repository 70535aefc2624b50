// One client record between parsing and storing: checked values, not yet encoded. A parser fills the same record again and
// again, so nothing is allocated per record once its vectors have grown. All views point into the parser's buffers and are
// valid until it parses the next record. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "index/schema.h"

namespace clientele {

// A field of one value; which member counts follows from the field's kind.
struct ScalarValue {
  bool is_null = true;
  std::int64_t integer = 0;  // kInteger; kWord: index; kCountry: CountryCode; kBoolean: 0 or 1; kTime: microseconds since 1970 UTC.
  double number = 0;         // kNumber: the nearest double.
  std::string_view text;     // kText: unescaped UTF-8, valid. kNumber: as spelt in the JSON input.
};

struct GroupValue {
  std::int64_t id;
  std::string_view name;
};

// Stands for some values of a record that were read from one piece of JSON: equal numbers, equal values. 0 says nothing. So an
// encoder that has met the number need not look at the values; who changes them takes the number away.
using PieceNumber = std::uint64_t;

struct UserValue {
  std::int64_t id = 0;
  std::string_view email;
  bool has_name = false, name_is_null = true;  // `name` and `phone` may be absent, null or a text; each comes out as it came in.
  std::string_view name;
  std::string_view lang;
  bool has_phone = false, phone_is_null = true;
  std::string_view phone;
  std::string_view company;
  bool reseller_is_null = true;
  std::int64_t reseller = 0;
  bool client_is_null = true;
  std::int64_t client = 0;
  bool deleted = false, activated = false, sso_auth = false, two_fa = false;
  std::vector<GroupValue> groups;
  std::vector<std::string_view> auth_types;
  PieceNumber tail_piece = 0;  // For the members from `deleted` on.
};

struct ServiceStateValue {
  std::uint8_t service;  // Index into kServiceNames.
  std::uint8_t state;    // Index into kServiceStateWords.
  bool enabled;
};

struct ServiceFlagValue {
  std::uint8_t service;
  bool available;
};

struct FeatureValue {
  std::uint8_t group;     // Service name that is the key of the object; index into kServiceNames.
  std::int64_t feature_id;
  std::string_view name;
  std::uint8_t service;   // The feature's own `service` member.
  std::int64_t create_date;  // Microseconds since 1970 UTC.
  std::int64_t link_id;      // paid_feature_id or free_feature_id.
  PieceNumber head_piece = 0;  // For feature_id, name and service.
};

struct ClientRecord {
  std::array<ScalarValue, kFieldCount> scalars;  // By Field; unused for the composite kinds.

  // Composite fields, in the order given on input. They are filled for indexing even when `verbatim` holds the field.
  std::vector<UserValue> users;        // Only the first `user_count` count: the rest keep their capacity for later records.
  std::size_t user_count = 0;
  std::vector<std::uint8_t> capabilities;
  std::vector<ServiceStateValue> service_states;
  std::vector<FeatureValue> paid_features, free_features;
  std::vector<ServiceFlagValue> service_flags;
  std::vector<std::string_view> hostnames;

  // Raw JSON of a composite member whose shape the fields above cannot give back exactly (an unknown nested member, an empty
  // feature group, a nested member missing or null, ...); empty when they can. By Field.
  std::array<std::string_view, kFieldCount> verbatim;

  // Members that the schema does not know, as they stood: `"a":1,"b":[2]` without braces; empty when there are none.
  std::string_view unknown_members;

  const ScalarValue& operator[](Field field) const { return scalars[static_cast<std::size_t>(field)]; }
  ScalarValue& operator[](Field field) { return scalars[static_cast<std::size_t>(field)]; }
  std::int64_t id() const { return (*this)[Field::kId].integer; }
};

}  // namespace clientele
