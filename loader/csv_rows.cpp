#include "loader/csv_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <emmintrin.h>

namespace clientele {
namespace {

constexpr std::size_t kChunk = 64;

std::uint64_t EqualBits(const char* chunk, char wanted) {
  const __m128i byte = _mm_set1_epi8(wanted);
  std::uint64_t bits = 0;
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(chunk + 16 * i));
    bits |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, byte)))) << (16 * i);
  }
  return bits;
}

// The bits of a chunk that lie within a text of which `left` bytes remain.
std::uint64_t BitsWithin(std::size_t left) {
  return left >= kChunk ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
}

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

// Offset of the first line end at or behind `from`; the text's size when there is none.
std::size_t LineEnd(std::string_view text, std::size_t from) {
  const void* const found = from < text.size() ? std::memchr(text.data() + from, '\n', text.size() - from) : nullptr;
  return found == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// Behind the last line end of text[begin..end), or 0.
std::size_t BehindLastLineEnd(std::string_view text, std::size_t begin, std::size_t end) {
  const void* const found = begin < end ? memrchr(text.data() + begin, '\n', end - begin) : nullptr;
  return found == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + 1;
}

}  // namespace

void CsvRows::Start(std::string_view text, char delimiter, std::uint64_t first_line) {
  text_ = text;
  delimiter_ = delimiter;
  line_ = first_line;
  at_ = base_ = 0;
  marks_ = MarksAt(0);
}

std::uint64_t CsvRows::MarksAt(std::size_t base) const {
  if (base >= text_.size()) return 0;
  const char* const chunk = text_.data() + base;
  const __m128i delimiters = _mm_set1_epi8(delimiter_), line_ends = _mm_set1_epi8('\n'), quotes = _mm_set1_epi8('"');
  std::uint64_t bits = 0;
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(chunk + 16 * i));
    const __m128i marked = _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiters),
                                        _mm_or_si128(_mm_cmpeq_epi8(bytes, line_ends), _mm_cmpeq_epi8(bytes, quotes)));
    bits |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(marked))) << (16 * i);
  }
  return bits & BitsWithin(text_.size() - base);
}

std::size_t CsvRows::NextMark() {
  while (marks_ == 0) {
    base_ += kChunk;
    if (base_ >= text_.size()) {
      base_ = text_.size();  // Stays behind the text however often it is asked.
      return text_.size();
    }
    marks_ = MarksAt(base_);
  }
  const std::size_t mark = base_ + static_cast<std::size_t>(std::countr_zero(marks_));
  marks_ &= marks_ - 1;
  return mark;
}

bool CsvRows::Next() {
  while (at_ < text_.size()) {
    ReadRow();
    if (!IsBlankRow()) return true;
  }
  return false;
}

bool CsvRows::IsBlankRow() const {
  if (cells_.size() > 1 || raw_cells_[0].quoted) return false;
  return std::ranges::all_of(raw(), IsBlank);
}

void CsvRows::AddCell(std::size_t begin, std::size_t end, std::string_view text, bool quoted) {
  if (cells_.size() == kCellsMax) [[unlikely]] {
    raw_cells_.back().end = end;
    return;
  }
  cells_.push_back(text);
  raw_cells_.push_back({begin, end, quoted});
}

void CsvRows::ReadRow() {
  cells_.clear();
  raw_cells_.clear();
  arena_.Reset();
  has_mistake_ = false;
  row_begin_ = at_;
  row_line_ = line_;
  for (std::size_t begin = at_;;) {
    std::size_t mark = NextMark();
    if (mark == begin && mark < text_.size() && text_[mark] == '"') {
      mark = ReadQuoted(begin);
    } else {
      while (mark < text_.size() && text_[mark] == '"') mark = NextMark();  // Within a cell a quote is a byte like others.
      const bool ends_row = mark == text_.size() || text_[mark] == '\n';
      const std::size_t end = ends_row && mark > begin && text_[mark - 1] == '\r' ? mark - 1 : mark;
      AddCell(begin, end, {text_.data() + begin, end - begin}, false);
    }
    if (mark == text_.size() || text_[mark] == '\n') {
      row_end_ = raw_cells_.back().end;
      at_ = std::min(mark + 1, text_.size());
      ++line_;
      return;
    }
    begin = mark + 1;
  }
}

