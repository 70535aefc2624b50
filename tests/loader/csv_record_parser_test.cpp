#include "loader/csv_record_parser.h"

#include <catch2/catch.hpp>

#include "index/record_codec.h"
#include "loader/csv_columns.h"
#include "loader/csv_writer.h"
#include "loader/generator.h"
#include "tests/loader/parsed_record.h"

namespace clientele {
namespace {

// Records as they would be answered, so that those of different sources can be compared.
class Renderer {
 public:
  std::string operator()(const ClientRecord& record) {
    std::string encoded, json;
    encoder_.Append(record, encoded);
    RenderRecord(*dictionaries_, reinterpret_cast<const std::uint8_t*>(encoded.data()), ~std::uint64_t{0}, json);
    return json;
  }

 private:
  std::shared_ptr<RecordDictionaries> dictionaries_ = NewRecordDictionaries();
  RecordEncoder encoder_{dictionaries_};
};

constexpr std::string_view kRequired = "id,email,status,companyName,created_at";
constexpr std::string_view kGood = "7,a@b.example,active,,2024-05-06T07:08:09Z";

// The first row of a table.
struct ParsedRow {
  ParsedRow(std::string_view header_row, std::string_view row, char delimiter = ',')
      : text(std::string(row) + std::string(RecordParser::kPadding, '"')) {
    auto made = std::make_shared<CsvHeader>();
    const std::string padded = std::string(header_row) + std::string(CsvRows::kPadding, ' ');
    CsvHeaderText found;
    REQUIRE(ReadCsvHeader(std::string_view(padded).substr(0, header_row.size()), true, delimiter, found));
    header = std::make_shared<const CsvHeader>(found.header);
    rows.Start(std::string_view(text).substr(0, row.size()), delimiter, 1);
    REQUIRE(rows.Next());
    ok = parser.Parse(header, rows, record, error);
  }

  std::string Outcome() {
    if (ok) return Renderer()(record);
    return std::to_string(error.column) + "|" + error.pointer + "|" + error.value + "|" + error.expected;
  }

