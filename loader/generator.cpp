#include "loader/generator.h"

#include <cassert>

#include "loader/generator_draft.h"

namespace clientele {
namespace {

constexpr std::uint64_t kClientPurpose = 1;

// Longest record: five users of 700 bytes, ten features of 200, and the rest below 4 KB.
constexpr std::size_t kRecordBytesMax = 16 * 1024;

constexpr std::uint32_t kUserIdsPerClient = 6;  // User k of client c has the id 6c + k.

// Writes one client's record. `d` is decided; what nothing else depends on is drawn on the way.
class RecordWriter {
 public:
  RecordWriter(const GeneratorDraft& draft, RandomStream& random, JsonWriter& json) : d(draft), r(random), j(json) {}

  void Write() {
    j.Literal("{\"id\":");
    j.Integer(d.id);
    DrawPhone();
    WriteUsers();
    WriteContact();
    WriteServices();
    WriteFeatures<true>();
    WriteFeatures<false>();
    WriteAccount();
    WriteTraffic();
    WriteHostnames();
    WriteAvailability();
    j.Literal("}\n");
  }

 private:
  const Country& country() const { return GeneratedCountries()[d.country]; }

  void IntegerOrNull(std::uint64_t number) { number == 0 ? j.Null() : j.Integer(number); }

  // "+49 151 234 5678" in one of the ways that people write numbers. American ones use the area code 555, which nobody has.
  void DrawPhone() {
    phone_.Clear();
    const std::uint32_t form = r.Below(4);
    const std::string_view gap = form == 0 ? "" : form == 1 ? "-" : " ";
    phone_.Append('+');
    phone_.Append(country().phone_prefix);
    phone_.Append(gap);
    const std::uint64_t bits = r.Next();
    phone_.AppendNumber(country().phone_prefix == "1" ? 555 : 100 + bits % 900);
    phone_.Append(gap);
    phone_.AppendNumber(100 + (bits >> 16) % 900);
    phone_.Append(gap);
    phone_.AppendNumber(1000 + (bits >> 32) % 9000);
  }

  std::string_view DrawLanguage() {
    const std::uint32_t kind = r.Below(100);
    return kind < 62 ? country().language : kind < 96 ? "en" : kind < 98 ? "ru" : "de";
  }

  void WriteUsers() {
    static const WeightedPick kUserCount{60, 22, 10, 5, 3};
    const std::uint32_t count = 1 + kUserCount(r);
    j.Literal(",\"users\":[");
    for (std::uint32_t k = 0; k < count; ++k) {
      if (k != 0) j.Literal(",");
      WriteUser(k);
    }
    j.Literal("]");
    user_count_ = count;
  }

  void WriteUser(std::uint32_t k) {
    // The first user is the contact, mostly.
    const bool contact = k == 0 && r.PerMille(920);
    if (!contact) {
      MakePerson(r, country(), d.native && r.PerMille(850), other_);
      const bool crowded = r.PerMille(d.has_company ? 200 : 800);
      const std::string_view domain = crowded ? MailProviders()[GeneratorTables::Get().providers(r)] : d.company.domain.view();
      MakeMailAddress(r, other_, domain, crowded, other_email_);
    }
    j.Literal("{\"id\":");
    j.Integer(d.id * kUserIdsPerClient + k);
    j.Literal(",\"email\":");
    j.PlainText(contact ? d.email.view() : other_email_.view());
    j.Literal(",\"name\":");
    if (r.PerMille(40)) {
      j.Null();
    } else {
      j.PlainText(contact ? d.contact.name.view() : other_.name.view());
    }
    j.Literal(",\"lang\":");
    j.PlainText(DrawLanguage());
    j.Literal(",\"phone\":");
    if (contact && r.PerMille(700)) {
      j.PlainText(phone_.view());
    } else {
      j.Null();
    }
    j.Literal(",\"company\":");
    j.PlainText(d.company_json.view());
    j.Literal(",\"reseller\":");
    IntegerOrNull(d.reseller);
    j.Literal(",\"client\":");
    j.Integer(d.id);
    const bool deleted = k != 0 && r.PerMille(90);
    const bool activated = d.activated && (k == 0 || r.PerMille(800));
    j.Literal(",\"deleted\":");
    j.Bool(deleted);
    const bool admin = WriteGroups(k);
    has_active_admin_ = has_active_admin_ || (admin && activated && !deleted);
    j.Literal(",\"activated\":");
    j.Bool(activated);
    WriteSignIn();
  }

