// Cuts one input into blocks of whole records: NDJSON at line ends, a JSON array between its elements, a table at the line ends
// that stand outside of quotes. Which of these it is shows at its first byte that is not white space (see InputFormat). A UTF-8
// byte order mark in front is dropped.
//
// Never holds more than a block, or a record of the largest size allowed: longer ones are reported as broken and skipped unread.
// Reading and cutting cost far less than parsing, so one thread feeds many. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "loader/array_scanner.h"
#include "loader/block.h"
#include "loader/input_file.h"
#include "loader/input_format.h"

namespace clientele {

struct SplitLimits {
  std::size_t block_bytes = std::size_t{4} << 20;        // A block has about this size, or that of its only record.
  std::size_t record_bytes_max = std::size_t{64} << 20;  // Longer records are refused.
  InputFormat format = InputFormat::kAuto;
  bool any_header = false;  // Whatever its columns are called, a table is taken; else they must make a client record.
};

inline std::string ExpectedRecordSize(const SplitLimits& limits) {
  return "a record of at most " + std::to_string(limits.record_bytes_max) + " bytes";
}

class RecordSplitter {
 public:
  RecordSplitter(std::unique_ptr<InputFile> file, const SplitLimits& limits) : file_(std::move(file)), limits_(limits) {}

  // Fills `block` (all but its sequence and file) with the next records; false at the end. Errors are those of the file, and
  // InvalidArgument when it is not of the format asked for, or when the header of a table is unfit.
  absl::StatusOr<bool> Next(Block& block);

  const InputFile& file() const { return *file_; }

 private:
  std::size_t BufferMax() const { return limits_.record_bytes_max + limits_.block_bytes; }
  absl::Status Fill(Block& block, std::size_t size);
  absl::Status DetectFormat(Block& block);
  absl::StatusOr<bool> NextLines(Block& block);
  absl::StatusOr<bool> NextElements(Block& block);
  absl::StatusOr<bool> NextRows(Block& block);
  absl::Status ReadHeader(Block& block);
  bool SkipUnclosedRow(Block& block);
  absl::Status SkipLine(Block& block);
  absl::Status SkipElement(Block& block);
  absl::Status FinishArray(Block& block, std::size_t closed_at);
  void EndInsideArray(Block& block, std::size_t element_begin);
  void CarryFrom(const Block& block, std::size_t begin);
  void SetElements(Block& block);

  std::unique_ptr<InputFile> file_;
  SplitLimits limits_;
  std::optional<BlockFormat> format_;  // Unknown before the first block.
  std::shared_ptr<const CsvHeader> header_;
  std::string carry_;            // Begins the next block: the start of a record whose end was not there yet.
  std::size_t used_ = 0;         // Bytes in the block's buffer.
  bool at_end_ = false;          // Of the file.
  bool done_ = false;            // Nothing more to give out.
  std::uint64_t next_line_ = 1;  // Of arrays: number of the next element.
  std::uint64_t text_line_ = 1;  // Of arrays: line of the buffer's first byte.
  ArrayScanner scanner_;
  std::size_t scanned_ = 0;  // Bytes of the carry that the scanner has seen.
  std::vector<ArrayScanner::Element> spans_;
};

}  // namespace clientele
