// The mappings of data/mappings on the real files that they are for, where these are beside the project. What must come out is
// computed here from the files by a slow and obvious reading of their own.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <simdjson.h>

#include "index/absl_view.h"
#include "index/segment.h"
#include "loader/load.h"
#include "loader/mapping_countries.h"
#include "loader/mapping_file.h"
#include "loader/mapping_guess.h"
#include "loader/mapping_translator.h"
#include "loader/mapping_trial.h"
#include "loader/sample_records.h"

namespace clientele {
namespace {

namespace fs = std::filesystem;
namespace dom = simdjson::dom;

std::optional<std::string> RealFile(const std::string& name) {
  for (const char* const beside : {"..", "../.."}) {
    const fs::path path = fs::path(CLIENTELE_SOURCE_DIR) / beside / "shared/data/real" / name;
    if (fs::exists(path)) return path.string();
  }
  std::cout << "shared/data/real/" << name << " is not beside the project: its test is skipped" << std::endl;
  return std::nullopt;
}

std::string ReadText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// A table with commas, character by character.
using TableRow = std::map<std::string, std::string>;
std::vector<TableRow> ReadTable(const std::string& path) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  const std::string text = ReadText(path);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& cell = rows.back().back();
    if (quoted && text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      cell += text[i++];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == ',') {
      rows.back().emplace_back();
    } else if (!quoted && text[i] == '\n') {
      rows.emplace_back(1);
    } else if (quoted || text[i] != '\r') {
      cell += text[i];
    }
  }
  std::vector<TableRow> table;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].size() < rows[0].size()) continue;
    TableRow& row = table.emplace_back();
    for (std::size_t j = 0; j < rows[0].size(); ++j) row[rows[0][j]] = rows[i][j];
  }
  return table;
}

// The clients that a load with a mapping of data/mappings gives, all of them, as JSON.
std::vector<std::string> LoadMapped(const std::string& path, const std::string& mapping_name) {
  const auto mapping = ReadMapping(CLIENTELE_SOURCE_DIR "/data/mappings/" + mapping_name);
  INFO(mapping.status().ToString());
  REQUIRE(mapping.ok());
  LoadOptions options;
  options.new_translator = TranslatorsFor(*mapping);
  const absl::StatusOr<LoadReport> report = LoadFiles({path}, options);
  INFO(report.status().ToString());
  REQUIRE(report.ok());
  for (const Reject& reject : report->first_rejects) UNSCOPED_INFO(reject.ToString());
  REQUIRE(report->rejected == 0);
  std::vector<std::string> clients;
  const Segment& segment = *report->segment;
  for (std::uint32_t row = 0; row < segment.row_count(); ++row) {
    RenderRecord(segment.dictionaries(), segment.records().Record(row), ~std::uint64_t{0}, clients.emplace_back());
  }
  return clients;
}

std::string Text(const dom::element& element, std::string_view pointer) {
  std::string_view text;
  return element.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : "(none)";
}

using Counts = std::map<std::string, int>;

TEST_CASE("the universities are loaded, each as its list says", "[loader][mapping][real]") {
  const auto path = RealFile("universities.json");
  if (!path) return;
  dom::parser file_parser, client_parser;
  std::map<std::string, dom::element> by_email;  // No two have the same first domain and name.
  Counts countries;
  const dom::array universities = file_parser.load(*path).value();
  std::size_t hostnames = 0;
  for (const dom::element university : universities) {
    by_email["info@" + Text(university, "/domains/0") + "|" + Text(university, "/name")] = university;
    ++countries[Text(university, "/alpha_two_code")];
    hostnames += dom::array(university["domains"]).size() - 1;
  }
  REQUIRE(by_email.size() == universities.size());

  const std::vector<std::string> clients = LoadMapped(*path, "universities.toml");
  CHECK(clients.size() == universities.size());
  Counts loaded_countries;
  std::size_t mistakes = 0, loaded_hostnames = 0;
  for (const std::string& json : clients) {
    const dom::element client = client_parser.parse(json);
    ++loaded_countries[Text(client, "/country_code")];
    loaded_hostnames += dom::array(client["secondary_hostnames"]).size();
    const auto found = by_email.find(Text(client, "/email") + "|" + Text(client, "/companyName"));
    const bool right = found != by_email.end() && Text(client, "/website") == Text(found->second, "/web_pages/0") &&
                       Text(client, "/country_code") == Text(found->second, "/alpha_two_code") &&
                       Text(client, "/status") == "active" &&
                       Text(client, "/entryBaseDomain") == Text(found->second, "/domains/0") &&
                       Text(client, "/state-province") == Text(found->second, "/state-province") &&
                       Text(client, "/users/0/name") == "Office of " + Text(found->second, "/name") &&
                       Text(client, "/users/0/email") == Text(client, "/email");
    mistakes += right ? 0 : 1;
  }
  CHECK(mistakes == 0);
  CHECK(loaded_countries == countries);
  CHECK(loaded_hostnames == hostnames);
}

