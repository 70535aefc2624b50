// bench/loader/mapping_translator_bench.cpp: how many records does one core map, from rows and from JSON, beside what parsing
// them as clients costs?
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "loader/csv_record_parser.h"
#include "loader/csv_writer.h"
#include "loader/generator.h"
#include "loader/mapping_file.h"
#include "loader/mapping_translator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

constexpr std::uint64_t kRecords = 4'000;

// Every flat field by a rule of its own, some with more than a path.
constexpr std::string_view kMapping = R"(
keep = "none"
[fields]
id = "id"
email = { from = "email", transform = "trim" }
phone = "phone"
name = "name"
status = { from = "status", values = { active = "active", paused = "paused" }, other = "keep" }
companyName = { from = "companyName", default = "" }
website = "website"
currentUser = "currentUser"
entryBaseDomain = "entryBaseDomain"
signup_process = "signup_process"
deleted = "deleted"
bill_type = "bill_type"
custom_id = "custom_id"
country_code = "country_code"
is_test = "is_test"
has_active_admin = "has_active_admin"
seller = "seller"
resellers = "resellers"
client_type = "client_type"
owner = "owner"
created_at = "created_at"
activated = "activated"
promocode = "promocode"
allowed_traffic_gb = "allowed_traffic_gb"
)";

struct Input {
  std::vector<std::string> json;  // Each with the parser's padding.
  std::string table;
  std::shared_ptr<const CsvHeader> header;
  std::string_view rows;
};

const Input& GeneratedRecords() {
  static const Input input = [] {
    Input made;
    const Generator generator(7, kRecords);
    RecordParser parser;
    ClientRecord record;
    RecordError error;
    AppendCsvHeader(made.table);
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      std::string json;
      generator.AppendClient(i, json);
      const std::size_t size = json.size();
      json.append(RecordParser::kPadding, ' ');
      if (parser.Parse(std::string_view(json).substr(0, size), record, error)) AppendCsvRow(record, made.table);
      made.json.push_back(std::move(json));
    }
    const std::size_t size = made.table.size();
    made.table.append(CsvRows::kPadding, '\n');
    CsvHeaderText found;
    ReadCsvHeader({made.table.data(), size}, /*at_end=*/true, 0, found);
    made.header = std::make_shared<const CsvHeader>(found.header);
    made.rows = std::string_view(made.table).substr(found.size, size - found.size);
    return made;
  }();
  return input;
}

std::shared_ptr<const Mapping> BenchMapping() {
  return *ParseMapping(kMapping, "bench");
}

void BM_ParseRows(benchmark::State& state) {
  const Input& input = GeneratedRecords();
  CsvRecordParser parser;
  ClientRecord record;
  RecordError error;
  CsvRows rows;
  for (auto _ : state) {
    rows.Start(input.rows, ',', 2);
    while (rows.Next()) {
      if (!parser.Parse(input.header, rows, record, error)) state.SkipWithError(error.expected.c_str());
    }
  }
  state.SetItemsProcessed(state.iterations() * std::int64_t{kRecords});
}
BENCHMARK(BM_ParseRows);

// `parsed`: the JSON that was made is parsed, too, as a load does.
void MapRecords(benchmark::State& state, bool from_rows, bool parsed) {
  const Input& input = GeneratedRecords();
  MappingTranslator translator(BenchMapping());
  RecordParser parser;
  ClientRecord record;
  RecordError error;
  std::string json;
  const auto map = [&](const ForeignRecord& foreign) {
    bool done = translator.Translate(foreign, json, error);
    const std::size_t size = json.size();
    json.append(RecordParser::kPadding, ' ');
    if (done && parsed) done = parser.Parse(std::string_view(json).substr(0, size), record, error);
    if (!done) state.SkipWithError(error.expected.c_str());
  };
  CsvRows rows;
  for (auto _ : state) {
    if (from_rows) {
      rows.Start(input.rows, ',', 2);
      while (rows.Next())
        map({.json = {}, .header = input.header.get(), .cells = rows.cells(), .row = &rows, .line = rows.line()});
    } else {
      for (const std::string& text : input.json) {
        map({.json = std::string_view(text).substr(0, text.size() - RecordParser::kPadding), .cells = {}, .line = 1});
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * std::int64_t{kRecords});
}
BENCHMARK_CAPTURE(MapRecords, rows, true, false);
BENCHMARK_CAPTURE(MapRecords, rows_parsed, true, true);
BENCHMARK_CAPTURE(MapRecords, json, false, false);
BENCHMARK_CAPTURE(MapRecords, json_parsed, false, true);

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
