#include "loader/record_splitter.h"

#include <algorithm>
#include <cstring>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "loader/csv_columns.h"
#include "loader/json_pointer.h"

namespace clientele {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r\n";

template <class OnLineEnd>
void ForEachLineEnd(std::string_view text, OnLineEnd on_line_end) {
  const char* at = text.data();
  const char* const end = at + text.size();
  // Lines are long, so a library call for each is the fastest way that needs no vector code of ours.
  while (at < end && (at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr) {
    on_line_end(static_cast<std::size_t>(at - text.data()));
    ++at;
  }
}

std::uint64_t CountLineEnds(std::string_view text) {
  std::uint64_t count = 0;
  ForEachLineEnd(text, [&](std::size_t) { ++count; });
  return count;
}

void SetBroken(Block& block, std::string_view text, std::string_view expected) {
  block.broken = RecordError{.pointer = "", .value = Excerpt(text), .expected = std::string(expected)};
  block.broken_text = text.substr(0, kBrokenTextBytes);
}

// Drops the first `size` bytes of the buffer. Done a few times a file, never per block.
void DropFront(Block& block, std::size_t size, std::size_t& used) {
  used -= size;
  std::memmove(block.buffer.data(), block.buffer.data() + size, used);
}

}  // namespace

absl::StatusOr<bool> RecordSplitter::Next(Block& block) {
  block.size = 0;
  block.line_ends.clear();
  block.elements.clear();
  block.broken.reset();
  block.first_line = next_line_;
  if (done_) return false;
  block.buffer.Reserve(std::max(limits_.block_bytes, std::min(2 * carry_.size(), BufferMax())), 0);
  if (!carry_.empty()) std::memcpy(block.buffer.data(), carry_.data(), carry_.size());
  used_ = carry_.size();
  if (!format_) {
    if (const absl::Status status = DetectFormat(block); !status.ok()) return status;
    block.first_line = next_line_;
  }
  block.format = *format_;
  block.header = header_;
  switch (*format_) {
    case BlockFormat::kElements: return NextElements(block);
    case BlockFormat::kRows: return NextRows(block);
    default: return NextLines(block);
  }
}

// Reads until the buffer holds `size` bytes or the file ends.
absl::Status RecordSplitter::Fill(Block& block, std::size_t size) {
  while (!at_end_ && used_ < size) {
    const absl::StatusOr<std::size_t> got = file_->Read(block.buffer.data() + used_, size - used_);
    if (!got.ok()) return got.status();
    at_end_ = *got == 0;
    used_ += *got;
  }
  return absl::OkStatus();
}

absl::Status RecordSplitter::DetectFormat(Block& block) {
  if (const absl::Status status = Fill(block, limits_.block_bytes); !status.ok()) return status;
  const auto text = [&] { return std::string_view(block.buffer.data(), used_); };
  if (text().substr(0, kByteOrderMark.size()) == kByteOrderMark) DropFront(block, kByteOrderMark.size(), used_);
  const std::size_t first = text().find_first_not_of(kBlanks);
  const char begin = first == std::string_view::npos ? '{' : text()[first];  // What is blank holds no record in any format.
  format_ = BlockFormat::kLines;
  if (begin == '[' && limits_.format <= InputFormat::kJson && limits_.format != InputFormat::kNdjson) {
    format_ = BlockFormat::kElements;
    text_line_ += CountLineEnds(text().substr(0, first));
    DropFront(block, first + 1, used_);
  } else if (limits_.format == InputFormat::kJson && first != std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_->path(), ": expected a JSON array, got ", Excerpt(text().substr(first), 40)));
  } else if (limits_.format >= InputFormat::kCsv || (limits_.format == InputFormat::kAuto && begin != '{' && begin != '[')) {
    format_ = BlockFormat::kRows;
    return ReadHeader(block);
  }
  return absl::OkStatus();
}

// Takes the header row off the front of the buffer.
absl::Status RecordSplitter::ReadHeader(Block& block) {
  CsvHeaderText found;
  const char delimiter = limits_.format == InputFormat::kTsv ? '\t' : '\0';
  while (!ReadCsvHeader({block.buffer.data(), used_}, at_end_, delimiter, found)) {
    if (used_ >= BufferMax()) return absl::InvalidArgumentError(absl::StrCat(file_->path(), ":1: the header row has no end"));
    if (used_ == block.buffer.capacity()) block.buffer.Reserve(std::min(2 * block.buffer.capacity(), BufferMax()), used_);
    if (const absl::Status status = Fill(block, block.buffer.capacity()); !status.ok()) return status;
  }
  const absl::Status status = limits_.any_header ? CheckTableHeader(found.header) : CheckClientHeader(found.header);
  if (!status.ok() && !found.header.names.empty()) {
    const std::string name = file_->path() == "-" ? "stdin" : file_->path();
    return absl::Status(status.code(), absl::StrCat(name, ":", std::max<std::uint64_t>(found.lines, 1), status.message()));
  }
  header_ = std::make_shared<const CsvHeader>(std::move(found.header));
  DropFront(block, found.size, used_);
  next_line_ += found.lines;
  return absl::OkStatus();
}