TEST_CASE("every country's name in the universities' list is known", "[loader][mapping][real]") {
  const auto path = RealFile("universities.json");
  if (!path) return;
  dom::parser parser;
  for (const dom::element university : dom::array(parser.load(*path).value())) {
    const std::string name = Text(university, "/country");
    INFO(name);
    REQUIRE(FindCountry(name) == Text(university, "/alpha_two_code"));
  }
}

TEST_CASE("the listed companies are loaded, each as its row says", "[loader][mapping][real]") {
  const auto path = RealFile("listed_companies.csv");
  if (!path) return;
  std::map<std::string, TableRow> by_ticker;
  Counts statuses, connect;
  const std::map<std::string, std::string> status_of{
      {"NYSE", "active"}, {"Nasdaq", "active"}, {"CBOE", "integration"}, {"OTC", "trial"}, {"None", "new"}};
  const std::map<std::string, std::string> connect_of{
      {"NYSE", "active"}, {"Nasdaq", "active"}, {"CBOE", "activating"}, {"OTC", "paused"}, {"None", "(none)"}};
  const std::vector<TableRow> table = ReadTable(*path);
  for (const TableRow& row : table) {
    by_ticker[row.at("Ticker")] = row;
    ++statuses[status_of.at(row.at("Exchange"))];
    ++connect[connect_of.at(row.at("Exchange"))];
  }
  REQUIRE(by_ticker.size() == table.size());

  const std::vector<std::string> clients = LoadMapped(*path, "listed_companies.toml");
  CHECK(clients.size() == table.size());
  dom::parser parser;
  Counts loaded_statuses, loaded_connect;
  std::size_t mistakes = 0;
  for (const std::string& json : clients) {
    const dom::element client = parser.parse(json);
    ++loaded_statuses[Text(client, "/status")];
    ++loaded_connect[Text(client, "/serviceStatuses/CONNECT/status")];
    const TableRow& row = by_ticker[Text(client, "/custom_id")];
    const bool right = !row.empty() && Text(client, "/companyName") == row.at("Name") &&
                       Text(client, "/status") == status_of.at(row.at("Exchange")) &&
                       std::int64_t(client["owner"]) == std::stoll(row.at("CIK")) && Text(client, "/country_code") == "US";
    mistakes += right ? 0 : 1;
  }
  CHECK(mistakes == 0);
  CHECK(loaded_statuses == statuses);
  CHECK(loaded_connect == connect);
}

// January 2020 less some months.
std::string MonthsBefore2020(int months) {
  int year = 2020, month = 1;
  for (; months > 0; --months) {
    if (--month == 0) {
      month = 12;
      --year;
    }
  }
  return std::to_string(year) + (month < 10 ? "-0" : "-") + std::to_string(month) + "-01T00:00:00Z";
}

