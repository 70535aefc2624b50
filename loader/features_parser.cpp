#include "loader/features_parser.h"

#include "index/date_time.h"
#include "loader/member_names.h"
#include "loader/services_parser.h"

namespace clientele {
namespace {

enum FeatureMember : std::size_t { kFeatureId, kName, kService, kCreateDate, kLinkId, kFeatureMemberCount };

constexpr std::uint32_t kAllMembers = (1U << kFeatureMemberCount) - 1;

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

bool ParseGroup(JsonCursor& cursor, std::uint8_t group, const MemberNames& names, std::vector<FeatureValue>& features,
                bool& exact) {
  if (!cursor.EnterArray("an array of features")) return false;
  const std::size_t size_before = features.size();
  while (cursor.NextElement()) {
    FeatureValue feature{.group = group, .feature_id = 0, .name = {}, .service = group, .create_date = 0, .link_id = 0};
    const std::size_t offset = cursor.offset();
    std::uint32_t seen = 0;
    const auto on_member = [&](std::size_t member) { return ParseMember(cursor, member, feature, exact); };
    if (!ReadKnownMembers(cursor, names, seen, exact, on_member)) return false;
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
