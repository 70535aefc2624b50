#include "loader/users_parser.h"

#include <iterator>

#include "loader/member_names.h"
#include "loader/met_pieces.h"

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

// The members that a few combinations of values make up in most users.
constexpr std::uint32_t kTailMembers = kAlwaysThere & ~((1U << kDeleted) - 1);

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

// Reads the tail of a user, the members from `deleted` on, if it was met lately, and else remembers it.
class TailReader {
 public:
  TailReader(JsonCursor& cursor, UserValue& user) : cursor_(cursor), user_(user) {}

  // The next token is the first behind the client's id, which has been read. Adds the members of the tail to `seen` when it is
  // consumed.
  void Begin(std::uint32_t& seen) {
    if (cursor_.pieces() == nullptr || (seen & kTailMembers) != 0) return;
    begin_ = cursor_.offset();
    first_token_ = cursor_.token();
    seen_before_ = seen;
    hash_ = Hash();
    const char* const piece = cursor_.json().data() + begin_;
    if (const UserTail* const tail = cursor_.pieces()->user_tails.Take(cursor_, hash_)) {
      Fill(*tail, piece);
      seen |= kTailMembers;
    } else {
      is_open_ = !cursor_.may_escape();
    }
  }

  // The authentication types have been read, and nothing inexact so far.
  void End(std::uint32_t seen) {
    if (!is_open_ || seen != (seen_before_ | kTailMembers)) return;
    if (user_.groups.size() > UserTail::kItemsMax || user_.auth_types.size() > UserTail::kItemsMax) return;
    const std::string_view text = cursor_.RawFrom(begin_);
    if (text.size() > kTextMax) return;
    user_.tail_piece = NewPieceNumber();
    UserTail tail{.number = user_.tail_piece,
                  .deleted = user_.deleted,
                  .activated = user_.activated,
                  .sso_auth = user_.sso_auth,
                  .two_fa = user_.two_fa,
                  .group_count = static_cast<std::uint8_t>(user_.groups.size()),
                  .auth_type_count = static_cast<std::uint8_t>(user_.auth_types.size()),
                  .groups = {},
                  .auth_types = {}};
    for (std::size_t i = 0; i < user_.groups.size(); ++i)
      tail.groups[i] = {user_.groups[i].id, PieceText(user_.groups[i].name, text.data())};
    for (std::size_t i = 0; i < user_.auth_types.size(); ++i) tail.auth_types[i] = PieceText(user_.auth_types[i], text.data());
    cursor_.pieces()->user_tails.Add(text, cursor_.token() - first_token_, hash_, tail);
  }

 private:
  static constexpr std::size_t kTextMax = 320;

  // Of the values of usual tails, with one group; of others it is a hash, too, if not as good a one.
  std::uint64_t Hash() const {
    constexpr std::size_t kTokens[] = {3, 11, 21, 25, 29, 34, 36};
    constexpr std::uint64_t kFactors[] = {0x9E37'79B9'7F4A'7C15, 0xC2B2'AE3D'27D4'EB4F, 0x1656'67B1'9E37'79F9,
                                          0x85EB'CA77'C2B2'AE63, 0x27D4'EB2F'1656'67C5, 0xD6E8'FEB8'6659'FD93,
                                          0xA076'1D64'78BD'642F};
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < std::size(kTokens); ++i) hash += cursor_.WordAhead(kTokens[i]) * kFactors[i];
    return hash;
  }

  void Fill(const UserTail& tail, const char* piece) {
    user_.deleted = tail.deleted;
    user_.activated = tail.activated;
    user_.sso_auth = tail.sso_auth;
    user_.two_fa = tail.two_fa;
    for (std::size_t i = 0; i < tail.group_count; ++i) user_.groups.push_back({tail.groups[i].id, tail.groups[i].name.In(piece)});
    for (std::size_t i = 0; i < tail.auth_type_count; ++i) user_.auth_types.push_back(tail.auth_types[i].In(piece));
    user_.tail_piece = tail.number;
  }

  JsonCursor& cursor_;
  UserValue& user_;
  std::size_t begin_ = 0, first_token_ = 0;
  std::uint32_t seen_before_ = 0;
  std::uint64_t hash_ = 0;
  bool is_open_ = false;  // A tail began that was not met.
};

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
    TailReader tail(cursor, user);
    const auto on_member = [&](std::size_t member) {
      if (!ParseMember(cursor, member, user, exact)) return false;
      if (member == kClient) tail.Begin(seen);
      if (member == kAuthTypes && exact) tail.End(seen);
      return true;
    };
    if (!ReadKnownMembers(cursor, UserNames(), seen, exact, on_member)) return false;
    if ((seen & kAlwaysThere) != kAlwaysThere) exact = false;
  }
  return !cursor.failed();
}

}  // namespace clientele
