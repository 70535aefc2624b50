#include "loader/services_parser.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "loader/member_names.h"

namespace clientele {
namespace {

const std::string& ExpectedService() {
  static const std::string text = absl::StrCat(
      "one of ", absl::StrJoin(kServiceNames, ", ", [](std::string* out, std::string_view name) { out->append(name); }));
  return text;
}

const std::string& ExpectedState() {
  static const std::string text = absl::StrCat(
      "one of ", absl::StrJoin(kServiceStateWords, ", ", [](std::string* out, std::string_view word) { out->append(word); }));
  return text;
}

const MemberNames& StateNames() {
  static const MemberNames names{"status", "enabled"};
  return names;
}

bool ReadState(JsonCursor& cursor, std::uint8_t& state) {
  const std::size_t offset = cursor.offset();
  std::string_view text;
  if (!cursor.ReadText(text, ExpectedState())) return false;
  const auto word = FindWord(kServiceStateWords, text);
  if (!word) return cursor.FailAt(offset, cursor.RawFrom(offset), ExpectedState());
  state = *word;
  return true;
}

}  // namespace

bool ReadServiceKey(JsonCursor& cursor, std::string_view raw_key, std::uint32_t& seen, std::uint8_t& service) {
  std::string_view key = raw_key;
  if (cursor.HasEscape(key) && !cursor.Unescape(key)) return cursor.FailHere("a member name with valid escapes");
  const auto found = FindService(key, /*any_case=*/false);
  if (!found) return cursor.FailAt(cursor.offset(), {raw_key.data() - 1, raw_key.size() + 2}, ExpectedService());
  if (seen >> *found & 1) return cursor.FailHere("this member only once");
  seen |= std::uint32_t{1} << *found;
  service = *found;
  return true;
}

bool ReadServiceName(JsonCursor& cursor, std::uint8_t& service) {
  const std::size_t offset = cursor.offset();
  std::string_view text;
  if (!cursor.ReadText(text, ExpectedService())) return false;
  const auto found = FindService(text, /*any_case=*/false);
  if (!found) return cursor.FailAt(offset, cursor.RawFrom(offset), ExpectedService());
  service = *found;
  return true;
}

bool ParseServiceSet(JsonCursor& cursor, std::vector<std::uint8_t>& services) {
  if (!cursor.EnterArray("an array of service names")) return false;
  while (cursor.NextElement()) {
    if (!ReadServiceName(cursor, services.emplace_back())) return false;
  }
  return !cursor.failed();
}

bool ParseServiceStates(JsonCursor& cursor, std::vector<ServiceStateValue>& states, bool& exact) {
  if (!cursor.EnterObject("an object of service states")) return false;
  std::uint32_t services_seen = 0;
  std::string_view key;
  while (cursor.NextMember(key)) {
    ServiceStateValue value{.service = 0, .state = 0, .enabled = false};
    if (!ReadServiceKey(cursor, key, services_seen, value.service)) return false;
    const std::size_t offset = cursor.offset();
    std::uint32_t seen = 0;
    const bool read = ReadKnownMembers(cursor, StateNames(), seen, exact, [&](std::size_t member) {
      if (member == 0) return ReadState(cursor, value.state);
      if (!cursor.TakeNull()) return cursor.ReadBoolean(value.enabled);
      exact = false;
      return true;
    });
    if (!read) return false;
    if ((seen & 1) == 0) return cursor.FailMissing(offset, "status", ExpectedState());
    if ((seen & 2) == 0) exact = false;
    states.push_back(value);
  }
  return !cursor.failed();
}

bool ParseServiceFlags(JsonCursor& cursor, std::vector<ServiceFlagValue>& flags) {
  if (!cursor.EnterObject("an object of booleans by service")) return false;
  std::uint32_t services_seen = 0;
  std::string_view key;
  while (cursor.NextMember(key)) {
    ServiceFlagValue value{.service = 0, .available = false};
    if (!ReadServiceKey(cursor, key, services_seen, value.service) || !cursor.ReadBoolean(value.available)) return false;
    flags.push_back(value);
  }
  return !cursor.failed();
}

}  // namespace clientele
