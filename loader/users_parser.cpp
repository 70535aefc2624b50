#include "loader/users_parser.h"

#include "loader/member_names.h"

namespace clientele {
namespace {

enum UserMember : std::size_t {
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
  kUserMemberCount,
};

const MemberNames& UserNames() {
  static const MemberNames names{"id",     "email",   "name",   "lang",      "phone",    "company", "reseller",
                                 "client", "deleted", "groups", "activated", "sso_auth", "two_fa",  "auth_types"};
  return names;
}

// Name and phone are optional; everything else is written out for every user.
constexpr std::uint32_t kAlwaysThere = ((1U << kUserMemberCount) - 1) & ~(1U << kName) & ~(1U << kPhone);

const MemberNames& GroupNames() {
  static const MemberNames names{"id", "name"};
  return names;
}

bool ReadTextOrNull(JsonCursor& cursor, std::string_view& text, bool& is_null) {
  is_null = cursor.TakeNull();
  return is_null || cursor.ReadText(text, "a string or null");
}

bool ReadIntegerOrNull(JsonCursor& cursor, std::int64_t& value, bool& is_null) {
  is_null = cursor.TakeNull();
  return is_null || cursor.ReadInteger(value, "a 64-bit integer or null");
}

// For members that are never null in the contract's shape: a null is kept, but only verbatim.
bool TakeInexactNull(JsonCursor& cursor, bool& exact) {
  if (!cursor.TakeNull()) return false;
  exact = false;
  return true;
}

bool ParseGroups(JsonCursor& cursor, std::vector<GroupValue>& groups, bool& exact) {
  if (TakeInexactNull(cursor, exact)) return true;
  if (!cursor.EnterArray()) return false;
  while (cursor.NextElement()) {
    GroupValue& group = groups.emplace_back();
    std::uint32_t seen = 0;
    const bool read = ReadKnownMembers(cursor, GroupNames(), seen, exact, [&](std::size_t member) {
      if (TakeInexactNull(cursor, exact)) return true;
      return member == 0 ? cursor.ReadInteger(group.id) : cursor.ReadText(group.name);
    });
    if (!read) return false;
    if (seen != 3) exact = false;
  }
  return !cursor.failed();
}

bool ParseAuthTypes(JsonCursor& cursor, std::vector<std::string_view>& auth_types, bool& exact) {
  if (TakeInexactNull(cursor, exact)) return true;
  if (!cursor.EnterArray()) return false;
  while (cursor.NextElement()) {
    if (!cursor.ReadText(auth_types.emplace_back())) return false;
  }
  return !cursor.failed();
}

// Members that may be null, or whose null is a mistake.
bool ParseNullableMember(JsonCursor& cursor, std::size_t member, UserValue& user, bool& exact) {
  switch (member) {
    case kEmail: {
      bool is_null = false;
      if (!ReadTextOrNull(cursor, user.email, is_null)) return false;
      exact &= !is_null;
      return true;
    }
    case kName: user.has_name = true; return ReadTextOrNull(cursor, user.name, user.name_is_null);
    case kPhone: user.has_phone = true; return ReadTextOrNull(cursor, user.phone, user.phone_is_null);
    case kReseller: return ReadIntegerOrNull(cursor, user.reseller, user.reseller_is_null);
    case kClient: return ReadIntegerOrNull(cursor, user.client, user.client_is_null);
    default: return cursor.ReadBoolean(user.activated);
  }
}

bool ParseMember(JsonCursor& cursor, std::size_t member, UserValue& user, bool& exact) {
  switch (member) {
    case kEmail:
    case kName:
    case kPhone:
    case kReseller:
    case kClient:
    case kActivated: return ParseNullableMember(cursor, member, user, exact);
    case kGroups: return ParseGroups(cursor, user.groups, exact);
    case kAuthTypes: return ParseAuthTypes(cursor, user.auth_types, exact);
    default: break;
  }
  if (TakeInexactNull(cursor, exact)) return true;
  switch (member) {
    case kId: return cursor.ReadInteger(user.id);
    case kLang: return cursor.ReadText(user.lang);
    case kCompany: return cursor.ReadText(user.company);
    case kDeleted: return cursor.ReadBoolean(user.deleted);
    case kSsoAuth: return cursor.ReadBoolean(user.sso_auth);
    default: return cursor.ReadBoolean(user.two_fa);
  }
}

// An empty user that keeps the memory of the one that was there before.
UserValue& NextUser(ClientRecord& record) {
  if (record.user_count == record.users.size()) record.users.emplace_back();
  UserValue& user = record.users[record.user_count++];
  UserValue empty;
  empty.groups = std::move(user.groups);
  empty.auth_types = std::move(user.auth_types);
  empty.groups.clear();
  empty.auth_types.clear();
  user = std::move(empty);
  return user;
}

}  // namespace

bool ParseUsers(JsonCursor& cursor, ClientRecord& record, bool& exact) {
  if (!cursor.EnterArray("an array of users")) return false;
  while (cursor.NextElement()) {
    UserValue& user = NextUser(record);
    std::uint32_t seen = 0;
    const auto on_member = [&](std::size_t member) { return ParseMember(cursor, member, user, exact); };
    if (!ReadKnownMembers(cursor, UserNames(), seen, exact, on_member)) return false;
    if ((seen & kAlwaysThere) != kAlwaysThere) exact = false;
  }
  return !cursor.failed();
}

}  // namespace clientele