  // Returns whether the user is an administrator.
  bool WriteGroups(std::uint32_t k) {
    static constexpr std::string_view kGroups[] = {"{\"id\":1,\"name\":\"Administrators\"}",
                                                   "{\"id\":2,\"name\":\"Users\"}",
                                                   "{\"id\":5,\"name\":\"Engineers\"}",
                                                   "{\"id\":3009,\"name\":\"Purge and Prefetch only (API+Web)\"}",
                                                   "{\"id\":3022,\"name\":\"Purge and Prefetch only (API)\"}",
                                                   "{\"id\":7,\"name\":\"Billing\"}"};
    static const WeightedPick kLaterUser{30, 34, 22, 4, 3, 7};
    j.Literal(",\"groups\":[");
    const std::uint32_t group = k == 0 && r.PerMille(960) ? 0 : kLaterUser(r);
    j.Raw(kGroups[group]);
    if (group == 2 && r.PerMille(250)) {
      j.Literal(",");
      j.Raw(kGroups[5]);
    }
    j.Literal("]");
    return group == 0;
  }

  void WriteSignIn() {
    static constexpr std::string_view kAuthTypes[] = {"\"password\"",      "\"password\",\"google-oauth2\"", "\"sso\"",
                                                      "\"google-oauth2\"", "\"password\",\"github\"",        "\"github\""};
    static const WeightedPick kAuth{780, 80, 50, 45, 30, 15};
    const std::uint32_t auth = kAuth(r);
    j.Literal(",\"sso_auth\":");
    j.Bool(auth == 2);
    j.Literal(",\"two_fa\":");
    j.Bool(r.PerMille(180));
    j.Literal(",\"auth_types\":[");
    j.Raw(kAuthTypes[auth]);
    j.Literal("]}");
  }

  void WriteContact() {
    j.Literal(",\"email\":");
    j.PlainText(d.email.view());
    j.Literal(",\"phone\":");
    if (r.PerMille(250)) {
      j.Null();
    } else {
      j.PlainText(phone_.view());
    }
    j.Literal(",\"name\":");
    if (r.PerMille(30)) {
      j.Null();
    } else {
      j.PlainText(d.contact.name.view());
    }
    j.Literal(",\"status\":");
    j.PlainText(Def(Field::kStatus).words[d.status]);
    j.Literal(",\"companyName\":");
    j.PlainText(d.company_json.view());
    j.Literal(",\"website\":");
    if (r.PerMille(d.has_company ? 120 : 800)) {
      j.Null();
    } else {
      j.Literal("\"https://www.");
      j.Raw(d.company.domain.view());
      j.Literal("\"");
    }
    j.Literal(",\"currentUser\":");
    if (r.PerMille(400)) {
      j.Null();
    } else {
      j.Integer(d.id * kUserIdsPerClient + (r.PerMille(900) ? 0 : r.Below(user_count_)));
    }
  }

  void WriteServices() {
    j.Literal(",\"capabilities\":[");
    bool first = true;
    for (std::size_t i = 0; i < kServiceCount; ++i) {
      const std::uint8_t state = d.services[i].state;
      const bool may_use = state != kServiceAbsent && kServiceStateWords[state] != "deleted";
      if (!may_use && !(i < 2 && r.PerMille(300))) continue;
      if (!first) j.Literal(",");
      first = false;
      j.PlainText(kServiceNames[i]);
    }
    j.Literal("],\"serviceStatuses\":{");
    first = true;
    for (std::size_t i = 0; i < kServiceCount; ++i) {
      if (d.services[i].state == kServiceAbsent) continue;
      if (!first) j.Literal(",");
      first = false;
      j.PlainText(kServiceNames[i]);
      j.Literal(":{\"status\":");
      j.PlainText(kServiceStateWords[d.services[i].state]);
      j.Literal(",\"enabled\":");
      j.Bool(d.services[i].enabled);
      j.Literal("}");
    }
    j.Literal("}");
  }

