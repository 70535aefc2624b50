#include "loader/generator.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/match.h>
#include <catch2/catch.hpp>

#include "index/absl_view.h"
#include "index/schema.h"
#include "loader/generator_calendar.h"
#include "loader/generator_pick.h"
#include "loader/generator_words.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

std::string Line(std::uint64_t seed, std::uint64_t client_count, std::uint64_t index) {
  std::string line;
  Generator(seed, client_count).AppendClient(index, line);
  return line;
}

// What the distributions are judged by, over one set of 50,000 clients.
struct Survey {
  static constexpr std::uint64_t kClients = 50'000;

  std::uint64_t bytes = 0;
  std::uint64_t users = 0;
  std::map<std::size_t, std::uint64_t> user_counts, hostname_counts, feature_counts;
  std::map<std::int64_t, std::uint64_t> statuses, countries, cdn_states, client_types, feature_ids, resellers, sellers;
  std::map<Field, std::uint64_t> nulls, trues;
  std::map<std::string, std::uint64_t> companies, domains, promo_codes;
  std::set<std::string> emails, names;
  std::set<std::int64_t> ids, user_ids;
  std::uint64_t beyond_ascii = 0, contact_is_first_user = 0, active_with_active_service = 0, active_with_service = 0;
  std::uint64_t foreign_features = 0, activated_against_users = 0, bad_lines = 0, feature_before_client = 0;
  std::uint64_t trials_young = 0, trials_old = 0, young = 0, old = 0;
  std::vector<std::int64_t> created_us;

  static const Survey& Get() {
    static const Survey survey;
    return survey;
  }

  static double Share(std::uint64_t count) { return static_cast<double>(count) / kClients; }

 private:
  Survey() {
    const Generator generator(42, kClients);
    RecordParser parser;
    ClientRecord record;
    RecordError error;
    std::string line;
    for (std::uint64_t index = 0; index < kClients; ++index) {
      line.clear();
      generator.AppendClient(index, line);
      bytes += line.size();
      const std::size_t size = line.size();
      line.append(RecordParser::kPadding, '\0');
      if (line[size - 1] != '\n' || !parser.Parse(std::string_view(line).substr(0, size - 1), record, error)) {
        ++bad_lines;
        continue;
      }
      Take(record);
    }
  }

  void Take(const ClientRecord& record) {
    const auto text = [&](Field field) { return std::string(record[field].text); };
    ids.insert(record.id());
    users += record.user_count;
    ++user_counts[record.user_count];
    ++hostname_counts[record.hostnames.size()];
    ++feature_counts[record.paid_features.size() + record.free_features.size()];
    ++statuses[record[Field::kStatus].integer];
    ++client_types[record[Field::kClientType].integer];
    if (!record[Field::kCountryCode].is_null) ++countries[record[Field::kCountryCode].integer];
    if (!record[Field::kResellers].is_null) ++resellers[record[Field::kResellers].integer];
    if (!record[Field::kSeller].is_null) ++sellers[record[Field::kSeller].integer];
    if (!record[Field::kPromocode].is_null) ++promo_codes[text(Field::kPromocode)];
    for (const FieldDef& def : Fields()) {
      if (def.nullable && record[def.field].is_null) ++nulls[def.field];
      if (def.kind == FieldKind::kBoolean && record[def.field].integer != 0) ++trues[def.field];
    }
    ++companies[text(Field::kCompanyName)];
    const std::string email = text(Field::kEmail);
    emails.insert(email);
    ++domains[email.substr(email.find('@') + 1)];
    names.insert(text(Field::kName));
    const auto is_wide = [](char c) { return (c & 0x80) != 0; };
    const std::string shown = text(Field::kName) + text(Field::kCompanyName);
    if (std::any_of(shown.begin(), shown.end(), is_wide)) ++beyond_ascii;
    created_us.push_back(record[Field::kCreatedAt].integer);
    TakeUsers(record, email);
    TakeServices(record);
  }

  void TakeUsers(const ClientRecord& record, const std::string& email) {
    bool any_activated = false;
    for (std::size_t i = 0; i < record.user_count; ++i) {
      user_ids.insert(record.users[i].id);
      any_activated = any_activated || record.users[i].activated;
    }
    if (record.users[0].email == email) ++contact_is_first_user;
    if (any_activated != (record[Field::kActivated].integer != 0)) ++activated_against_users;
  }

