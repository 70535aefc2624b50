#include "tests/index/sample_record.h"

#include <algorithm>

#include "index/date_time.h"
#include "index/json_text.h"

namespace clientele {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  AppendEscaped(text, out);
  return out + '"';
}

std::string Time(std::int64_t microseconds) {
  std::string out = "\"";
  AppendRfc3339(microseconds, out);
  return out + '"';
}

std::string Boolean(bool value) {
  return value ? "true" : "false";
}

std::string Joined(char open, const std::vector<std::string>& items, char close) {
  std::string out(1, open);
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    out += item;
  }
  return out + close;
}

std::string UserJson(const UserValue& user) {
  std::vector<std::string> groups, auth_types;
  for (const GroupValue& group : user.groups) {
    groups.push_back("{\"id\":" + std::to_string(group.id) + ",\"name\":" + Quoted(group.name) + "}");
  }
  for (const std::string_view one : user.auth_types) auth_types.push_back(Quoted(one));
  std::vector<std::string> members{"\"id\":" + std::to_string(user.id), "\"email\":" + Quoted(user.email)};
  if (user.has_name) members.push_back("\"name\":" + (user.name_is_null ? "null" : Quoted(user.name)));
  members.push_back("\"lang\":" + Quoted(user.lang));
  if (user.has_phone) members.push_back("\"phone\":" + (user.phone_is_null ? "null" : Quoted(user.phone)));
  members.push_back("\"company\":" + Quoted(user.company));
  members.push_back("\"reseller\":" + (user.reseller_is_null ? "null" : std::to_string(user.reseller)));
  members.push_back("\"client\":" + (user.client_is_null ? "null" : std::to_string(user.client)));
  members.push_back("\"deleted\":" + Boolean(user.deleted));
  members.push_back("\"groups\":" + Joined('[', groups, ']'));
  members.push_back("\"activated\":" + Boolean(user.activated));
  members.push_back("\"sso_auth\":" + Boolean(user.sso_auth));
  members.push_back("\"two_fa\":" + Boolean(user.two_fa));
  members.push_back("\"auth_types\":" + Joined('[', auth_types, ']'));
  return Joined('{', members, '}');
}

std::string FeaturesJson(const std::vector<FeatureValue>& features, const char* link_name) {
  std::vector<std::string> services;
  for (std::size_t i = 0; i < features.size();) {
    const std::size_t group = features[i].group;
    std::vector<std::string> items;
    for (; i < features.size() && features[i].group == group; ++i) {
      const FeatureValue& one = features[i];
      items.push_back("{\"feature_id\":" + std::to_string(one.feature_id) + ",\"name\":" + Quoted(one.name) + ",\"service\":\"" +
                      std::string(kServiceNames[one.service]) + "\",\"create_date\":" + Time(one.create_date) + ",\"" +
                      link_name + "\":" + std::to_string(one.link_id) + "}");
    }
    services.push_back(Quoted(kServiceNames[group]) + ":" + Joined('[', items, ']'));
  }
  return Joined('{', services, '}');
}

std::string CompositeJson(Field field, const ClientRecord& record) {
  std::vector<std::string> items;
  switch (field) {
    case Field::kUsers:
      for (std::size_t i = 0; i < record.user_count; ++i) items.push_back(UserJson(record.users[i]));
      return Joined('[', items, ']');
    case Field::kCapabilities:
      for (const std::uint8_t service : record.capabilities) items.push_back(Quoted(kServiceNames[service]));
      return Joined('[', items, ']');
    case Field::kServiceStatuses:
      for (const ServiceStateValue& one : record.service_states) {
        items.push_back(Quoted(kServiceNames[one.service]) + ":{\"status\":" + Quoted(kServiceStateWords[one.state]) +
                        ",\"enabled\":" + Boolean(one.enabled) + "}");
      }
      return Joined('{', items, '}');
    case Field::kPaidFeatures: return FeaturesJson(record.paid_features, "paid_feature_id");
    case Field::kFreeFeatures: return FeaturesJson(record.free_features, "free_feature_id");
    case Field::kPersonalProductAvailability:
      for (const ServiceFlagValue& one : record.service_flags) {
        items.push_back(Quoted(kServiceNames[one.service]) + ":" + Boolean(one.available));
      }
      return Joined('{', items, '}');
    default:
      for (const std::string_view one : record.hostnames) items.push_back(Quoted(one));
      return Joined('[', items, ']');
  }
}

std::string ScalarJson(const FieldDef& def, const ScalarValue& value) {
  if (value.is_null) return "null";
  switch (def.kind) {
    case FieldKind::kInteger: return std::to_string(value.integer);
    case FieldKind::kText: return Quoted(value.text);
    case FieldKind::kWord: return Quoted(def.words[static_cast<std::size_t>(value.integer)]);
    case FieldKind::kCountry:
      return {'"', static_cast<char>('A' + value.integer / 26), static_cast<char>('A' + value.integer % 26), '"'};
    case FieldKind::kBoolean: return Boolean(value.integer != 0);
    case FieldKind::kTime: return Time(value.integer);
    default: return std::string(value.text);
  }
}