void RecordSplitter::CarryFrom(const Block& block, std::size_t begin) {
  carry_.assign(block.buffer.data() + begin, used_ - begin);
}

absl::StatusOr<bool> RecordSplitter::NextLines(Block& block) {
  std::size_t searched = 0;
  for (;;) {
    if (const absl::Status status = Fill(block, block.buffer.capacity()); !status.ok()) return status;
    const std::string_view text(block.buffer.data(), used_);
    const void* const last = memrchr(text.data() + searched, '\n', text.size() - searched);
    if (last != nullptr || at_end_) {
      block.size = at_end_ ? used_ : static_cast<std::size_t>(static_cast<const char*>(last) - text.data()) + 1;
      CarryFrom(block, block.size);
      done_ = at_end_;
      // Lines are counted here, so this is where their ends are found; who parses them need not look for them once more.
      ForEachLineEnd(block.text(), [&](std::size_t at) { block.line_ends.push_back(static_cast<std::uint32_t>(at)); });
      next_line_ += block.line_ends.size();
      return block.size > 0;
    }
    if (used_ >= BufferMax()) break;
    searched = used_;
    block.buffer.Reserve(std::min(2 * block.buffer.capacity(), BufferMax()), used_);
  }
  if (const absl::Status status = SkipLine(block); !status.ok()) return status;
  return true;
}

// The buffer is full of a line that goes on: reports it and reads on to its end.
absl::Status RecordSplitter::SkipLine(Block& block) {
  SetBroken(block, {block.buffer.data(), used_}, ExpectedRecordSize(limits_));
  ++next_line_;
  carry_.clear();
  for (;;) {
    used_ = 0;
    if (const absl::Status status = Fill(block, limits_.block_bytes); !status.ok()) return status;
    const void* const end = used_ == 0 ? nullptr : std::memchr(block.buffer.data(), '\n', used_);
    if (end != nullptr) {
      CarryFrom(block, static_cast<std::size_t>(static_cast<const char*>(end) - block.buffer.data()) + 1);
      return absl::OkStatus();
    }
    if (at_end_) {
      done_ = true;
      return absl::OkStatus();
    }
  }
}

absl::StatusOr<bool> RecordSplitter::NextRows(Block& block) {
  for (;;) {
    if (const absl::Status status = Fill(block, block.buffer.capacity()); !status.ok()) return status;
    CsvRowsEnd rows = FindCsvRowsEnd({block.buffer.data(), used_}, header_->delimiter);
    if (at_end_ && !rows.inside_quotes) rows.end = used_;
    if (rows.end > 0) {
      block.size = rows.end;
      CarryFrom(block, block.size);
      done_ = at_end_ && carry_.empty();
      next_line_ += CountLineEnds(block.text());
      return true;
    }
    if (rows.inside_quotes && (at_end_ || used_ >= BufferMax())) return SkipUnclosedRow(block);
    if (at_end_) return false;
    if (used_ >= BufferMax()) break;
    block.buffer.Reserve(std::min(2 * block.buffer.capacity(), BufferMax()), used_);
  }
  if (const absl::Status status = SkipLine(block); !status.ok()) return status;
  return true;
}

// The buffer begins with a row whose quotes do not close. It costs no more than its first line: what follows is read as rows
// again. That happens once in a buffer: where quotes come in pairs up to its end, no later row can stay open.
bool RecordSplitter::SkipUnclosedRow(Block& block) {
  const std::string_view text(block.buffer.data(), used_);
  const std::size_t line_end = std::min(text.find('\n'), text.size() - 1) + 1;
  SetBroken(block, text.substr(0, line_end - (text[line_end - 1] == '\n' ? 1 : 0)),
            absl::StrCat("quotes that are closed within ", limits_.record_bytes_max, " bytes and before the end of the file"));
  CarryFrom(block, line_end);
  done_ = at_end_ && carry_.empty();
  ++next_line_;
  return true;
}

