// A list query as a value: which clients, in which order, which page. Made by engine/query_parser.h from parameters; compared,
// copied and printed freely. What it means is the contract of the list query; engine/oracle.h is that contract as slow code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "index/schema.h"

namespace clientele {

// kContains and kEqualsFolded: already case-folded. kEqualsExact: as given.
struct TextOperand {
  std::string text;
  bool operator==(const TextOperand&) const = default;
};

// kAnyOf, kNoneOf, kServiceStateAnyOf, kServiceAvailable, kFeatureAnyOf. Values are stored values (word index, country code,
// 0/1, id, service index). Ascending, distinct. Empty with `or_null` false matches nothing (kNoneOf: everything).
struct ValueSetOperand {
  std::vector<std::int64_t> values;
  bool or_null = false;  // Countries only: null matches too.
  bool operator==(const ValueSetOperand&) const = default;
};

// kAtLeast, kAtMost on a kTime field: microseconds since 1970 UTC.
struct TimeOperand {
  std::int64_t microseconds = 0;
  bool operator==(const TimeOperand&) const = default;
};

// kAtLeast, kAtMost on a kNumber field.
struct NumberOperand {
  double value = 0;
  bool operator==(const NumberOperand&) const = default;
};

// The alternative follows from the filter's FilterOp.
using Operand = std::variant<TextOperand, ValueSetOperand, TimeOperand, NumberOperand>;

// One condition.
struct Predicate {
  FilterId filter = 0;
  Operand operand;
  bool operator==(const Predicate&) const = default;
};

struct OrderKey {
  Field field = Field::kId;
  bool descending = false;
  bool operator==(const OrderKey&) const = default;
};

// Bit i: Fields()[i] is rendered.
using FieldMask = std::uint64_t;
inline constexpr FieldMask kAllFields = ~FieldMask{0};

struct Query {
  std::vector<Predicate> all_of;   // Empty keeps every client. From the parser: in the order of Filters(), each at most once.
  std::vector<OrderKey> order_by;  // Most significant first; distinct fields. Ties always end in id ascending.
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> limit;  // nullopt: every match (the bare array). 0: only the count.
  FieldMask fields = kAllFields;       // kAllFields also renders unknown members; any other mask leaves them out.
  bool operator==(const Query&) const = default;
};

// The query as one readable line, such as "status any of active; created_at >= ...; order -created_at,id; limit 50". For logs
// and test failures.
std::string DebugString(const Query& query);

// One condition the same way, such as "cdn any of active,paused". Long operands are cut.
std::string DebugString(const Predicate& predicate);

}  // namespace clientele