  template <bool kPaid>
  void WriteFeatures() {
    if constexpr (kPaid) {
      j.Literal(",\"paidFeatures\":{");
    } else {
      j.Literal(",\"freeFeatures\":{");
    }
    std::size_t open_service = kServiceCount;
    for (std::uint32_t i = 0; i < d.feature_count; ++i) {
      const DraftFeature& assigned = d.features[i];
      if (assigned.paid != kPaid) continue;
      const Feature& feature = GeneratedFeatures()[assigned.feature_id - 1];
      if (open_service != feature.service) {
        if (open_service != kServiceCount) j.Literal("],");
        open_service = feature.service;
        j.PlainText(kServiceNames[open_service]);
        j.Literal(":[");
      } else {
        j.Literal(",");
      }
      j.Literal("{\"feature_id\":");
      j.Integer(assigned.feature_id);
      j.Literal(",\"name\":");
      j.PlainText(feature.name);
      j.Literal(",\"service\":");
      j.PlainText(kServiceNames[open_service]);
      j.Literal(",\"create_date\":");
      GeneratorTables::Get().calendar.Write(assigned.create_second, 0, j);
      if constexpr (kPaid) {
        j.Literal(",\"paid_feature_id\":");
      } else {
        j.Literal(",\"free_feature_id\":");
      }
      j.Integer(assigned.link_id);
      j.Literal("}");
    }
    if (open_service != kServiceCount) j.Literal("]");
    j.Literal("}");
  }

  void WriteAccount() {
    WriteEntry();
    j.Literal(",\"deleted\":");
    j.Bool(d.deleted);
    j.Literal(",\"bill_type\":");
    static constexpr std::string_view kBillTypes[] = {"\"postpaid\"", "\"prepaid\"", "\"card\"", "\"invoice\"",
                                                      "\"free\"",     "\"Prepaid\"", "null"};
    static const WeightedPick kBillType{400, 270, 110, 60, 40, 10, 110};
    j.Raw(kBillTypes[kBillType(r)]);
    WriteCustomId();
    j.Literal(",\"country_code\":");
    if (d.country_known) {
      j.PlainText(country().code);
    } else {
      j.Null();
    }
    j.Literal(",\"is_test\":");
    j.Bool(d.is_test);
    j.Literal(",\"has_active_admin\":");
    j.Bool(has_active_admin_);
    j.Literal(",\"seller\":");
    IntegerOrNull(d.seller);
    j.Literal(",\"resellers\":");
    IntegerOrNull(d.reseller);
    j.Literal(",\"client_type\":");
    j.PlainText(Def(Field::kClientType).words[d.client_type]);
    j.Literal(",\"owner\":");
    // An account manager: of the reseller, else one of the house.
    IntegerOrNull(r.PerMille(550) ? 0 : d.reseller != 0 ? 1000 + d.reseller * 5 + r.Below(3) : 101 + r.BelowSkewed(40));
    j.Literal(",\"created_at\":");
    GeneratorTables::Get().calendar.Write(d.created_second, d.created_microseconds, j);
    j.Literal(",\"activated\":");
    j.Bool(d.activated);
    j.Literal(",\"promocode\":");
    if (r.PerMille(800)) {
      j.Null();
    } else {
      j.PlainText(PromoCodes()[GeneratorTables::Get().promo_codes(r)]);
    }
  }

  void WriteEntry() {
    j.Literal(",\"entryBaseDomain\":");
    if (r.PerMille(120)) {
      j.Null();
    } else if (d.reseller != 0) {
      // Every reseller has a panel of its own.
      j.Literal("\"panel.reseller");
      j.Integer(d.reseller);
      j.Literal(".example\"");
    } else {
      j.PlainText(r.PerMille(800) ? "portal.clientele.example" : "clientele.example");
    }
    j.Literal(",\"signup_process\":");
    const std::uint32_t process = r.Below(100);
    j.Raw(process < 48 ? "\"sign_up_full\"" : process < 90 ? "\"sign_up_simple\"" : "null");
  }

