#include "loader/merge_patch.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "loader/json_cursor.h"
#include "loader/json_tokens.h"
#include "loader/record_error.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

// One JSON text that is being walked.
struct Walk {
  std::string text;  // Ends in padding.
  JsonTokenizer tokenizer;
  TextArena arena;
  JsonCursor cursor;

  // False: the text cannot even be cut into tokens; see `error`.
  bool Start(std::string_view json, RecordError& error) {
    text.assign(json).append(RecordParser::kPadding, '\0');
    const std::string_view view = std::string_view(text).substr(0, json.size());
    arena.Reset();
    const JsonTokenError token_error = tokenizer.Tokenize(view);
    if (token_error != JsonTokenError::kNone) {
      error = DescribeTokenError(view, token_error);
      return false;
    }
    cursor.Start(view, tokenizer.offsets(), tokenizer.count(), arena);
    return true;
  }
};

struct PatchMember;

// A value of the patch. Only objects are taken apart, as only they are merged.
struct PatchValue {
  std::string_view raw;
  bool is_object = false, is_null = false;
  std::vector<PatchMember> members;    // In their order.
  std::vector<std::uint32_t> by_name;  // Indices into members, ascending by name.

  const PatchMember* Find(std::string_view name) const;
};

struct PatchMember {
  std::string_view raw_key;  // Between its quotes.
  std::string_view name;     // Unescaped.
  PatchValue value;
  mutable bool is_used = false;  // The target has had it.
};

const PatchMember* PatchValue::Find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(by_name, name, {}, [&](std::uint32_t i) { return members[i].name; });
  return found != by_name.end() && members[*found].name == name ? &members[*found] : nullptr;
}

bool ReadName(JsonCursor& cursor, std::string_view raw_key, std::string_view& name) {
  name = raw_key;
  return !cursor.HasEscape(raw_key) || cursor.Unescape(name) || cursor.FailHere("a member name with valid escapes");
}

// Recursive, but never deeper than kDepthMax.
bool ReadPatch(JsonCursor& cursor, std::size_t depth, PatchValue& value) {
  const std::size_t begin = cursor.offset();
  value.is_null = cursor.Peek() == 'n';
  value.is_object = cursor.Peek() == '{';
  if (!value.is_object) {
    if (!cursor.SkipValue()) return false;
    value.raw = cursor.RawFrom(begin);
    return true;
  }
  if (depth == MergePatcher::kDepthMax) return cursor.FailHere(absl::StrCat("at most ", depth, " objects in each other"));
  if (!cursor.EnterObject()) return false;
  std::string_view raw_key;
  while (cursor.NextMember(raw_key)) {
    PatchMember member{.raw_key = raw_key, .name = {}, .value = {}};
    if (!ReadName(cursor, raw_key, member.name) || !ReadPatch(cursor, depth + 1, member.value)) return false;
    value.members.push_back(std::move(member));
  }
  if (cursor.failed()) return false;
  value.raw = cursor.RawFrom(begin);
  value.by_name.resize(value.members.size());
  for (std::uint32_t i = 0; i < value.by_name.size(); ++i) value.by_name[i] = i;
  const auto name_of = [&](std::uint32_t i) { return value.members[i].name; };
  std::ranges::sort(value.by_name, {}, name_of);
  const auto twice = std::ranges::adjacent_find(value.by_name, {}, name_of);
  return twice == value.by_name.end() ||
         cursor.FailAt(begin, value.raw, absl::StrCat("the member ", AbslView(name_of(*twice)), " only once"));
}

void AppendKey(std::string_view raw_key, char& separator, std::string& out) {
  out += separator;
  out += '"';
  out += raw_key;
  out += "\":";
  separator = ',';
}

void AppendNewMembers(const PatchValue& patch, char& separator, std::string& out);

// What the patch makes of nothing.
void AppendNew(const PatchValue& patch, std::string& out) {
  if (!patch.is_object) {
    out += patch.raw;
    return;
  }
  char separator = '{';
  AppendNewMembers(patch, separator, out);
  out += separator == '{' ? "{}" : "}";
}

void AppendNewMembers(const PatchValue& patch, char& separator, std::string& out) {
  for (const PatchMember& member : patch.members) {
    if (member.is_used || member.value.is_null) continue;
    AppendKey(member.raw_key, separator, out);
    AppendNew(member.value, out);
  }
}

// The target's next value, patched.
bool AppendMerged(JsonCursor& target, const PatchValue& patch, std::string& out) {
  if (!patch.is_object || target.Peek() != '{') {
    if (!target.SkipValue()) return false;
    AppendNew(patch, out);
    return true;
  }
  if (!target.EnterObject()) return false;
  char separator = '{';
  std::string_view raw_key;
  while (target.NextMember(raw_key)) {
    std::string_view name;
    if (!ReadName(target, raw_key, name)) return false;
    const PatchMember* const member = patch.Find(name);
    const bool is_left = member == nullptr || (!member->value.is_null && !member->is_used);
    if (is_left) AppendKey(raw_key, separator, out);
    if (is_left && member != nullptr) {
      if (!AppendMerged(target, member->value, out)) return false;
    } else {
      const std::size_t begin = target.offset();
      if (!target.SkipValue()) return false;
      if (is_left) out += target.RawFrom(begin);
    }
    if (member != nullptr) member->is_used = true;
  }
  if (target.failed()) return false;
  AppendNewMembers(patch, separator, out);
  out += separator == '{' ? "{}" : "}";
  return true;
}

absl::Status BadPatch(const RecordError& error) {
  return absl::InvalidArgumentError(absl::StrCat("the patch", error.pointer.empty() ? "" : " at ", error.pointer, ": expected ",
                                                 error.expected, ", got ", error.value.empty() ? "nothing" : error.value));
}

}  // namespace

struct MergePatcher::State {
  Walk target, patch;
};

MergePatcher::MergePatcher() : state_(std::make_unique<State>()) {}
MergePatcher::~MergePatcher() = default;

absl::StatusOr<std::string> MergePatcher::Apply(std::string_view target, std::string_view patch) {
  Walk& patch_walk = state_->patch;
  Walk& target_walk = state_->target;
  RecordError error;
  PatchValue value;
  if (!patch_walk.Start(patch, error)) return BadPatch(error);
  JsonCursor& patch_cursor = patch_walk.cursor;
  if (!ReadPatch(patch_cursor, 0, value) || !(patch_cursor.AtEnd() || patch_cursor.FailHere("nothing behind the patch"))) {
    return BadPatch(DescribeMistake(patch_cursor.json(), patch_cursor.mistake()));
  }
  if (!target_walk.Start(target, error)) return absl::InternalError("the target of a patch is no JSON");
  std::string out;
  out.reserve(target.size() + patch.size());
  if (!AppendMerged(target_walk.cursor, value, out) || !target_walk.cursor.AtEnd()) {
    return absl::InternalError("the target of a patch is no JSON");
  }
  return out;
}

}  // namespace clientele
