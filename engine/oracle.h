// The contract of the list query as slow, obvious code over plain structs with no index at all: every plan must agree with it.
// Used by tests (and by `clientele query --oracle`), never by the server. Depends on nothing of the fast path but the schema,
// the Query value and ICU.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/query.h"
#include "index/client_record.h"

namespace clientele {

// An owned copy of what queries may look at.
struct OracleClient {
  std::int64_t id;
  std::string email, company_name, status;
  std::optional<std::string> name, bill_type, custom_id, promocode, country_code;
  std::vector<std::string> user_emails, user_names, hostnames;
  std::optional<std::int64_t> seller, resellers;
  std::string client_type;
  bool deleted, is_test, activated;
  std::int64_t created_at_us;
  std::optional<double> allowed_traffic_gb;
  std::vector<std::pair<std::string, std::string>> service_states;  // Service name, state word.
  std::vector<std::string> available_services;
  std::vector<std::int64_t> feature_ids;
};

OracleClient ToOracleClient(const ClientRecord& record);

struct OracleAnswer {
  std::uint64_t count = 0;
  std::vector<std::int64_t> ids;  // The page, in order.
};

OracleAnswer AskOracle(const std::vector<OracleClient>& clients, const Query& query);

}  // namespace clientele
