#include "tests/engine/random_clients.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <unordered_set>

#include "index/date_time.h"
#include "index/schema.h"
#include "tests/engine/random_text.h"

namespace clientele {
namespace {

constexpr std::int64_t kYear = 365LL * 86'400'000'000;

std::int64_t RandomTime(Random& random) {
  if (random.Chance(20)) return random.Chance(500) ? kTimeMin : kTimeMax;
  if (random.Chance(20)) return static_cast<std::int64_t>(random.Below(3)) - 1;  // Round 1970.
  std::int64_t time = 44 * kYear + static_cast<std::int64_t>(random.Below(10 * kYear));
  if (random.Chance(700)) time -= time % 1'000'000;
  if (random.Chance(200)) time -= time % 86'400'000'000;
  return time;
}

template <typename Items>
void Shuffle(Items& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.Below(i)]);
}

// Writes the members of one client.
class RecordWriter {
 public:
  RecordWriter(const WorldShape& shape, Random& random) : shape_(shape), random_(random) {}

  std::string Write(std::int64_t id) {
    Add("id", std::to_string(id));
    if (random_.Chance(900)) Add("users", List(UserCount(), [&](std::uint64_t i) { return User(i); }));
    Add("email", Text());
    Nullable("phone", [&] { return Text(); });
    Nullable("name", [&] { return Text(); });
    Add("status", Word(Field::kStatus));
    Add("companyName", Text());
    Nullable("website", [&] { return Text(); });
    Nullable("currentUser", [&] { return Integer(); });
    if (random_.Chance(500))
      Add("capabilities", List(random_.Below(4), [&](std::uint64_t i) { return Quoted(kServiceNames[2 * i]); }));
    if (random_.Chance(900)) Add("serviceStatuses", ServiceStates());
    if (random_.Chance(800)) Add("paidFeatures", Features("paid_feature_id"));
    if (random_.Chance(800)) Add("freeFeatures", Features("free_feature_id"));
    Nullable("entryBaseDomain", [&] { return Text(); });
    Nullable("signup_process", [&] { return Word(Field::kSignupProcess); });
    Defaulted("deleted", [&] { return Boolean(Slot(Field::kDeleted)); });
    Nullable("bill_type", [&] { return SmallText(); });
    Nullable("custom_id", [&] { return Text(); });
    Nullable("country_code", [&] { return Country(); });
    Defaulted("is_test", [&] { return Boolean(Slot(Field::kIsTest)); });
    Defaulted("has_active_admin", [&] { return Boolean(Slot(Field::kHasActiveAdmin)); });
    Nullable("seller", [&] { return Integer(); });
    Nullable(random_.Chance(100) ? "reseller" : "resellers", [&] { return Integer(); });
    Defaulted("client_type", [&] { return Word(Field::kClientType); });
    Nullable("owner", [&] { return Integer(); });
    Add(random_.Chance(100) ? "created" : "created_at", Time(random_.Pick(shape_.times)));
    Defaulted("activated", [&] { return Boolean(Slot(Field::kActivated)); });
    Nullable("promocode", [&] { return SmallText(); });
    Nullable("allowed_traffic_gb", [&] { return Number(); });
    if (random_.Chance(700)) Add("secondary_hostnames", List(random_.Below(3), [&](std::uint64_t) { return Text(); }));
    if (random_.Chance(700)) Add("personal_product_availability", ServiceFlags());
    if (random_.Chance(50))
      Add("x_unknown", "{\"big\":123456789012345678901234567890,\"exact\":1.10,\"deep\":[null,true,\"\\u0000\"]}");
    return Joined();
  }

 private:
  using Value = std::function<std::string()>;

  void Add(std::string_view name, const std::string& json) { members_.push_back("\"" + std::string(name) + "\":" + json); }

  void Nullable(std::string_view name, const Value& value) {
    if (!random_.Chance(shape_.null_per_mille)) return Add(name, value());
    if (random_.Chance(500)) Add(name, "null");  // Otherwise absent, which is the same.
  }

  void Defaulted(std::string_view name, const Value& value) {
    if (random_.Chance(900)) Add(name, value());
  }

  std::string Joined() {
    if (shape_.shuffled_members) Shuffle(members_, random_);
    std::string json = "{";
    for (const std::string& member : members_) json += (json.size() > 1 ? "," : "") + member;
    return json + "}";
  }

  std::string List(std::uint64_t count, const std::function<std::string(std::uint64_t)>& item) {
    std::string json = "[";
    for (std::uint64_t i = 0; i < count; ++i) json += (i > 0 ? "," : "") + item(i);
    return json + "]";
  }

  static std::string Quoted(std::string_view plain) { return "\"" + std::string(plain) + "\""; }

