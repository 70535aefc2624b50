#include "loader/foreign_record.h"

#include <algorithm>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "index/nearest_name.h"
#include "loader/json_text.h"

namespace clientele {

using Kind = ForeignValue::Kind;

ForeignRecordReader::ForeignRecordReader(const Mapping& mapping) : mapping_(mapping), nodes_(1), values_(mapping.sources.size()) {
  for (std::size_t i = 0; i < mapping.sources.size(); ++i) AddPath(static_cast<SourceId>(i), mapping.sources[i]);
}

std::uint32_t ForeignRecordReader::ChildFor(std::uint32_t node, const MappingPath::Step& step) {
  const auto next = static_cast<std::uint32_t>(nodes_.size());
  // A number in a JSON pointer is a member's name and an element's index at once: one node for both.
  if (!step.name.empty() || !step.index) {
    const auto found = std::ranges::find(nodes_[node].members, step.name, &Node::Member::name);
    if (found != nodes_[node].members.end()) return found->node;
    nodes_[node].members.push_back({step.name, next});
    if (step.index) nodes_[node].elements.push_back({*step.index, next});
  } else {
    const auto found = std::ranges::find(nodes_[node].elements, *step.index, &Node::Element::index);
    if (found != nodes_[node].elements.end()) return found->node;
    nodes_[node].elements.push_back({*step.index, next});
  }
  nodes_.emplace_back();
  return next;
}

void ForeignRecordReader::AddPath(SourceId source, const MappingPath& path) {
  std::uint32_t node = 0;
  for (const MappingPath::Step& step : path.steps) node = ChildFor(node, step);
  if (path.list_from) {
    nodes_[node].parts.push_back({*path.list_from, source});
  } else {
    nodes_[node].wanted.push_back(source);
  }
}

void ForeignRecordReader::ResetRecord() {
  std::ranges::fill(values_, ForeignValue{});
  for (const std::uint32_t node : seen_nodes_) nodes_[node].was_seen = false;
  seen_nodes_.clear();
  items_.clear();
  kept_.clear();
  arena_.Reset();
}

bool ForeignRecordReader::ReadJson(std::string_view json, RecordError& error) {
  ResetRecord();
  has_header_ = false;
  const JsonTokenError token_error = tokenizer_.Tokenize(json);
  if (token_error != JsonTokenError::kNone) {
    error = DescribeTokenError(json, token_error);
    return false;
  }
  cursor_.Start(json, tokenizer_.offsets(), tokenizer_.count(), arena_);
  if (ReadRoot()) return true;
  error = DescribeMistake(json, cursor_.mistake());
  return false;
}

// Writers hardly ever change the order of members, so the one behind the last found is tried first.
std::uint32_t ForeignRecordReader::FindMember(const Node& node, std::string_view key, std::size_t& expected) const {
  const auto& members = node.members;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::size_t at = expected + i < members.size() ? expected + i : expected + i - members.size();
    if (members[at].name == key) {
      expected = at + 1 < members.size() ? at + 1 : 0;
      return members[at].node;
    }
  }
  return kNone;
}

bool ForeignRecordReader::IsKept(std::string_view name, bool is_mapped) const {
  const KeepRule& keep = mapping_.keep;
  switch (keep.kind) {
    case KeepRule::Kind::kAllUnmapped: return !is_mapped;
    case KeepRule::Kind::kNone: return false;
    case KeepRule::Kind::kListed: break;
  }
  return std::ranges::find(keep.names, name) != keep.names.end();
}

// Unknown members must not be taken for the client's own.
void ForeignRecordReader::KeepName(std::string_view name, std::string& out) const {
  std::string kept = mapping_.keep.prefix + std::string(name);
  while (FindField(kept)) kept.insert(0, "source_");
  AppendJsonString(kept, out);
  out += ':';
}

void ForeignRecordReader::KeepMember(std::string_view key, std::string_view raw_value) {
  if (!kept_.empty()) kept_ += ',';
  KeepName(key, kept_);
  kept_ += raw_value;
}

bool ForeignRecordReader::ReadRoot() {
  if (!cursor_.EnterObject("a JSON object")) return false;
  std::size_t expected = 0;
  std::string_view key;
  while (cursor_.NextMember(key)) {
    if (cursor_.HasEscape(key) && !cursor_.Unescape(key)) return cursor_.FailHere("a member name with valid escapes");
    const std::uint32_t child = FindMember(nodes_[0], key, expected);
    const std::size_t offset = cursor_.offset();
    ForeignValue value;
    if (child != kNone ? !ReadValue(child, value) : !cursor_.SkipValue()) return false;
    if (IsKept(key, child != kNone)) KeepMember(key, cursor_.RawFrom(offset));
  }
  if (cursor_.failed()) return false;
  return cursor_.AtEnd() || cursor_.FailHere("nothing behind the record");
}

bool ForeignRecordReader::ReadValue(std::uint32_t node, ForeignValue& value) {
  if (nodes_[node].was_seen) return cursor_.FailHere("this member only once");
  nodes_[node].was_seen = true;
  seen_nodes_.push_back(node);
  const char first = cursor_.Peek();
  const bool read = first == '{' ? ReadObject(node, value) : first == '[' ? ReadArray(node, value) : ReadScalar(value);
  if (!read) return false;
  for (const SourceId source : nodes_[node].wanted) values_[source] = value;
  // What stands alone is a list of one.
  if (first != '[') {
    for (const Node::ListPart& part : nodes_[node].parts) {
      if (part.from == 0) values_[part.source] = value;
    }
  }
  return true;
}

