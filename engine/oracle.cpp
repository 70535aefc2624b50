#include "engine/oracle.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace clientele {
namespace {

std::optional<std::string> OptionalText(const ScalarValue& value) {
  if (value.is_null) return std::nullopt;
  return std::string(value.text);
}

std::optional<std::int64_t> OptionalInteger(const ScalarValue& value) {
  if (value.is_null) return std::nullopt;
  return value.integer;
}

std::string CountryText(std::int64_t code) {
  return {static_cast<char>('A' + code / 26), static_cast<char>('A' + code % 26)};
}

// Decides for one client whose texts are folded.
using Condition = std::function<bool(const OracleClient&)>;

bool Has(const std::vector<std::int64_t>& values, std::int64_t value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool SomeContains(const std::vector<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

std::vector<std::string> WordsOf(const ValueSetOperand& operand, std::span<const std::string_view> words) {
  std::vector<std::string> out;
  for (const std::int64_t value : operand.values) out.emplace_back(words[value]);
  return out;
}

Condition WordIn(std::string OracleClient::*word, std::vector<std::string> allowed) {
  return [=](const OracleClient& client) { return std::find(allowed.begin(), allowed.end(), client.*word) != allowed.end(); };
}

Condition BooleanIn(bool OracleClient::*flag, const ValueSetOperand& operand) {
  return [=](const OracleClient& client) { return Has(operand.values, client.*flag ? 1 : 0); };
}

Condition IntegerIn(std::optional<std::int64_t> OracleClient::*integer, const ValueSetOperand& operand) {
  return [=](const OracleClient& client) { return client.*integer && Has(operand.values, *(client.*integer)); };
}

Condition TextEquals(std::optional<std::string> OracleClient::*text, const TextOperand& operand) {
  return [=](const OracleClient& client) { return client.*text == operand.text; };  // A null text equals nothing.
}

Condition ServiceStateIn(std::string_view parameter, const ValueSetOperand& operand) {
  std::string service(parameter);
  for (char& c : service) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return [service, states = WordsOf(operand, kServiceStateWords)](const OracleClient& client) {
    return std::any_of(client.service_states.begin(), client.service_states.end(), [&](const auto& state) {
      return state.first == service && std::find(states.begin(), states.end(), state.second) != states.end();
    });
  };
}

Condition CountryIn(const ValueSetOperand& operand) {
  std::vector<std::string> allowed;
  for (const std::int64_t code : operand.values) allowed.push_back(CountryText(code));
  return [allowed, or_null = operand.or_null](const OracleClient& client) {
    if (!client.country_code) return or_null;
    return std::find(allowed.begin(), allowed.end(), *client.country_code) != allowed.end();
  };
}

Condition TextCondition(std::string_view parameter, const TextOperand& operand) {
  using C = OracleClient;
  const std::string& part = operand.text;
  if (parameter == "email") return [=](const C& c) { return c.email.find(part) != std::string::npos; };
  if (parameter == "companyName") return [=](const C& c) { return c.company_name.find(part) != std::string::npos; };
  if (parameter == "name") return [=](const C& c) { return c.name && c.name->find(part) != std::string::npos; };
  if (parameter == "users_name") return [=](const C& c) { return SomeContains(c.user_names, part); };
  if (parameter == "users_email") return [=](const C& c) { return SomeContains(c.user_emails, part); };
  if (parameter == "secondaryhostnames") return [=](const C& c) { return SomeContains(c.hostnames, part); };
  if (parameter == "bill_type") return TextEquals(&C::bill_type, operand);
  if (parameter == "promocode") return TextEquals(&C::promocode, operand);
  if (parameter == "custom_id") return TextEquals(&C::custom_id, operand);
  return nullptr;
}

Condition ValueSetCondition(std::string_view parameter, const ValueSetOperand& operand) {
  using C = OracleClient;
  if (parameter == "id" || parameter == "id__in") return [=](const C& c) { return Has(operand.values, c.id); };
  if (parameter == "id__in__exclude") return [=](const C& c) { return !Has(operand.values, c.id); };
  if (parameter == "reseller_id") return IntegerIn(&C::resellers, operand);
  if (parameter == "seller_id") return IntegerIn(&C::seller, operand);
  if (parameter == "deleted") return BooleanIn(&C::deleted, operand);
  if (parameter == "is_test") return BooleanIn(&C::is_test, operand);
  if (parameter == "activated") return BooleanIn(&C::activated, operand);
  if (parameter == "status") return WordIn(&C::status, WordsOf(operand, Def(Field::kStatus).words));
  if (parameter == "client_type") return WordIn(&C::client_type, WordsOf(operand, Def(Field::kClientType).words));
  if (parameter == "country_code") return CountryIn(operand);
  if (parameter == "feature_id_in") {
    return [=](const C& c) {
      return std::any_of(c.feature_ids.begin(), c.feature_ids.end(), [&](std::int64_t id) { return Has(operand.values, id); });
    };
  }
  if (parameter == "personal_product_availability") {
    return [services = WordsOf(operand, kServiceNames)](const C& c) {
      return std::any_of(services.begin(), services.end(), [&](const std::string& service) {
        return std::find(c.available_services.begin(), c.available_services.end(), service) != c.available_services.end();
      });
    };
  }
  for (const std::string_view service :
       {"cdn", "storage", "streaming", "ddos", "dns", "cloud", "infrastructure_protection", "connect"}) {
    if (parameter == service) return ServiceStateIn(parameter, operand);
  }
  return nullptr;
}

Condition BoundCondition(std::string_view parameter, const Operand& operand) {
  using C = OracleClient;
  if (const auto* time = std::get_if<TimeOperand>(&operand)) {
    if (parameter == "created_at_gte") return [t = *time](const C& c) { return c.created_at_us >= t.microseconds; };
    if (parameter == "created_at_lte") return [t = *time](const C& c) { return c.created_at_us <= t.microseconds; };
  }
  if (const auto* number = std::get_if<NumberOperand>(&operand)) {
    if (parameter == "min_traffic")
      return [n = *number](const C& c) { return c.allowed_traffic_gb && *c.allowed_traffic_gb >= n.value; };
    if (parameter == "max_traffic")
      return [n = *number](const C& c) { return c.allowed_traffic_gb && *c.allowed_traffic_gb <= n.value; };
  }
  return nullptr;
}

Condition ConditionOf(const Predicate& predicate) {
  const std::string_view parameter = Filters()[predicate.filter].def->parameter;
  Condition condition;
  if (const auto* text = std::get_if<TextOperand>(&predicate.operand)) {
    condition = TextCondition(parameter, *text);
  } else if (const auto* values = std::get_if<ValueSetOperand>(&predicate.operand)) {
    condition = ValueSetCondition(parameter, *values);
  } else {
    condition = BoundCondition(parameter, predicate.operand);
  }
  if (condition == nullptr) {
    // Not an assert: a filter without its meaning here must stop a release build of the tests, too.
    std::fprintf(stderr, "the oracle does not know the filter %.*s with this operand\n", static_cast<int>(parameter.size()),
                 parameter.data());
    std::abort();
  }
  return condition;
}

// Negative, 0 or positive, as `a` comes before, with or behind `b` in the ascending order of the key.
int Compare(const OracleClient& a, const OracleClient& b, Field key) {
  const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
  switch (key) {
    case Field::kId: return order(a.id, b.id);
    case Field::kEmail: return order(a.email, b.email);  // std::string compares bytes as unsigned: the order of the folded UTF-8.
    case Field::kCompanyName: return order(a.company_name, b.company_name);
    case Field::kStatus: return order(a.status, b.status);
    case Field::kCreatedAt: return order(a.created_at_us, b.created_at_us);
    case Field::kName:
      if (!a.name || !b.name) return order(!a.name, !b.name);  // Null is greater than every text.
      return order(*a.name, *b.name);
    default: std::abort();
  }
}

bool ComesBefore(const OracleClient& a, const OracleClient& b, const std::vector<OrderKey>& order_by) {
  for (const OrderKey& key : order_by) {
    const int order = Compare(a, b, key.field);
    if (order != 0) return key.descending ? order > 0 : order < 0;
  }
  return a.id < b.id;
}

void Fold(std::string& text) {
  text = OracleFolded(text);
}

void Fold(std::optional<std::string>& text) {
  if (text) Fold(*text);
}

void Fold(std::vector<std::string>& texts) {
  for (std::string& text : texts) Fold(text);
}

OracleClient FoldedClient(OracleClient client) {
  Fold(client.email);
  Fold(client.company_name);
  Fold(client.name);
  Fold(client.bill_type);
  Fold(client.promocode);
  Fold(client.user_emails);
  Fold(client.user_names);
  Fold(client.hostnames);
  return client;  // custom_id stays: it is compared exactly.
}

}  // namespace

std::string OracleFolded(std::string_view utf8) {
  std::string out;
  const auto length = static_cast<std::int32_t>(utf8.size());
  for (std::int32_t at = 0; at < length;) {
    UChar32 code_point;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // Inside ICU's macro.
    U8_NEXT(utf8.data(), at, length, code_point);
#pragma GCC diagnostic pop
    if (code_point < 0) std::abort();  // The parsers refuse malformed UTF-8.
    const UChar32 folded = u_foldCase(code_point, U_FOLD_CASE_DEFAULT);
    char bytes[U8_MAX_LENGTH];
    std::int32_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, folded);
    out.append(bytes, size);
  }
  return out;
}

OracleClient ToOracleClient(const ClientRecord& record) {
  OracleClient client;
  client.id = record.id();
  client.email = record[Field::kEmail].text;
  client.company_name = record[Field::kCompanyName].text;
  client.status = Def(Field::kStatus).words[record[Field::kStatus].integer];
  client.name = OptionalText(record[Field::kName]);
  client.bill_type = OptionalText(record[Field::kBillType]);
  client.custom_id = OptionalText(record[Field::kCustomId]);
  client.promocode = OptionalText(record[Field::kPromocode]);
  if (!record[Field::kCountryCode].is_null) client.country_code = CountryText(record[Field::kCountryCode].integer);
  for (std::size_t i = 0; i < record.user_count; ++i) {
    const UserValue& user = record.users[i];
    client.user_emails.emplace_back(user.email);
    if (user.has_name && !user.name_is_null) client.user_names.emplace_back(user.name);
  }
  client.hostnames.assign(record.hostnames.begin(), record.hostnames.end());
  client.seller = OptionalInteger(record[Field::kSeller]);
  client.resellers = OptionalInteger(record[Field::kResellers]);
  client.client_type = Def(Field::kClientType).words[record[Field::kClientType].integer];
  client.deleted = record[Field::kDeleted].integer != 0;
  client.is_test = record[Field::kIsTest].integer != 0;
  client.activated = record[Field::kActivated].integer != 0;
  client.created_at_us = record[Field::kCreatedAt].integer;
  if (!record[Field::kAllowedTrafficGb].is_null) client.allowed_traffic_gb = record[Field::kAllowedTrafficGb].number;
  for (const ServiceStateValue& state : record.service_states) {
    client.service_states.emplace_back(kServiceNames[state.service], kServiceStateWords[state.state]);
  }
  for (const ServiceFlagValue& flag : record.service_flags) {
    if (flag.available) client.available_services.emplace_back(kServiceNames[flag.service]);
  }
  for (const FeatureValue& feature : record.paid_features) client.feature_ids.push_back(feature.feature_id);
  for (const FeatureValue& feature : record.free_features) client.feature_ids.push_back(feature.feature_id);
  return client;
}

Oracle::Oracle(std::vector<OracleClient> clients) : clients_(std::move(clients)) {
  folded_.reserve(clients_.size());
  for (const OracleClient& client : clients_) folded_.push_back(FoldedClient(client));
}

OracleAnswer Oracle::Ask(const Query& query) const {
  std::vector<Condition> all_of;
  for (const Predicate& predicate : query.all_of) all_of.push_back(ConditionOf(predicate));

  std::vector<const OracleClient*> matches;
  for (const OracleClient& client : folded_) {
    if (std::all_of(all_of.begin(), all_of.end(), [&](const Condition& holds) { return holds(client); }))
      matches.push_back(&client);
  }

  OracleAnswer answer;
  answer.count = matches.size();
  const std::uint64_t first = std::min<std::uint64_t>(query.offset, matches.size());
  const std::uint64_t length = std::min<std::uint64_t>(query.limit.value_or(matches.size()), matches.size() - first);
  if (length == 0) return answer;
  // Ids are distinct, so the order is total and the page is the same as after sorting everything, which takes much longer.
  const auto before = [&](const OracleClient* a, const OracleClient* b) { return ComesBefore(*a, *b, query.order_by); };
  const auto page = matches.begin() + static_cast<std::ptrdiff_t>(first);
  const auto page_end = page + static_cast<std::ptrdiff_t>(length);
  std::nth_element(matches.begin(), page, matches.end(), before);
  std::nth_element(page, page_end, matches.end(), before);
  std::sort(page, page_end, before);
  for (std::uint64_t i = first; i < first + length; ++i) answer.ids.push_back(matches[i]->id);
  return answer;
}

OracleAnswer AskOracle(const std::vector<OracleClient>& clients, const Query& query) {
  return Oracle(clients).Ask(query);
}

}  // namespace clientele
