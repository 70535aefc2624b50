#include "tests/engine/random_queries.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "index/date_time.h"
#include "tests/engine/random_text.h"

namespace clientele {
namespace {

constexpr std::size_t kOperandBytesMax = 2000;  // Below the parser's limit, with room for other cases that are longer.

template <typename T>
std::vector<std::string> Texts(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

std::vector<std::string> Texts(const std::string& value) {
  return {value};
}

std::vector<std::string> Texts(const std::optional<std::string>& value) {
  return value ? std::vector<std::string>{*value} : std::vector<std::string>{};
}

// The client's texts that this filter looks at.
std::vector<std::string> TextsOf(std::string_view parameter, const OracleClient& client) {
  if (parameter == "email") return Texts(client.email);
  if (parameter == "companyName") return Texts(client.company_name);
  if (parameter == "name") return Texts(client.name);
  if (parameter == "users_name") return Texts(client.user_names);
  if (parameter == "users_email") return Texts(client.user_emails);
  if (parameter == "secondaryhostnames") return Texts(client.hostnames);
  if (parameter == "bill_type") return Texts(client.bill_type);
  if (parameter == "promocode") return Texts(client.promocode);
  if (parameter == "custom_id") return Texts(client.custom_id);
  return {};
}

// Makes values for the parameters of one request.
class ValueMaker {
 public:
  ValueMaker(const std::vector<OracleClient>& clients, Random& random) : clients_(clients), random_(random) {}

  // From now on operands are drawn from this one client.
  void KeepOneClient() { kept_ = clients_.empty() ? nullptr : &random_.Pick(clients_); }

  // Whether the kept client, if there is one, has something that the filter can match.
  bool HasValueFor(const FilterDef& filter) const {
    if (kept_ == nullptr) return true;
    if (filter.syntax == ParameterSyntax::kText) return !TextsOf(filter.parameter, *kept_).empty();
    if (filter.syntax == ParameterSyntax::kNumber) return kept_->allowed_traffic_gb.has_value();
    if (filter.op == FilterOp::kServiceStateAnyOf) return !StateOf(*kept_, filter.service).empty();
    if (filter.op == FilterOp::kServiceAvailable) return !kept_->available_services.empty();
    if (filter.op == FilterOp::kFeatureAnyOf) return !kept_->feature_ids.empty();
    if (filter.parameter == "reseller_id") return kept_->resellers.has_value();
    if (filter.parameter == "seller_id") return kept_->seller.has_value();
    return true;
  }

  std::string ValueFor(const FilterDef& filter) {
    switch (filter.syntax) {
      case ParameterSyntax::kText: return Text(filter);
      case ParameterSyntax::kInteger: return std::to_string(Id(filter.parameter));
      case ParameterSyntax::kIntegerList: return IdList(filter.parameter);
      case ParameterSyntax::kWordList: return filter.op == FilterOp::kServiceStateAnyOf ? ServiceStates(filter) : Words(filter);
      case ParameterSyntax::kCountryList: return Countries();
      case ParameterSyntax::kBoolean: return Boolean(filter.parameter);
      case ParameterSyntax::kDeletedText:
        return random_.Chance(50) ? "all" : Client().deleted == !random_.Chance(100) ? "true" : "false";
      case ParameterSyntax::kNumber: return Number();
      case ParameterSyntax::kDateTime: return Time();
      case ParameterSyntax::kServiceNameList: return Services();
    }
    return {};
  }

 private:
  // Empty when the client lacks the service.
  static std::string StateOf(const OracleClient& client, std::uint8_t wanted) {
    for (const auto& [service, state] : client.service_states) {
      if (service == kServiceNames[wanted]) return state;
    }
    return {};
  }

  const OracleClient& Client() {
    static const OracleClient none;
    if (kept_ != nullptr) return *kept_;
    return clients_.empty() ? none : random_.Pick(clients_);
  }

  std::string Text(const FilterDef& filter) {
    const std::vector<std::string> texts = TextsOf(filter.parameter, Client());
    if (texts.empty() || random_.Chance(50)) return RandomPart(RandomText(random_), kOperandBytesMax, random_);
    std::string text = random_.Pick(texts);
    if (text.size() > kOperandBytesMax) text = RandomPart(text, kOperandBytesMax, random_);
    if (filter.op == FilterOp::kContains) text = Part(texts, std::move(text));
    if (random_.Chance(filter.op == FilterOp::kEqualsExact ? 100 : 500)) text = WithOtherCase(text, random_);
    if (random_.Chance(30)) text += RandomPart(RandomText(random_), 4, random_);
    return text;
  }

  // What a contains filter may look for in one of the texts.
  std::string Part(const std::vector<std::string>& texts, std::string text) {
    const std::uint64_t kind = random_.Below(100);
    if (kind < 20) return text;
    if (kind < 30) return RandomPart(text, 1, random_);
    if (kind < 40) return text.size() <= 3 ? text : RandomPart(text, 3, random_);
    if (kind < 45)
      return RandomPart(text, 100, random_) + RandomPart(random_.Pick(texts), 100, random_);  // Across values: no match.
    return RandomPart(text, random_.Between(2, 20), random_);
  }

  std::int64_t Id(std::string_view parameter) {
    if (random_.Chance(30)) return static_cast<std::int64_t>(random_.Below(1000)) - 500;
    const OracleClient& client = Client();
    if (parameter == "reseller_id") return client.resellers.value_or(static_cast<std::int64_t>(random_.Below(40)));
    if (parameter == "seller_id") return client.seller.value_or(static_cast<std::int64_t>(random_.Below(40)));
    if (parameter == "feature_id_in") {
      return client.feature_ids.empty() ? static_cast<std::int64_t>(random_.Below(60)) : random_.Pick(client.feature_ids);
    }
    if (parameter == "id__in__exclude" && kept_ != nullptr && !clients_.empty()) return random_.Pick(clients_).id;
    return client.id;
  }

  std::string IdList(std::string_view parameter) {
    std::uint64_t count = random_.Chance(800) ? random_.Between(1, 4) : random_.Between(5, 300);
    std::string list = std::to_string(Id(parameter));
    const OracleClient* const kept = std::exchange(kept_, nullptr);  // One of the ids is enough to match.
    for (; count > 1; --count) {
      list += random_.Chance(50) ? " , ," : ",";
      list += std::to_string(Id(parameter));
    }
    kept_ = kept;
    return list;
  }

  // `own`, the empty text for none, and up to three of `words`, with commas.
  std::string WordList(std::string own, std::span<const std::string_view> words) {
    std::string list = own.empty() || random_.Chance(50) ? std::string(random_.Pick(words)) : std::move(own);
    for (std::uint64_t more = random_.Chance(700) ? 0 : random_.Between(1, 3); more > 0; --more) {
      list.append(",").append(random_.Pick(words));
    }
    return list;
  }

  std::string Words(const FilterDef& filter) {
    if (filter.parameter == "status") return WordList(Client().status, Def(Field::kStatus).words);
    return WordList(Client().client_type, Def(Field::kClientType).words);
  }

  std::string ServiceStates(const FilterDef& filter) { return WordList(StateOf(Client(), filter.service), kServiceStateWords); }

  std::string Services() {
    const OracleClient& client = Client();
    std::string list = WordList(client.available_services.empty() ? "" : random_.Pick(client.available_services), kServiceNames);
    for (char& c : list) {
      if (random_.Chance(300)) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return list;
  }

  std::string Country() {
    if (random_.Chance(50)) return {static_cast<char>('A' + random_.Below(26)), static_cast<char>('a' + random_.Below(26))};
    return Client().country_code.value_or("null");
  }

  std::string Countries() {
    std::string list = Country();
    for (std::uint64_t more = random_.Chance(700) ? 0 : random_.Between(1, 4); more > 0; --more) list += "," + Country();
    return list;
  }

  std::string Boolean(std::string_view parameter) {
    const bool own = parameter == "is_test" ? Client().is_test : Client().activated;
    static constexpr std::string_view kTrue[] = {"true", "1", "TRUE"};
    static constexpr std::string_view kFalse[] = {"false", "0", "False"};
    return std::string(own != random_.Chance(100) ? random_.Pick(kTrue) : random_.Pick(kFalse));
  }

  std::string Number() {
    static constexpr double kSteps[] = {0, 0, 0, 1e-9, -1e-9, 1, -1, 1e6};
    const double number = Client().allowed_traffic_gb.value_or(static_cast<double>(random_.Below(1000))) + random_.Pick(kSteps);
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
  }

  std::string Time() {
    const std::int64_t step = static_cast<std::int64_t>(random_.Below(3)) - 1;
    const std::int64_t time = std::clamp(Client().created_at_us + (random_.Chance(500) ? 0 : step), kTimeMin, kTimeMax);
    std::string text;
    AppendRfc3339(time, text);
    if (random_.Chance(200)) return text.substr(0, 10);
    if (random_.Chance(200)) text.pop_back();
    if (random_.Chance(200)) text[10] = ' ';
    return text;
  }

  const std::vector<OracleClient>& clients_;
  Random& random_;
  const OracleClient* kept_ = nullptr;
};

std::string RandomOrdering(Random& random) {
  static constexpr std::string_view kKeys[] = {"id", "email", "name", "companyName", "status", "created_at", "created"};
  std::string ordering;
  for (std::uint64_t keys = random.Chance(400) ? 1 : random.Below(5); keys > 0; --keys) {
    if (!ordering.empty()) ordering += random.Chance(100) ? " , " : ",";
    if (random.Chance(500)) ordering += "-";
    ordering += random.Chance(100) ? "status" : random.Pick(kKeys);  // Often first: a word key has a plan of its own.
  }
  return ordering;
}

// Mostly none; else near the start, anywhere in the matches, at their end, or past it.
std::string RandomOffset(const Oracle& oracle, const std::vector<Parameter>& filters, Random& random) {
  if (random.Chance(500)) return {};
  if (random.Chance(300)) return std::to_string(random.Below(20));
  if (random.Chance(20)) return "18446744073709551615";
  Query count_only = std::get<Query>(ParseQuery(filters));
  count_only.limit = 0;
  const std::uint64_t matches = oracle.Ask(count_only).count;
  if (random.Chance(850)) return std::to_string(random.Below(matches + 1));
  return std::to_string(matches + random.Below(3) - std::min<std::uint64_t>(matches, 1));
}

std::string RandomLimit(std::uint64_t clients, Random& random) {
  const std::uint64_t kind = random.Below(100);
  if (kind < 10) return {};
  if (kind < 17) return "0";
  if (kind < 25) return "1";
  if (kind < 50) return std::to_string(random.Between(2, 20));
  if (kind < 55) return std::to_string(random.Below(clients + 2));
  if (kind < 57) return "18446744073709551615";
  return kind < 65 ? "1000" : "50";
}

}  // namespace

std::vector<Parameter> RandomRequest(const Oracle& oracle, Random& random) {
  ValueMaker maker(oracle.clients(), random);
  if (random.Chance(700)) maker.KeepOneClient();
  std::vector<Parameter> parameters;
  std::vector<FilterId> used;
  for (std::uint64_t filters = random.Chance(100) ? 0 : random.Chance(400) ? 1 : random.Between(1, 6); filters > 0; --filters) {
    const auto id = static_cast<FilterId>(random.Below(Filters().size()));
    if (std::find(used.begin(), used.end(), id) != used.end()) continue;
    used.push_back(id);
    const FilterDef& filter = *Filters()[id].def;
    if (!maker.HasValueFor(filter) && !random.Chance(100)) continue;
    parameters.emplace_back(filter.parameter, maker.ValueFor(filter));
  }
  std::string offset = RandomOffset(oracle, parameters, random);
  parameters.emplace_back("offset", std::move(offset));
  parameters.emplace_back("ordering", RandomOrdering(random));
  parameters.emplace_back("limit", RandomLimit(oracle.clients().size(), random));
  return parameters;
}

}  // namespace clientele