// Reads the cell whose quote opens at `open`; returns the delimiter or line end behind it, or the text's size.
std::size_t CsvRows::ReadQuoted(std::size_t open) {
  bool doubled = false;
  std::size_t close = text_.size();
  for (std::size_t mark = NextMark(); mark < text_.size(); mark = NextMark()) {
    if (text_[mark] == '\n') ++line_;
    if (text_[mark] != '"') continue;
    if (mark + 1 < text_.size() && text_[mark + 1] == '"') {
      NextMark();
      doubled = true;
      continue;
    }
    close = mark;
    break;
  }
  const bool closed = close < text_.size();
  std::size_t end = closed ? close + 1 : text_.size();
  // Behind the quote: what ends the cell, at once or (a mistake) after other text.
  std::size_t mark = closed ? NextMark() : text_.size();
  while (mark < text_.size() && text_[mark] == '"') mark = NextMark();
  const bool carriage_return = closed && mark == end + 1 && text_[end] == '\r' && (mark == text_.size() || text_[mark] == '\n');
  if ((!closed || (mark != end && !carriage_return)) && !has_mistake_) {
    has_mistake_ = true;
    mistake_ = {cells_.size(), (closed ? end : open) - row_begin_};
  }
  if (closed && mark != end && !carriage_return) end = mark;
  const std::string_view inside(text_.data() + open + 1, (closed ? close : text_.size()) - open - 1);
  if (!doubled) {
    AddCell(open, end, inside, true);
    return mark;
  }
  char* const bytes = arena_.Allocate(inside.size() + kPadding);
  char* out = bytes;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    *out++ = inside[i];
    if (inside[i] == '"') ++i;  // The second of two.
  }
  std::memset(out, 0, kPadding);
  AddCell(open, end, {bytes, static_cast<std::size_t>(out - bytes)}, true);
  return mark;
}

CsvRowsEnd FindCsvRowsEnd(std::string_view text, char delimiter) {
  CsvRowsEnd found;
  bool inside = false;
  std::size_t outside_from = 0;  // Behind the last closing quote.
  std::size_t skip = 0;          // Quotes before this offset belong to a doubled one.
  const auto at_quote = [&](std::size_t quote) {
    if (quote < skip) return;
    if (inside) {
      if (quote + 1 < text.size() && text[quote + 1] == '"') {
        skip = quote + 2;
      } else {
        inside = false;
        outside_from = quote + 1;
      }
      return;
    }
    if (quote != 0 && text[quote - 1] != delimiter && text[quote - 1] != '\n') return;
    inside = true;
    found.end = std::max(found.end, BehindLastLineEnd(text, outside_from, quote));
  };
  for (std::size_t base = 0; base < text.size(); base += kChunk) {
    for (std::uint64_t quotes = EqualBits(text.data() + base, '"') & BitsWithin(text.size() - base); quotes != 0;
         quotes &= quotes - 1) {
      at_quote(base + static_cast<std::size_t>(std::countr_zero(quotes)));
    }
  }
  found.inside_quotes = inside;
  if (!inside) found.end = std::max(found.end, BehindLastLineEnd(text, outside_from, text.size()));
  return found;
}

namespace {

constexpr std::string_view kDelimiters = ",;\t";

struct HeaderScan {
  std::size_t end = 0;                          // Of the row, its line end excluded.
  std::size_t counts[kDelimiters.size()] = {};  // Of each candidate outside of quotes.
};

// Looks at the first line that is not blank, minding quotes. Byte by byte: there is one header in a file.
HeaderScan ScanHeader(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = LineEnd(text, begin);
    if (!std::ranges::all_of(text.substr(begin, end - begin), IsBlank)) break;
    begin = end + 1;
  }
  HeaderScan scan;
  bool inside = false;
  std::size_t at = begin;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    const std::size_t candidate = kDelimiters.find(c);
    if (inside) {
      const bool doubled = c == '"' && at + 1 < text.size() && text[at + 1] == '"';
      if (doubled) ++at;
      if (c == '"' && !doubled) inside = false;
    } else if (c == '"') {
      inside = at == begin || kDelimiters.find(text[at - 1]) != std::string_view::npos;
    } else if (c == '\n') {
      break;
    } else if (candidate != std::string_view::npos) {
      ++scan.counts[candidate];
    }
  }
  scan.end = std::min(at, text.size());
  return scan;
}

}  // namespace

bool ReadCsvHeader(std::string_view text, bool at_end, char delimiter, CsvHeaderText& out) {
  const HeaderScan scan = ScanHeader(text);
  if (scan.end == text.size() && !at_end) return false;
  const std::string_view row = text.substr(0, scan.end);
  const auto* const most = std::max_element(std::begin(scan.counts), std::end(scan.counts));
  out.header.delimiter = delimiter != 0 ? delimiter : kDelimiters[static_cast<std::size_t>(most - std::begin(scan.counts))];
  out.header.names.clear();
  CsvRows rows;
  rows.Start(row, out.header.delimiter, 1);
  if (rows.Next()) out.header.names.assign(rows.cells().begin(), rows.cells().end());
  out.size = std::min(scan.end + 1, text.size());
  out.lines = static_cast<std::uint64_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(out.size), '\n'));
  return true;
}

}  // namespace clientele
