#include "loader/csv_rows.h"

#include <optional>
#include <random>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

using Cells = std::vector<std::string>;

struct Row {
  Cells cells;
  std::uint64_t line;
  std::string raw;
  std::optional<std::size_t> mistake_cell;

  bool operator==(const Row&) const = default;
};

std::vector<Row> ReadRows(const std::string& text, char delimiter = ',', std::uint64_t first_line = 1) {
  const std::string padded = text + std::string(CsvRows::kPadding, '"');
  CsvRows rows;
  rows.Start(std::string_view(padded).substr(0, text.size()), delimiter, first_line);
  std::vector<Row> found;
  while (rows.Next()) {
    Row row{.cells = {rows.cells().begin(), rows.cells().end()},
            .line = rows.line(),
            .raw = std::string(rows.raw()),
            .mistake_cell = {}};
    if (rows.mistake() != nullptr) row.mistake_cell = rows.mistake()->cell;
    found.push_back(row);
  }
  return found;
}

std::vector<Cells> ReadCells(const std::string& text, char delimiter = ',') {
  std::vector<Cells> cells;
  for (const Row& row : ReadRows(text, delimiter)) cells.push_back(row.cells);
  return cells;
}

std::string FoundEnd(const std::string& text, char delimiter = ',') {
  const std::string padded = text + std::string(CsvRows::kPadding, '"');
  const CsvRowsEnd end = FindCsvRowsEnd(std::string_view(padded).substr(0, text.size()), delimiter);
  return std::to_string(end.end) + (end.inside_quotes ? " inside" : "");
}

CsvHeaderText Header(const std::string& text, char delimiter = 0) {
  const std::string padded = text + std::string(CsvRows::kPadding, '"');
  CsvHeaderText found;
  REQUIRE(ReadCsvHeader(std::string_view(padded).substr(0, text.size()), true, delimiter, found));
  return found;
}

TEST_CASE("rows end at LF or CRLF, the last one also without", "[loader][csv_rows]") {
  CHECK(ReadCells("a,b\nc,d\r\ne,f") == std::vector<Cells>{{"a", "b"}, {"c", "d"}, {"e", "f"}});
  CHECK(ReadCells("a\r\n") == std::vector<Cells>{{"a"}});
  CHECK(ReadCells("a,\r\n,\n") == std::vector<Cells>{{"a", ""}, {"", ""}});
  CHECK(ReadCells("a\rb\n") == std::vector<Cells>{{"a\rb"}});
  CHECK(ReadCells("").empty());
}

TEST_CASE("blank lines are no rows but count as lines", "[loader][csv_rows]") {
  const std::vector<Row> rows = ReadRows("\n \t\r\na,b\n\r\n\nc,d\n\n", ',', 10);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].line == 12);
  CHECK(rows[1].line == 15);
  CHECK(ReadCells("\"\"\n") == std::vector<Cells>{{""}});
}

TEST_CASE("quoted cells hold delimiters, line ends and doubled quotes", "[loader][csv_rows]") {
  const std::vector<Row> rows = ReadRows("\"a,\"\"b\"\"\",\"x\r\ny\"\r\n\"\",\"\"\"\"\nz,1\n");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].cells == Cells{"a,\"b\"", "x\r\ny"});
  CHECK(rows[0].raw == "\"a,\"\"b\"\"\",\"x\r\ny\"");
  CHECK(rows[1].cells == Cells{"", "\""});
  CHECK(rows[1].line == 3);
  CHECK(rows[2].line == 4);
}

TEST_CASE("a quote inside an unquoted cell stands for itself", "[loader][csv_rows]") {
  CHECK(ReadCells("5\" pipe,a\"\"b, \"c\"\nd,e,f\n") == std::vector<Cells>{{"5\" pipe", "a\"\"b", " \"c\""}, {"d", "e", "f"}});
}

TEST_CASE("text behind a closing quote is a mistake of its row alone", "[loader][csv_rows]") {
  const std::vector<Row> rows = ReadRows("a,\"b\"c,d\ne,f,g\n\"h\" ,i,j\n");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].mistake_cell == 1);
  CHECK(rows[0].cells.size() == 3);
  CHECK(!rows[1].mistake_cell);
  CHECK(rows[2].mistake_cell == 0);
}

TEST_CASE("a quote that never closes is a mistake that takes all that follows", "[loader][csv_rows]") {
  const std::vector<Row> rows = ReadRows("a,b\nc,\"d\ne,f\n");
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].mistake_cell == 1);
  CHECK(rows[1].cells == Cells{"c", "d\ne,f\n"});
}

