// Any bytes as a table: rows and their cells lie within the text, cutting it where rows end changes nothing, and what is accepted
// as a record comes out of the encoding as JSON that is accepted. The first byte picks the delimiter.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/record_codec.h"
#include "loader/csv_columns.h"
#include "loader/csv_record_parser.h"
#include "loader/csv_rows.h"
#include "loader/record_parser.h"
#include "loader/reject.h"

namespace clientele {
namespace {

// Fails as a fuzzer does.
void Require(bool condition) {
  if (!condition) std::abort();
}

std::string Padded(std::string_view text) {
  return std::string(text) + std::string(CsvRows::kPadding, '"');
}

std::vector<std::vector<std::string>> ReadRows(std::string_view text, char delimiter) {
  const std::string padded = Padded(text);
  CsvRows rows;
  rows.Start(std::string_view(padded).substr(0, text.size()), delimiter, 1);
  std::vector<std::vector<std::string>> found;
  std::uint64_t line = 0;
  while (rows.Next()) {
    Require(rows.line() > line);
    line = rows.line();
    Require(!rows.cells().empty());
    for (std::size_t i = 0; i < rows.cells().size(); ++i) {
      Require(rows.offset(i) + rows.length(i) <= rows.raw().size());
      Require(rows.cells()[i].size() <= rows.length(i));
    }
    if (rows.mistake() != nullptr) Require(rows.mistake()->offset <= rows.raw().size());
    found.emplace_back(rows.cells().begin(), rows.cells().end());
  }
  return found;
}

void CheckCut(std::string_view text, char delimiter) {
  const std::string padded = Padded(text);
  const CsvRowsEnd end = FindCsvRowsEnd(std::string_view(padded).substr(0, text.size()), delimiter);
  Require(end.end <= text.size());
  auto parts = ReadRows(text.substr(0, end.end), delimiter);
  for (auto& row : ReadRows(text.substr(end.end), delimiter)) parts.push_back(std::move(row));
  Require(parts == ReadRows(text, delimiter));
}

class TableCheck {
 public:
  void Run(std::string_view text) {
    const std::string padded = Padded(text);
    CsvHeaderText found;
    if (!ReadCsvHeader(std::string_view(padded).substr(0, text.size()), true, 0, found)) return;
    Require(found.size <= text.size());
    if (!CheckClientHeader(found.header).ok()) return;
    const char delimiter = found.header.delimiter;
    const auto header = std::make_shared<const CsvHeader>(std::move(found.header));
    CsvRows rows;
    rows.Start(std::string_view(padded).substr(found.size, text.size() - found.size), delimiter, 1);
    while (rows.Next()) CheckRow(header, rows);
  }

 private:
  void CheckRow(const std::shared_ptr<const CsvHeader>& header, const CsvRows& rows) {
    RecordError error;
    if (!row_parser_.Parse(header, rows, record_, error)) {
      Require(!error.expected.empty());
      const SourceExcerpt excerpt = ExcerptOf(rows.raw(), error);
      Require(excerpt.mark_offset + excerpt.mark_length <= excerpt.text.size());
      return;
    }
    std::string encoded, json;
    encoder_.Append(record_, encoded);
    RenderRecord(*dictionaries_, reinterpret_cast<const std::uint8_t*>(encoded.data()), ~std::uint64_t{0}, json);
    const std::size_t size = json.size();
    json.append(RecordParser::kPadding, ' ');
    Require(json_parser_.Parse(std::string_view(json).substr(0, size), record_, error));
  }

  CsvRecordParser row_parser_;
  RecordParser json_parser_;
  ClientRecord record_;
  std::shared_ptr<RecordDictionaries> dictionaries_ = NewRecordDictionaries();
  RecordEncoder encoder_{dictionaries_};
};

}  // namespace
}  // namespace clientele

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static clientele::TableCheck check;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check.Run(text);
  if (!text.empty()) clientele::CheckCut(text.substr(1), ",;\t|"[static_cast<unsigned char>(text[0]) % 4]);
  return 0;
}