bool ForeignRecordReader::ReadScalar(ForeignValue& value) {
  const std::size_t offset = cursor_.offset();
  switch (cursor_.Peek()) {
    case '"': value.kind = Kind::kText; return cursor_.ReadText(value.text);
    case 'n': value.kind = Kind::kNull; break;
    case 't':
    case 'f': value.kind = Kind::kBoolean; break;
    default: value.kind = Kind::kNumber; break;
  }
  if (!cursor_.SkipValue()) return false;
  value.text = cursor_.RawFrom(offset);
  return true;
}

bool ForeignRecordReader::ReadObject(std::uint32_t node, ForeignValue& value) {
  const std::size_t offset = cursor_.offset();
  value.kind = Kind::kObject;
  if (nodes_[node].members.empty()) {
    if (!cursor_.SkipValue()) return false;
  } else {
    cursor_.EnterObject();
    std::size_t expected = 0;
    std::string_view key;
    while (cursor_.NextMember(key)) {
      if (cursor_.HasEscape(key) && !cursor_.Unescape(key)) return cursor_.FailHere("a member name with valid escapes");
      const std::uint32_t child = FindMember(nodes_[node], key, expected);
      ForeignValue ignored;
      if (child != kNone ? !ReadValue(child, ignored) : !cursor_.SkipValue()) return false;
    }
    if (cursor_.failed()) return false;
  }
  value.text = cursor_.RawFrom(offset);
  return true;
}

bool ForeignRecordReader::ReadArray(std::uint32_t node, ForeignValue& value) {
  const std::size_t offset = cursor_.offset();
  value.kind = Kind::kList;
  // Items of inner arrays come first, so those of this one are put together aside.
  std::vector<ForeignValue> items;
  cursor_.EnterArray();
  for (std::uint32_t index = 0; cursor_.NextElement(); ++index) {
    const auto element = std::ranges::find(nodes_[node].elements, index, &Node::Element::index);
    ForeignValue& item = items.emplace_back();
    const char first = cursor_.Peek();
    if (element != nodes_[node].elements.end()) {
      if (!ReadValue(element->node, item)) return false;
    } else if (first == '{' || first == '[') {
      const std::size_t begin = cursor_.offset();
      if (!cursor_.SkipValue()) return false;
      item = {.kind = Kind::kObject, .text = cursor_.RawFrom(begin)};
    } else if (!ReadScalar(item)) {
      return false;
    }
  }
  if (cursor_.failed()) return false;
  value.text = cursor_.RawFrom(offset);
  value.first_item = static_cast<std::uint32_t>(items_.size());
  value.item_count = static_cast<std::uint32_t>(items.size());
  items_.insert(items_.end(), items.begin(), items.end());
  for (const Node::ListPart& part : nodes_[node].parts) {
    const std::uint32_t from = std::min(part.from, value.item_count);
    values_[part.source] = {
        .kind = Kind::kList, .text = {}, .first_item = value.first_item + from, .item_count = value.item_count - from};
  }
  return true;
}

absl::Status ForeignRecordReader::SetHeader(std::span<const std::string_view> names) {
  columns_.clear();
  kept_columns_.clear();
  has_header_ = true;
  std::vector<bool> is_mapped(names.size());
  for (const MappingPath& path : mapping_.sources) {
    auto found = std::ranges::find(names, path.text);
    // A JSON pointer of one step is how a name with dots is spelt.
    if (found == names.end() && path.steps.size() == 1 && !path.list_from) found = std::ranges::find(names, path.steps[0].name);
    if (found == names.end()) {
      columns_.push_back(kNoColumn);
      continue;
    }
    if (std::find(found + 1, names.end(), *found) != names.end()) {
      return absl::InvalidArgumentError(absl::StrCat(mapping_.file, ": there are two columns '", path.text, "'"));
    }
    columns_.push_back(static_cast<std::size_t>(found - names.begin()));
    is_mapped[columns_.back()] = true;
  }
  if (const absl::Status status = CheckColumns(names); !status.ok()) return status;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!IsKept(names[i], is_mapped[i])) continue;
    KeptColumn& kept = kept_columns_.emplace_back();
    kept.column = i;
    KeepName(names[i], kept.prefix);
  }
  return absl::OkStatus();
}

absl::Status ForeignRecordReader::CheckColumns(std::span<const std::string_view> names) const {
  std::string missing;
  for (const std::vector<SourceId>& group : mapping_.needed) {
    if (std::ranges::any_of(group, [&](SourceId source) { return columns_[source] != kNoColumn; })) continue;
    const std::string& name = mapping_.sources[group.front()].text;
    absl::StrAppend(&missing, missing.empty() ? "" : "; ", "there is no column '", name, "'");
    if (!names.empty()) absl::StrAppend(&missing, ", did you mean '", AbslView(NearestName(name, names)), "'?");
  }
  return missing.empty() ? absl::OkStatus() : absl::InvalidArgumentError(absl::StrCat(mapping_.file, ": ", missing));
}

void ForeignRecordReader::ReadRow(std::span<const std::string_view> cells) {
  ResetRecord();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] < cells.size()) values_[i] = {.kind = Kind::kText, .text = cells[columns_[i]]};
  }
  for (const KeptColumn& kept : kept_columns_) {
    if (kept.column >= cells.size()) continue;
    if (!kept_.empty()) kept_ += ',';
    kept_ += kept.prefix;
    AppendJsonString(cells[kept.column], kept_);
  }
}

RecordError ForeignRecordReader::Locate(SourceId source) const {
  const MappingPath& path = mapping_.sources[source];
  RecordError error;
  error.pointer = has_header_ ? path.text : JsonPointerOf(path);
  if (has_header_ && columns_[source] != kNoColumn) error.column = static_cast<std::uint32_t>(columns_[source] + 1);
  return error;
}

}  // namespace clientele
