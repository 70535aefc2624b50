// The contract of the list query as slow, obvious code over plain structs with no index at all: every plan must agree with it.
// Used by tests (and by `clientele query --oracle`), never by the server. Depends on nothing of the fast path but the schema's
// words, the Query value and ICU: filters are found by their parameter's name and texts are folded here, so that a mistake in the
// schema table or in index/case_folding.h shows as a difference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/query.h"
#include "index/client_record.h"

namespace clientele {

// An owned copy of what queries may look at.
struct OracleClient {
  std::int64_t id = 0;
  std::string email, company_name, status;
  std::optional<std::string> name, bill_type, custom_id, promocode, country_code;
  std::vector<std::string> user_emails, user_names, hostnames;
  std::optional<std::int64_t> seller, resellers;
  std::string client_type;
  bool deleted = false, is_test = false, activated = false;
  std::int64_t created_at_us = 0;
  std::optional<double> allowed_traffic_gb;
  std::vector<std::pair<std::string, std::string>> service_states;  // Service name, state word.
  std::vector<std::string> available_services;
  std::vector<std::int64_t> feature_ids;
  bool operator==(const OracleClient&) const = default;
};

OracleClient ToOracleClient(const ClientRecord& record);

struct OracleAnswer {
  std::uint64_t count = 0;
  std::vector<std::int64_t> ids;  // The page, in order.
};

// Clients with their texts folded once, for asking many queries. Immutable: thread-safe.
class Oracle {
 public:
  explicit Oracle(std::vector<OracleClient> clients);

  // O(clients x predicates + matches log matches).
  OracleAnswer Ask(const Query& query) const;

  const std::vector<OracleClient>& clients() const { return clients_; }  // As given.

 private:
  std::vector<OracleClient> clients_;
  std::vector<OracleClient> folded_;  // The same clients, each text that is compared in any case folded.
};

// For a single query.
OracleAnswer AskOracle(const std::vector<OracleClient>& clients, const Query& query);

// Simple case folding of valid UTF-8, code point by code point with ICU's u_foldCase.
std::string OracleFolded(std::string_view utf8);

}  // namespace clientele