  void WriteCustomId() {
    j.Literal(",\"custom_id\":");
    const std::uint32_t form = r.Below(1000);
    if (form < 500) {
      j.Null();
      return;
    }
    if (form < 700) {
      j.Literal("\"CRM-");
      j.Integer(1'000'000 + d.id);
    } else if (form < 850) {
      j.Literal("\"");
      std::uint64_t bits = Mix64(d.id);
      for (int i = 0; i < 12; ++i, bits >>= 4) j.Raw(std::string_view("0123456789abcdef").substr(bits & 15, 1));
    } else if (form < 950) {
      j.Literal("\"");
      j.Integer(10'000 + d.id);
    } else {
      j.Literal("\"Acc/");
      j.Raw(country().code);
      j.Literal("/");
      j.Integer(d.id);
    }
    j.Literal("\"");
  }

  void WriteTraffic() {
    static constexpr std::string_view kPlans[] = {"100", "1000",  "50",   "500",  "10",    "5000",   "1",
                                                  "250", "10000", "1500", "2000", "50000", "100000", "0"};
    static const WeightedPick kPlan{200, 180, 120, 110, 90, 70, 60, 50, 40, 30, 20, 15, 10, 5};
    j.Literal(",\"allowed_traffic_gb\":");
    const std::uint32_t kind = r.Below(1000);
    if (kind < 150) {
      j.Null();
    } else if (kind < 870) {
      j.Raw(kPlans[kPlan(r)]);
    } else if (kind < 940) {
      j.Integer(1 + r.BelowSkewed(20'000));
    } else {
      j.Integer(r.BelowSkewed(5'000));
      j.Literal(".");
      j.Integer(1 + r.Below(9));
    }
  }

  void WriteHostnames() {
    static constexpr std::string_view kHosts[] = {"cdn",      "static", "media",  "assets", "img",  "video",
                                                  "download", "files",  "images", "cdn2",   "edge", "live"};
    static const WeightedPick kHostnameCount{60, 24, 11, 5};
    j.Literal(",\"secondary_hostnames\":[");
    const std::uint32_t count = kHostnameCount(r);
    const std::uint32_t start = r.BelowSkewed(12);
    for (std::uint32_t k = 0; k < count; ++k) {
      j.Raw(k == 0 ? "\"" : ",\"");
      j.Raw(kHosts[(start + k * 5) % 12]);
      if (r.PerMille(150)) j.Integer(1 + r.Below(30));
      j.Literal(".");
      j.Raw(d.company.domain.view());
      j.Literal("\"");
    }
    j.Literal("]");
  }

  void WriteAvailability() {
    j.Literal(",\"personal_product_availability\":{");
    if (r.PerMille(220)) {
      bool first = true;
      for (std::size_t i = 0; i < kServiceCount; ++i) {
        if (!r.PerMille(220)) continue;
        if (!first) j.Literal(",");
        first = false;
        j.PlainText(kServiceNames[i]);
        j.Literal(":");
        j.Bool(r.PerMille(750));
      }
    }
    j.Literal("}");
  }

  const GeneratorDraft& d;
  RandomStream& r;
  JsonWriter& j;
  BoundedText<32> phone_;
  GeneratedPerson other_;
  MailAddress other_email_;
  std::uint32_t user_count_ = 0;
  bool has_active_admin_ = false;
};

}  // namespace

Generator::Generator(std::uint64_t seed, std::uint64_t client_count) : seed_(seed), client_count_(client_count) {
  assert(client_count <= std::uint64_t{1} << 32);
}

void Generator::AppendClient(std::uint64_t index, std::string& out) const {
  assert(index < client_count_);
  RandomStream random(seed_, kClientPurpose, index);
  GeneratorDraft draft;
  MakeDraft(seed_, client_count_, index, random, draft);
  std::array<char, kRecordBytesMax> buffer;
  JsonWriter json(buffer.data(), buffer.data() + buffer.size());
  RecordWriter(draft, random, json).Write();
  out.append(json.view());
}

}  // namespace clientele
