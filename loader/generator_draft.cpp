#include "loader/generator_draft.h"

#include <algorithm>

namespace clientele {
namespace {

// Status words by their index in the schema.
enum Status : std::uint8_t { kNew, kTrial, kTrialEnd, kActive, kIntegration, kPaused, kPreparation, kReady };
// Service states by their index in kServiceStateWords.
enum State : std::uint8_t { kStateNew, kStateTrial, kStateTrialEnd, kStateActive, kStatePaused, kStateActivating, kStateDeleted };

constexpr std::uint32_t kFrequentCompanies = 20'000;
constexpr std::uint32_t kDay = 86'400;

// How many of a thousand clients have each service, when the client's status is past `new`.
constexpr std::array<std::uint32_t, kServiceCount> kServicePerMille = {780, 340, 190, 230, 400, 310, 55, 45};

constexpr std::array<std::uint32_t, kStatusCount> kActivatedPerMille = {330, 820, 780, 960, 900, 900, 600, 800};
constexpr std::array<std::uint32_t, kStatusCount> kDeletedPerMille = {55, 15, 65, 18, 10, 110, 30, 15};

std::array<std::uint32_t, kServiceCount + 1> FirstFeatures() {
  std::array<std::uint32_t, kServiceCount + 1> first{};
  for (const Feature& feature : GeneratedFeatures()) ++first[feature.service + 1u];
  for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
  return first;
}

WeightedPick FeaturePick(std::size_t service) {
  const auto first = FirstFeatures();
  return WeightedPick::Zipf(first[service + 1] - first[service], 2);
}

void DecideCompany(std::uint64_t seed, std::uint64_t client_count, RandomStream& random, GeneratorDraft& draft) {
  const GeneratorTables& tables = GeneratorTables::Get();
  // Private people have no company but a domain, as has everybody: it takes the place of a company's.
  const std::uint32_t kind = random.Below(1000);
  draft.has_company = kind >= 90;
  std::uint64_t number = 0;
  if (draft.has_company && kind < 340) {
    number = tables.frequent_companies(random);
  } else {
    // The tail grows with the set, so that the share of distinct names stays about a third at any size.
    const std::uint64_t tail = client_count * 50 / 100 + 1000;
    number = kFrequentCompanies + ((random.Next() >> 32) * tail >> 32);
  }
  MakeCompany(seed, number, tables.countries, draft.company);
  draft.native = draft.company.native;
  draft.country = random.PerMille(930) ? draft.company.country : tables.countries(random);
  draft.country_known = !random.PerMille(30);
  // Somebody from elsewhere does not spell the name in the company's script.
  if (draft.country != draft.company.country) draft.native = false;
}

void DecidePerson(RandomStream& random, GeneratorDraft& draft) {
  const GeneratorTables& tables = GeneratorTables::Get();
  MakePerson(random, GeneratedCountries()[draft.country], draft.native && random.PerMille(850), draft.contact);
  if (!draft.has_company) {
    draft.company.name.Clear();
    draft.company.domain.Clear();
    draft.company.domain.Append(draft.contact.first.view());
    draft.company.domain.Append(random.PerMille(300) ? "-" : "");
    draft.company.domain.Append(draft.contact.last.view());
    draft.company.domain.Append(".example");
  }
  const bool crowded = random.PerMille(draft.has_company ? 405 : 920);
  const std::string_view domain = crowded ? MailProviders()[tables.providers(random)] : draft.company.domain.view();
  MakeMailAddress(random, draft.contact, domain, crowded, draft.email);
}

void DecideState(RandomStream& random, GeneratorDraft& draft) {
  const GeneratorTables& tables = GeneratorTables::Get();
  const std::uint32_t age_days = (GeneratorCalendar::kSeconds - 1 - draft.created_second) / kDay;
  const std::size_t age = age_days < 14 ? 0 : age_days < 45 ? 1 : age_days < 365 ? 2 : 3;
  draft.status = static_cast<std::uint8_t>(tables.statuses[age](random));
  draft.activated = random.PerMille(kActivatedPerMille[draft.status]);
  draft.deleted = random.PerMille(kDeletedPerMille[draft.status]);
  draft.is_test = random.PerMille(20);
  const std::uint32_t type = random.Below(1000);
  draft.client_type = type < 950 ? 0 : type < 980 ? 1 : 2;
  draft.reseller = random.PerMille(400) ? 0 : 1 + tables.resellers(random);
  if (random.PerMille(500)) {
    draft.seller = 0;
  } else if (draft.reseller != 0 && random.PerMille(700)) {
    draft.seller = (draft.reseller - 1) * 10 + 1 + random.BelowSkewed(10);  // One of the reseller's own ten.
  } else {
    draft.seller = 1 + tables.sellers(random);
  }
}

void DecideServices(RandomStream& random, GeneratorDraft& draft) {
  const GeneratorTables& tables = GeneratorTables::Get();
  for (std::size_t i = 0; i < kServiceCount; ++i) {
    DraftService& service = draft.services[i];
    const std::uint32_t has = draft.status == kNew ? kServicePerMille[i] / 2 : kServicePerMille[i];
    if (!random.PerMille(has)) {
      service = {};
      continue;
    }
    service.state = static_cast<std::uint8_t>(tables.service_states[draft.status](random));
    const bool runs = service.state == kStateActive || service.state == kStateTrial || service.state == kStateActivating;
    service.enabled = random.PerMille(runs ? 970 : 40);
  }
}

void DecideFeatures(RandomStream& random, GeneratorDraft& draft) {
  const GeneratorTables& tables = GeneratorTables::Get();
  draft.feature_count = 0;
  std::array<std::uint8_t, kServiceCount> owned;
  std::uint32_t owned_count = 0;
  for (std::uint8_t i = 0; i < kServiceCount; ++i) {
    if (draft.services[i].state != kServiceAbsent) owned[owned_count++] = i;
  }
  const std::uint32_t wanted = tables.feature_counts[draft.status](random);
  if (owned_count == 0) return;
  const std::uint32_t age = GeneratorCalendar::kSeconds - 1 - draft.created_second;
  for (std::uint32_t i = 0; i < wanted; ++i) {
    const std::uint8_t service = owned[random.BelowSkewed(owned_count)];
    const std::uint32_t feature_id = 1 + tables.first_feature[service] + tables.features[service](random);
    const auto end = draft.features.begin() + draft.feature_count;
    const auto place =
        std::lower_bound(draft.features.begin(), end, feature_id,
                         [](const DraftFeature& feature, std::uint32_t wanted_id) { return feature.feature_id < wanted_id; });
    if (place != end && place->feature_id == feature_id) continue;  // Has it already.
    std::move_backward(place, end, end + 1);
    const std::uint8_t state = draft.services[service].state;
    const bool pays = state == kStateActive || state == kStatePaused;
    place->feature_id = feature_id;
    place->paid = random.PerMille(pays ? 640 : 120);
    // Half of the features come with the sign-up.
    const std::uint32_t later = random.PerMille(500) ? random.Below(5) : random.BelowSkewed(age + 1);
    place->create_second = draft.created_second + std::min(later, age);
    place->link_id = 100'000 + draft.index * 4 + random.Below(4096);
    ++draft.feature_count;
  }
}

}  // namespace

// The status weights below make about half of all clients active at any age above six weeks, and trials young.
GeneratorTables::GeneratorTables()
    : countries(WeightedPick::Zipf(kGeneratedCountryCount, 0)),
      providers(WeightedPick::Zipf(static_cast<std::uint32_t>(MailProviders().size()), 0)),
      resellers(WeightedPick::Zipf(200, 3)),
      sellers(WeightedPick::Zipf(2000, 20)),
      promo_codes(WeightedPick::Zipf(static_cast<std::uint32_t>(PromoCodes().size()), 2)),
      frequent_companies(WeightedPick::Zipf(kFrequentCompanies, 20)),
      // new, trial, trialend, active, integration, paused, preparation, ready.
      statuses{WeightedPick{260, 500, 10, 110, 40, 10, 50, 20}, WeightedPick{120, 220, 210, 340, 40, 20, 30, 20},
               WeightedPick{60, 75, 180, 550, 35, 60, 20, 20}, WeightedPick{60, 60, 165, 525, 20, 125, 15, 30}},
      // new, trial, trialend, active, paused, activating, deleted.
      service_states{WeightedPick{700, 100, 0, 20, 0, 170, 10},    WeightedPick{80, 780, 40, 30, 0, 60, 10},
                     WeightedPick{30, 20, 800, 30, 70, 0, 50},     WeightedPick{25, 40, 45, 800, 45, 20, 25},
                     WeightedPick{150, 250, 20, 350, 20, 200, 10}, WeightedPick{10, 10, 60, 50, 800, 0, 70},
                     WeightedPick{500, 150, 10, 40, 10, 280, 10},  WeightedPick{250, 150, 20, 350, 30, 190, 10}},
      // 0 .. 10 features.
      feature_counts{WeightedPick{80, 12, 5, 3},
                     WeightedPick{35, 25, 18, 10, 6, 4, 2},
                     WeightedPick{50, 20, 12, 8, 5, 3, 2},
                     WeightedPick{16, 18, 17, 14, 11, 8, 6, 4, 3, 2, 1},
                     WeightedPick{35, 25, 18, 10, 6, 4, 2},
                     WeightedPick{30, 20, 16, 12, 9, 6, 3, 2, 1, 1},
                     WeightedPick{70, 15, 8, 5, 2},
                     WeightedPick{40, 25, 15, 10, 6, 4}},
      features{FeaturePick(0), FeaturePick(1), FeaturePick(2), FeaturePick(3),
               FeaturePick(4), FeaturePick(5), FeaturePick(6), FeaturePick(7)},
      first_feature(FirstFeatures()) {}

const GeneratorTables& GeneratorTables::Get() {
  static const GeneratorTables tables;
  return tables;
}

void MakeDraft(std::uint64_t seed, std::uint64_t client_count, std::uint64_t index, RandomStream& random, GeneratorDraft& draft) {
  draft.index = index;
  // Ascending with gaps: some numbers are never given, and now and then a whole range is skipped.
  draft.id = 1000 + index * 3 + random.Below(3) + (index >> 12) * 777;
  draft.created_second = GeneratorTables::Get().calendar.CreatedAt(index, client_count, random);
  draft.created_microseconds = random.PerMille(60) ? random.Below(999'999) + 1 : 0;
  DecideCompany(seed, client_count, random, draft);
  DecidePerson(random, draft);
  DecideState(random, draft);
  if (draft.is_test && draft.has_company && random.PerMille(500)) {
    const BoundedText<160> name = draft.company.name;
    draft.company.name.Clear();
    draft.company.name.Append("TEST ");
    draft.company.name.Append(name.view());
  }
  draft.company_json.Clear();
  AppendEscaped(draft.company.name.view(), draft.company_json);
  DecideServices(random, draft);
  DecideFeatures(random, draft);
}

}  // namespace clientele