  static std::size_t Slot(Field field) { return static_cast<std::size_t>(field); }

  // 0 .. count - 1, by one of the world's skews.
  std::uint64_t Skewed(std::uint64_t count, std::size_t slot) {
    const WorldShape::Skew& skew = shape_.skews[slot % kSkewCount];
    const double uniform = static_cast<double>(random_.Next() >> 11) * 0x1p-53;
    const auto distance = static_cast<std::uint64_t>(static_cast<double>(count) * std::pow(uniform, skew.power));
    return (skew.favourite + std::min(count - 1, distance)) % count;
  }

  std::string RawText() {
    std::string text =
        shape_.texts.empty() ? RandomText(random_) : shape_.texts[Skewed(shape_.texts.size(), Slot(Field::kCompanyName))];
    if (shape_.lean && random_.Chance(300)) text += std::to_string(random_.Below(100'000));
    return random_.Chance(shape_.other_case_per_mille) ? WithOtherCase(text, random_) : text;
  }

  std::string Json(std::string_view text) {
    std::string json;
    AppendJsonString(text, random_, json);
    return json;
  }

  std::string Text() { return Json(RawText()); }

  // A text of few distinct values.
  std::string SmallText() {
    static constexpr std::string_view kTexts[] = {"PrePaid",     "prepaid",     "POSTPAID", "",
                                                  "Stra\u00DFe", "STRA\u1E9EE", "k",        "\u212A"};
    return random_.Chance(50) ? Text() : Json(kTexts[Skewed(std::size(kTexts), Slot(Field::kPromocode))]);
  }

  std::string Word(Field field) { return Quoted(Def(field).words[Skewed(Def(field).words.size(), Slot(field))]); }

  std::string Country() {
    const std::uint64_t code = random_.Chance(20) ? random_.Below(kCountryCount) : Skewed(40, Slot(Field::kCountryCode)) * 16;
    return Quoted(std::string{static_cast<char>('A' + code / 26), static_cast<char>('A' + code % 26)});
  }

  std::string Boolean(std::size_t slot) { return Skewed(2, slot) == 0 ? "false" : "true"; }

  std::string Integer() {
    if (random_.Chance(10)) return "9223372036854775807";
    if (random_.Chance(10)) return std::to_string(random_.Below(1'000'000'000'000));
    return std::to_string(Skewed(30, Slot(Field::kSeller)));
  }

  std::string Number() {
    static constexpr std::string_view kNumbers[] = {"0",
                                                    "100",
                                                    "100.0",
                                                    "1e2",
                                                    "0.1",
                                                    "0.10",
                                                    "2.5",
                                                    "-0",
                                                    "-1.5",
                                                    "1e-7",
                                                    "9007199254740993",
                                                    "9007199254740992",
                                                    "12345678901234567890",
                                                    "1.7976931348623157e308",
                                                    "5e-324"};
    if (random_.Chance(100)) return std::to_string(random_.Below(100'000)) + "." + std::to_string(random_.Below(1000));
    return std::string(random_.Pick(kNumbers));
  }

  std::string Time(std::int64_t time) {
    std::string text;
    AppendRfc3339(time, text);
    if (random_.Chance(30)) text.replace(text.size() - 1, 1, "+00:00");
    return Quoted(text);
  }

  std::uint64_t UserCount() {
    if (shape_.lean) return random_.Below(2);
    return random_.Chance(2) ? random_.Between(100, 400) : random_.Below(4);
  }

  std::string User(std::uint64_t i) {
    std::string json = "{\"id\":" + std::to_string(i + 1) + ",\"email\":" + Text();
    if (random_.Chance(900)) json += ",\"name\":" + (random_.Chance(shape_.null_per_mille) ? "null" : Text());
    json += ",\"lang\":\"en\"";
    if (random_.Chance(500)) json += ",\"phone\":null";
    json += ",\"company\":" + (shape_.lean ? "\"c\"" : Text()) + ",\"reseller\":1,\"client\":2,\"deleted\":" + Boolean(0);
    json += ",\"groups\":[{\"id\":1,\"name\":\"Users\"}],\"activated\":" + Boolean(0) + ",\"sso_auth\":false,\"two_fa\":true";
    return json + ",\"auth_types\":[\"password\"]}";
  }

  std::string ServiceStates() {
    std::string json = "{";
    for (std::size_t service = 0; service < kServiceCount; ++service) {
      if (random_.Chance(400)) continue;
      json += (json.size() > 1 ? "," : "") + Quoted(kServiceNames[service]) +
              ":{\"status\":" + Quoted(kServiceStateWords[Skewed(kServiceStateCount, service)]) + ",\"enabled\":" + Boolean(0) +
              "}";
    }
    return json + "}";
  }

  std::string ServiceFlags() {
    std::string json = "{";
    for (std::size_t service = 0; service < kServiceCount; ++service) {
      if (random_.Chance(600)) continue;
      json += (json.size() > 1 ? "," : "") + Quoted(kServiceNames[service]) + ":" + Boolean(service);
    }
    return json + "}";
  }

  std::string Feature(std::string_view service, std::string_view link) {
    const std::string id = random_.Chance(5) ? std::to_string(random_.Below(1'000'000'000'000))
                                             : std::to_string(Skewed(40, Slot(Field::kPaidFeatures)));
    return "{\"feature_id\":" + id + ",\"name\":\"feature\",\"service\":" + Quoted(service) +
           ",\"create_date\":\"2024-02-11T08:30:00Z\"," + Quoted(link) + ":" + std::to_string(random_.Below(1'000'000)) + "}";
  }

  std::string Features(std::string_view link) {
    std::string json = "{";
    for (std::size_t service = 0; service < kServiceCount; ++service) {
      if (random_.Chance(shape_.lean ? 950 : 800)) continue;
      json += (json.size() > 1 ? "," : "") + Quoted(kServiceNames[service]) + ":" +
              List(random_.Between(1, 2), [&](std::uint64_t) { return Feature(kServiceNames[service], link); });
    }
    return json + "}";
  }

  const WorldShape& shape_;
  Random& random_;
  std::vector<std::string> members_;
};

std::vector<std::string> RandomTexts(std::uint64_t count, bool lean, Random& random) {
  std::vector<std::string> texts;
  while (texts.size() < count) {
    std::string text = RandomText(random);
    if (!lean || text.size() < 40) texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<std::int64_t> RandomTimes(std::uint64_t count, Random& random) {
  std::vector<std::int64_t> times;
  while (times.size() < count) times.push_back(RandomTime(random));
  return times;
}

void DrawSkews(WorldShape& shape, Random& random) {
  static constexpr double kPowers[] = {1, 1, 3, 8, 30, 300, 20'000};
  for (WorldShape::Skew& skew : shape.skews) skew = {random.Pick(kPowers), random.Next()};
}

}  // namespace

WorldShape RandomShape(Random& random, std::uint32_t client_count_max) {
  static constexpr std::uint32_t kCounts[] = {0, 1, 2, 5, 30, 64, 65, 200, 200, 500, 500, 1000, 3000};
  static constexpr std::uint64_t kDistinct[] = {1, 3, 20, 300};
  static constexpr std::uint64_t kNulls[] = {0, 30, 300, 1000};
  WorldShape shape;
  shape.client_count = std::min(random.Pick(kCounts), client_count_max);
  if (random.Chance(700)) shape.texts = RandomTexts(random.Pick(kDistinct), false, random);
  shape.times = RandomTimes(random.Chance(300) ? 10'000 : random.Pick(kDistinct), random);
  shape.null_per_mille = random.Pick(kNulls);
  DrawSkews(shape, random);
  shape.other_case_per_mille = random.Chance(500) ? 400 : 0;
  shape.shuffled_members = random.Chance(200);
  return shape;
}

WorldShape LargeShape(Random& random, std::uint32_t client_count) {
  WorldShape shape;
  shape.client_count = client_count;
  shape.lean = true;
  shape.texts = RandomTexts(random.Chance(500) ? 8 : 400, true, random);
  shape.times = RandomTimes(random.Chance(500) ? 50 : 1'000'000, random);
  shape.null_per_mille = random.Chance(500) ? 20 : 500;
  DrawSkews(shape, random);
  shape.other_case_per_mille = 100;
  return shape;
}

std::vector<std::int64_t> RandomIds(std::uint32_t count, Random& random) {
  std::vector<std::int64_t> ids;
  const bool dense = random.Chance(500);
  const std::uint64_t greatest = dense ? 0 : random.Chance(500) ? 10ULL * count + 10 : std::numeric_limits<std::int64_t>::max();
  std::unordered_set<std::int64_t> seen;
  if (count > 0 && random.Chance(100)) seen.insert(std::numeric_limits<std::int64_t>::max());
  ids.assign(seen.begin(), seen.end());
  for (std::int64_t next = 1; ids.size() < count;) {
    const std::int64_t id = dense ? next++ : static_cast<std::int64_t>(random.Between(1, greatest));
    if (seen.insert(id).second) ids.push_back(id);
  }
  if (random.Chance(800)) Shuffle(ids, random);
  return ids;
}

std::string RandomClientJson(const WorldShape& shape, std::int64_t id, Random& random) {
  return RecordWriter(shape, random).Write(id);
}

}  // namespace clientele
