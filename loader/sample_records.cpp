#include "loader/sample_records.h"

#include <limits>

#include "loader/block_source.h"
#include "loader/csv_record_parser.h"
#include "loader/record_parser.h"

namespace clientele {

// Takes the records out of blocks until there are enough.
class SampleReader {
 public:
  SampleReader(RecordSample& sample, std::uint64_t count) : sample_(sample), count_(count) {}

  // False when the sample is full.
  bool TakeBlock(const Block& block) {
    sample_.format_ = block.format;
    sample_.header_ = block.header;
    if (block.broken) ++sample_.broken_;
    switch (block.format) {
      case BlockFormat::kLines: return TakeLines(block);
      case BlockFormat::kElements: return TakeElements(block);
      case BlockFormat::kRows: break;
    }
    return TakeRows(block);
  }

 private:
  bool Take(std::string_view text, std::uint64_t line) {
    if (sample_.records_.size() == count_ || sample_.bytes_ > RecordSample::kBytesMax) {
      sample_.has_more_ = true;
      return false;
    }
    sample_.bytes_ += text.size() + sizeof(RecordSample::Record) + RecordParser::kPadding;
    sample_.records_.push_back({std::string(text).append(RecordParser::kPadding, '\0'), line});
    return true;
  }

  bool TakeLines(const Block& block) {
    std::uint64_t line = block.first_line;
    for (std::string_view rest = block.text(); !rest.empty(); ++line) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view text = rest.substr(0, end);
      if (text.find_first_not_of(" \t\r") != std::string_view::npos && !Take(text, line)) return false;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return true;
  }

  bool TakeElements(const Block& block) {
    std::uint64_t number = block.first_line;
    for (const std::string_view element : block.elements) {
      if (!Take(element, number++)) return false;
    }
    return true;
  }

  bool TakeRows(const Block& block) {
    CsvRows rows;
    rows.Start(block.text(), block.header->delimiter, block.first_line);
    RecordError error;
    while (rows.Next()) {
      if (!CheckRow(*block.header, rows, error)) {
        ++sample_.broken_;
      } else if (!Take(rows.raw(), rows.line())) {
        return false;
      }
    }
    return true;
  }

  RecordSample& sample_;
  const std::uint64_t count_;
};

absl::StatusOr<RecordSample> RecordSample::Read(const std::string& path, InputFormat format, std::uint64_t count) {
  if (const auto size = CheckInputFile(path); !size.ok()) return size.status();
  RecordSample sample;
  SampleReader reader(sample, count == 0 ? std::numeric_limits<std::uint64_t>::max() : count);
  SplitLimits limits;
  limits.format = format;
  limits.any_header = true;
  limits.block_bytes = std::size_t{1} << 20;
  const std::vector<std::string> paths{path};
  BlockSource source(paths, limits);
  Block block;
  while (source.Next(block)) {
    if (!reader.TakeBlock(block)) return sample;
  }
  if (absl::Status status = source.status(); !status.ok()) return status;
  return sample;
}

ForeignRecord RecordSample::record(std::size_t i) {
  const Record& kept = records_[i];
  const std::string_view text = std::string_view(kept.text).substr(0, kept.text.size() - RecordParser::kPadding);
  ForeignRecord record;
  record.line = kept.line;
  if (header_ == nullptr) {
    record.json = text;
    return record;
  }
  rows_->Start(text, header_->delimiter, kept.line);
  rows_->Next();
  record.header = header_.get();
  record.cells = rows_->cells();
  record.row = rows_.get();
  return record;
}

}  // namespace clientele
