// The first records of an input, kept in memory to be looked at more than once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "loader/block.h"
#include "loader/input_format.h"
#include "loader/record_translator.h"

namespace clientele {

class RecordSample {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{256} << 20;  // Longer samples end earlier.

  // Reads `path` (in all forms that a load reads; "-" is standard input) up to the end of the `count`th record; 0: all of them,
  // within kBytesMax. Malformed rows and records that are too long are counted, not kept. The errors of a load.
  static absl::StatusOr<RecordSample> Read(const std::string& path, InputFormat format, std::uint64_t count);

  std::size_t size() const { return records_.size(); }
  ForeignRecord record(std::size_t i);  // Valid until the next call.

  BlockFormat format() const { return format_; }
  const std::shared_ptr<const CsvHeader>& header() const { return header_; }  // Null for JSON.
  std::uint64_t broken() const { return broken_; }
  bool has_more() const { return has_more_; }  // The input goes on.

 private:
  struct Record {
    std::string text;  // JSON, or the row, and the parser's padding.
    std::uint64_t line;
  };
  friend class SampleReader;

  BlockFormat format_ = BlockFormat::kLines;
  std::shared_ptr<const CsvHeader> header_;
  std::vector<Record> records_;
  std::uint64_t broken_ = 0, bytes_ = 0;
  bool has_more_ = false;
  std::unique_ptr<CsvRows> rows_ = std::make_unique<CsvRows>();
};

}  // namespace clientele
