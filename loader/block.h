// A piece of input that holds whole records: what travels from the reader to a parsing thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "loader/csv_rows.h"
#include "loader/record_parser.h"

namespace clientele {

static_assert(RecordParser::kPadding >= CsvRows::kPadding);

// Bytes that grow like a string's, but uninitialised and always followed by the padding that the parser may read.
class PaddedBuffer {
 public:
  char* data() { return bytes_.get(); }
  const char* data() const { return bytes_.get(); }
  std::size_t capacity() const { return capacity_; }

  // Makes room for `capacity` bytes and keeps the first `used`. Shrinks a buffer that is far larger than that.
  void Reserve(std::size_t capacity, std::size_t used) {
    if (capacity <= capacity_ && capacity_ / 4 <= capacity) return;
    std::unique_ptr<char[]> grown(new char[capacity + RecordParser::kPadding]);
    std::memset(grown.get() + capacity, 0, RecordParser::kPadding);
    if (used > 0) std::memcpy(grown.get(), bytes_.get(), used);
    bytes_ = std::move(grown);
    capacity_ = capacity;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
};

inline constexpr std::size_t kBrokenTextBytes = 1'000;  // Kept of a record that is too long, for the rejects file.

enum class BlockFormat : std::uint8_t {
  kLines,     // Records are the lines of the text.
  kElements,  // Records are `elements`.
  kRows,      // Records are the rows of the text, a table's; `header` says what their cells are.
};

struct Block {
  std::uint64_t sequence = 0;    // Position in the whole input, from 0.
  std::uint32_t file = 0;        // Index of the path.
  std::uint64_t first_line = 1;  // Line of the first byte; of elements: number of the first one. From 1.

  PaddedBuffer buffer;
  std::size_t size = 0;  // Of the records' text, at the start of the buffer.
  BlockFormat format = BlockFormat::kLines;
  std::vector<std::string_view> elements;
  std::shared_ptr<const CsvHeader> header;

  std::uint64_t text_line =
      1;  // Of elements: the line of the text's first byte, and, when `broken` is set, that of what is broken.
  std::uint64_t broken_line = 1;

  // A record that could not be taken out of the input, behind the others of the block: too long, or the array is malformed.
  std::optional<RecordError> broken;
  std::string broken_text;  // Its beginning.

  std::string_view text() const { return {buffer.data(), size}; }
};

}  // namespace clientele
