// The sixteen classes of list queries that the product is measured by, as request parameters drawn afresh for each query from
// clients of the measured set itself, so that no two queries of a run need be the same and nothing depends on an index.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "engine/query_parser.h"

namespace clientele {

// What parameters are drawn from: some clients of the set, in no order.
struct ClientSample {
  struct Client {
    std::int64_t id;
    std::string email, company;
    std::string country, status;           // Empty country: null.
    std::int64_t created_at_us, reseller;  // reseller 0: null.
    std::vector<std::string> user_emails;
    std::vector<std::int64_t> paid_features;
  };
  std::vector<Client> clients;
  std::vector<std::string> rare_email_texts;      // Five letters, in one e-mail of the sample.
  std::vector<std::string> common_company_texts;  // Four letters, in one company name in a hundred at least.
};

// `size` clients of the generated set (seed, client_count), drawn with a seed of their own.
ClientSample DrawSample(std::uint64_t seed, std::uint64_t client_count, std::size_t size);

struct QueryClass {
  std::string name;  // "L1", ...
  std::string description;
  bool in_mix;  // Of the HTTP mix: L1-L5, L8-L10, L12, L13, L15.
  bool stream;  // No limit: everything is streamed.
  // Parameters of one query. `matches` counts the matches of parameters, for the class whose offset is a share of them.
  using CountOf = std::function<std::uint64_t(const std::vector<Parameter>&)>;
  std::function<std::vector<Parameter>(const ClientSample&, std::mt19937_64&, const CountOf& matches)> draw;
};

const std::vector<QueryClass>& QueryClasses();

// application/x-www-form-urlencoded, as a client sends it.
std::string EncodeQueryString(const std::vector<Parameter>& parameters);

}  // namespace clientele
