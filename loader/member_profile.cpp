#include "loader/member_profile.h"

#include <algorithm>
#include <cmath>

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "loader/mapping_text.h"

namespace clientele {
namespace {

void Widen(std::uint64_t value, bool is_first, std::uint64_t& min, std::uint64_t& max) {
  min = is_first ? value : std::min(min, value);
  max = is_first ? value : std::max(max, value);
}

}  // namespace

MemberProfile* RecordProfile::Member(const std::vector<MappingPath::Step>& steps, bool of_items, std::string_view column) {
  const std::string text = absl::StrCat(column.empty() ? SpellMappingPath(steps) : std::string(column), of_items ? "[]" : "");
  const auto [entry, is_new] = by_text_.try_emplace(text, members_.size());
  if (!is_new) return &members_[entry->second];
  if (members_.size() == kMembersMax) {
    by_text_.erase(entry);
    left_out_ = true;
    return nullptr;
  }
  MemberProfile& member = members_.emplace_back();
  member.steps = steps;
  member.of_items = of_items;
  member.text = text;
  return &member;
}

void RecordProfile::AddNumber(std::string_view text, MemberProfile& member) {
  double number = 0;
  if (!absl::SimpleAtod(AbslView(text), &number) || !std::isfinite(number)) return;
  const bool is_first = member.numeric++ == 0;
  member.number_min = is_first ? number : std::min(member.number_min, number);
  member.number_max = is_first ? number : std::max(member.number_max, number);
}

void RecordProfile::AddText(std::string_view text, MemberProfile& member) {
  if (Trimmed(text).empty()) {
    ++member.empty_texts;
    return;
  }
  Widen(text.size(), member.texts++ == 0, member.length_min, member.length_max);
  AddNumber(text, member);
  member.values.Add(text);
}

bool RecordProfile::Add(const ForeignRecord& record, RecordError& error) {
  ++records_;
  arena_.Reset();
  if (record.header != nullptr) {
    for (std::size_t i = 0; i < record.cells.size() && i < record.header->names.size(); ++i) {
      const std::string& name = record.header->names[i];
      MemberProfile* member = Member({{.name = name, .index = {}}}, /*of_items=*/false, name);
      if (member == nullptr) continue;
      ++member->present;
      AddText(record.cells[i], *member);
    }
    return true;
  }
  const JsonTokenError token_error = tokenizer_.Tokenize(record.json);
  if (token_error != JsonTokenError::kNone) {
    error = DescribeTokenError(record.json, token_error);
    return false;
  }
  cursor_.Start(record.json, tokenizer_.offsets(), tokenizer_.count(), arena_);
  std::vector<MappingPath::Step> steps;
  if (AddObject(steps) && (cursor_.AtEnd() || cursor_.FailHere("nothing behind the record"))) return true;
  error = DescribeMistake(record.json, cursor_.mistake());
  return false;
}

bool RecordProfile::AddObject(std::vector<MappingPath::Step>& steps) {
  if (!cursor_.EnterObject("a JSON object")) return false;
  std::string_view key;
  while (cursor_.NextMember(key)) {
    if (cursor_.HasEscape(key) && !cursor_.Unescape(key)) return cursor_.FailHere("a member name with valid escapes");
    steps.push_back({.name = std::string(key), .index = {}});
    if (!AddValue(steps, /*of_items=*/false)) return false;
    steps.pop_back();
  }
  return !cursor_.failed();
}

bool RecordProfile::AddArray(std::vector<MappingPath::Step>& steps, std::size_t member) {
  std::uint64_t items = 0;
  cursor_.EnterArray();
  for (; cursor_.NextElement(); ++items) {
    if (!AddValue(steps, /*of_items=*/true)) return false;
  }
  MemberProfile& list = members_[member];  // Adding its items' may have moved it.
  Widen(items, list.lists == 1, list.items_min, list.items_max);
  return !cursor_.failed();
}

bool RecordProfile::AddValue(std::vector<MappingPath::Step>& steps, bool of_items) {
  MemberProfile* member = Member(steps, of_items, {});
  if (member == nullptr) return cursor_.SkipValue();
  ++member->present;
  const std::size_t offset = cursor_.offset();
  const bool looked_into = steps.size() < kDepthMax && !of_items;
  switch (cursor_.Peek()) {
    case '{': ++member->objects; return looked_into ? AddObject(steps) : cursor_.SkipValue();
    case '[':
      ++member->lists;
      return looked_into ? AddArray(steps, static_cast<std::size_t>(member - members_.data())) : cursor_.SkipValue();
    case '"': {
      std::string_view text;
      if (!cursor_.ReadText(text)) return false;
      AddText(text, *member);
      return true;
    }
    case 'n': ++member->nulls; return cursor_.SkipValue();
    case 't':
    case 'f': ++member->booleans; break;
    default: ++member->numbers; break;
  }
  const bool is_number = cursor_.Peek() != 't' && cursor_.Peek() != 'f';
  if (!cursor_.SkipValue()) return false;
  const std::string_view raw = cursor_.RawFrom(offset);
  if (is_number) AddNumber(raw, *member);
  member->values.Add(raw);
  return true;
}

}  // namespace clientele
