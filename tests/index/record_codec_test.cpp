#include "index/record_codec.h"

#include <random>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "index/date_time.h"
#include "index/record_dictionaries.h"
#include "index/record_format.h"
#include "tests/index/sample_record.h"

namespace clientele {
namespace {

constexpr std::uint64_t kAll = (std::uint64_t{1} << kFieldCount) - 1;

std::uint64_t Bit(Field field) {
  return std::uint64_t{1} << static_cast<std::size_t>(field);
}

// Bytes of one record in memory of exactly their size, so that AddressSanitizer sees a read behind their end.
std::vector<std::uint8_t> Exact(std::string_view bytes) {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {begin, begin + bytes.size()};
}

// An encoder with dictionaries of its own.
struct Codec {
  explicit Codec(std::uint32_t capacity = RecordDictionaries::kCapacity)
      : dictionaries(std::make_shared<RecordDictionaries>(capacity)), encoder(dictionaries) {}

  std::vector<std::uint8_t> Encode(const ClientRecord& record) {
    std::string bytes;
    encoder.Append(record, bytes);
    return Exact(bytes);
  }
  std::string Render(const std::vector<std::uint8_t>& bytes, std::uint64_t fields = kAll) const {
    std::string json;
    RenderRecord(*dictionaries, bytes.data(), fields, json);
    return json;
  }
  // Four times, since texts enter the dictionaries when they are met again: each form of a record must give the same JSON.
  void CheckRoundTrip(const ClientRecord& record) {
    const std::string expected = PlainJson(record, kAll);
    for (int i = 0; i < 4; ++i) {
      const std::vector<std::uint8_t> bytes = Encode(record);
      CHECK(EncodedLength(bytes.data()) == bytes.size());
      CHECK(Render(bytes) == expected);
    }
  }

