// Any bytes as a mapping file: it is refused with an error, or applied to records and rows, which are refused or become client
// records.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "loader/mapping_file.h"
#include "loader/mapping_translator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

// Fails as a fuzzer does.
void Require(bool condition) {
  if (!condition) std::abort();
}

constexpr std::string_view kRecords[] = {
    R"({"id":7,"name":"Fundação \"A\"","contact":{"email":"a@b.example","phones":["+1",null,2]},"domains":["a.example","b.example"],)"
    R"("country":"Germany","state":"Open","since":"31.12.2020","n":"1.234,5","yes":"Yes","months":13,"odd.name":true})",
    R"({"id":"x","name":null,"contact":[],"domains":"a.example","country":"","state":{"a":1},"since":1700000000,"n":1e9,"yes":[[1]]})",
    "{}",
    "{\"id\":",
};

// What a mapping makes must be JSON that the parser understands or refuses; twice the same.
void Translate(MappingTranslator& translator, const ForeignRecord& record) {
  RecordParser parser;
  ClientRecord client;
  std::string json, again;
  RecordError error;
  const bool translated = translator.Translate(record, json, error);
  RecordError error_again;
  Require(translator.Translate(record, again, error_again) == translated);
  if (!translated) {
    Require(!error.expected.empty());
    return;
  }
  Require(json == again);
  const std::size_t size = json.size();
  json.append(RecordParser::kPadding, ' ');
  if (parser.Parse(std::string_view(json).substr(0, size), client, error)) return;
  Require(error.expected != "a JSON object");
  translator.Locate(record, error);
}

void Check(std::string_view text) {
  const auto mapping = ParseMapping(text, "fuzz.toml");
  if (!mapping.ok()) {
    Require(!mapping.status().message().empty());
    return;
  }
  MappingTranslator translator(*mapping);
  for (const std::string_view json : kRecords) {
    const std::string padded = std::string(json) + std::string(RecordParser::kPadding, '"');
    ForeignRecord record;
    record.json = std::string_view(padded).substr(0, json.size());
    record.line = 1;
    Translate(translator, record);
  }
  CsvHeader header;
  header.names = {"id", "name", "domains", "country", "state", "since", "n", "yes", "months", "odd.name"};
  const std::string_view cells[] = {"7", "A \"B\"", "a.example", "FR", "Closed", "01.02.2020", "5", "No", "x", ""};
  ForeignRecord row;
  row.header = &header;
  row.cells = cells;
  row.line = 2;
  if (translator.CheckHeader(header, 0).ok()) Translate(translator, row);
}

}  // namespace
}  // namespace clientele

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clientele::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
