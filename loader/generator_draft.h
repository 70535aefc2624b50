// What is decided about one generated client before its record is written: the correlated part. Reused from client to client, so
// that nothing is allocated. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "index/schema.h"
#include "loader/generator_calendar.h"
#include "loader/generator_company.h"

namespace clientele {

inline constexpr std::size_t kStatusCount = 8;

struct DraftService {
  std::uint8_t state = kServiceAbsent;  // Index into kServiceStateWords.
  bool enabled = false;
};

struct DraftFeature {
  std::uint32_t feature_id = 0;
  bool paid = false;
  std::uint32_t create_second = 0;
  std::uint64_t link_id = 0;
};

struct GeneratorDraft {
  std::uint64_t index = 0, id = 0;
  std::uint32_t created_second = 0, created_microseconds = 0;
  std::uint32_t country = 0;  // Index into GeneratedCountries(): where the client is.
  bool country_known = true;
  bool native = false;  // Spelt beyond ASCII.
  bool has_company = false;
  GeneratedCompany company;  // Its domain is filled for private people as well.
  BoundedText<200> company_json;
  GeneratedPerson contact;
  MailAddress email;
  std::uint8_t status = 0;       // Index into the status words.
  std::uint8_t client_type = 0;  // Index into the client type words.
  bool activated = false, deleted = false, is_test = false;
  std::uint32_t reseller = 0, seller = 0;  // 0: none.
  std::array<DraftService, kServiceCount> services;
  std::array<DraftFeature, 10> features;  // Ascending by service, then id.
  std::uint32_t feature_count = 0;
};

// The calendar and the weights of everything; constant, made on first use.
struct GeneratorTables {
  GeneratorTables();
  static const GeneratorTables& Get();

  GeneratorCalendar calendar;
  WeightedPick countries, providers, resellers, sellers, promo_codes, frequent_companies;
  std::array<WeightedPick, 4> statuses;                        // By age: two weeks, six weeks, a year, older.
  std::array<WeightedPick, kStatusCount> service_states;       // By status.
  std::array<WeightedPick, kStatusCount> feature_counts;       // By status.
  std::array<WeightedPick, kServiceCount> features;            // Of each service, 0-based among its own.
  std::array<std::uint32_t, kServiceCount + 1> first_feature;  // Index into GeneratedFeatures() of each service's first.
};

// Decides everything in `draft` about client `index`. `random` is the client's own stream.
void MakeDraft(std::uint64_t seed, std::uint64_t client_count, std::uint64_t index, RandomStream& random, GeneratorDraft& draft);

}  // namespace clientele
