#include "loader/features_parser.h"

#include "index/date_time.h"
#include "loader/member_names.h"
#include "loader/met_pieces.h"
#include "loader/services_parser.h"

namespace clientele {
namespace {

enum FeatureMember : std::size_t { kFeatureId, kName, kService, kCreateDate, kLinkId, kFeatureMemberCount };

constexpr std::uint32_t kAllMembers = (1U << kFeatureMemberCount) - 1;
constexpr std::uint32_t kHeadMembers = 1U << kFeatureId | 1U << kName | 1U << kService;

const MemberNames& FeatureNames(FeaturePrice price) {
  static const MemberNames paid{"feature_id", "name", "service", "create_date", "paid_feature_id"};
  static const MemberNames free{"feature_id", "name", "service", "create_date", "free_feature_id"};
  return price == FeaturePrice::kPaid ? paid : free;
}

bool ReadDate(JsonCursor& cursor, std::int64_t& microseconds, bool& exact) {
  const std::size_t offset = cursor.offset();
  std::string_view text;
  if (!cursor.ReadText(text, kDateTimeSyntax)) return false;
  const auto time = ParseDateTime(text);
  if (!time) return cursor.FailAt(offset, cursor.RawFrom(offset), kDateTimeSyntax);
  microseconds = *time;
  exact &= IsCanonicalRfc3339(text);
  return true;
}

bool ParseMember(JsonCursor& cursor, std::size_t member, FeatureValue& feature, bool& exact) {
  if (member == kFeatureId) return cursor.ReadInteger(feature.feature_id);
  if (cursor.TakeNull()) {
    exact = false;
    return true;
  }
  switch (member) {
    case kName: return cursor.ReadText(feature.name);
    case kService: return ReadServiceName(cursor, feature.service);
    case kCreateDate: return ReadDate(cursor, feature.create_date, exact);
    default: return cursor.ReadInteger(feature.link_id);
  }
}

// What tells most heads apart: the digits of the id, in `{"feature_id":1,`, as far as all else is written as usual.
std::uint64_t HeadHash(const JsonCursor& cursor) {
  return cursor.WordAhead(3) * 0x9E37'79B9'7F4A'7C15;
}

// Takes the head of a feature that was met lately.
bool TakeHead(JsonCursor& cursor, std::uint64_t hash, FeatureValue& feature) {
  if (cursor.pieces() == nullptr) return false;
  const char* const begin = cursor.json().data() + cursor.offset();
  const FeatureHead* const head = cursor.pieces()->feature_heads.Take(cursor, hash);
  if (head == nullptr) return false;
  feature.feature_id = head->feature_id;
  feature.name = head->name.In(begin);
  feature.service = head->service;
  feature.head_piece = head->number;
  return true;
}

// Remembers the head of a feature that began at a token of this number and has just been read to the end of its service.
void KeepHead(JsonCursor& cursor, std::size_t first_token, std::size_t begin, std::uint64_t hash, FeatureValue& feature) {
  if (cursor.pieces() == nullptr || cursor.may_escape()) return;
  const std::string_view text = cursor.RawFrom(begin);
  feature.head_piece = NewPieceNumber();
  cursor.pieces()->feature_heads.Add(text, cursor.token() - first_token, hash,
                                     {.number = feature.head_piece,
                                      .feature_id = feature.feature_id,
                                      .name = PieceText(feature.name, text.data()),
                                      .service = feature.service});
}

bool ParseGroup(JsonCursor& cursor, std::uint8_t group, const MemberNames& names, std::vector<FeatureValue>& features,
                bool& exact) {
  if (!cursor.EnterArray("an array of features")) return false;
  const std::size_t size_before = features.size();
  while (cursor.NextElement()) {
    FeatureValue feature{.group = group, .feature_id = 0, .name = {}, .service = group, .create_date = 0, .link_id = 0};
    const std::size_t offset = cursor.offset();
    const std::size_t first_token = cursor.token();
    const std::uint64_t hash = HeadHash(cursor);
    std::uint32_t seen = 0;
    bool read = false;
    if (TakeHead(cursor, hash, feature)) {
      seen = kHeadMembers;
      read = ReadFurtherMembers(cursor, names, kCreateDate, seen, exact,
                                [&](std::size_t member) { return ParseMember(cursor, member, feature, exact); });
    } else {
      read = ReadKnownMembers(cursor, names, seen, exact, [&](std::size_t member) {
        if (!ParseMember(cursor, member, feature, exact)) return false;
        if (member == kService && seen == kHeadMembers && exact) KeepHead(cursor, first_token, offset, hash, feature);
        return true;
      });
    }
    if (!read) return false;
    if ((seen & 1U << kFeatureId) == 0) return cursor.FailMissing(offset, "feature_id", "a 64-bit integer");
    exact &= seen == kAllMembers;
    features.push_back(feature);
  }
  exact &= features.size() != size_before;
  return !cursor.failed();
}

}  // namespace

bool ParseFeatures(JsonCursor& cursor, FeaturePrice price, std::vector<FeatureValue>& features, bool& exact) {
  if (!cursor.EnterObject("an object of features by service")) return false;
  const MemberNames& names = FeatureNames(price);
  std::uint32_t services_seen = 0;
  std::string_view key;
  while (cursor.NextMember(key)) {
    std::uint8_t group = 0;
    if (!ReadServiceKey(cursor, key, services_seen, group) || !ParseGroup(cursor, group, names, features, exact)) return false;
  }
  return !cursor.failed();
}

}  // namespace clientele