  std::string text;
  std::shared_ptr<const CsvHeader> header;
  CsvRows rows;
  CsvRecordParser parser;
  ClientRecord record;
  RecordError error;
  bool ok = false;
};

// Of a row with the required columns and one more.
std::string With(std::string_view column, std::string_view cell) {
  return ParsedRow(std::string(kRequired) + "," + std::string(column), std::string(kGood) + "," + std::string(cell)).Outcome();
}

// What the same record as JSON gives.
std::string FromJson(std::string_view members = "") {
  const ParsedRecord parsed(SmallRecord(members));
  REQUIRE(parsed.Outcome() == "ok");
  return Renderer()(parsed.record);
}

TEST_CASE("a row gives the record that JSON with the same values gives", "[loader][csv_record_parser]") {
  CHECK(ParsedRow(kRequired, kGood).Outcome() == FromJson());
  CHECK(With("seller", "3") == FromJson(R"("seller":3)"));
  CHECK(With("deleted", "true") == FromJson(R"("deleted":true)"));
  CHECK(With("allowed_traffic_gb", "1.50") == FromJson(R"("allowed_traffic_gb":1.50)"));
  CHECK(With("country_code", "DE") == FromJson(R"("country_code":"DE")"));
  CHECK(With("name", "\"O\"\"Neil, \nJr\"") == FromJson(R"("name":"O\"Neil, \nJr")"));
  CHECK(With("reseller", "5") == FromJson(R"("reseller":5)"));
  CHECK(With("client_type", "sales") == FromJson(R"("client_type":"sales")"));
}

TEST_CASE("every generated client survives the way through a table", "[loader][csv_record_parser]") {
  const Generator generator(5, 3'000);
  Renderer render;
  RecordParser json_parser;
  CsvRecordParser row_parser;
  std::string header_text, rows_text;
  AppendCsvHeader(header_text);
  header_text.append(CsvRows::kPadding, ' ');
  CsvHeaderText found;
  REQUIRE(ReadCsvHeader(header_text, true, 0, found));
  CHECK(found.header.names.size() == FlatFields().size());
  REQUIRE(CheckClientHeader(found.header).ok());
  const auto header = std::make_shared<const CsvHeader>(found.header);
  ClientRecord record, from_row;
  RecordError error;
  std::string json, row_text;
  for (std::uint64_t i = 0; i < generator.client_count(); ++i) {
    json.clear();
    row_text.clear();
    generator.AppendClient(i, json);
    const std::size_t size = json.size();
    json.append(RecordParser::kPadding, ' ');
    REQUIRE(json_parser.Parse(std::string_view(json).substr(0, size), record, error));
    AppendCsvRow(record, row_text);
    const std::size_t row_size = row_text.size();
    row_text.append(CsvRows::kPadding, ' ');
    CsvRows rows;
    rows.Start(std::string_view(row_text).substr(0, row_size), ',', 1);
    REQUIRE(rows.Next());
    REQUIRE(row_parser.Parse(header, rows, from_row, error));
    for (const Field field : FlatFields()) {
      CAPTURE(i, Def(field).name);
      REQUIRE(from_row[field].is_null == record[field].is_null);
      if (record[field].is_null) continue;
      const bool is_text = Def(field).kind == FieldKind::kText || Def(field).kind == FieldKind::kNumber;
      if (is_text) REQUIRE(from_row[field].text == record[field].text);
      if (!is_text) REQUIRE(from_row[field].integer == record[field].integer);
      if (Def(field).kind == FieldKind::kNumber) REQUIRE(from_row[field].number == record[field].number);
    }
  }
}

TEST_CASE("an empty cell is null, the default, or the empty text", "[loader][csv_record_parser]") {
  CHECK(With("seller", "") == FromJson());
  CHECK(With("seller", "\"\"") == FromJson());
  CHECK(With("deleted", "") == FromJson());
  CHECK(With("client_type", "") == FromJson());
  CHECK(With("name", "") == FromJson(R"("name":null)"));
  CHECK(With("name", "\"\"") == FromJson(R"("name":"")"));
  CHECK(With("users", "") == FromJson());
  CHECK(With("activated", "") == FromJson());
  CHECK(With("x", "") == FromJson());
}

TEST_CASE("what is required must be there", "[loader][csv_record_parser]") {
  CHECK(ParsedRow(kRequired, ",a@b.example,active,,2024-05-06").Outcome() == "1|id||an integer from 1 to 9223372036854775807");
  CHECK(ParsedRow(kRequired, "1,,active,,").Outcome().substr(0, 13) == "5|created_at|");
  CHECK(ParsedRow(kRequired, "1,,,,2024-05-06").Outcome().substr(0, 9) == "3|status|");
}

TEST_CASE("cells are as strict as JSON values", "[loader][csv_record_parser]") {
  CHECK(With("seller", "007") == "6|seller|\"007\"|a 64-bit integer, or nothing");
  for (const char* bad : {" 7", "+7", "7.0", "1e3", "9223372036854775808", "-", "x"}) CHECK(With("seller", bad)[0] == '6');
  for (const char* bad : {"TRUE", "1", "yes", " true"})
    CHECK(With("is_test", bad) == "6|is_test|\"" + std::string(bad) + "\"|true or false");
  for (const char* bad : {"de", "DEU", "D"}) CHECK(With("country_code", bad)[0] == '6');
  for (const char* bad : {"1e999", "01", ".5", "1.", "NaN", "0x1"}) CHECK(With("allowed_traffic_gb", bad)[0] == '6');
  CHECK(With("client_type", "Sales") == "6|client_type|\"Sales\"|one of common, reseller, sales");
  CHECK(ParsedRow(kRequired, "0,e,active,,2024-05-06").Outcome() == "1|id|\"0\"|an integer from 1 to 9223372036854775807");
  CHECK(ParsedRow(kRequired, "1,e,active,,yesterday").Outcome().substr(0, 24) == "5|created_at|\"yesterday\"");
}

TEST_CASE("lists are texts between semicolons, or JSON", "[loader][csv_record_parser]") {
  const std::string hosts = FromJson(R"("secondary_hostnames":["a.example","b.example"])");
  CHECK(With("secondary_hostnames", "a.example; b.example") == hosts);
  CHECK(With("secondary_hostnames", "\"[\"\"a.example\"\", \"\"b.example\"\"]\"") == hosts);
  CHECK(With("capabilities", "CDN;DNS") == FromJson(R"("capabilities":["CDN","DNS"])"));
  CHECK(With("capabilities", "CDN;dns") == "6|capabilities|\"CDN;dns\"|service names separated by ; or as a JSON array");
}

TEST_CASE("users and features are JSON in their cell", "[loader][csv_record_parser]") {
  CHECK(With("users", "\"[{\"\"id\"\":1,\"\"email\"\":\"\"x@y.example\"\",\"\"activated\"\":true}]\"") ==
        FromJson(R"("users":[{"id":1,"email":"x@y.example","activated":true}])"));
  CHECK(With("users", "[1]") == "6|users/0|1|an object");
  CHECK(With("users", "\"[] []\"").substr(0, 8) == "6|users|");
  CHECK(With("users", "\"[\"").substr(0, 2) == "6|");
  CHECK(With("freeFeatures", "nothing").substr(0, 15) == "6|freeFeatures|");
}

TEST_CASE("members of service objects have columns of their own", "[loader][csv_record_parser]") {
  const std::string header =
      std::string(kRequired) +
      ",serviceStatuses.DNS.status,serviceStatuses.CDN.enabled,serviceStatuses.CDN.status,personal_product_availability.CLOUD";
  const auto outcome = [&](const std::string& cells) { return ParsedRow(header, std::string(kGood) + "," + cells).Outcome(); };
  CHECK(outcome(",true,active,false") ==
        FromJson(
            R"("serviceStatuses":{"CDN":{"enabled":true,"status":"active"}},"personal_product_availability":{"CLOUD":false})"));
  CHECK(outcome("paused,,,") == FromJson(R"("serviceStatuses":{"DNS":{"status":"paused"}})"));
  CHECK(outcome(",,,") == FromJson());
  CHECK(outcome(",true,actve,") ==
        "8|serviceStatuses.CDN.status|\"actve\"|one of new, trial, trialend, active, paused, activating, deleted");
  CHECK(outcome(",maybe,active,") == "7|serviceStatuses.CDN.enabled|\"maybe\"|true or false");
  CHECK(outcome(",,,1") == "9|personal_product_availability.CLOUD|\"1\"|true or false");
}

TEST_CASE("unknown columns are kept as texts", "[loader][csv_record_parser]") {
  CHECK(With("x \"\"y\"\"", "1,\"a\"\"b\n\"").find("|") == 1);  // One cell more than the header has.
  CHECK(With("\"x \"\"y\"", "1.0") == FromJson(R"("x \"y":"1.0")"));
  CHECK(With("serviceStatuses.CDN.since", "2020") == FromJson(R"("serviceStatuses.CDN.since":"2020")"));
  CHECK(ParsedRow("a," + std::string(kRequired) + ",b", "1," + std::string(kGood) + ",2").Outcome() ==
        FromJson(R"("a":"1","b":"2")"));
}

TEST_CASE("rows of another shape than the header are refused", "[loader][csv_record_parser]") {
  CHECK(ParsedRow(kRequired, "1,e,active").Outcome() == "3||3|5 cells as in the header");
  CHECK(ParsedRow(kRequired, std::string(kGood) + ",,x").Outcome() == "6||7|5 cells as in the header");
  CHECK(ParsedRow(kRequired, "1,\"e\"x,active,,2024-05-06").Outcome() ==
        "2|email|x,active,,2024-05-06|a delimiter or the line's end behind the closing quote");
  CHECK(ParsedRow(kRequired, "1,a\xFF,active,,2024-05-06").Outcome() == "2|email|\"a\xEF\xBF\xBD\"|valid UTF-8");
}

TEST_CASE("headers that can make no client records are refused", "[loader][csv_columns]") {
  const auto outcome = [](std::vector<std::string> names) {
    return std::string(CheckClientHeader({.delimiter = ',', .names = std::move(names)}).message());
  };
  const std::vector<std::string> good = {"id", "email", "status", "companyName", "created_at"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), good.begin(), good.end());
    return outcome(more);
  };
  CHECK(outcome(good).empty());
  CHECK(with({"x", "serviceStatuses.CDN.status", "serviceStatuses.CDN.enabled"}).empty());
  CHECK(with({"id"}) == ":6: column 'id': expected each field only once");
  CHECK(with({"created"}).substr(0, 3) == ":6:");
  CHECK(with({"x", "x"}).substr(0, 3) == ":7:");
  CHECK(with({"serviceStatuses", "serviceStatuses.CDN.status"}).substr(0, 3) == ":7:");
  CHECK(with({"serviceStatuses.CDN.status", "serviceStatuses"}).substr(0, 3) == ":7:");
  CHECK(with({""}) == ":6: a column without a name");
  CHECK(outcome({"id", "email", "name"}).find(": no column status, companyName, created_at in the header 'id,email,name'") == 0);
  CHECK(outcome({"\x01\x02"}) == ": this is neither JSON nor a table in UTF-8");
  CHECK(outcome({"\xFF"}) == ": this is neither JSON nor a table in UTF-8");
}

}  // namespace
}  // namespace clientele