// Picks of everything that a record may hold.
class RandomValues {
 public:
  RandomValues(SampleRecord& sample, std::mt19937_64& random) : sample_(sample), random_(random) {}

  std::uint64_t Below(std::uint64_t bound) { return random_() % bound; }
  bool OneIn(std::uint64_t chances) { return Below(chances) == 0; }

  std::int64_t Integer() {
    constexpr std::int64_t kEdges[] = {0, 1, -1, 127, 128, 9'999, 10'000, 99'999'999, 100'000'000, INT64_MAX, INT64_MIN};
    if (OneIn(3)) return kEdges[Below(std::size(kEdges))];
    return static_cast<std::int64_t>(random_()) >> Below(64);
  }

  std::int64_t Time() {
    switch (Below(5)) {
      case 0: return static_cast<std::int64_t>(Below(4'294'967'296)) * 1'000'000;
      case 1: return static_cast<std::int64_t>(Below(2'000'000'000'000'000));
      case 2: return kTimeMin + static_cast<std::int64_t>(Below(static_cast<std::uint64_t>(kTimeMax - kTimeMin)));
      case 3: return OneIn(2) ? kTimeMin : kTimeMax;
      default: return 1'700'000'000'000'000;
    }
  }

  // Few distinct ones on purpose, so that dictionaries come into play.
  std::string_view Text() {
    static const std::string kTexts[] = {"",
                                         "a",
                                         "en",
                                         "Acme Ltd",
                                         "https://www.acme.example",
                                         "acme.example",
                                         "cdn7.acme.example",
                                         "x@acme.example",
                                         "@acme.example",
                                         "anna.smith@acme.example",
                                         "anna@gmail.example",
                                         "a@b@c.example",
                                         "@",
                                         "foo@",
                                         "+49 (30) 123-456.7",
                                         "0123",
                                         "123",
                                         "Søren Иванов",
                                         "日本株式会社",
                                         "\"quoted\\\"",
                                         std::string("nul\0inside", 10),
                                         "line\nbreak\ttab\x01\x1f\b\f\r",
                                         "\x7f",
                                         "-1.5e10",
                                         "-12.5"};
    switch (Below(4)) {
      case 0: return sample_.Keep(std::string(Below(OneIn(10) ? 3000 : 70), static_cast<char>('a' + Below(26))));
      case 1: return sample_.Keep("user" + std::to_string(Below(500)) + "@mail" + std::to_string(Below(40)) + ".example");
      default: return kTexts[Below(std::size(kTexts))];
    }
  }

  UserValue User(const ClientRecord& record) {
    const auto own = [&](Field field) { return record[field].is_null || OneIn(2) ? Text() : record[field].text; };
    UserValue user;
    user.id = OneIn(2) ? static_cast<std::int64_t>(static_cast<std::uint64_t>(record.id()) + Below(5)) : Integer();
    user.email = own(Field::kEmail);
    user.has_name = !OneIn(4);
    user.name_is_null = OneIn(4);
    if (!user.name_is_null) user.name = own(Field::kName);
    user.lang = Text();
    user.has_phone = !OneIn(4);
    user.phone_is_null = OneIn(4);
    if (!user.phone_is_null) user.phone = own(Field::kPhone);
    user.company = own(Field::kCompanyName);
    user.reseller_is_null = OneIn(3);
    user.reseller = OneIn(2) ? record[Field::kResellers].integer : Integer();
    user.client_is_null = OneIn(3);
    user.client = OneIn(2) ? record.id() : Integer();
    user.deleted = OneIn(4), user.activated = OneIn(2), user.sso_auth = OneIn(4), user.two_fa = OneIn(4);
    for (std::uint64_t i = Below(4); i > 0; --i) user.groups.push_back({OneIn(5) ? Integer() : 1, Text()});
    for (std::uint64_t i = Below(3); i > 0; --i) user.auth_types.push_back(OneIn(3) ? Text() : "password");
    return user;
  }

  void Features(std::vector<FeatureValue>& features) {
    std::uint64_t count = OneIn(10) ? 40 : Below(6);
    for (std::uint64_t group = 0; group < kServiceCount && count > 0; ++group) {
      for (std::uint64_t i = Below(count + 1); i > 0; --i, --count) {
        const std::int64_t date = features.empty() || OneIn(2) ? Time() : features.back().create_date;
        features.push_back({static_cast<std::uint8_t>(group), OneIn(4) ? Integer() : static_cast<std::int64_t>(Below(400)),
                            OneIn(3) ? Text() : "CDN logs", static_cast<std::uint8_t>(Below(kServiceCount)), date, Integer()});
      }
    }
  }

  void Scalar(const FieldDef& def) {
    if (def.nullable && OneIn(3)) return sample_.SetNull(def.field);
    switch (def.kind) {
      case FieldKind::kInteger: return sample_.SetInteger(def.field, Integer());
      case FieldKind::kText: return sample_.SetText(def.field, std::string(Text()));
      case FieldKind::kWord: return sample_.SetInteger(def.field, static_cast<std::int64_t>(Below(def.words.size())));
      case FieldKind::kCountry: return sample_.SetInteger(def.field, static_cast<std::int64_t>(Below(kCountryCount)));
      case FieldKind::kBoolean: return sample_.SetInteger(def.field, static_cast<std::int64_t>(Below(2)));
      case FieldKind::kTime: return sample_.SetInteger(def.field, Time());
      case FieldKind::kNumber: return sample_.SetNumber(def.field, OneIn(2) ? "1000.250" : std::to_string(Integer()) + "e-7");
      default: return;
    }
  }

 private:
  SampleRecord& sample_;
  std::mt19937_64& random_;
};

}  // namespace

SampleRecord::SampleRecord(std::int64_t id) {
  for (const FieldDef& def : Fields()) {
    if (def.kind == FieldKind::kBoolean || def.kind == FieldKind::kWord) {
      record[def.field].is_null = def.nullable;
      record[def.field].integer = def.default_value;
    }
  }
  SetInteger(Field::kId, id);
  SetText(Field::kEmail, "sales@firma.example");
  SetInteger(Field::kStatus, 3);
  SetText(Field::kCompanyName, "Firma");
  SetInteger(Field::kCreatedAt, 1'693'549'416'000'000);
}

void SampleRecord::SetText(Field field, std::string text) {
  record[field] = {};
  record[field].is_null = false;
  record[field].text = Keep(std::move(text));
}

void SampleRecord::SetNumber(Field field, std::string spelling) {
  const double number = std::stod(spelling);
  SetText(field, std::move(spelling));
  record[field].number = number;
}

void SampleRecord::SetInteger(Field field, std::int64_t value) {
  record[field] = {};
  record[field].is_null = false;
  record[field].integer = value;
}

UserValue& SampleRecord::AddUser(std::int64_t id, std::string email) {
  UserValue user;
  user.id = id;
  user.email = Keep(std::move(email));
  user.lang = "en";
  user.company = record[Field::kCompanyName].text;
  user.client_is_null = false;
  user.client = record.id();
  record.users.resize(record.user_count);
  record.users.push_back(user);
  ++record.user_count;
  return record.users.back();
}

void FillAtRandom(SampleRecord& sample, std::mt19937_64& random) {
  RandomValues values(sample, random);
  ClientRecord& record = sample.record;
  for (const FieldDef& def : Fields()) values.Scalar(def);
  record.user_count = values.OneIn(20) ? 300 : values.Below(4);
  for (std::size_t i = 0; i < record.user_count; ++i) record.users.push_back(values.User(record));
  record.users.resize(record.user_count + values.Below(3));  // Those behind do not count.
  for (std::uint8_t service = 0; service < kServiceCount; ++service) {
    if (values.OneIn(2)) record.capabilities.push_back(service);
    if (values.OneIn(2)) {
      record.service_states.push_back({service, static_cast<std::uint8_t>(values.Below(kServiceStateCount)), values.OneIn(2)});
    }
    if (values.OneIn(3)) record.service_flags.push_back({service, values.OneIn(2)});
  }
  if (values.OneIn(4)) {
    std::shuffle(record.capabilities.begin(), record.capabilities.end(), random);
    std::shuffle(record.service_states.begin(), record.service_states.end(), random);
    std::shuffle(record.service_flags.begin(), record.service_flags.end(), random);
  }
  values.Features(record.paid_features);
  values.Features(record.free_features);
  for (std::uint64_t i = values.Below(4); i > 0; --i) record.hostnames.push_back(values.Text());
  if (values.OneIn(3)) record.unknown_members = R"("x":{"deep":[1,2.50,"ü\n",null]},"big":9007199254740993)";
  for (const FieldDef& def : Fields()) {
    if (def.kind >= FieldKind::kTextList && values.OneIn(20))
      record.verbatim[static_cast<std::size_t>(def.field)] = R"([{"odd":1.0}])";
  }
}

std::string PlainJson(const ClientRecord& record, std::uint64_t fields) {
  std::vector<std::string> members;
  for (const FieldDef& def : Fields()) {
    const std::size_t i = static_cast<std::size_t>(def.field);
    if ((fields >> i & 1) == 0) continue;
    const bool is_composite = def.kind >= FieldKind::kTextList;
    const std::string value = !record.verbatim[i].empty() ? std::string(record.verbatim[i])
                              : is_composite              ? CompositeJson(def.field, record)
                                                          : ScalarJson(def, record[def.field]);
    members.push_back("\"" + std::string(def.name) + "\":" + value);
  }
  const std::uint64_t all = (std::uint64_t{1} << kFieldCount) - 1;
  if ((fields & all) == all && !record.unknown_members.empty()) members.emplace_back(record.unknown_members);
  return Joined('{', members, '}');
}

}  // namespace clientele
