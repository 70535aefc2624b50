// A piece of input that holds whole records: what travels from the reader to a parsing thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/mman.h>

#include "loader/csv_rows.h"
#include "loader/record_parser.h"

namespace clientele {

static_assert(RecordParser::kPadding >= CsvRows::kPadding);

// Bytes that grow like a string's, but always followed by the padding that the parser may read. A mapping of their own: what is
// freed to the heap of the reading thread may stay there for good, and these are megabytes that sealing should have.
class PaddedBuffer {
 public:
  char* data() { return bytes_.get(); }
  const char* data() const { return bytes_.get(); }
  std::size_t capacity() const { return capacity_; }

  // Makes room for `capacity` bytes and keeps the first `used`. Shrinks a buffer that is far larger than that. Throws
  // std::bad_alloc.
  void Reserve(std::size_t capacity, std::size_t used) {
    if (capacity <= capacity_ && capacity_ / 4 <= capacity) return;
    const std::size_t mapped_bytes = capacity + RecordParser::kPadding;
    void* const mapped = mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    std::unique_ptr<char[], Unmap> grown(static_cast<char*>(mapped), Unmap{mapped_bytes});
    if (used > 0) std::memcpy(grown.get(), bytes_.get(), used);
    bytes_ = std::move(grown);
    capacity_ = capacity;
  }

 private:
  struct Unmap {
    std::size_t bytes;
    void operator()(char* mapped) const { munmap(mapped, bytes); }
  };

  std::unique_ptr<char[], Unmap> bytes_;
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
  std::vector<std::uint32_t> line_ends;  // Of kLines: where in the text the line feeds are. The last line may have none.
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