  void TakeServices(const ClientRecord& record) {
    const bool is_active = Def(Field::kStatus).words[static_cast<std::size_t>(record[Field::kStatus].integer)] == "active";
    bool active_service = false;
    std::set<std::uint8_t> owned;
    for (const ServiceStateValue& state : record.service_states) {
      if (state.service == 0) ++cdn_states[state.state];
      owned.insert(state.service);
      active_service = active_service || kServiceStateWords[state.state] == "active";
    }
    if (is_active && !owned.empty()) {
      ++active_with_service;
      if (active_service) ++active_with_active_service;
    }
    for (const auto* features : {&record.paid_features, &record.free_features}) {
      for (const FeatureValue& feature : *features) {
        ++feature_ids[feature.feature_id];
        if (!owned.contains(feature.group) || feature.group != feature.service) ++foreign_features;
        // The creation date of a feature has whole seconds.
        if (feature.create_date < record[Field::kCreatedAt].integer / 1'000'000 * 1'000'000) ++feature_before_client;
      }
    }
  }
};

std::uint64_t MostFrequent(const auto& counts) {
  std::uint64_t most = 0;
  for (const auto& [value, count] : counts) most = std::max(most, count);
  return most;
}

std::int64_t WordIndex(Field field, std::string_view word) {
  return *FindWord(Def(field).words, word);
}

}  // namespace

TEST_CASE("a generated client depends on seed, set size and index alone", "[loader][generator]") {
  CHECK(Line(1, 1000, 17) == Line(1, 1000, 17));
  CHECK(Line(1, 1000, 17) != Line(2, 1000, 17));
  CHECK(Line(1, 1000, 17) != Line(1, 1000, 18));
  CHECK(Line(1, 1000, 500) != Line(1, 2000, 500));
}

