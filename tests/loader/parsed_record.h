// Helpers of the loader's tests: texts with the padding that the parser wants, and one good record to change.
#pragma once

#include <string>
#include <string_view>

#include "loader/record_parser.h"

namespace clientele {

// Parses a copy of `json` that ends in padding; keeps it alive together with the record's views.
struct ParsedRecord {
  explicit ParsedRecord(std::string_view json) : text(std::string(json) + std::string(RecordParser::kPadding, '"')) {
    ok = parser.Parse(std::string_view(text).substr(0, json.size()), record, error);
  }
  ParsedRecord(const ParsedRecord&) = delete;

  // "ok", or "pointer|value|expected".
  std::string Outcome() const { return ok ? "ok" : error.pointer + "|" + error.value + "|" + error.expected; }

  std::string text;
  RecordParser parser;
  ClientRecord record;
  RecordError error;
  bool ok = false;
};

// The smallest record: the required members and what is given, `members` such as `"seller":3`.
inline std::string SmallRecord(std::string_view members = "") {
  std::string json = R"({"id":7,"email":"a@b.example","status":"active","companyName":"","created_at":"2024-05-06T07:08:09Z")";
  if (!members.empty()) json.append(",").append(members);
  return json + "}";
}

inline std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

// A record with every member, in the contract's order.
inline constexpr std::string_view kFullRecord =
    R"({"id":1366957,"users":[{"id":13669570,"email":"u0@Example.com","name":"O'Neil","lang":"en","phone":null,"company":"C",)"
    R"("reseller":7,"client":1366957,"deleted":false,"groups":[{"id":1,"name":"Administrators"}],"activated":true,"sso_auth":false,)"
    R"("two_fa":true,"auth_types":["password"]}],"email":"user@Example.com","phone":"+1 5","name":"Søren","status":"trialend",)"
    R"("companyName":"Norwegian","website":"https://x.example","currentUser":13669570,"capabilities":["CDN","CONNECT"],)"
    R"("serviceStatuses":{"DNS":{"status":"paused","enabled":true},"CDN":{"status":"active","enabled":false}},)"
    R"("paidFeatures":{"CDN":[{"feature_id":40,"name":"f40","service":"CDN","create_date":"2024-02-11T08:30:00Z","paid_feature_id":393710}]},)"
    R"("freeFeatures":{"DNS":[{"feature_id":44,"name":"f44","service":"CLOUD","create_date":"2024-02-11T08:30:00.5Z","free_feature_id":1}]},)"
    R"("entryBaseDomain":"d.example","signup_process":"sign_up_simple","deleted":true,"bill_type":"PrePaid","custom_id":"C-1688",)"
    R"("country_code":"PL","is_test":true,"has_active_admin":true,"seller":5,"resellers":3,"client_type":"sales","owner":9,)"
    R"("created_at":"2023-09-01T06:23:36.999999Z","activated":false,"promocode":"Winter24","allowed_traffic_gb":1.50,)"
    R"("secondary_hostnames":["h1.example","h2.example"],"personal_product_availability":{"STORAGE":true,"DNS":false}})";

}  // namespace clientele
