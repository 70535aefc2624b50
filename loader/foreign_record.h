// The values of one foreign record that a mapping asks for, taken out in one walk over its JSON, or picked from the cells of a
// row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "loader/json_cursor.h"
#include "loader/json_tokens.h"
#include "loader/mapping.h"
#include "loader/record_error.h"

namespace clientele {

// Views are valid until the reader's next record.
struct ForeignValue {
  enum class Kind : std::uint8_t { kAbsent, kNull, kText, kNumber, kBoolean, kList, kObject };
  Kind kind = Kind::kAbsent;
  std::string_view text;         // kText: unescaped. Others: raw JSON; of a list's part, nothing.
  std::uint32_t first_item = 0;  // kList: place in the reader's items.
  std::uint32_t item_count = 0;

  bool is_scalar() const { return kind == Kind::kText || kind == Kind::kNumber || kind == Kind::kBoolean; }
};

// One per thread; not thread-safe. Refers to `mapping`.
class ForeignRecordReader {
 public:
  explicit ForeignRecordReader(const Mapping& mapping);
  ForeignRecordReader(const ForeignRecordReader&) = delete;
  ForeignRecordReader& operator=(const ForeignRecordReader&) = delete;

  // Reads one JSON object, every byte of which is checked. False, and `error`, when it is none or has a wanted member twice. Some
  // bytes behind `json` must be readable (RecordParser::kPadding).
  bool ReadJson(std::string_view json, RecordError& error);

  // Says what the cells of the rows to come are called. InvalidArgument when a column that the mapping names is missing, or is
  // there twice, with the nearest name there is.
  absl::Status SetHeader(std::span<const std::string_view> names);
  // Reads one row; cells that it lacks count as absent.
  void ReadRow(std::span<const std::string_view> cells);

  const ForeignValue& value(SourceId source) const { return values_[source]; }
  std::span<const ForeignValue> items(const ForeignValue& list) const {
    return std::span(items_).subspan(list.first_item, list.item_count);
  }

  // The members to be kept, as `"a":1,"b":[2]`; empty for none.
  std::string_view kept() const { return kept_; }

  // An error with the place of a source in it: the column, or the JSON pointer in the foreign record.
  RecordError Locate(SourceId source) const;

  // Room for texts that live as long as the record.
  TextArena& arena() { return arena_; }

 private:
  struct Node {
    struct Member {
      std::string name;
      std::uint32_t node;
    };
    struct Element {
      std::uint32_t index, node;
    };
    struct ListPart {
      std::uint32_t from;
      SourceId source;
    };
    std::vector<Member> members;
    std::vector<Element> elements;
    std::vector<SourceId> wanted;
    std::vector<ListPart> parts;
    bool was_seen = false;  // A member of this record; of the root's descendants.
  };
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  void AddPath(SourceId source, const MappingPath& path);
  std::uint32_t ChildFor(std::uint32_t node, const MappingPath::Step& step);
  std::uint32_t FindMember(const Node& node, std::string_view key, std::size_t& expected) const;
  bool ReadValue(std::uint32_t node, ForeignValue& value);
  bool ReadObject(std::uint32_t node, ForeignValue& value);
  bool ReadArray(std::uint32_t node, ForeignValue& value);
  bool ReadScalar(ForeignValue& value);
  bool ReadRoot();
  bool IsKept(std::string_view name, bool is_mapped) const;
  void KeepName(std::string_view name, std::string& out) const;
  void KeepMember(std::string_view key, std::string_view raw_value);
  void ResetRecord();

  const Mapping& mapping_;
  std::vector<Node> nodes_;  // The paths as a tree; 0 is the record.
  std::vector<std::uint32_t> seen_nodes_;
  std::vector<ForeignValue> values_;  // By source.
  std::vector<ForeignValue> items_;
  std::string kept_;
  JsonTokenizer tokenizer_;
  JsonCursor cursor_;
  TextArena arena_;

  struct KeptColumn {
    std::size_t column;
    std::string prefix;  // `"name":`.
  };
  static constexpr std::size_t kNoColumn = ~std::size_t{0};
  absl::Status CheckColumns(std::span<const std::string_view> names) const;

  bool has_header_ = false;
  std::vector<std::size_t> columns_;  // By source.
  std::vector<KeptColumn> kept_columns_;
};

}  // namespace clientele