TEST_CASE("the telephone customers are loaded, each as its row says", "[loader][mapping][real]") {
  const auto path = RealFile("telco_customers.csv");
  if (!path) return;
  std::map<std::string, TableRow> by_id;
  Counts statuses, features;
  const auto status_of = [](const TableRow& row) {
    return row.at("Churn") == "Yes" ? "paused" : row.at("tenure") == "0" ? "new" : "active";
  };
  const auto state_of = [](const std::string& cell) {
    return cell == "Yes" ? "active" : cell == "No" ? "new" : "(none)";  // "No internet service".
  };
  const std::vector<TableRow> table = ReadTable(*path);
  for (const TableRow& row : table) {
    by_id[row.at("customerID")] = row;
    ++statuses[status_of(row)];
    features["1"] += row.at("MultipleLines") == "Yes" ? 1 : 0;
    features["2"] += row.at("TechSupport") == "Yes" ? 1 : 0;
    features["3"] += row.at("PaperlessBilling") == "Yes" ? 1 : 0;
  }
  REQUIRE(by_id.size() == table.size());

  const std::vector<std::string> clients = LoadMapped(*path, "telco_customers.toml");
  CHECK(clients.size() == table.size());
  dom::parser parser;
  Counts loaded_statuses, loaded_features;
  std::size_t mistakes = 0;
  for (const std::string& json : clients) {
    const dom::element client = parser.parse(json);
    ++loaded_statuses[Text(client, "/status")];
    for (const char* const kind : {"/paidFeatures/CONNECT", "/freeFeatures/CONNECT"}) {
      dom::array list;
      if (client.at_pointer(kind).get(list) != simdjson::SUCCESS) continue;
      for (const dom::element feature : list) ++loaded_features[std::to_string(std::int64_t(feature["feature_id"]))];
    }
    const TableRow& row = by_id[Text(client, "/custom_id")];
    if (row.empty()) {
      ++mistakes;
      continue;
    }
    const bool streams = row.at("StreamingTV") == "Yes" || row.at("StreamingMovies") == "Yes";
    const bool online = row.at("InternetService") != "No";
    const std::set<std::pair<std::string, std::string>> found{
        {"/status", status_of(row)},
        {"/created_at", MonthsBefore2020(std::stoi(row.at("tenure")))},
        {"/serviceStatuses/CONNECT/status", online ? "active" : "(none)"},
        {"/serviceStatuses/STORAGE/status", state_of(row.at("OnlineBackup"))},
        {"/serviceStatuses/DDOS/status", state_of(row.at("OnlineSecurity"))},
        {"/serviceStatuses/INFRASTRUCTURE_PROTECTION/status", state_of(row.at("DeviceProtection"))},
        {"/serviceStatuses/STREAMING/status", streams  ? "active"
                                              : online ? "new"
                                                       : "(none)"},
        {"/telco_TotalCharges", row.at("TotalCharges")},
        {"/promocode", row.at("Contract") == "One year"   ? "YEAR1"
                       : row.at("Contract") == "Two year" ? "YEAR2"
                                                          : "(none)"},
    };
    const bool activated = client["activated"];
    const bool right = activated == (row.at("tenure") != "0") &&
                       std::ranges::all_of(found, [&](const auto& one) { return Text(client, one.first) == one.second; });
    mistakes += right ? 0 : 1;
  }
  CHECK(mistakes == 0);
  CHECK(loaded_statuses == statuses);
  CHECK(loaded_features == features);
}

TEST_CASE("the mapping guessed for a real file loads all of it", "[loader][mapping][real]") {
  const std::string name = GENERATE("universities.json", "listed_companies.csv", "telco_customers.csv");
  const auto path = RealFile(name);
  if (!path) return;
  CAPTURE(name);
  auto sample = RecordSample::Read(*path, InputFormat::kAuto, 0);
  REQUIRE(sample.ok());
  RecordProfile profile;
  RecordError error;
  for (std::size_t i = 0; i < sample->size(); ++i) REQUIRE(profile.Add(sample->record(i), error));
  const auto mapping = ParseMapping(WriteMapping(name, profile, GuessFields(profile)), "guess");
  INFO(mapping.status().ToString());
  REQUIRE(mapping.ok());
  const TrialReport trial = TryLoading(*mapping, *sample);
  CHECK(trial.loaded == sample->size());
  CHECK(trial.refused == 0);
}

}  // namespace
}  // namespace clientele