TEST_CASE("threads that make ranges in any order make the same clients", "[loader][generator]") {
  constexpr std::uint64_t kClients = 2000;
  const Generator generator(5, kClients);
  std::vector<std::string> alone(kClients), shared(kClients);
  for (std::uint64_t i = 0; i < kClients; ++i) generator.AppendClient(i, alone[i]);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = kClients; i-- > 0;) {
        if (i % 4 == t) generator.AppendClient(i, shared[i]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(alone == shared);
}

TEST_CASE("a generated record has every field of the schema in its order", "[loader][generator]") {
  for (std::uint64_t index = 0; index < 200; ++index) {
    const std::string line = Line(3, 200, index);
    INFO(line);
    // Members of users repeat some names before, so each search starts behind the last, from the end of the users on.
    std::size_t at = line.find("}],\"email\":");
    REQUIRE(line.starts_with("{\"id\":"));
    REQUIRE(line.find(",\"users\":[") != std::string::npos);
    for (const FieldDef& field : Fields().subspan(2)) {
      INFO(field.name);
      at = line.find(",\"" + std::string(field.name) + "\":", at);
      REQUIRE(at != std::string::npos);
    }
    CHECK(line.ends_with("}\n"));
    CHECK(line.find('\n') == line.size() - 1);
  }
}

TEST_CASE("every generated record passes the strict parser", "[loader][generator]") {
  CHECK(Survey::Get().bad_lines == 0);
}

TEST_CASE("clients at the ends of a set of four billion are valid", "[loader][generator]") {
  constexpr std::uint64_t kClients = std::uint64_t{1} << 32;
  RecordParser parser;
  ClientRecord record;
  RecordError error;
  for (const std::uint64_t index : {std::uint64_t{0}, kClients / 2, kClients - 1}) {
    std::string line = Line(9, kClients, index);
    const std::size_t size = line.size();
    line.append(RecordParser::kPadding, '\0');
    INFO(line);
    CHECK(parser.Parse(std::string_view(line).substr(0, size), record, error));
  }
}

TEST_CASE("generated ids are unique and ascend with gaps", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  CHECK(survey.ids.size() == Survey::kClients);
  CHECK(survey.user_ids.size() == survey.users);
  CHECK(*survey.ids.rbegin() - *survey.ids.begin() > static_cast<std::int64_t>(2 * Survey::kClients));
}

TEST_CASE("generated records have the size of real ones", "[loader][generator]") {
  const double mean_bytes = Survey::Share(Survey::Get().bytes);
  CHECK(mean_bytes > 1500);
  CHECK(mean_bytes < 1800);
}

TEST_CASE("generated countries are skewed, with the United States first", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  CHECK(survey.countries.size() == kGeneratedCountryCount);
  CHECK(Survey::Share(survey.countries.at(*CountryCode("US"))) == Approx(0.165).margin(0.01));
  CHECK(MostFrequent(survey.countries) == survey.countries.at(*CountryCode("US")));
  CHECK(Survey::Share(survey.nulls.at(Field::kCountryCode)) == Approx(0.03).margin(0.005));
}

TEST_CASE("about half of the generated clients are active, and trials are young", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  CHECK(survey.statuses.size() == Def(Field::kStatus).words.size());
  CHECK(Survey::Share(survey.statuses.at(WordIndex(Field::kStatus, "active"))) == Approx(0.52).margin(0.03));
  for (const auto& [status, count] : survey.statuses) CHECK(Survey::Share(count) > 0.01);

  // Of the last two weeks' clients half are in trial; of all clients one in fifteen.
  const Generator generator(42, 1'000'000);
  std::string recent;
  for (std::uint64_t index = 997'000; index < 999'000; ++index) generator.AppendClient(index, recent);
  std::size_t trials = 0;
  for (std::size_t at = 0; (at = recent.find("\"status\":\"trial\",\"companyName\"", at)) != std::string::npos; ++at) ++trials;
  CHECK(trials > 700);
  CHECK(Survey::Share(survey.statuses.at(WordIndex(Field::kStatus, "trial"))) < 0.1);
}

TEST_CASE("generated service states go with the client's status", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  CHECK(survey.cdn_states.size() == kServiceStateCount);
  const std::uint64_t with_cdn = std::accumulate(survey.cdn_states.begin(), survey.cdn_states.end(), std::uint64_t{0},
                                                 [](auto sum, const auto& entry) { return sum + entry.second; });
  CHECK(Survey::Share(with_cdn) == Approx(0.75).margin(0.03));
  CHECK(static_cast<double>(survey.active_with_active_service) / static_cast<double>(survey.active_with_service) > 0.85);
}

TEST_CASE("generated features are of services that the client has and not older than the client", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  CHECK(survey.foreign_features == 0);
  CHECK(survey.feature_before_client == 0);
  CHECK(survey.feature_ids.size() == kGeneratedFeatureCount);
  CHECK(survey.feature_ids.begin()->first == 1);
  CHECK(survey.feature_ids.rbegin()->first == static_cast<std::int64_t>(kGeneratedFeatureCount));
  CHECK(survey.feature_counts.rbegin()->first == 10);
  CHECK(Survey::Share(survey.feature_counts.at(0)) == Approx(0.33).margin(0.04));
}

TEST_CASE("generated clients have one to five users, the first mostly the contact", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  CHECK(survey.user_counts.begin()->first == 1);
  CHECK(survey.user_counts.rbegin()->first == 5);
  CHECK(Survey::Share(survey.user_counts.at(1)) == Approx(0.6).margin(0.01));
  CHECK(Survey::Share(survey.users) == Approx(1.69).margin(0.03));
  CHECK(Survey::Share(survey.contact_is_first_user) == Approx(0.92).margin(0.02));
  CHECK(survey.activated_against_users == 0);
}

TEST_CASE("generated minorities have their shares", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  CHECK(Survey::Share(survey.trues.at(Field::kDeleted)) == Approx(0.04).margin(0.005));
  CHECK(Survey::Share(survey.trues.at(Field::kIsTest)) == Approx(0.02).margin(0.004));
  CHECK(Survey::Share(survey.trues.at(Field::kActivated)) == Approx(0.86).margin(0.02));
  CHECK(Survey::Share(survey.client_types.at(WordIndex(Field::kClientType, "common"))) == Approx(0.95).margin(0.005));
  CHECK(Survey::Share(survey.beyond_ascii) == Approx(0.05).margin(0.01));
}

TEST_CASE("generated nulls have their shares", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  const std::map<Field, double> shares{
      {Field::kResellers, 0.4},       {Field::kSeller, 0.5}, {Field::kPromocode, 0.8},         {Field::kCustomId, 0.5},
      {Field::kPhone, 0.25},          {Field::kName, 0.03},  {Field::kAllowedTrafficGb, 0.15}, {Field::kWebsite, 0.18},
      {Field::kCurrentUser, 0.4},     {Field::kOwner, 0.55}, {Field::kBillType, 0.11},         {Field::kSignupProcess, 0.1},
      {Field::kEntryBaseDomain, 0.12}};
  for (const auto& [field, share] : shares) {
    INFO(Def(field).name);
    CHECK(Survey::Share(survey.nulls.at(field)) == Approx(share).margin(0.015));
  }
}

TEST_CASE("generated hostnames are none for most and three at most", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  CHECK(Survey::Share(survey.hostname_counts.at(0)) == Approx(0.6).margin(0.01));
  CHECK(survey.hostname_counts.rbegin()->first == 3);
}

TEST_CASE("generated resellers, sellers and promo codes are few and skewed", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  CHECK(survey.resellers.size() == 200);
  CHECK(survey.resellers.begin()->first == 1);
  CHECK(survey.resellers.rbegin()->first == 200);
  CHECK(survey.sellers.size() > 1950);
  CHECK(survey.sellers.rbegin()->first <= 2000);
  CHECK(survey.promo_codes.size() == PromoCodes().size());
  CHECK(MostFrequent(survey.resellers) > 10 * Survey::kClients / 1000);
}

TEST_CASE("generated companies repeat and have a long tail", "[loader][generator]") {
  const Survey& survey = Survey::Get();
  const double distinct = Survey::Share(survey.companies.size());
  CHECK(distinct > 0.3);
  CHECK(distinct < 0.6);
  CHECK(Survey::Share(survey.companies.at("")) == Approx(0.09).margin(0.01));
  auto named = survey.companies;
  named.erase("");
  CHECK(MostFrequent(named) > Survey::kClients / 2000);
}

TEST_CASE("generated addresses are almost unique, at public providers in half of the cases, and lead nowhere",
          "[loader][generator]") {
  const Survey& survey = Survey::Get();
  CHECK(Survey::Share(survey.emails.size()) > 0.97);
  std::uint64_t at_providers = 0;
  for (const std::string_view provider : MailProviders()) {
    const auto found = survey.domains.find(std::string(provider));
    if (found != survey.domains.end()) at_providers += found->second;
  }
  CHECK(Survey::Share(at_providers) == Approx(0.45).margin(0.02));
  CHECK(MostFrequent(survey.domains) == survey.domains.at("gmail.example"));
  for (const auto& [domain, count] : survey.domains) REQUIRE(absl::EndsWith(AbslView(domain), ".example"));
}

TEST_CASE("generated clients sign up ever faster over ten years, nearly in the order of their ids", "[loader][generator]") {
  const std::vector<std::int64_t>& created_us = Survey::Get().created_us;
  constexpr std::int64_t kBegin2016 = 1'451'606'400'000'000, kYear = 31'556'952'000'000;
  std::uint64_t first_year = 0, last_year = 0, with_fraction = 0, inversions = 0;
  for (std::size_t i = 0; i < created_us.size(); ++i) {
    REQUIRE(created_us[i] >= kBegin2016);
    REQUIRE(created_us[i] < kBegin2016 + std::int64_t{GeneratorCalendar::kSeconds} * 1'000'000);
    if (created_us[i] < kBegin2016 + kYear) ++first_year;
    if (created_us[i] >= kBegin2016 + 9 * kYear) ++last_year;
    if (created_us[i] % 1'000'000 != 0) ++with_fraction;
    if (i >= 1000 && created_us[i] < created_us[i - 1000]) ++inversions;
  }
  CHECK(last_year > 4 * first_year);
  CHECK(Survey::Share(with_fraction) == Approx(0.06).margin(0.005));
  CHECK(Survey::Share(inversions) < 0.05);
}

TEST_CASE("WeightedPick follows its weights", "[loader][generator]") {
  const WeightedPick pick{0, 1, 3, 6};
  RandomStream random(1, 2, 3);
  std::array<std::uint32_t, 4> counts{};
  for (int i = 0; i < 100'000; ++i) ++counts[pick(random)];
  CHECK(counts[0] == 0);
  CHECK(counts[1] == Approx(10'000).margin(500));
  CHECK(counts[2] == Approx(30'000).margin(800));
  CHECK(counts[3] == Approx(60'000).margin(900));
}

TEST_CASE("the random stream is the same on every machine", "[loader][generator]") {
  RandomStream random(1, 2, 3);
  const std::uint64_t first = random.Next();
  const std::uint64_t second = random.Next();
  CHECK(first == 0xC1D51A585D5A1257u);
  CHECK(second == 0x481C143458ED8202u);
}

}  // namespace clientele