absl::StatusOr<bool> RecordSplitter::NextElements(Block& block) {
  spans_.clear();
  block.text_line = text_line_;
  for (;;) {
    if (const absl::Status status = Fill(block, block.buffer.capacity()); !status.ok()) return status;
    const std::string_view text(block.buffer.data(), used_);
    const std::size_t consumed = scanner_.Scan(text, scanned_, 0, spans_);
    scanned_ = consumed;
    const std::size_t element_begin = spans_.empty() ? 0 : spans_.back().end + 1;
    if (scanner_.closed()) {
      SetElements(block);
      if (const absl::Status status = FinishArray(block, consumed); !status.ok()) return status;
      break;
    }
    if (at_end_) {
      EndInsideArray(block, element_begin);
      break;
    }
    if (!spans_.empty()) {
      SetElements(block);
      CarryFrom(block, element_begin);
      text_line_ += CountLineEnds(text.substr(0, element_begin));
      scanned_ = carry_.size();
      break;
    }
    if (used_ >= BufferMax()) {
      if (const absl::Status status = SkipElement(block); !status.ok()) return status;
      break;
    }
    block.buffer.Reserve(std::min(2 * block.buffer.capacity(), BufferMax()), used_);
  }
  next_line_ += block.elements.size() + (block.broken ? 1 : 0);
  return !block.elements.empty() || block.broken;
}

void RecordSplitter::SetElements(Block& block) {
  block.size = spans_.empty() ? 0 : spans_.back().end;
  for (const ArrayScanner::Element& span : spans_)
    block.elements.emplace_back(block.buffer.data() + span.begin, span.end - span.begin);
}

// The buffer is full of an element that goes on: reports it and reads on to its end.
absl::Status RecordSplitter::SkipElement(Block& block) {
  SetBroken(block, {block.buffer.data(), used_}, ExpectedRecordSize(limits_));
  block.broken_line = text_line_;
  text_line_ += CountLineEnds({block.buffer.data(), used_});
  carry_.clear();
  for (;;) {
    used_ = 0;
    if (const absl::Status status = Fill(block, limits_.block_bytes); !status.ok()) return status;
    const std::size_t consumed = scanner_.Scan({block.buffer.data(), used_}, 0, 0, spans_, /*elements_max=*/1);
    scanned_ = 0;
    text_line_ += CountLineEnds({block.buffer.data(), consumed});
    if (scanner_.closed() || at_end_) {
      done_ = true;  // What else may be wrong behind it is left unsaid: the block has one broken record already.
      return absl::OkStatus();
    }
    if (!spans_.empty()) {
      CarryFrom(block, consumed);
      return absl::OkStatus();
    }
  }
}

// Behind the closing bracket there may be only white space.
absl::Status RecordSplitter::FinishArray(Block& block, std::size_t closed_at) {
  done_ = true;
  PaddedBuffer rest;  // The block's own buffer holds its elements.
  std::string_view behind(block.buffer.data() + closed_at, used_ - closed_at);
  block.broken_line = text_line_ + CountLineEnds({block.buffer.data(), closed_at});
  for (;;) {
    const std::size_t first = behind.find_first_not_of(kBlanks);
    block.broken_line += CountLineEnds(behind.substr(0, first));
    if (first != std::string_view::npos) {
      SetBroken(block, behind.substr(first), "nothing behind the array");
      return absl::OkStatus();
    }
    if (at_end_) return absl::OkStatus();
    rest.Reserve(limits_.block_bytes, 0);
    const absl::StatusOr<std::size_t> got = file_->Read(rest.data(), limits_.block_bytes);
    if (!got.ok()) return got.status();
    at_end_ = *got == 0;
    behind = {rest.data(), *got};
  }
}

// The file ended before the closing bracket. An element that looks whole is kept and the bracket missed; half of one is left to
// the parser to refuse.
void RecordSplitter::EndInsideArray(Block& block, std::size_t element_begin) {
  done_ = true;
  const std::string_view rest(block.buffer.data() + element_begin, used_ - element_begin);
  const bool is_blank = rest.find_first_not_of(kBlanks) == std::string_view::npos;
  block.broken_line = text_line_ + CountLineEnds({block.buffer.data(), used_});
  if (!is_blank) spans_.push_back({element_begin, used_});
  SetElements(block);
  if (is_blank || !scanner_.inside_element()) SetBroken(block, {}, "the array's closing bracket at the end of the file");
}

}  // namespace clientele
