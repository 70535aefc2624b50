// Applies the rules of a mapping to one foreign record at a time.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loader/foreign_record.h"
#include "loader/mapping.h"
#include "loader/record_error.h"

namespace clientele {

// A value on its way into JSON; the view is valid until the next record.
struct MappedValue {
  std::string_view text;  // Of a string: not yet escaped.
  bool quoted = true;
};

enum class RuleOutcome : std::uint8_t { kValue, kEmpty, kError };

// One per thread; not thread-safe. Refers to `mapping` and to `reader`, which holds the record.
class MappingEvaluator {
 public:
  MappingEvaluator(const Mapping& mapping, ForeignRecordReader& reader) : mapping_(mapping), reader_(reader) {}

  // The reader has a new record. `number` is what the rules' `row` is added to.
  void StartRecord(std::int64_t number);

  // The rule's value. kEmpty: there is none, and the rule has no default; never for a required one. kError fills `error`, whose
  // pointer is that of the source.
  RuleOutcome Evaluate(const ValueRule& rule, MappedValue& value, RecordError& error);

  // Replaces `values` by those of a list's items; false and `error` when one is bad.
  bool EvaluateList(const ListRule& rule, std::vector<MappedValue>& values, RecordError& error);

  bool Holds(const std::vector<Condition>& when, const std::vector<Condition>& unless) const;

  // What rules of users and features see of the client's own fields; absent until it is set.
  void SetClientValue(Field field, const MappedValue& value);
  const MappedValue* ClientValue(Field field) const;

  // `text`, kept until the next record.
  std::string_view Keep(std::string_view text);

 private:
  // A text and where it came from.
  struct Found {
    std::string_view text;
    ValueRef ref;
    bool has_ref = false;
  };

  bool IsEmpty(std::string_view text, const ValueRule* rule) const;
  bool Holds(const Condition& condition) const;
  RuleOutcome Text(const ValueRef& ref, const ValueRule& rule, std::string_view& text, RecordError& error) const;
  RuleOutcome FindText(const ValueRule& rule, Found& found, RecordError& error);
  bool Fill(const TextTemplate& form, const ValueRule& rule, std::string& text) const;
  RuleOutcome Finish(const ValueRule& rule, const Found& found, MappedValue& value, RecordError& error);
  RuleOutcome FinishEmpty(const ValueRule& rule, MappedValue& value, RecordError& error) const;
  RuleOutcome Hash(const ValueRule& rule, MappedValue& value, RecordError& error);
  bool AddItem(const ListRule& rule, Found found, std::vector<MappedValue>& values, RecordError& error);
  bool AddText(const ListRule& rule, Found found, std::vector<MappedValue>& values, RecordError& error);
  RuleOutcome Bad(const ValueRule& rule, const Found& found, std::string_view expected, RecordError& error) const;

  const Mapping& mapping_;
  ForeignRecordReader& reader_;
  std::int64_t number_ = 0;
  std::array<MappedValue, kFieldCount> client_values_;
  std::uint64_t client_values_set_ = 0;  // One bit per Field.
  std::string work_, converted_;
};

// A number of 63 bits, never 0, that depends on these texts alone: the XXH3 hash of each, with its length before it. The same on
// all machines.
std::int64_t StableId(std::span<const std::string_view> texts);

}  // namespace clientele