  std::shared_ptr<RecordDictionaries> dictionaries;
  RecordEncoder encoder;
};

std::string FieldJson(const Codec& codec, const std::vector<std::uint8_t>& bytes, Field field) {
  return codec.Render(bytes, Bit(field));
}

TEST_CASE("a record of only the required members renders all others as null, empty or their default", "[index][record_codec]") {
  Codec codec;
  const SampleRecord sample(7);
  CHECK(codec.Render(codec.Encode(sample.record)) ==
        R"({"id":7,"users":[],"email":"sales@firma.example","phone":null,"name":null,"status":"active","companyName":"Firma",)"
        R"("website":null,"currentUser":null,"capabilities":[],"serviceStatuses":{},"paidFeatures":{},"freeFeatures":{},)"
        R"("entryBaseDomain":null,"signup_process":null,"deleted":false,"bill_type":null,"custom_id":null,"country_code":null,)"
        R"("is_test":false,"has_active_admin":false,"seller":null,"resellers":null,"client_type":"common","owner":null,)"
        R"("created_at":"2023-09-01T06:23:36Z","activated":false,"promocode":null,"allowed_traffic_gb":null,)"
        R"("secondary_hostnames":[],"personal_product_availability":{}})");
}

TEST_CASE("a full record renders in the contract's order", "[index][record_codec]") {
  Codec codec;
  SampleRecord sample(1366957);
  ClientRecord& record = sample.record;
  sample.SetText(Field::kPhone, "+33 1 5550 0142");
  sample.SetText(Field::kName, "Søren \"de la\" Cruz");
  sample.SetText(Field::kWebsite, "https://www.firma.example");
  sample.SetInteger(Field::kCurrentUser, 13669570);
  sample.SetInteger(Field::kSignupProcess, 1);
  sample.SetInteger(Field::kCountryCode, *CountryCode("PL"));
  sample.SetInteger(Field::kResellers, 3);
  sample.SetInteger(Field::kCreatedAt, 1'693'549'416'999'999);
  sample.SetNumber(Field::kAllowedTrafficGb, "1000.250");
  UserValue& user = sample.AddUser(13669570, "u0.448@firma.example");
  user.has_name = true, user.name_is_null = false, user.name = "O'Neil";
  user.has_phone = true;
  user.reseller_is_null = false, user.reseller = 3;
  user.groups = {{1, "Administrators"}};
  user.activated = true;
  user.auth_types = {"password"};
  record.capabilities = {0, 5};
  record.service_states = {{0, 3, true}, {6, 5, false}};
  record.paid_features = {{0, 40, "CDN logs", 0, 1'707'640'200'000'000, 393710},
                          {5, 15, "GPU", 5, 1'707'640'200'000'000, 952486}};
  record.free_features = {{4, 44, "DNSSEC", 4, 1'707'640'200'500'000, 259098}};
  record.hostnames = {"cdn.firma.example", "other.example"};
  record.service_flags = {{1, true}, {4, false}};
  record.unknown_members = R"("x_unknown":{"deep":[1,2.50]})";
  const std::string expected =
      R"({"id":1366957,"users":[{"id":13669570,"email":"u0.448@firma.example","name":"O'Neil","lang":"en","phone":null,)"
      R"("company":"Firma","reseller":3,"client":1366957,"deleted":false,"groups":[{"id":1,"name":"Administrators"}],)"
      R"("activated":true,"sso_auth":false,"two_fa":false,"auth_types":["password"]}],"email":"sales@firma.example",)"
      R"("phone":"+33 1 5550 0142","name":"Søren \"de la\" Cruz","status":"active","companyName":"Firma",)"
      R"("website":"https://www.firma.example","currentUser":13669570,"capabilities":["CDN","CLOUD"],)"
      R"("serviceStatuses":{"CDN":{"status":"active","enabled":true},"INFRASTRUCTURE_PROTECTION":{"status":"activating","enabled":false}},)"
      R"("paidFeatures":{"CDN":[{"feature_id":40,"name":"CDN logs","service":"CDN","create_date":"2024-02-11T08:30:00Z","paid_feature_id":393710}],)"
      R"("CLOUD":[{"feature_id":15,"name":"GPU","service":"CLOUD","create_date":"2024-02-11T08:30:00Z","paid_feature_id":952486}]},)"
      R"("freeFeatures":{"DNS":[{"feature_id":44,"name":"DNSSEC","service":"DNS","create_date":"2024-02-11T08:30:00.500000Z","free_feature_id":259098}]},)"
      R"("entryBaseDomain":null,"signup_process":"sign_up_simple","deleted":false,"bill_type":null,"custom_id":null,"country_code":"PL",)"
      R"("is_test":false,"has_active_admin":false,"seller":null,"resellers":3,"client_type":"common","owner":null,)"
      R"("created_at":"2023-09-01T06:23:36.999999Z","activated":false,"promocode":null,"allowed_traffic_gb":1000.250,)"
      R"("secondary_hostnames":["cdn.firma.example","other.example"],"personal_product_availability":{"STORAGE":true,"DNS":false},)"
      R"("x_unknown":{"deep":[1,2.50]}})";
  for (int i = 0; i < 4; ++i) CHECK(codec.Render(codec.Encode(record)) == expected);
}

TEST_CASE("rendering appends, and one record may follow another", "[index][record_codec]") {
  Codec codec;
  std::string bytes;
  for (const std::int64_t id : {10, 20, 30}) codec.encoder.Append(SampleRecord(id).record, bytes);
  const std::vector<std::uint8_t> records = Exact(bytes);
  std::string json = "[";
  std::size_t at = 0;
  for (int i = 0; i < 3; ++i) {
    RenderRecord(*codec.dictionaries, records.data() + at, Bit(Field::kId), json);
    at += EncodedLength(records.data() + at);
  }
  CHECK(json == R"([{"id":10}{"id":20}{"id":30})");
  CHECK(at == records.size());
}

TEST_CASE("integers come back whatever their size", "[index][record_codec]") {
  Codec codec;
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{9}, std::int64_t{10}, std::int64_t{99'999'999},
        std::int64_t{100'000'000}, std::int64_t{1} << 55, std::int64_t{1} << 56, std::int64_t{9'007'199'254'740'993}, INT64_MAX,
        INT64_MIN, INT64_MIN + 1}) {
    SampleRecord sample(5);
    sample.SetInteger(Field::kSeller, value);
    const auto bytes = codec.Encode(sample.record);
    CHECK(FieldJson(codec, bytes, Field::kSeller) == "{\"seller\":" + std::to_string(value) + "}");
  }
  SampleRecord sample(INT64_MAX);
  sample.AddUser(INT64_MIN, "low@x.example").client = INT64_MIN;
  sample.AddUser(INT64_MAX, "high@x.example").client = -1;
  codec.CheckRoundTrip(sample.record);
}

TEST_CASE("texts with control characters, quotation marks and NULs come back escaped", "[index][record_codec]") {
  Codec codec;
  SampleRecord sample;
  sample.SetText(Field::kName, std::string("a\0b\"c\\d\b\f\n\r\t\x1f\x7f/ü", 17));
  const auto bytes = codec.Encode(sample.record);
  CHECK(FieldJson(codec, bytes, Field::kName) == "{\"name\":\"a\\u0000b\\\"c\\\\d\\b\\f\\n\\r\\t\\u001f\x7f/ü\"}");
  codec.CheckRoundTrip(sample.record);
}

TEST_CASE("texts of any length come back", "[index][record_codec]") {
  Codec codec;
  for (const std::size_t size : {0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 257, 1000, 8191, 8192, 8193, 100'000}) {
    SampleRecord sample;
    sample.SetText(Field::kEmail, std::string(size, 'e') + "@" + std::string(size, 'd'));
    sample.SetText(Field::kName, std::string(size, '"'));
    sample.SetText(Field::kWebsite, std::string(size, '7'));
    sample.AddUser(2, std::string(size, 'u') + "@" + std::string(size, 'd')).lang = sample.Keep(std::string(size, 'l'));
    sample.record.hostnames = {sample.Keep(std::string(size, 'h')), sample.Keep(std::string(size, 'h') + std::string(size, 'd'))};
    codec.CheckRoundTrip(sample.record);
  }
}

TEST_CASE("a text that ends with the client's own mail domain comes back", "[index][record_codec]") {
  Codec codec;
  for (const std::string email : {"a@firma.example", "firma.example", "@firma.example", "a@b@firma.example", "a@x", "a@", "",
                                  "a@fir\"ma.example", "sales@gmail.example"}) {
    SampleRecord sample;
    sample.SetText(Field::kEmail, email);
    sample.SetText(Field::kWebsite, "https://firma.example");
    sample.SetText(Field::kEntryBaseDomain, "firma.example");
    sample.SetText(Field::kCustomId, "ma.example");
    sample.AddUser(3, "b@firma.example");
    sample.AddUser(4, "b@fir\"ma.example");
    sample.AddUser(5, email);
    sample.record.hostnames = {"cdn.firma.example", "firma.example", "@firma.example", "b@gmail.example", "cdn.fir\"ma.example"};
    codec.CheckRoundTrip(sample.record);
  }
}

TEST_CASE("times come back to the microsecond, before 1970 and up to 9999", "[index][record_codec]") {
  Codec codec;
  const std::pair<std::int64_t, std::string> times[] = {
      {0, "1970-01-01T00:00:00Z"},
      {1, "1970-01-01T00:00:00.000001Z"},
      {-1, "1969-12-31T23:59:59.999999Z"},
      {1'693'549'416'120'000, "2023-09-01T06:23:36.120000Z"},
      {951'782'400'000'000, "2000-02-29T00:00:00Z"},
      {4'102'444'799'000'000, "2099-12-31T23:59:59Z"},
      {4'102'444'800'000'000, "2100-01-01T00:00:00Z"},
      {4'294'967'295'000'000, "2106-02-07T06:28:15Z"},
      {4'294'967'296'000'000, "2106-02-07T06:28:16Z"},
      {kTimeMin, "0001-01-01T00:00:00Z"},
      {kTimeMax, "9999-12-31T23:59:59.999999Z"},
  };
  for (const auto& [time, text] : times) {
    SampleRecord sample;
    sample.SetInteger(Field::kCreatedAt, time);
    sample.record.paid_features = {{0, 1, "one", 0, time, 1}, {0, 2, "two", 0, time + 1, 2}, {0, 3, "three", 0, time, 3}};
    CHECK(FieldJson(codec, codec.Encode(sample.record), Field::kCreatedAt) == "{\"created_at\":\"" + text + "\"}");
    codec.CheckRoundTrip(sample.record);
  }
}

TEST_CASE("every day from 1970 to 2110 is written as AppendRfc3339 writes it", "[index][record_codec]") {
  Codec codec;
  constexpr std::int64_t kDay = 86'400'000'000;
  for (std::int64_t day = 0; day < 51'200; ++day) {
    const std::int64_t time = day * kDay + day % 86'400 * 1'000'000 + day % 3;
    SampleRecord sample;
    sample.SetInteger(Field::kCreatedAt, time);
    std::string expected;
    AppendRfc3339(time, expected);
    REQUIRE(FieldJson(codec, codec.Encode(sample.record), Field::kCreatedAt) == "{\"created_at\":\"" + expected + "\"}");
  }
}

TEST_CASE("every word, country and boolean comes back", "[index][record_codec]") {
  Codec codec;
  for (const FieldDef& def : Fields()) {
    const std::int64_t count = def.kind == FieldKind::kWord      ? static_cast<std::int64_t>(def.words.size())
                               : def.kind == FieldKind::kCountry ? kCountryCount
                               : def.kind == FieldKind::kBoolean ? 2
                                                                 : 0;
    for (std::int64_t value = 0; value < count; ++value) {
      SampleRecord sample;
      sample.SetInteger(def.field, value);
      CHECK(FieldJson(codec, codec.Encode(sample.record), def.field) == PlainJson(sample.record, Bit(def.field)));
    }
  }
}

TEST_CASE("a number keeps its spelling", "[index][record_codec]") {
  Codec codec;
  for (const std::string spelling :
       {"0", "-0", "1", "1.0", "1.50", "-1e-7", "1E+400", "12345678901234567890", "0.1000000000000000055511151231257827"}) {
    SampleRecord sample;
    sample.SetText(Field::kAllowedTrafficGb, spelling);
    for (int i = 0; i < 3; ++i) {
      CHECK(FieldJson(codec, codec.Encode(sample.record), Field::kAllowedTrafficGb) ==
            "{\"allowed_traffic_gb\":" + spelling + "}");
    }
  }
}

TEST_CASE("optional members of a user come out as they came in: absent, null or a text", "[index][record_codec]") {
  Codec codec;
  for (int name = 0; name < 3; ++name) {
    for (int phone = 0; phone < 3; ++phone) {
      SampleRecord sample;
      UserValue& user = sample.AddUser(2, "u@firma.example");
      user.has_name = name > 0, user.name_is_null = name < 2, user.name = "Ida";
      user.has_phone = phone > 0, user.phone_is_null = phone < 2, user.phone = "112";
      const std::string expected =
          std::string(R"({"users":[{"id":2,"email":"u@firma.example")") +
          (name == 0   ? ""
           : name == 1 ? R"(,"name":null)"
                       : R"(,"name":"Ida")") +
          R"(,"lang":"en")" +
          (phone == 0   ? ""
           : phone == 1 ? R"(,"phone":null)"
                        : R"(,"phone":"112")") +
          R"(,"company":"Firma","reseller":null,"client":1,"deleted":false,"groups":[],"activated":false,)"
          R"("sso_auth":false,"two_fa":false,"auth_types":[]}]})";
      for (int i = 0; i < 3; ++i) CHECK(codec.Render(codec.Encode(sample.record), Bit(Field::kUsers)) == expected);
    }
  }
}

TEST_CASE("users that repeat the client's own members come back", "[index][record_codec]") {
  Codec codec;
  SampleRecord sample(77);
  sample.SetText(Field::kName, "Ida \"the\" Example");
  sample.SetText(Field::kPhone, "+1 555 0100");
  sample.SetInteger(Field::kResellers, -9);
  UserValue& user = sample.AddUser(77, "sales@firma.example");
  user.has_name = true, user.name_is_null = false, user.name = sample.Keep("Ida \"the\" Example");
  user.has_phone = true, user.phone_is_null = false, user.phone = sample.Keep("+1 555 0100");
  user.reseller_is_null = false, user.reseller = -9;
  codec.CheckRoundTrip(sample.record);
  const auto same = codec.Encode(sample.record);
  sample.record.users[0].name = "Ida \"the\" ExamplE";
  sample.record.users[0].company = "FirmA";
  codec.CheckRoundTrip(sample.record);
  CHECK(codec.Encode(sample.record).size() > same.size());
}

TEST_CASE("hundreds of users, features and hostnames come back", "[index][record_codec]") {
  Codec codec;
  SampleRecord sample(9);
  for (int i = 0; i < 700; ++i) {
    UserValue& user = sample.AddUser(1000 - i, "user" + std::to_string(i) + "@firma.example");
    user.groups.assign(static_cast<std::size_t>(i % 30), {i, sample.Keep("group " + std::to_string(i % 90))});
    user.auth_types.assign(static_cast<std::size_t>(i % 3), "password");
    sample.record.paid_features.push_back(
        {static_cast<std::uint8_t>(i / 100), i, "f", static_cast<std::uint8_t>(i % 8), i * std::int64_t{1'000'000'000}, i});
    sample.record.free_features.push_back(
        {static_cast<std::uint8_t>(i / 100), i, "f", static_cast<std::uint8_t>(i % 8), 5'000'000, -i});
    sample.record.hostnames.push_back(sample.Keep("host" + std::to_string(i) + ".firma.example"));
  }
  codec.CheckRoundTrip(sample.record);
}

TEST_CASE("services come back in the order given", "[index][record_codec]") {
  Codec codec;
  SampleRecord sample;
  sample.record.capabilities = {5, 0, 5, 7};
  sample.record.service_flags = {{7, false}, {0, true}};
  for (std::uint8_t service = 8; service-- > 0;) {
    sample.record.service_states.push_back({service, static_cast<std::uint8_t>(service % kServiceStateCount), service % 2 == 0});
  }
  codec.CheckRoundTrip(sample.record);
  sample.record.capabilities = {7};
  sample.record.service_flags = {{3, true}};
  sample.record.service_states = {{2, 6, true}};
  codec.CheckRoundTrip(sample.record);
  sample.record.capabilities = {0, 1, 2, 3, 4, 5, 6, 7};
  codec.CheckRoundTrip(sample.record);
}

TEST_CASE("verbatim members come back as they stood, but on one line", "[index][record_codec]") {
  Codec codec;
  SampleRecord sample;
  sample.AddUser(3, "indexed@only.example");
  sample.record.verbatim[static_cast<std::size_t>(Field::kUsers)] = R"([{"id":3,"odd":1e0}])";
  sample.record.verbatim[static_cast<std::size_t>(Field::kFreeFeatures)] = "{\"CDN\":\n\t[]}";
  sample.record.unknown_members = "\"a\":1,\n\"b\":{\"c\" : null}";
  const auto bytes = codec.Encode(sample.record);
  CHECK(FieldJson(codec, bytes, Field::kUsers) == R"({"users":[{"id":3,"odd":1e0}]})");
  CHECK(FieldJson(codec, bytes, Field::kFreeFeatures) == "{\"freeFeatures\":{\"CDN\":  []}}");
  CHECK(codec.Render(bytes).ends_with("\"personal_product_availability\":{},\"a\":1, \"b\":{\"c\" : null}}"));
}

TEST_CASE("a mask picks fields in the record's order, and unknown members come with all of them only", "[index][record_codec]") {
  Codec codec;
  SampleRecord sample(4);
  sample.AddUser(5, "u@firma.example");
  sample.record.hostnames = {"h.example"};
  sample.record.unknown_members = R"("x":1)";
  const auto bytes = codec.Encode(sample.record);
  CHECK(codec.Render(bytes, 0) == "{}");
  CHECK(codec.Render(bytes, Bit(Field::kId)) == R"({"id":4})");
  CHECK(codec.Render(bytes, Bit(Field::kSecondaryHostnames) | Bit(Field::kEmail)) ==
        R"({"email":"sales@firma.example","secondary_hostnames":["h.example"]})");
  CHECK_THAT(codec.Render(bytes, kAll), Catch::EndsWith(R"(,"x":1})"));
  CHECK_THAT(codec.Render(bytes, ~std::uint64_t{0}), Catch::EndsWith(R"(,"x":1})"));
  CHECK_THAT(codec.Render(bytes, kAll & ~Bit(Field::kId)), !Catch::Contains("\"x\""));
}

TEST_CASE("ReadText gives any text field unescaped", "[index][record_codec]") {
  Codec codec;
  SampleRecord sample;
  sample.SetText(Field::kEmail, "Anna@Firma.example");
  sample.SetText(Field::kCustomId, std::string("C\0-\"1\\\n\x02", 8));
  sample.SetText(Field::kWebsite, "https://Firma.example");
  sample.SetText(Field::kPromocode, "");
  for (int i = 0; i < 3; ++i) {
    const auto bytes = codec.Encode(sample.record);
    std::string text = "old";
    for (const Field field : {Field::kEmail, Field::kCustomId, Field::kWebsite, Field::kPromocode, Field::kCompanyName}) {
      REQUIRE(ReadText(*codec.dictionaries, bytes.data(), field, text));
      CHECK(text == sample.record[field].text);
    }
    CHECK_FALSE(ReadText(*codec.dictionaries, bytes.data(), Field::kPhone, text));
  }
}

TEST_CASE("repeating texts, users and features shrink to codes", "[index][record_codec]") {
  Codec codec;
  SampleRecord sample;
  sample.SetText(Field::kEmail, "someone@a-mail-provider.example");
  sample.SetText(Field::kCompanyName, "An Often Repeated Company Name");
  sample.AddUser(2, "someone@another-mail-provider.example").groups = {{1, "Administrators of everything"}};
  sample.record.paid_features = {{0, 40, "A long name of a feature", 0, 1'707'640'200'000'000, 393710}};
  const std::size_t first = codec.Encode(sample.record).size();
  codec.Encode(sample.record);
  CHECK(codec.Encode(sample.record).size() + 150 < first);
}

TEST_CASE("texts that are met once enter no dictionary", "[index][record_codec]") {
  Codec codec;
  const std::uint64_t before = MemoryBytes(*codec.dictionaries);
  for (int i = 0; i < 5'000; ++i) {
    SampleRecord sample(i);
    sample.SetText(Field::kName, "Name " + std::to_string(i));
    sample.SetText(Field::kCustomId, "id-" + std::to_string(i));
    codec.Encode(sample.record);
  }
  CHECK(MemoryBytes(*codec.dictionaries) < before + 100'000);
}

TEST_CASE("random records come back, with dictionaries that are full as well", "[index][record_codec]") {
  const auto seed = GENERATE(range(1u, 41u));
  const std::uint32_t capacity = seed % 4 == 0 ? 0 : seed % 4 == 1 ? 5 : seed % 4 == 2 ? 200 : RecordDictionaries::kCapacity;
  CAPTURE(seed, capacity);
  std::mt19937_64 random(seed);
  Codec codec(capacity);
  for (int i = 0; i < 100; ++i) {
    SampleRecord sample;
    FillAtRandom(sample, random);
    const auto bytes = codec.Encode(sample.record);
    REQUIRE(EncodedLength(bytes.data()) == bytes.size());
    REQUIRE(codec.Render(bytes) == PlainJson(sample.record, kAll));
    const std::uint64_t fields = random() & random();
    REQUIRE(codec.Render(bytes, fields) == PlainJson(sample.record, fields));
  }
}

TEST_CASE("codes of every width come back", "[index][record_codec]") {
  Codec codec(100'000);
  for (int i = 0; i < 27'000; ++i) {
    const int which = i / 3;  // Met in turn, so that all are let into the dictionaries.
    SampleRecord sample(i);
    sample.SetText(Field::kPromocode, "PROMO" + std::to_string(which));
    sample.SetText(Field::kEmail, "a@mail" + std::to_string(which % 300) + ".example");
    sample.AddUser(i, "b@mail" + std::to_string(which % 300 + 1) + ".example").groups = {{which % 300, "g"}};
    sample.record.paid_features = {{0, which, "feature", 0, 0, i}};
    const auto bytes = codec.Encode(sample.record);
    REQUIRE(codec.Render(bytes) == PlainJson(sample.record, kAll));
  }
  CHECK(codec.dictionaries->features.size() == kFeatureCodes);
  CHECK(codec.dictionaries->user_tails.size() == 300);
  CHECK(codec.dictionaries->domains.size() == 301);
  CHECK(codec.dictionaries->texts(Field::kPromocode).size() == 9'000);
}

// Run under ThreadSanitizer.
TEST_CASE("encoders of several threads share dictionaries while others render", "[index][record_codec][threads]") {
  const auto dictionaries = std::make_shared<RecordDictionaries>(500);
  std::vector<std::thread> threads;
  std::vector<int> differences(4);
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(t / 2 + 1);  // Two threads each with the same records.
      RecordEncoder encoder(dictionaries);
      for (int i = 0; i < 300; ++i) {
        SampleRecord sample;
        FillAtRandom(sample, random);
        std::string bytes, json;
        encoder.Append(sample.record, bytes);
        RenderRecord(*dictionaries, Exact(bytes).data(), kAll, json);
        differences[t] += json != PlainJson(sample.record, kAll);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(differences == std::vector<int>(4, 0));
}

}  // namespace
}  // namespace clientele