TEST_CASE("cells beyond any table's width take no memory and end no row", "[loader][csv_rows]") {
  const std::vector<Row> rows = ReadRows(std::string(200'000, ',') + "\na,b\n");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].cells.size() == CsvRows::kCellsMax);
  CHECK(rows[0].raw.size() == 200'000);
  CHECK(rows[1].cells == Cells{"a", "b"});
}

TEST_CASE("cells tell where they stand in their row", "[loader][csv_rows]") {
  const std::string text = "x,\"a\"\"b\",y\n" + std::string(CsvRows::kPadding, ' ');
  CsvRows rows;
  rows.Start(std::string_view(text).substr(0, 11), ',', 1);
  REQUIRE(rows.Next());
  CHECK(rows.raw().substr(rows.offset(1), rows.length(1)) == "\"a\"\"b\"");
  CHECK(rows.quoted(1));
  CHECK(!rows.quoted(2));
}

TEST_CASE("whole rows end at the last line end outside of quotes", "[loader][csv_rows]") {
  CHECK(FoundEnd("a,b\nc") == "4");
  CHECK(FoundEnd("abc") == "0");
  CHECK(FoundEnd("a\n\"b\n") == "2 inside");
  CHECK(FoundEnd("a\n\"b\n\"") == "2");
  CHECK(FoundEnd("a\n\"b\n\"\"\n") == "2 inside");
  CHECK(FoundEnd("a\n\"b\n\"\n") == "7");
  CHECK(FoundEnd("a\nb\"\n") == "5");
  CHECK(FoundEnd("a\n;\"\n\n", ';') == "2 inside");
  CHECK(FoundEnd("a\n;\"\n\n", ',') == "6");
}

TEST_CASE("the header's most frequent delimiter is the table's", "[loader][csv_rows]") {
  CHECK(Header("a,b;c,d\n1").header.delimiter == ',');
  CHECK(Header("a;b;c,d\n1").header.delimiter == ';');
  CHECK(Header("a\tb\n1").header.delimiter == '\t');
  CHECK(Header("\"a;b;c\",d\n").header.delimiter == ',');
  CHECK(Header("id\n").header.delimiter == ',');
  CHECK(Header("a,b,c\td\n", '\t').header.names == Cells{"a,b,c", "d"});
}

TEST_CASE("the header is the first row that is not blank, quotes minded", "[loader][csv_rows]") {
  const CsvHeaderText found = Header("\n \r\nid,\"na\nme\",x\r\n1,2,3\n");
  CHECK(found.header.names == Cells{"id", "na\nme", "x"});
  CHECK(found.lines == 4);
  CHECK(found.size == 18);
  CHECK(Header("").header.names.empty());
  CsvHeaderText half;
  const std::string text = "id,na" + std::string(CsvRows::kPadding, ' ');
  CHECK(!ReadCsvHeader(std::string_view(text).substr(0, 5), false, 0, half));
}

// A reader that is slow and obvious: one byte after the other.
std::vector<Cells> ReadSlowly(const std::string& text, char delimiter) {
  std::vector<Cells> rows;
  Cells row;
  std::string cell, line;
  bool any_quoted = false;
  const auto end_row = [&] {
    row.push_back(cell);
    const bool is_blank = row.size() == 1 && !any_quoted && cell.find_first_not_of(" \t\r") == std::string::npos;
    if (!is_blank) rows.push_back(row);
    row.clear();
    cell.clear();
    any_quoted = false;
  };
  for (std::size_t i = 0; i < text.size();) {
    const bool starts = cell.empty() && (i == 0 || text[i - 1] == delimiter || text[i - 1] == '\n');
    if (starts && text[i] == '"') {
      any_quoted = true;
      for (++i; i < text.size(); ++i) {
        if (text[i] == '"' && (i + 1 >= text.size() || text[i + 1] != '"')) break;
        if (text[i] == '"') ++i;
        cell += text[i];
      }
      i = std::min(i + 1, text.size());
      while (i < text.size() && text[i] != delimiter && text[i] != '\n') ++i;  // A mistake, or the CR of a CRLF.
      if (i == text.size()) continue;
    } else if (text[i] != delimiter && text[i] != '\n') {
      const bool is_line_end = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] == '\n');
      if (!is_line_end) cell += text[i];
      ++i;
      continue;
    }
    if (text[i] == '\n') {
      end_row();
    } else {
      row.push_back(cell);
      cell.clear();
    }
    ++i;
  }
  if (!text.empty() && text.back() != '\n') end_row();
  if (!text.empty() && text.back() == '\n' && (!row.empty() || any_quoted)) end_row();
  return rows;
}

TEST_CASE("rows and their ends agree with a byte by byte reader on random text", "[loader][csv_rows][oracle]") {
  const auto seed = GENERATE(range(1U, 9U));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 3'000; ++round) {
    std::string text;
    const std::size_t size = random() % 200;
    for (std::size_t i = 0; i < size; ++i) text += std::string_view("aaab,,\"\"\n\r ")[random() % 11];
    CAPTURE(text);
    const std::string padded = text + std::string(CsvRows::kPadding, ',');
    const CsvRowsEnd end = FindCsvRowsEnd(std::string_view(padded).substr(0, text.size()), ',');
    std::vector<Cells> whole = ReadCells(text);
    // Cut where it may be cut, both parts give what the whole gave.
    std::vector<Cells> parts = ReadCells(text.substr(0, end.end));
    const std::vector<Cells> rest = ReadCells(text.substr(end.end));
    parts.insert(parts.end(), rest.begin(), rest.end());
    REQUIRE(parts == whole);
    if (!end.inside_quotes) REQUIRE(whole == ReadSlowly(text, ','));
  }
}

}  // namespace
}  // namespace clientele
