// What the members of some records look like: how many have each, of which kinds, which values. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "loader/json_cursor.h"
#include "loader/json_tokens.h"
#include "loader/mapping_path.h"
#include "loader/record_error.h"
#include "loader/record_translator.h"
#include "loader/value_counts.h"

namespace clientele {

struct MemberProfile {
  std::vector<MappingPath::Step> steps;  // Of an array's elements: the array's, and `of_items`.
  bool of_items = false;
  std::string text;  // "contact.email", "domains[]", or the column's name.

  // Records, or elements, that have the member; and of these, the kinds.
  std::uint64_t present = 0, nulls = 0, empty_texts = 0, texts = 0, numbers = 0, booleans = 0, lists = 0, objects = 0;

  // Of texts that are not empty: bytes; of numbers, and of texts that are numbers: the values; of lists: elements.
  std::uint64_t length_min = 0, length_max = 0, items_min = 0, items_max = 0;
  std::uint64_t numeric = 0;  // Numbers, and texts that are such.
  double number_min = 0, number_max = 0;
  ValueCounts values;  // Of texts that are not empty, numbers and booleans.

  std::uint64_t filled() const { return texts + numbers + booleans; }
};

class RecordProfile {
 public:
  static constexpr std::size_t kMembersMax = 1'000;  // Members met later are left out.
  static constexpr std::size_t kDepthMax = 4;        // Objects and arrays further inside are not looked into.

  // Adds one record; false and `error` when its JSON is malformed, which leaves it partly counted.
  bool Add(const ForeignRecord& record, RecordError& error);

  std::uint64_t records() const { return records_; }
  const std::vector<MemberProfile>& members() const { return members_; }  // In the order first met.
  bool members_left_out() const { return left_out_; }

 private:
  MemberProfile* Member(const std::vector<MappingPath::Step>& steps, bool of_items, std::string_view column);
  bool AddObject(std::vector<MappingPath::Step>& steps);
  bool AddArray(std::vector<MappingPath::Step>& steps, std::size_t member);
  bool AddValue(std::vector<MappingPath::Step>& steps, bool of_items);
  static void AddText(std::string_view text, MemberProfile& member);
  static void AddNumber(std::string_view text, MemberProfile& member);

  std::uint64_t records_ = 0;
  std::vector<MemberProfile> members_;
  absl::flat_hash_map<std::string, std::size_t> by_text_;
  bool left_out_ = false;
  JsonTokenizer tokenizer_;
  JsonCursor cursor_;
  TextArena arena_;
};

}  // namespace clientele
