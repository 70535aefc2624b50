// The header and the section table of a snapshot file, checked, and the sections' bytes held against their checksums.
// Immutable; any number of threads may use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "index/mapped_file.h"
#include "index/snapshot_format.h"

namespace clientele {

class SectionTable {
 public:
  // Refuses what is no snapshot of this program's format, of this machine's byte order, whole, and with header and table as they
  // were written. FailedPrecondition: a foreign file; DataLoss: a damaged one. Messages name the file, and the section where it
  // is cut. Reads the header and the table only. A file of another schema passes: its "schema" section says more about it.
  static absl::StatusOr<SectionTable> Read(std::shared_ptr<const MappedFile> file);

  const SnapshotHeader& header() const { return header_; }
  std::span<const SectionEntry> sections() const { return sections_; }
  const std::shared_ptr<const MappedFile>& file() const { return file_; }

  // A section with the padding behind it: all that its blocks cover.
  std::span<const std::byte> Extent(std::size_t section) const;
  std::span<const std::byte> Bytes(std::size_t section) const { return Extent(section).first(sections_[section].bytes()); }

  // Blocks are counted within their section.
  std::uint64_t BlockCount(std::size_t section) const { return BlocksOf(Extent(section).size()); }
  std::span<const std::byte> Block(std::size_t section, std::uint64_t block) const;
  bool BlockIsGood(std::size_t section, std::uint64_t block) const;

  // DataLoss that names the section and the bytes of the block.
  absl::Status BadBlock(std::size_t section, std::uint64_t block) const;

  // All blocks, one after the other.
  absl::Status Check(std::size_t section) const;

  // DataLoss about this file.
  absl::Status Damaged(std::string_view what) const;

 private:
  explicit SectionTable(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {}
  absl::Status CheckHeader();
  absl::Status CheckTable();
  absl::Status CheckLayout();
  absl::Status CutShort() const;
  absl::Status Foreign(std::string_view what) const;

  std::shared_ptr<const MappedFile> file_;
  SnapshotHeader header_{};
  std::span<const SectionEntry> sections_;    // In the mapping, as are
  std::span<const std::uint64_t> checksums_;  // those of all blocks,
  std::vector<std::uint64_t> first_block_;    // of which each section's begin here.
};

}  // namespace clientele
