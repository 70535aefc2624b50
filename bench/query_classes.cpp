#include "bench/query_classes.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "index/case_folding.h"
#include "index/date_time.h"
#include "loader/generator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

using Random = std::mt19937_64;
using Parameters = std::vector<Parameter>;

template <class T>
const T& OneOf(const std::vector<T>& values, Random& random) {
  return values[std::uniform_int_distribution<std::size_t>(0, values.size() - 1)(random)];
}

template <class Accept>
const ClientSample::Client& ClientWhere(const ClientSample& sample, Random& random, Accept accept) {
  for (int tries = 0; tries < 100'000; ++tries) {
    const auto& client = OneOf(sample.clients, random);
    if (accept(client)) return client;
  }
  throw std::runtime_error("the sample holds no client of the kind that a query class needs");
}

std::string Country(const ClientSample& sample, Random& random) {
  return ClientWhere(sample, random, [](const auto& client) { return !client.country.empty(); }).country;
}

std::string AnyStatus(Random& random) {
  return std::string(
      OneOf(std::vector<std::string_view>(Def(Field::kStatus).words.begin(), Def(Field::kStatus).words.end()), random));
}

bool IsLetters(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

// The windows of `length` letters of a folded text, each once.
std::set<std::string> LetterWindows(std::string_view folded, std::size_t length) {
  std::set<std::string> windows;
  for (std::size_t i = 0; i + length <= folded.size(); ++i) {
    if (IsLetters(folded.substr(i, length))) windows.emplace(folded.substr(i, length));
  }
  return windows;
}

void CountWindows(ClientSample& sample) {
  std::map<std::string, std::size_t> emails, companies;
  for (const auto& client : sample.clients) {
    for (const std::string& text : LetterWindows(Folded(client.email), 5)) ++emails[text];
    for (const std::string& text : LetterWindows(Folded(client.company), 4)) ++companies[text];
  }
  for (const auto& [text, count] : emails) {
    if (count == 1) sample.rare_email_texts.push_back(text);
  }
  for (const auto& [text, count] : companies) {
    if (count * 100 >= sample.clients.size()) sample.common_company_texts.push_back(text);
  }
}

ClientSample::Client ToSampleClient(const ClientRecord& record) {
  ClientSample::Client client;
  client.id = record.id();
  client.email = record[Field::kEmail].text;
  client.company = record[Field::kCompanyName].text;
  if (const ScalarValue& country = record[Field::kCountryCode]; !country.is_null) {
    client.country = {static_cast<char>('A' + country.integer / 26), static_cast<char>('A' + country.integer % 26)};
  }
  client.status = Def(Field::kStatus).words[static_cast<std::size_t>(record[Field::kStatus].integer)];
  client.created_at_us = record[Field::kCreatedAt].integer;
  client.reseller = record[Field::kResellers].is_null ? 0 : record[Field::kResellers].integer;
  for (std::size_t i = 0; i < record.user_count; ++i) client.user_emails.emplace_back(record.users[i].email);
  for (const FeatureValue& feature : record.paid_features) client.paid_features.push_back(feature.feature_id);
  return client;
}

std::string MonthLater(std::int64_t us) {
  std::string text;
  AppendRfc3339(us + std::int64_t{30} * 86'400 * 1'000'000, text);
  return text;
}

std::string TimeText(std::int64_t us) {
  std::string text;
  AppendRfc3339(us, text);
  return text;
}

Parameters FirstPage(const ClientSample&, Random&, const QueryClass::CountOf&) {
  return {{"limit", "50"}};
}

Parameters StatusAndCountry(const ClientSample& sample, Random& random, const QueryClass::CountOf&) {
  return {{"status", "active"}, {"country_code", Country(sample, random)}, {"ordering", "-created_at"}, {"limit", "50"}};
}

Parameters DeepPage(const ClientSample& sample, Random& random, const QueryClass::CountOf& count) {
  Parameters parameters = StatusAndCountry(sample, random, count);
  parameters.emplace_back("offset", absl::StrCat(std::min<std::uint64_t>(100'000, count(parameters) * 2 / 5)));
  return parameters;
}

Parameters TwoServices(const ClientSample&, Random& random, const QueryClass::CountOf&) {
  // The class's states first; other pairs of states follow so that queries differ.
  static const std::vector<std::string> states{"active", "paused", "trial", "trialend", "new"};
  const bool as_named = random() % 2 == 0;
  return {{"cdn", as_named ? "active" : OneOf(states, random)},
          {"storage", as_named ? "paused" : OneOf(states, random)},
          {"deleted", "false"},
          {"ordering", "companyName"},
          {"limit", "50"},
          {"offset", absl::StrCat(random() % 50)}};
}

Parameters EmailExact(const ClientSample& sample, Random& random, const QueryClass::CountOf&) {
  return {{"email", OneOf(sample.clients, random).email}, {"limit", "50"}};
}

Parameters EmailRare(const ClientSample& sample, Random& random, const QueryClass::CountOf&) {
  return {{"email", OneOf(sample.rare_email_texts, random)}, {"limit", "50"}};
}

Parameters CompanyCommon(const ClientSample& sample, Random& random, const QueryClass::CountOf&) {
  return {{"companyName", OneOf(sample.common_company_texts, random)}, {"ordering", "email"}, {"limit", "50"}};
}

Parameters OneMonth(const ClientSample& sample, Random& random, const QueryClass::CountOf&) {
  const std::int64_t from = OneOf(sample.clients, random).created_at_us;
  return {{"created_at_gte", TimeText(from)}, {"created_at_lte", MonthLater(from)}, {"ordering", "name"}, {"limit", "50"}};
}

Parameters CloudTrial(const ClientSample&, Random& random, const QueryClass::CountOf&) {
  return {{"cloud", "trial"}, {"ordering", "status,-created_at"}, {"limit", "50"}, {"offset", absl::StrCat(random() % 100)}};
}

Parameters ResellerWithout(const ClientSample& sample, Random& random, const QueryClass::CountOf&) {
  const auto& client = ClientWhere(sample, random, [](const auto& c) { return c.reseller != 0; });
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(OneOf(sample.clients, random).id);
  return {{"reseller_id", absl::StrCat(client.reseller)},
          {"is_test", "false"},
          {"id__in__exclude", absl::StrJoin(ids, ",")},
          {"ordering", "-email"},
          {"limit", "50"}};
}

Parameters MillionDeep(const ClientSample& sample, Random& random, const QueryClass::CountOf& count) {
  (void)sample;
  const std::uint64_t total = count({});
  const std::uint64_t offset = std::min<std::uint64_t>(1'000'000, total * 2 / 5) + random() % 1000;
  return {{"ordering", "companyName,-id"}, {"limit", "50"}, {"offset", absl::StrCat(offset)}};
}

Parameters NoCountry(const ClientSample&, Random& random, const QueryClass::CountOf&) {
  std::set<std::string> statuses;
  while (statuses.size() < 3) statuses.insert(AnyStatus(random));
  return {{"country_code", "null"}, {"status", absl::StrJoin(statuses, ",")}, {"ordering", "-created_at"}, {"limit", "100"}};
}

Parameters CountOnly(const ClientSample& sample, Random& random, const QueryClass::CountOf&) {
  return {{"status", AnyStatus(random)},
          {"country_code", Country(sample, random)},
          {"cdn", "active"},
          {"activated", "true"},
          {"limit", "0"}};
}

Parameters UsersEmail(const ClientSample& sample, Random& random, const QueryClass::CountOf&) {
  // Four to six characters before the @ of some user's address, however common.
  for (;;) {
    const auto& client = ClientWhere(sample, random, [](const auto& c) { return !c.user_emails.empty(); });
    const std::string& email = OneOf(client.user_emails, random);
    const std::size_t length = 4 + random() % 3;
    const std::size_t at = email.find('@');
    if (at == std::string::npos || at < length) continue;
    return {{"users_email", email.substr(random() % (at - length + 1), length)}, {"limit", "50"}};
  }
}

Parameters PaidFeature(const ClientSample& sample, Random& random, const QueryClass::CountOf&) {
  const auto& client = ClientWhere(sample, random, [](const auto& c) { return !c.paid_features.empty(); });
  return {{"feature_id_in", absl::StrCat(OneOf(client.paid_features, random))},
          {"activated", "false"},
          {"ordering", "name"},
          {"limit", "50"}};
}

Parameters Export(const ClientSample& sample, Random& random, const QueryClass::CountOf&) {
  return {{"country_code", Country(sample, random)}, {"deleted", "false"}, {"ordering", "email"}};
}

}  // namespace

ClientSample DrawSample(std::uint64_t seed, std::uint64_t client_count, std::size_t size) {
  const Generator generator(seed, client_count);
  RecordParser parser;
  ClientRecord record;
  RecordError error;
  Random random(seed ^ 0x5A5A5A5A);
  ClientSample sample;
  std::string line;
  for (std::size_t i = 0; i < size; ++i) {
    line.clear();
    generator.AppendClient(random() % client_count, line);
    const std::size_t length = line.size();
    line.append(RecordParser::kPadding, '\0');
    if (!parser.Parse(std::string_view(line).substr(0, length), record, error))
      throw std::runtime_error("the generator made a bad record at " + error.pointer);
    sample.clients.push_back(ToSampleClient(record));
  }
  CountWindows(sample);
  return sample;
}

const std::vector<QueryClass>& QueryClasses() {
  static const std::vector<QueryClass> classes{
      {"L1", "first page by id, no filter", true, false, FirstPage},
      {"L2", "status=active and one country, newest first", true, false, StatusAndCountry},
      {"L3", "the same at offset 100,000 (or 40 % of the matches)", true, false, DeepPage},
      {"L4", "cdn and storage in a state each, not deleted, by companyName", true, false, TwoServices},
      {"L5", "email contains a whole address", true, false, EmailExact},
      {"L6", "email contains a rare 5-letter text", false, false, EmailRare},
      {"L7", "companyName contains a common 4-letter text, by email", false, false, CompanyCommon},
      {"L8", "created in one month, by name", true, false, OneMonth},
      {"L9", "cloud=trial by status,-created_at", true, false, CloudTrial},
      {"L10", "one reseller, is_test=false, 20 ids excluded, by -email", true, false, ResellerWithout},
      {"L11", "no filter, by companyName,-id, offset 1,000,000 (or 40 %)", false, false, MillionDeep},
      {"L12", "no country, three statuses, newest first, limit 100", true, false, NoCountry},
      {"L13", "count only, four filters", true, false, CountOnly},
      {"L14", "users_email contains 4 to 6 characters", false, false, UsersEmail},
      {"L15", "one feature, activated=false, by name", true, false, PaidFeature},
      {"L16", "stream everything of one country, not deleted, by email", false, true, Export},
  };
  return classes;
}

std::string EncodeQueryString(const std::vector<Parameter>& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    absl::StrAppend(&out, out.empty() ? "" : "&", name, "=");
    for (const unsigned char c : value) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                         c == '.' || c == '~';
      if (plain)
        out.push_back(static_cast<char>(c));
      else
        absl::StrAppend(&out, "%", absl::Hex(c, absl::kZeroPad2));
    }
  }
  return out;
}

}  // namespace clientele
