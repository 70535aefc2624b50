// Rows of comma (semicolon, tab) separated text as RFC 4180 has it: cells in double quotes may hold delimiters, line ends and
// doubled quotes. Quotes mean something only at the start of a cell; inside an unquoted one they stand for themselves, as most
// writers mean them. Lines end with LF or CRLF; blank lines are skipped. No bytes are refused here but text behind a closing
// quote.
//
// Why not libcsv: it goes byte by byte through callbacks (docs/loading.md has the figures), does not say where a cell or a row
// stood, and cannot go on behind a row that is malformed. Here vector compares mark delimiters, line ends and quotes, 64 bytes at
// a time (the first stage of simdjson: Langdale and Lemire, 2019), and only marked bytes are looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loader/text_arena.h"

namespace clientele {

// The first row of a file: what the others' cells are called. Immutable, shared by all blocks of the file.
struct CsvHeader {
  char delimiter = ',';
  std::vector<std::string> names;  // As spelt, unquoted; possibly empty or repeated.
};

// What is wrong with the quoting of a row.
struct CsvMistake {
  std::size_t cell = 0;    // 0-based.
  std::size_t offset = 0;  // Of the first wrong byte, within the row's raw text.
};

// Walks the rows of one block. One thread at a time.
class CsvRows {
 public:
  static constexpr std::size_t kPadding = 64;  // Bytes that must be readable behind the text, and are behind every cell.
  static constexpr std::size_t kCellsMax = std::size_t{1} << 16;  // More cells of a row are left out: no table is that wide.

  // `text` begins at a row's start and must stay; `first_line` is the number of its first line in the file.
  void Start(std::string_view text, char delimiter, std::uint64_t first_line);

  // Moves to the next row that is not blank; false at the end. O(bytes of the row).
  bool Next();

  // Of the current row; valid until the next call. Views point into the text or, where quotes had to be undoubled, into this.
  std::span<const std::string_view> cells() const { return cells_; }
  bool quoted(std::size_t cell) const { return raw_cells_[cell].quoted; }
  // Where the cell stands in raw(), quotes included.
  std::size_t offset(std::size_t cell) const { return raw_cells_[cell].begin - row_begin_; }
  std::size_t length(std::size_t cell) const { return raw_cells_[cell].end - raw_cells_[cell].begin; }
  std::string_view raw() const { return text_.substr(row_begin_, row_end_ - row_begin_); }  // Without its line end.
  std::uint64_t line() const { return row_line_; }                                          // Of its first byte.
  const CsvMistake* mistake() const { return has_mistake_ ? &mistake_ : nullptr; }          // Null when well-formed.

 private:
  struct RawCell {
    std::size_t begin, end;  // In the text, quotes included.
    bool quoted;
  };

  std::size_t NextMark();  // Offset of the next delimiter, line end or quote; the text's size at the end.
  std::uint64_t MarksAt(std::size_t base) const;
  void ReadRow();
  std::size_t ReadQuoted(std::size_t open);
  void AddCell(std::size_t begin, std::size_t end, std::string_view text, bool quoted);
  bool IsBlankRow() const;

  std::string_view text_;
  char delimiter_ = ',';
  std::size_t base_ = 0;     // Of the 64 bytes that `marks_` is about.
  std::uint64_t marks_ = 0;  // Bit i: text_[base_ + i] is marked and still to come.
  std::size_t at_ = 0;       // Where the next row begins.
  std::uint64_t line_ = 1;   // Of the next row.

  std::size_t row_begin_ = 0, row_end_ = 0;
  std::uint64_t row_line_ = 1;
  std::vector<std::string_view> cells_;
  std::vector<RawCell> raw_cells_;
  bool has_mistake_ = false;
  CsvMistake mistake_;
  TextArena arena_;
};

// Where the rows that are whole end: behind the last line end of `text` that stands outside of quotes; 0 when there is none.
// `text` begins at a row's start. O(bytes), some 10 GB/s where quotes are few.
struct CsvRowsEnd {
  std::size_t end = 0;
  bool inside_quotes = false;  // Whether the text ends between quotes.
};
CsvRowsEnd FindCsvRowsEnd(std::string_view text, char delimiter);

// The first row of `text`, as a header; its delimiter is the one of , ; and tab that is most frequent in it outside of quotes,
// unless `delimiter` is given (not 0). `text` is followed by CsvRows::kPadding bytes. False when it holds no whole row, unless
// `at_end` says that nothing is to come; a blank text gives a header without names.
struct CsvHeaderText {
  CsvHeader header;
  std::size_t size = 0;     // Bytes that it takes, its line end included,
  std::uint64_t lines = 0;  // and lines.
};
bool ReadCsvHeader(std::string_view text, bool at_end, char delimiter, CsvHeaderText& out);

}  // namespace clientele
