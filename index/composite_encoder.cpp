#include "index/composite_encoder.h"

#include <algorithm>
#include <array>
#include <limits>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "index/json_text.h"
#include "index/record_format.h"

namespace clientele {
namespace {

constexpr std::size_t kListTextMax = 256;  // Of group and auth type lists in dictionaries.
constexpr std::size_t kUserTailMax = 512;
constexpr std::size_t kFeatureTextMax = 256;
constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;

std::uint8_t TailFlagsOf(const UserValue& user) {
  return static_cast<std::uint8_t>((user.deleted ? kUserDeleted : 0) | (user.activated ? kUserActivated : 0) |
                                   (user.sso_auth ? kUserSsoAuth : 0) | (user.two_fa ? kUserTwoFa : 0));
}

void AppendQuoted(std::string_view text, std::string& out) {
  out.push_back('"');
  AppendEscaped(text, out);
  out.push_back('"');
}

void AppendGroups(const std::vector<GroupValue>& groups, std::string& out) {
  char separator = '[';
  for (const GroupValue& group : groups) {
    out.push_back(separator);
    absl::StrAppend(&out, "{\"id\":", group.id, ",\"name\":");
    AppendQuoted(group.name, out);
    out.push_back('}');
    separator = ',';
  }
  out.append(groups.empty() ? "[]" : "]");
}

void AppendAuthTypes(const std::vector<std::string_view>& auth_types, std::string& out) {
  char separator = '[';
  for (const std::string_view auth_type : auth_types) {
    out.push_back(separator);
    AppendQuoted(auth_type, out);
    separator = ',';
  }
  out.append(auth_types.empty() ? "[]" : "]");
}

const char* BooleanText(bool value) {
  return value ? "true" : "false";
}

// A user's JSON from `deleted` on.
void AppendUserTail(const UserValue& user, std::string& out) {
  absl::StrAppend(&out, ",\"deleted\":", BooleanText(user.deleted), ",\"groups\":");
  AppendGroups(user.groups, out);
  absl::StrAppend(&out, ",\"activated\":", BooleanText(user.activated), ",\"sso_auth\":", BooleanText(user.sso_auth),
                  ",\"two_fa\":", BooleanText(user.two_fa), ",\"auth_types\":");
  AppendAuthTypes(user.auth_types, out);
  out.push_back('}');
}

// A feature's JSON up to its date.
void AppendFeatureStart(const FeatureValue& feature, std::string& out) {
  absl::StrAppend(&out, "{\"feature_id\":", feature.feature_id, ",\"name\":");
  AppendQuoted(feature.name, out);
  absl::StrAppend(&out, ",\"service\":\"", AbslView(kServiceNames[feature.service]), "\",\"create_date\":\"");
}

bool IsWholeSecondsSince1970(std::int64_t microseconds) {
  return microseconds >= 0 && microseconds % kMicrosecondsPerSecond == 0 &&
         microseconds / kMicrosecondsPerSecond <= std::numeric_limits<std::uint32_t>::max();
}

std::uint64_t Seconds(std::int64_t microseconds) {
  return static_cast<std::uint64_t>(microseconds / kMicrosecondsPerSecond);
}

// State of a user's nullable integer beside the client's own value.
std::uint32_t NumberState(bool is_null, std::int64_t value, const ScalarValue& own) {
  if (is_null) return UserFlags::kNull;
  return !own.is_null && own.integer == value ? UserFlags::kSame : UserFlags::kFollows;
}

bool Same(std::string_view text, const ScalarValue& own) {
  return !own.is_null && own.text == text;
}

// State of a user's text that may be absent.
std::uint32_t TextStateOf(bool has, bool is_null, std::string_view text, const ScalarValue& own) {
  if (!has) return UserFlags::kAbsent;
  if (is_null) return UserFlags::kNull;
  return Same(text, own) ? UserFlags::kSame : UserFlags::kFollows;
}

void PutServices(const std::vector<std::uint8_t>& services, RowWriter& out) {
  if (services.empty()) return;
  if (std::ranges::adjacent_find(services, std::greater_equal()) == services.end()) {
    std::uint32_t set = 0;
    for (const std::uint8_t service : services) set |= 1u << service;
    return out.PutByte(static_cast<std::uint8_t>(set));
  }
  for (const std::uint8_t service : services) out.PutByte(service);
}

}  // namespace

EncoderGates::EncoderGates(RecordDictionaries& dictionaries)
    : languages(dictionaries.languages),
      group_lists(dictionaries.group_lists, kListTextMax),
      auth_lists(dictionaries.auth_lists, kListTextMax),
      user_tails(dictionaries.user_tails, kUserTailMax),
      features(dictionaries.features, kFeatureTextMax),
      texts(dictionaries) {
  for (const FieldDef& def : Fields()) {
    if (def.kind != FieldKind::kText && def.kind != FieldKind::kTextList && def.kind != FieldKind::kNumber) continue;
    fields[static_cast<std::size_t>(def.field)] = std::make_unique<DictionaryGate>(dictionaries.texts(def.field));
  }
}

void CompositeEncoder::Put(Field field, const ClientRecord& record, RowWriter& out) {
  switch (Def(field).kind) {
    case FieldKind::kUsers: return PutUsers(record, out);
    case FieldKind::kFeatures:
      return PutFeatures(field == Field::kPaidFeatures ? record.paid_features : record.free_features, out);
    case FieldKind::kServiceSet: return PutServices(record.capabilities, out);
    case FieldKind::kServiceStates:
      for (const ServiceStateValue& one : record.service_states) {
        out.PutByte(static_cast<std::uint8_t>(one.service | one.state << 3 | (one.enabled ? 1 << 6 : 0)));
      }
      return;
    case FieldKind::kServiceFlags:
      for (const ServiceFlagValue& one : record.service_flags) {
        out.PutByte(static_cast<std::uint8_t>(one.service | (one.available ? 1 << 3 : 0)));
      }
      return;
    default:  // kTextList.
      for (const std::string_view text : record.hostnames) gates_.texts.Put(text, gates_.OfField(field), out);
  }
}

void CompositeEncoder::PutUsers(const ClientRecord& record, RowWriter& out) {
  std::int64_t previous_id = record.id();
  for (std::size_t i = 0; i < record.user_count; ++i) {
    PutUser(record, record.users[i], previous_id, out);
    previous_id = record.users[i].id;
  }
}

void CompositeEncoder::PutUser(const ClientRecord& record, const UserValue& user, std::int64_t previous_id, RowWriter& out) {
  const bool same_email = Same(user.email, record[Field::kEmail]);
  const bool same_company = Same(user.company, record[Field::kCompanyName]);
  const std::uint32_t name = TextStateOf(user.has_name, user.name_is_null, user.name, record[Field::kName]);
  const std::uint32_t phone = TextStateOf(user.has_phone, user.phone_is_null, user.phone, record[Field::kPhone]);
  const std::uint32_t reseller = NumberState(user.reseller_is_null, user.reseller, record[Field::kResellers]);
  const std::uint32_t client = NumberState(user.client_is_null, user.client, record[Field::kId]);
  const std::uint32_t tail = TailState(user);

  out.PutFixed(std::uint32_t{same_email} << UserFlags::kEmailSame | std::uint32_t{same_company} << UserFlags::kCompanySame |
                   name << UserFlags::kName | phone << UserFlags::kPhone | reseller << UserFlags::kReseller |
                   client << UserFlags::kClient | tail << UserFlags::kTail,
               2);
  // Unsigned, since the difference of two ids may overflow.
  out.PutVarint(ZigZag(static_cast<std::int64_t>(static_cast<std::uint64_t>(user.id) - static_cast<std::uint64_t>(previous_id))));
  if (!same_email) gates_.texts.Put(user.email, gates_.OfField(Field::kEmail), out);
  if (name == UserFlags::kFollows) gates_.texts.Put(user.name, gates_.OfField(Field::kName), out);
  gates_.texts.Put(user.lang, &gates_.languages, out);
  if (phone == UserFlags::kFollows) gates_.texts.Put(user.phone, gates_.OfField(Field::kPhone), out);
  if (!same_company) gates_.texts.Put(user.company, gates_.OfField(Field::kCompanyName), out);
  if (reseller == UserFlags::kFollows) out.PutVarint(ZigZag(user.reseller));
  if (client == UserFlags::kFollows) out.PutVarint(ZigZag(user.client));
  PutTail(user, tail, out);
}

std::uint32_t CompositeEncoder::TailState(const UserValue& user) {
  if (const auto known = gates_.user_tails.CodeOf(user.tail_piece)) {
    tail_code_ = *known;
    return std::min(tail_code_, kTailCodeFollows);
  }
  key_.Clear();
  key_.PutByte(TailFlagsOf(user));
  // Counts and lengths keep different lists from having equal keys.
  key_.PutVarint(user.groups.size());
  for (const GroupValue& group : user.groups) {
    key_.PutVarint(ZigZag(group.id));
    key_.PutVarint(group.name.size());
    key_.PutText(group.name);
  }
  for (const std::string_view auth_type : user.auth_types) {
    key_.PutVarint(auth_type.size());
    key_.PutText(auth_type);
  }
  const auto code = gates_.user_tails.Code(key_.text(), [&](std::string& json) { AppendUserTail(user, json); });
  if (!code.has_value()) return kTailFollows;
  gates_.user_tails.Remember(user.tail_piece, *code);
  tail_code_ = *code;
  return std::min(tail_code_, kTailCodeFollows);
}

void CompositeEncoder::PutTail(const UserValue& user, std::uint32_t state, RowWriter& out) {
  if (state == kTailCodeFollows) out.PutVarint(tail_code_);
  if (state != kTailFollows) return;
  out.PutByte(TailFlagsOf(user));
  json_.clear();
  AppendGroups(user.groups, json_);
  gates_.texts.PutRaw(json_, &gates_.group_lists, out);
  json_.clear();
  AppendAuthTypes(user.auth_types, json_);
  gates_.texts.PutRaw(json_, &gates_.auth_lists, out);
}

void CompositeEncoder::PutFeatures(const std::vector<FeatureValue>& features, RowWriter& out) {
  std::optional<std::int64_t> last_date;
  for (std::size_t begin = 0; begin < features.size();) {
    const FeatureValue& first = features[begin];
    const bool whole = IsWholeSecondsSince1970(first.create_date);
    const auto continues = [&](const FeatureValue& next, bool shared) {
      return next.group == first.group &&
             (shared ? next.create_date == first.create_date : IsWholeSecondsSince1970(next.create_date) == whole);
    };
    const auto run_end = [&](bool shared) {
      std::size_t end = begin + 1;
      while (end < features.size() && end - begin < kFeatureRunMax && continues(features[end], shared)) ++end;
      return end;
    };
    const bool repeats_last = last_date == first.create_date;
    const bool shared = whole && (repeats_last || run_end(true) > begin + 1);
    const std::size_t end = run_end(shared || repeats_last);
    const FeatureDates dates = repeats_last ? kLastDate : shared ? kSharedDate : whole ? kOwnDates : kOwnMicroseconds;

    out.PutByte(static_cast<std::uint8_t>(first.group | dates << 3 | (end - begin - 1) << 5));
    if (dates == kSharedDate) out.PutFixed(Seconds(first.create_date), 4);
    for (; begin < end; ++begin) {
      PutFeature(features[begin], out);
      if (dates == kOwnDates) out.PutFixed(Seconds(features[begin].create_date), 4);
      if (dates == kOwnMicroseconds) out.PutFixed(static_cast<std::uint64_t>(features[begin].create_date), 8);
      out.PutVarint(ZigZag(features[begin].link_id));
    }
    last_date = features[end - 1].create_date;
  }
}

std::optional<std::uint32_t> CompositeEncoder::FeatureCode(const FeatureValue& feature) {
  if (const auto known = gates_.features.CodeOf(feature.head_piece)) return known;
  key_.Clear();
  key_.PutByte(feature.service);
  key_.PutVarint(ZigZag(feature.feature_id));
  key_.PutText(feature.name);
  const auto code = gates_.features.Code(key_.text(), [&](std::string& json) { AppendFeatureStart(feature, json); });
  if (code.has_value()) gates_.features.Remember(feature.head_piece, *code);
  return code;
}

void CompositeEncoder::PutFeature(const FeatureValue& feature, RowWriter& out) {
  const auto code = FeatureCode(feature);
  if (!code.has_value()) {
    out.PutByte(kFeatureFollows);
    out.PutVarint(ZigZag(feature.feature_id));
    out.PutByte(feature.service);
    gates_.texts.Put(feature.name, nullptr, out);
  } else if (*code < kFeatureCode2) {
    out.PutByte(static_cast<std::uint8_t>(*code));
  } else {
    out.PutByte(static_cast<std::uint8_t>(kFeatureCode2 + ((*code - kFeatureCode2) >> 8)));
    out.PutByte(static_cast<std::uint8_t>(*code - kFeatureCode2));
  }
}

}  // namespace clientele
